"""Correcting 更正 what a case says: one value at a time, with a reason, and the old one kept in the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Row, select

from forms.form_class import bind, build_form_class
from forms.form_file import Field, FormFile
from handlers.cases import links
from handlers.choices import names_of
from handlers.clocks.limit_table import LimitKind
from handlers.people.actors import Actor
from handlers.personal import kept_apart
from handlers.store.states import OPEN_STATES, EventKind, TaskState
from handlers.store.tables import task
from processes.engine.cases import clock_rows, personal_answers
from processes.engine.cases.case_facts import register
from processes.engine.cases.case_row import Case
from processes.engine.cases.work import Work, entry
from processes.engine.commands.concluding import conclude
from processes.engine.errors import NotFound, NotYours, Refused, StepFailed
from processes.engine.kernel.release import Release
from processes.engine.language.expressions import compile_expression
from processes.engine.limits.messages import record_moves
from processes.engine.limits.running import Moved, restart, rule_set_of
from processes.engine.publishing.library import Library

_ELSEWHERE = frozenset({"filepicker", "dynamiclist"})
"""Files are added by a note and never taken away; a table is filled in again by its own step."""
_NEVER = frozenset({"comment"})


class Correcting(Protocol):
    """A case as far as it decides what may be corrected: under a command, or as its page reads it."""

    id: int
    release_id: int
    facts: dict[str, Any]

    @property
    def status(self) -> str:
        """How it stands."""


class Correctable(NamedTuple):
    """A value of a case that may be corrected, and the task whose form it was last given on."""

    task_id: int
    form: FormFile
    field: Field
    given_by: int | None
    step: str


def correctable(
    connection: Connection, library: Library, release: Release, case: Correcting, actor: Actor
) -> list[Correctable]:
    """What `actor` may correct in `case`, newest form first, in its order.

    Not opinions and outcomes: they stand as given. One statement.
    """
    if case.status not in OPEN_STATES:
        return []
    done = select(task).where(task.c.instance_id == case.id, task.c.state == TaskState.DONE)
    newest: dict[str, Correctable] = {}
    for row in connection.execute(done.order_by(task.c.completed_at.desc(), task.c.id.desc())):
        for item in _of_task(library, release, case, row):
            newest.setdefault(item.field.key, item)
    steers = actor.has("cases.steer")
    return [item for item in newest.values() if steers or item.given_by == actor.account_id]


def _of_task(library: Library, release: Release, case: Correcting, row: Row[Any]) -> Iterable[Correctable]:
    settings = release.node(row.scope, row.node).task
    skipped = _NEVER | {settings.outcome if settings else ""}
    form = library.form(case.release_id, row.form)
    for key, field in form.answers().items():
        own = field.kind not in _ELSEWHERE and not field.readonly and not field.is_opinion
        if key in case.facts and key not in skipped and own:
            yield Correctable(row.id, form, field, row.completed_by, row.name)


def correct(work: Work, actor: Actor, field: str, values: Mapping[str, Any], reason: str) -> None:
    """Put another value in the place of `field`. `values` are those of the form it came from, filled in anew.

    Of them only the field's and those computed from others are taken. Raises: NotFound, NotYours, Refused.
    """
    if work.case.status not in OPEN_STATES:
        raise Refused("事项已办结或撤销，不能再更正；确有错误的，请用记事写明")
    item = _find(work, actor, field)
    why = kept_apart.covered(work.connection, work.case.id, reason.strip())
    if not why:
        raise Refused("请写明更正的理由")
    changed = _changed(work, item, values)
    _must_keep_rules(work, changed)
    detail: dict[str, Any] = {
        "field": field,
        "label": item.field.label,
        "old": _words(work, item, work.case.facts.get(field)),
        "new": _words(work, item, changed[field]),
    }
    told = _tell(work, actor, work.case.facts.get(field), detail, why)
    detail |= {"values": changed} | ({"cases": told} if told else {})
    _write(work, changed)
    register(work)
    work.entries.append(entry(actor, EventKind.CORRECTED, comment=why, detail=detail))
    _recount(work, actor, item)


def _tell(work: Work, actor: Actor, old: object, detail: Mapping[str, Any], why: str) -> list[dict[str, Any]]:
    """Say in the histories of the open cases that took the old value over, and keep it, that it was corrected.

    What they have decided by it, only their own people can judge. Parent before child, and older before younger:
    no other command locks two cases, so nobody waits in a circle. Gives the `id` and `number` of each.
    """
    told = []
    said = {"parent": {"id": work.case.id, "number": work.case.number}, **detail}
    for row in links.open_children_with(work.connection, work.case.id, detail["field"], old):
        child = Case.lock(work.connection, instance_id=row.id)
        if child is not None and child.status in OPEN_STATES and child.facts.get(detail["field"]) == old:
            entries = [entry(actor, EventKind.PARENT_CORRECTED, comment=why, detail=said)]
            child.save(work.connection, work.shared.seal_key, work.now, entries)
            told.append({"id": child.id, "number": child.number})
    return told


def _must_not_be_ones_own(work: Work, actor: Actor, item: Correctable, moved: Sequence[Moved]) -> None:
    """Raises: Refused, where a legal limit moves and the person gave the value or began the case."""
    legal = {row.id for row in clock_rows.open_clocks(work.connection, work.case.id) if row.kind == LimitKind.LEGAL}
    moves = [limit.sentence for limit in moved if limit.clock_id in legal]
    if moves and actor.account_id in (item.given_by, work.case.started_by):
        raise Refused(
            f"更正“{item.field.label}”会使法定期限改变（{'；'.join(moves)}），不能由填写此项或者登记本件的人自己办理。"
            "请把理由和证明材料交给没有经手登记的投诉举报机构负责人更正"
        )


def _recount(work: Work, actor: Actor, item: Correctable) -> None:
    """Let limits that count from the corrected value follow it."""
    try:
        if moved := restart(work):
            _must_not_be_ones_own(work, actor, item, moved)
            record_moves(work, f"更正“{item.field.label}”，期限重新计算", moved, actor=actor)
        conclude(work)
    except StepFailed as failure:
        raise Refused(f"不能这样更正：“{failure.node_name}”这一步{failure.reason}") from failure


def _find(work: Work, actor: Actor, field: str) -> Correctable:
    allowed = correctable(work.connection, work.shared.library, work.release, work.case, actor)
    for item in allowed:
        if item.field.key == field:
            return item
    if field not in work.case.facts:
        raise NotFound("此事项没有这一项内容")
    raise NotYours("只有填写此项的人、投诉举报机构负责人或系统管理员可以更正")


def _changed(work: Work, item: Correctable, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that differ from the facts, the field's own always among them. Raises Refused if it does not."""
    key, facts = item.field.key, work.case.facts
    computed = {name for name, spec in item.form.answers().items() if spec.computed}
    taken = {name: values[name] for name in {key} | computed if name in values and name in facts}
    before = kept_apart.held(work.connection, work.case.id, [key]) if item.field.personal else {}
    shown = personal_answers.set_apart(work, item.form, taken)
    after = kept_apart.held(work.connection, work.case.id, [key]) if item.field.personal else {}
    if key not in shown or (shown[key] == facts.get(key) and before == after):
        raise Refused("新内容与原内容相同，不需要更正")
    return {name: value for name, value in shown.items() if name == key or value != facts.get(name)}


def _write(work: Work, changed: Mapping[str, Any]) -> None:
    work.live.correct({key: (work.case.facts.get(key), value) for key, value in changed.items()})
    work.case.facts = {**work.case.facts, **changed}
    process = work.release.processes[work.release.process]
    if process.title and compile_expression(process.title).names & changed.keys():
        work.case.title = work.release.case_title(work.case.facts)


def _must_keep_rules(work: Work, changed: Mapping[str, Any]) -> None:
    """Raises: Refused, where another rule set holds on the new day of receipt: the steps done followed the old one."""
    if not changed.get("received_at"):
        return
    rules = rule_set_of(work.release, changed, work.now)
    if rules != work.case.rule_set:
        raise Refused(
            "按新的收到时间应适用另一部规定，期限和程序都不同，不能只作更正；请撤销本件，按正确的收到时间重新登记"
        )


def _words(work: Work, item: Correctable, value: object) -> str:
    """A value as the form says it to people; empty is 空."""
    choices = {source: names_of(work.connection, source) for source in item.form.sources()}
    filled = bind(build_form_class(item.form, choices=choices), None, {item.field.key: value}, now=work.now)
    return filled[item.field.key].text() or "（空）"
