"""A case's events in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.clocks.urgency import is_resting
from handlers.store.states import EventKind

MESSAGES = {
    "deadline_warning": "期限预警",
    "clock_suspended": "期限扣除",
    "clock_resumed": "恢复计算",
    "limit_extended": "延长期限",
}
"""Messages that the engine itself sends or takes, without an event on a diagram that would name them."""
EVENT_ICONS: Mapping[EventKind, tuple[str, str]] = {
    EventKind.STARTED: ("flag", "blue"),
    EventKind.COMPLETED: ("check", "green"),
    EventKind.CLAIMED: ("hand-grab", "secondary"),
    EventKind.RELEASED: ("corner-up-left", "secondary"),
    EventKind.ASSIGNED: ("user-share", "secondary"),
    EventKind.SUSPENDED: ("player-pause", "orange"),
    EventKind.RESUMED: ("player-play", "blue"),
    EventKind.CANCELLED: ("ban", "red"),
    EventKind.INCIDENT: ("alert-triangle", "red"),
    EventKind.RETRIED: ("refresh", "blue"),
    EventKind.GIVEN_BACK: ("arrow-back-up", "orange"),
    EventKind.MESSAGE: ("mail", "azure"),
    EventKind.ACTED: ("check", "green"),
    EventKind.OPENED: ("link", "blue"),
    EventKind.SENT: ("send", "azure"),
    EventKind.RECEIVED: ("mail", "azure"),
    EventKind.TIMER: ("hourglass", "orange"),
    EventKind.LIMITS_MOVED: ("clock-pause", "orange"),
    EventKind.LIMIT_REFUSED: ("circle-x", "red"),
    EventKind.DEADLINE_WARNING: ("bell", "orange"),
    EventKind.NOTE: ("notes", "azure"),
    EventKind.VIEWED: ("eye", "orange"),
    EventKind.CORRECTED: ("edit", "orange"),
    EventKind.PARENT_CORRECTED: ("edit", "orange"),
    EventKind.DELIVERED: ("mail", "green"),
    EventKind.ENDED: ("circle-check", "green"),
}
"""Icon and colour of each kind of event."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the history. `decisions` are the table rows that were used on the way."""

    position: int
    at: datetime
    icon: str
    colour: str
    sentence: str
    comment: str
    decisions: tuple[str, ...]


def history_lines(events: Any, tables: Mapping[str, str]) -> list[HistoryLine]:
    """The history, newest first. `tables` gives the names of decision tables by key."""
    lines = [
        HistoryLine(
            position=event.position,
            at=event.at,
            icon=EVENT_ICONS[EventKind(event.kind)][0],
            colour=EVENT_ICONS[EventKind(event.kind)][1],
            sentence=sentence(event),
            comment=event.comment or "",
            decisions=tuple(decision_words(item, tables) for item in event.detail.get("decisions", ())),
        )
        for event in events
    ]
    return lines[::-1]


@dataclass(frozen=True, slots=True)
class Told:
    """An event in pieces: who did it (and for whom), at which step, what was chosen, and the rest."""

    who: str
    step: str
    outcome: str
    detail: Mapping[str, Any]


SENTENCES: Mapping[EventKind, Callable[[Told], str]] = {
    EventKind.STARTED: lambda it: _started_words(it.who, it.detail),
    EventKind.COMPLETED: lambda it: f"{it.who}办理{it.step}{it.outcome}",
    EventKind.CLAIMED: lambda it: f"{it.who}领取{it.step}",
    EventKind.RELEASED: lambda it: f"{it.who}把{it.step}放回科室",
    EventKind.ASSIGNED: lambda it: f"{it.who}把{it.step}改派给{it.detail.get('to', '他人')}",
    EventKind.SUSPENDED: lambda it: f"{it.who}中止事项",
    EventKind.RESUMED: lambda it: f"{it.who}恢复办理",
    EventKind.CANCELLED: lambda it: f"{it.who}撤销事项",
    EventKind.INCIDENT: lambda it: f"{it.step or '自动步骤'}处理出错，事项停在出错之前",
    EventKind.RETRIED: lambda it: f"{it.who}重试出错的步骤",
    EventKind.GIVEN_BACK: lambda it: f"{it.who}把出错的{it.step}退回原办理人修改",
    EventKind.MESSAGE: lambda it: _message_words(it.detail),
    EventKind.ACTED: lambda it: f"{it.who}办理{it.step}",
    EventKind.OPENED: lambda it: f"{it.who}由本件发起“{it.detail.get('procedure', '')}”：{_numbers(it.detail)}",
    EventKind.SENT: lambda it: _sent_words(it.step, it.detail),
    EventKind.RECEIVED: lambda it: f"收到 {it.detail.get('sender', {}).get('number', '')} 的消息{it.step}",
    EventKind.TIMER: lambda it: "期限届满，系统按流程继续",
    EventKind.LIMITS_MOVED: lambda it: f"{it.who}变动期限",
    EventKind.LIMIT_REFUSED: lambda it: "期限没有变动",
    EventKind.DEADLINE_WARNING: lambda it: "期限预警",
    EventKind.NOTE: lambda it: f"{it.who}记事{_file_words(it.detail)}",
    EventKind.VIEWED: lambda it: f"{it.who}查看个人信息（{'、'.join(it.detail.get('labels', ()))}），用途：",
    EventKind.CORRECTED: lambda it: f"{it.who}更正{_correction(it.detail)}{_keep_old(it.detail)}",
    EventKind.PARENT_CORRECTED: lambda it: (
        f"{it.who}更正了 {_parent(it.detail)} 的{_correction(it.detail)}，本件带出的仍是原内容"
    ),
    EventKind.DELIVERED: lambda it: _delivery_words(it.who, it.detail),
    EventKind.ENDED: lambda it: f"事项办结{it.outcome}",
}
"""What each kind of event is told as."""


