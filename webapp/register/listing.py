"""The list of the register, and taking it out as a workbook."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from flask import Response, flash, redirect, render_template, send_file
from flask.typing import ResponseReturnValue

from forms.beijing import BEIJING
from handlers.cases.case_file import STATES, Place
from handlers.files.writing_tables import write_list
from handlers.register.listing import RegisterEntry, RegisterQuery, count, list_register, note_export, portions
from handlers.store.states import CaseStatus
from webapp.cases.address import Address, read_address
from webapp.cases.waiting import Awaited, awaited
from webapp.extensions import current_actor, services
from webapp.register.area import blueprint
from webapp.register.labels import labels

EXPORT_LIMIT = 60_000
"""Rows of one workbook: two years of a district. It is written while the person waits."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = (
    "编号", "类型", "渠道", "来源编号", "收到时间", "投诉举报人", "被投诉举报人", "统一社会信用代码",
    "业务类别", "承办单位", "状态", "现在在", "期限", "结果",
)  # fmt: skip


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The letters that this person may see, narrowed as the address says."""
    with services().database.read() as connection:
        words = labels(connection)
        query = read_address(RegisterQuery, _choices(words))
        listed = list_register(connection, current_actor(), query)
    return render_template(
        "register/index.html",
        listed=listed,
        waiting=_waiting(listed.rows),
        words=words,
        address=Address("register.index", query),
        states={"open": "全部未办结", **STATES},
        export_limit=EXPORT_LIMIT,
    )


@blueprint.post("/export")
def export() -> ResponseReturnValue:
    """Exactly what the list shows, all pages of it, with personal data masked. It is written down who took it."""
    actor = current_actor()
    with services().database.snapshot() as connection:
        words = labels(connection)
        query = read_address(RegisterQuery, _choices(words))
        total = count(connection, actor, query)
        if not 0 < total <= EXPORT_LIMIT:
            flash(_why_not(total), "warning")
            return redirect(Address("register.index", query).link())
        descriptor, name = tempfile.mkstemp(suffix=".xlsx")
        os.close(descriptor)
        path = Path(name)
        try:
            rows = _texts(portions(connection, actor, query), words)
            number = write_list(path, "投诉举报台账", _watermark(), HEADINGS, rows)
            with services().database.write() as writing:
                note_export(writing, actor, query, number, services().now())
            return _hand_over(path)
        finally:
            path.unlink(missing_ok=True)  # an open file can still be read to its end


def _hand_over(path: Path) -> Response:
    name = f"投诉举报台账 {services().now().astimezone(BEIJING):%Y-%m-%d %H%M}.xlsx"
    return send_file(path.open("rb"), mimetype=XLSX, as_attachment=True, download_name=name)


def _why_not(total: int) -> str:
    if not total:
        return "没有符合条件的内容，没有导出。"
    return f"符合条件的有 {total} 条，一次最多导出 {EXPORT_LIMIT} 条。请按收到日期缩小范围，分几次导出。"


def _watermark() -> str:
    actor = current_actor()
    at = services().now().astimezone(BEIJING)
    return (
        f"{services().profile.bureau} 台账　导出人：{actor.name}（{actor.username}）　导出时间：{at:%Y-%m-%d %H:%M}"
        "　内部资料，个人信息已隐去，不得向无关人员泄露"
    )


def _texts(portions: Iterable[Sequence[RegisterEntry]], words: Mapping[str, Mapping[str, str]]) -> Iterator[list[str]]:
    for entries in portions:
        waiting = _waiting(entries)
        for entry in entries:
            yield _cells(entry, entry.places or waiting.get(entry.id, ()), words)


def _waiting(entries: Iterable[RegisterEntry]) -> dict[int, tuple[Awaited, ...]]:
    """What those wait for that are under way and on nobody's desk."""
    return awaited(entry.id for entry in entries if not entry.places and entry.status == CaseStatus.ACTIVE)


def _cells(
    entry: RegisterEntry, standing: Sequence[Place | Awaited], words: Mapping[str, Mapping[str, str]]
) -> list[str]:
    return [
        entry.number,
        words["case_type"].get(entry.type, entry.type),
        words["channel"].get(entry.channel, entry.channel),
        entry.source_number,
        f"{entry.received_at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
        entry.person,
        entry.respondent,
        entry.respondent_code,
        words["category"].get(entry.category, entry.category),
        words["unit"].get(entry.unit, entry.unit),
        STATES.get(entry.status, entry.status),
        "；".join(f"{place.step}（{place.people}）" for place in standing),
        entry.due_on.isoformat() if entry.due_on else "",
        entry.outcome,
    ]


def _choices(words: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    return {
        "type": words["case_type"],
        "channel": words["channel"],
        "unit": words["unit"],
        "category": words["category"],
        "state": {"open", *STATES},
    }
