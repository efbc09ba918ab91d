"""Correcting what a case says: one value at a time, with a reason, and the old one kept in the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from forms.build import bind, build_form_class
from forms.model import Field, FormFile
from handlers.cases import links
from handlers.choices import names_of
from handlers.people.actors import Actor
from handlers.personal import kept_apart
from handlers.store.tables import task
from processes.engine.cases import personal_answers
from processes.engine.cases.case_row import Case
from processes.engine.cases.work import Result, Work, entry
from processes.engine.commands.transaction import Workshop
from processes.engine.errors import NotFound, NotYours, Refused, StepFailed
from processes.engine.kernel.release import Release
from processes.engine.language.expressions import compile_expression
from processes.engine.limits.messages import record_moves
from processes.engine.limits.running import restart, rule_set_of
from processes.engine.publishing.library import Library

_ELSEWHERE = frozenset({"filepicker", "dynamiclist"})
"""Files are added by a note and never taken away; a table is filled in again by its own step."""
_NEVER = frozenset({"comment"})
_CLOSED = ("completed", "cancelled")


class Correctable(NamedTuple):
    """A value of a case that may be corrected, and the task whose form it was last given on."""

    task_id: int
    form: FormFile
    field: Field
    given_by: int | None
    step: str


def correctable(
    connection: Connection, library: Library, release: Release, case: Any, actor: Actor
) -> list[Correctable]:
    """What `actor` may correct in the case `case` (id, release_id, status, facts), newest form first, in its order.

    Not opinions and outcomes: they stand as given. One statement.
    """
    if case.status in _CLOSED:
        return []
    done = select(task).where(task.c.instance_id == case.id, task.c.state == "done")
    found: dict[str, Correctable] = {}
    for row in connection.execute(done.order_by(task.c.completed_at.desc(), task.c.id.desc())):
        for item in _of_task(library, release, case, row):
            found.setdefault(item.field.key, item)
    steers = actor.has("cases.steer")
    return [item for item in found.values() if steers or item.given_by == actor.account_id]


def _of_task(library: Library, release: Release, case: Any, row: Row[Any]) -> Iterable[Correctable]:
    settings = release.node(row.scope, row.node).task
    skipped = _NEVER | {settings.outcome if settings else ""}
    form = library.form(case.release_id, row.form)
    for key, field in form.answers().items():
        if key in case.facts and key not in skipped and field.kind not in _ELSEWHERE and not field.readonly:
            yield Correctable(row.id, form, field, row.completed_by, row.name)


class CorrectingCommands(Workshop):
    """The command 更正."""

    def correct(self, actor: Actor, instance_id: int, field: str, values: Mapping[str, Any], reason: str) -> Result:
        """Put another value in the place of `field`. `values` are those of the form it came from, filled in anew.

        Of them only the field's and those computed from others are taken. Steps already done are not done again.
        Raises: NotFound, NotYours, Refused.
        """
        with self._working(instance_id=instance_id) as work:
            if work.case.status in _CLOSED:
                raise Refused("事项已办结或撤销，不能再更正；确有错误的，请用记事写明")
            item = self._find(work, actor, field)
            why = kept_apart.covered(work.connection, instance_id, reason.strip())
            if not why:
                raise Refused("请写明更正的理由")
            computed = {key for key, spec in item.form.answers().items() if spec.computed}
            taken = {key: values[key] for key in {field} | computed if key in values and key in work.case.facts}
            changed = self._changed(work, item, taken)
            _must_keep_rules(work, changed)
            detail: dict[str, Any] = {
                "field": field,
                "label": item.field.label,
                "old": _words(work, item, work.case.facts.get(field)),
                "new": _words(work, item, changed[field]),
            }
            told = self._tell(work, actor, work.case.facts.get(field), detail, why)
            detail |= {"values": changed} | ({"cases": told} if told else {})
            self._write(work, item, changed)
            self._keep_register(work.connection, work.case, work.release, work.now)
            work.entries.append(entry(actor, "corrected", comment=why, detail=detail))
            self._recount(work, actor, item)
        return work.result()

    def _tell(self, work: Work, actor: Actor, old: Any, detail: Mapping[str, Any], why: str) -> list[dict[str, Any]]:
        """Say in the histories of the open cases that took the old value over, and keep it, that it was corrected.

        What they have decided by it, only their own people can judge. Parent before child, and older before younger:
        no other command locks two cases, so nobody waits in a circle. Gives the `id` and `number` of each.
        """
        told = []
        said = {"parent": {"id": work.case.id, "number": work.case.number}, **detail}
        for row in links.open_children_with(work.connection, work.case.id, detail["field"], old):
            child = Case.lock(work.connection, instance_id=row.id)
            if child is not None and child.status not in _CLOSED and child.facts.get(detail["field"]) == old:
                entries = [entry(actor, "parent_corrected", comment=why, detail=said)]
                child.save(work.connection, self._seal_key, work.now, entries)
                told.append({"id": child.id, "number": child.number})
        return told

    def _recount(self, work: Work, actor: Actor, item: Correctable) -> None:
        """Let limits that count from the corrected value follow it."""
        try:
            if moved := restart(work):
                record_moves(work, f"更正“{item.field.label}”，期限重新计算", moved, actor=actor)
            self._conclude(work)
        except StepFailed as failure:
            raise Refused(f"不能这样更正：“{failure.node_name}”这一步{failure.reason}") from failure

    def _find(self, work: Work, actor: Actor, field: str) -> Correctable:
        case = work.case
        allowed = correctable(work.connection, self.library, work.release, case, actor)
        found = next((item for item in allowed if item.field.key == field), None)
        if found is not None:
            return found
        if field not in case.facts:
            raise NotFound("此事项没有这一项内容")
        raise NotYours("只有填写此项的人、投诉举报机构负责人或系统管理员可以更正")

    @staticmethod
    def _changed(work: Work, item: Correctable, taken: Mapping[str, Any]) -> dict[str, Any]:
        """The values that differ from the facts, the field's own always among them. Raises Refused if it does not."""
        key = item.field.key
        before = kept_apart.held(work.connection, work.case.id, [key]) if item.field.personal else {}
        shown = personal_answers.set_apart(work, item.form, taken)
        after = kept_apart.held(work.connection, work.case.id, [key]) if item.field.personal else {}
        if key not in shown or (shown[key] == work.case.facts.get(key) and before == after):
            raise Refused("新内容与原内容相同，不需要更正")
        facts = work.case.facts
        return {name: value for name, value in shown.items() if name == key or value != facts.get(name)}

    @staticmethod
    def _write(work: Work, item: Correctable, changed: Mapping[str, Any]) -> None:
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


def _words(work: Work, item: Correctable, value: Any) -> str:
    """A value as the form says it to people; empty is 空."""
    choices = {source: names_of(work.connection, source) for source in item.form.sources()}
    filled = bind(build_form_class(item.form, choices=choices), None, {item.field.key: value}, now=work.now)
    return filled[item.field.key].text() or "（空）"
