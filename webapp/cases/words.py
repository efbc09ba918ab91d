"""A case's events in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.clocks.urgency import is_resting

MESSAGES = {
    "deadline_warning": "期限预警",
    "clock_suspended": "期限扣除",
    "clock_resumed": "恢复计算",
    "limit_extended": "延长期限",
}
"""Messages that the engine itself sends or takes, without an event on a diagram that would name them."""
EVENT_ICONS = {
    "started": ("flag", "blue"),
    "completed": ("check", "green"),
    "claimed": ("hand-grab", "secondary"),
    "released": ("corner-up-left", "secondary"),
    "assigned": ("user-share", "secondary"),
    "suspended": ("player-pause", "orange"),
    "resumed": ("player-play", "blue"),
    "cancelled": ("ban", "red"),
    "incident": ("alert-triangle", "red"),
    "retried": ("refresh", "blue"),
    "given_back": ("arrow-back-up", "orange"),
    "message": ("mail", "azure"),
    "acted": ("check", "green"),
    "opened": ("link", "blue"),
    "sent": ("send", "azure"),
    "received": ("mail", "azure"),
    "timer": ("hourglass", "orange"),
    "limits_moved": ("clock-pause", "orange"),
    "limit_refused": ("circle-x", "red"),
    "deadline_warning": ("bell", "orange"),
    "note": ("notes", "azure"),
    "viewed": ("eye", "orange"),
    "corrected": ("edit", "orange"),
    "parent_corrected": ("edit", "orange"),
    "delivered": ("mail", "green"),
    "ended": ("circle-check", "green"),
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
            icon=EVENT_ICONS.get(event.kind, ("point", "secondary"))[0],
            colour=EVENT_ICONS.get(event.kind, ("point", "secondary"))[1],
            sentence=sentence(event),
            comment=event.comment or "",
            decisions=tuple(decision_words(item, tables) for item in event.detail.get("decisions", ())),
        )
        for event in events
    ]
    return lines[::-1]


def sentence(event: Any) -> str:
    """What happened, such as 王建国（代孙悦）办理“办公室审核”：同意。"""
    who = f"{event.actor_name}（代{event.on_behalf_of}）" if event.on_behalf_of else event.actor_name
    name = event.node_name or MESSAGES.get(event.detail.get("message", ""), "")
    step = f"“{name}”" if name else ""
    outcome = f"：{event.outcome}" if event.outcome else ""
    detail: Mapping[str, Any] = event.detail
    texts = {
        "started": _started_words(who, detail),
        "completed": f"{who}办理{step}{outcome}",
        "claimed": f"{who}领取{step}",
        "released": f"{who}把{step}放回科室",
        "assigned": f"{who}把{step}改派给{detail.get('to', '他人')}",
        "suspended": f"{who}中止事项",
        "resumed": f"{who}恢复办理",
        "cancelled": f"{who}撤销事项",
        "incident": f"{step or '自动步骤'}处理出错，事项停在出错之前",
        "retried": f"{who}重试出错的步骤",
        "given_back": f"{who}把出错的{step}退回原办理人修改",
        "message": _message_words(detail),
        "acted": f"{who}办理{step}",
        "opened": f"{who}由本件发起“{detail.get('procedure', '')}”：{_numbers(detail)}",
        "sent": _sent_words(step, detail),
        "received": f"收到 {detail.get('sender', {}).get('number', '')} 的消息{step}",
        "timer": "期限届满，系统按流程继续",
        "limits_moved": f"{who}变动期限",
        "limit_refused": "期限没有变动",
        "deadline_warning": "期限预警",
        "note": f"{who}记事{_file_words(detail)}",
        "viewed": f"{who}查看个人信息（{'、'.join(detail.get('labels', ()))}），用途：",
        "corrected": f"{who}更正{_correction(detail)}{_keep_old(detail)}",
        "parent_corrected": f"{who}更正了 {_parent(detail)} 的{_correction(detail)}，本件带出的仍是原内容",
        "delivered": _delivery_words(who, detail),
        "ended": f"事项办结{outcome}",
    }
    return texts.get(event.kind, f"{who}{step}{outcome}")


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
