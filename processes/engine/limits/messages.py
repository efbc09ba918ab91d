"""Messages that change the legal limits of a case: excluded time begins and ends, a limit is extended.

They come from a linked case in which a person decided about it, or from a command. What cannot be done is not an error
of the procedure: it is recorded in the history with the reason, and the limits stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from handlers.clocks.counting import LONGEST_AMOUNT
from handlers.owners_words import relies_on, sent
from handlers.people.actors import Actor
from handlers.store.states import EventKind
from handlers.store.tables import account, instance, pause, room_of
from handlers.time_source import beijing_date, read_moment
from processes.engine.cases import clock_rows
from processes.engine.cases.work import Work, entry
from processes.engine.errors import StepFailed
from processes.engine.limits.running import Moved, settle

REASON_LENGTH, NAME_LENGTH = room_of(pause.c.reason), room_of(pause.c.approved_by)


class _NotAllowed(Exception):
    """The limits stay as they are; the text is a Chinese sentence for the history."""


def apply_limit_message(
    work: Work, name: str, payload: Mapping[str, Any], sender_id: int | None, *, actor: Actor | None = None
) -> bool:
    """Apply `clock_suspended`, `clock_resumed` or `limit_extended` to the case of `work`; False: it was refused.

    `sender_id`: the case in which it was decided; None for a command by `actor`. Either way the history says what
    became of it. The caller concludes or saves the case. Raises KeyError for another name.
    """
    change = _CHANGES[name]
    try:
        sentence = change(work, payload, sender_id)
    except _NotAllowed as refused:
        detail = {"message": name, "payload": dict(payload), "from": sender_id}
        work.entries.append(entry(actor, EventKind.LIMIT_REFUSED, comment=str(refused), detail=detail))
        return False
    record_moves(work, sentence, settle(work), actor=actor, message=name, source=sender_id)
    return True


def record_moves(
    work: Work,
    sentence: str,
    moved: Sequence[Moved],
    *,
    actor: Actor | None = None,
    message: str = "",
    source: int | None = None,
) -> None:
    """One entry of the history: why limits moved, and every day that is another one now."""
    days = [
        {
            "clock_id": limit.clock_id,
            "code": limit.code,
            "name": limit.name,
            "was_on": limit.was_on.isoformat() if limit.was_on else None,
            "due_on": limit.due_on.isoformat() if limit.due_on else None,
            "provisional": limit.provisional,
            "paused": limit.paused,
        }
        for limit in moved
    ]
    told = "；".join(limit.sentence for limit in moved) or "没有期限因此变动"
    detail = {"message": message, "from": source, "moved": days}
    work.entries.append(entry(actor, EventKind.LIMITS_MOVED, comment=f"{sentence}。{told}。", detail=detail))


# --- excluded time ----------------------------------------------------------------------------------------------------


def _pause(work: Work, payload: Mapping[str, Any], sender_id: int | None) -> str:
    starts_on = _day(payload, "starts_on", "扣除的起始日期")
    reason = _text(payload, "reason", "扣除的事由")[:REASON_LENGTH]
    stops = _codes(work, payload.get("stops"))
    if starts_on > beijing_date(work.now):
        raise _NotAllowed(f"扣除从 {starts_on} 开始，还没有到，不能提前扣除")
    if any(row.ends_on is None for row in _of_source(work, sender_id)):
        raise _NotAllowed("这项扣除已经生效，恢复之前不能再次扣除")
    running = [row for row in clock_rows.open_clocks(work.connection, work.case.id) if row.code in stops]
    if not any(beijing_date(row.started_at) <= starts_on for row in running):
        raise _NotAllowed(f"{starts_on} 没有可以扣除的期限在计算（{'、'.join(stops)}）")
    work.connection.execute(
        insert(pause).values(
            instance_id=work.case.id,
            source_id=sender_id,
            reason=reason,
            stops=stops,
            starts_on=starts_on,
            ends_on=None,
            document=str(payload.get("document") or ""),
            approved_by=_name_of(work, payload.get("approved_by")),
            recorded_at=work.now,
        )
    )
    work.case.limits_touched = True
    return f"期限扣除自 {starts_on} 起：{reason}"


def _resume(work: Work, payload: Mapping[str, Any], sender_id: int | None) -> str:
    ends_on = _day(payload, "ends_on", "扣除的结束日期")
    still_open = [row for row in _of_source(work, sender_id) if row.ends_on is None]
    if not still_open:
        raise _NotAllowed("没有正在进行的扣除，不需要恢复")
    row = still_open[-1]
    if ends_on < row.starts_on:
        raise _NotAllowed(f"扣除的结束日期 {ends_on} 早于起始日期 {row.starts_on}")
    if ends_on > beijing_date(work.now):
        raise _NotAllowed(f"扣除的结束日期 {ends_on} 还没有到")
    document = "；".join(dict.fromkeys(text for text in (row.document, str(payload.get("document") or "")) if text))
    changed = {"ends_on": ends_on, "document": document}
    work.connection.execute(update(pause).where(pause.c.id == row.id).values(**changed))
    return f"期限扣除至 {ends_on} 止，次日起继续计算：{row.reason}"


def _of_source(work: Work, sender_id: int | None) -> list[Any]:
    return [row for row in clock_rows.pauses_of(work.connection, work.case.id) if row.source_id == sender_id]


# --- extension --------------------------------------------------------------------------------------------------------


def _extend(work: Work, payload: Mapping[str, Any], sender_id: int | None) -> str:
    (code,) = _codes(work, [payload.get("code")])
    days = payload.get("days")
    if isinstance(days, str) and days.isdecimal():
        days = int(days)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= LONGEST_AMOUNT:
        raise _NotAllowed(f"延长的天数“{days}”应是大于零的整数")
    rows = [row for row in clock_rows.open_clocks(work.connection, work.case.id) if row.code == code]
    if not rows:
        raise _NotAllowed(f"期限“{_limit_name(work, code)}”不在计算中，不能延长")
    asked_on = beijing_date(_asked_at(work, sender_id))
    in_time = [row for row in rows if row.due_on is None or asked_on <= row.due_on]
    if not in_time:
        raise _NotAllowed(f"期限“{rows[0].name}”已于 {rows[0].due_on} 届满，{asked_on} 才提出延长，不能延长")
    if any(row.amount + days > LONGEST_AMOUNT for row in in_time):
        raise _NotAllowed(f"延长后的期限超过 {LONGEST_AMOUNT} 天")
    for row in in_time:
        clock_rows.save_clock(work.connection, row, {"amount": row.amount + days, "extended": row.extended + days})
    work.case.limits_touched = True
    basis = str(payload.get("basis") or "")
    unit = "个工作日" if in_time[0].unit == "WD" else "日"
    return f"期限“{in_time[0].name}”延长 {days} {unit}{f'，依据：{basis}' if basis else ''}"


def _asked_at(work: Work, sender_id: int | None) -> datetime:
    """An extension must be asked for before the limit ends; the decision may take its time."""
    if sender_id is None:
        return work.now
    started = work.connection.execute(select(instance.c.started_at).where(instance.c.id == sender_id)).scalar()
    return started or work.now


_CHANGES: Mapping[str, Callable[[Work, Mapping[str, Any], int | None], str]] = {
    "clock_suspended": _pause,
    "clock_resumed": _resume,
    "limit_extended": _extend,
}
relies_on(
    "期限的扣除、恢复和延长",
    sent("suspension", "clock_suspended"),
    sent("suspension", "clock_resumed"),
    sent("extension", "limit_extended"),
)


# --- reading a payload ------------------------------------------------------------------------------------------------


def _day(payload: Mapping[str, Any], key: str, what: str) -> date:
    try:
        return beijing_date(read_moment(payload.get(key)))
    except ValueError as error:
        raise _NotAllowed(f"{what}{error}") from error


def _text(payload: Mapping[str, Any], key: str, what: str) -> str:
    text = str(payload.get(key) or "").strip()
    if not text:
        raise _NotAllowed(f"没有写明{what}")
    return text


def _codes(work: Work, value: object) -> list[str]:
    codes = [str(code) for code in value] if isinstance(value, list | tuple) else []
    if not codes:
        raise _NotAllowed("没有写明是哪一个期限")
    for code in codes:
        _limit_name(work, code)
    return codes


def _limit_name(work: Work, code: str) -> str:
    try:
        return work.host.limit(code).limit.name
    except StepFailed as failure:
        raise _NotAllowed(failure.reason) from failure


def _name_of(work: Work, approver: object) -> str:
    """The approver's name; a diagram knows the account's id."""
    if isinstance(approver, int):
        name = work.connection.execute(select(account.c.name).where(account.c.id == approver)).scalar()
        return str(name or approver)[:NAME_LENGTH]
    return str(approver or "")[:NAME_LENGTH]