def sentence(event: Any) -> str:
    """What happened, such as 王建国（代孙悦）办理“办公室审核”：同意。"""
    who = f"{event.actor_name}（代{event.on_behalf_of}）" if event.on_behalf_of else event.actor_name
    name = event.node_name or MESSAGES.get(event.detail.get("message", ""), "")
    step = f"“{name}”" if name else ""
    outcome = f"：{event.outcome}" if event.outcome else ""
    return SENTENCES[EventKind(event.kind)](Told(who, step, outcome, event.detail))


def _correction(detail: Mapping[str, Any]) -> str:
    return f"“{detail.get('label')}”：{detail.get('old')} → {detail.get('new')}"


def _parent(detail: Mapping[str, Any]) -> str:
    return str((detail.get("parent") or {}).get("number", ""))


def _keep_old(detail: Mapping[str, Any]) -> str:
    return f"；{_numbers(detail)} 带出的仍是原内容" if detail.get("cases") else ""


def _started_words(who: str, detail: Mapping[str, Any]) -> str:
    parent = detail.get("parent")
    if not parent:
        return f"{who}发起事项"
    by_message = detail.get("message")
    return f"由 {parent['number']} 的消息启动事项" if by_message else f"{who}由 {parent['number']} 发起事项"


def _sent_words(step: str, detail: Mapping[str, Any]) -> str:
    if not detail.get("cases"):
        return f"消息{step}没有送到"
    return f"消息{step}已送 {_numbers(detail)}"


def _numbers(detail: Mapping[str, Any]) -> str:
    return "、".join(case["number"] for case in detail.get("cases", ()))


def _message_words(detail: Mapping[str, Any]) -> str:
    return "收到来件，等到需要时使用" if detail.get("buffered") else "收到来件，继续办理"


def _file_words(detail: Mapping[str, Any]) -> str:
    names = "、".join(item["name"] for item in detail.get("files", ()))
    return f"，附件：{names}" if names else ""


def _delivery_words(who: str, detail: Mapping[str, Any]) -> str:
    paper = f"《{detail.get('letter')}》{detail.get('number')}"
    return f"{who}登记{paper}于 {detail.get('delivered_on')} {detail.get('way')}：{detail.get('recipient')}"


def decision_words(item: Mapping[str, Any], tables: Mapping[str, str]) -> str:
    """A decision as 按《审批层级表》第 2 行：中心经办、办公室、局领导三级。"""
    name = tables.get(item["table"], item["table"])
    label = f"：{item['label']}" if item.get("label") else ""
    return f"按《{name}》第 {item['row']} 行{label}"


def why_words(why: Mapping[str, Any], who: str) -> list[str]:
    """Why a task came to `who`, sentence by sentence."""
    words = [f"按流程图，这一步归“{why.get('lane') or who}”，由{who}办理。"]
    table = why.get("table")
    if table:
        label = f"（{table['label']}）" if table.get("label") else ""
        words.append(f"由决策表《{table['name']}》第 {table['row']} 行{label}送到这里。")
    limit = why.get("limit")
    if limit:
        unit_name = "个工作日" if limit.get("unit") == "WD" else "日"
        source = f"，依据：{limit['basis']}" if limit.get("basis") else ""
        words.append(f"办理期限“{limit['name']}”：{limit['amount']} {unit_name}{source}。")
        if is_resting(why):
            words.append(f"现在有不计算在内的时间，期限暂停，剩余 {limit['remaining']} {unit_name}，恢复后继续计算。")
    return words
