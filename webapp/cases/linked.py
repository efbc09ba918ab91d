"""Cases that belong together, and what can be done on a case beside its tasks: linked procedures and actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from handlers.cases.case_file import CaseFile, Place, case_file, places
from handlers.cases.drafts import action_draft
from handlers.cases.links import linked_with
from handlers.people.actors import Actor
from handlers.store.states import OPEN_STATES, CaseStatus
from processes.engine.cases.work import Result
from processes.engine.commands.starting import start_draft
from processes.engine.diagrams.model import Node
from processes.engine.kernel.release import Release
from webapp.cases.area import blueprint
from webapp.cases.catalogue import Procedure, linked_procedures, procedure_names
from webapp.cases.errands import Errand, forget_draft, keep_draft, show, submit, submit_mark
from webapp.cases.filling import Filled, Sheet
from webapp.cases.page import card_rows
from webapp.cases.starting import after_start
from webapp.cases.summary import Sheetful, summary_of
from webapp.extensions import current_actor, services


@dataclass(frozen=True, slots=True)
class Related:
    """A case linked with the one shown. `row` has its number, title, status and outcome."""

    row: Any
    procedure: str
    places: tuple[Place, ...]


def related_cases(connection: Connection, instance_id: int) -> list[Related]:
    """The cases above and below, with where they stand."""
    rows = linked_with(connection, instance_id)
    if not rows:
        return []
    names, standing = procedure_names(), places(connection, [row.id for row in rows])
    return [Related(row, names.get(row.process, row.process), standing.get(row.id, ())) for row in rows]


def openable(actor: Actor, file: CaseFile) -> dict[str, Procedure]:
    """The linked procedures that the person may start from this case, by key."""
    if file.case.status not in OPEN_STATES:
        return {}
    found = linked_procedures(file.case.process)
    return {key: procedure for key, procedure in found.items() if _may_open(actor, file, procedure)}


def _may_open(actor: Actor, file: CaseFile, procedure: Procedure) -> bool:
    """Who only sees the case starts nothing that would take its personal data along."""
    taken = file.personal.keys() & services().engine.library.mentioned(procedure.release_id)
    return procedure.may_start(actor) and (file.can_work or not taken)


def possible_actions(actor: Actor, file: CaseFile, release: Release) -> list[Node]:
    """The message events that the person may let happen now."""
    if file.case.status != CaseStatus.ACTIVE or not any(process.actions for process in release.processes.values()):
        return []
    return [node for _, node in services().engine.actions(actor, file.case.id)]


# --- from this case ---------------------------------------------------------------------------------------------------


@blueprint.get("/cases/<int:instance_id>/open/<process>")
def open_linked(instance_id: int, process: str) -> ResponseReturnValue:
    """The first form of a linked case."""
    return show(_opening(instance_id, process))


@blueprint.post("/cases/<int:instance_id>/open/<process>")
def start_linked(instance_id: int, process: str) -> ResponseReturnValue:
    """Open the linked case."""
    return submit(_opening(instance_id, process))


@blueprint.post("/cases/<int:instance_id>/open/<process>/draft")
def save_linked_draft(instance_id: int, process: str) -> ResponseReturnValue:
    """Keep what was typed."""
    return keep_draft(_opening(instance_id, process))


@blueprint.post("/cases/<int:instance_id>/open/<process>/draft/drop")
def drop_linked_draft(instance_id: int, process: str) -> ResponseReturnValue:
    """Start again from the case's facts."""
    return forget_draft(_opening(instance_id, process))


def _opening(instance_id: int, process: str) -> Errand:
    actor, file = current_actor(), _file_or_404(instance_id)
    procedure = linked_procedures(file.case.process).get(process)
    if procedure is None:
        abort(404)
    if not _may_open(actor, file, procedure):
        abort(403)
    subject = start_draft(process, instance_id)
    mark = submit_mark(subject)
    return Errand(
        sheet=Sheet(subject, procedure.release_id, procedure.form_key, _known(file, procedure)),
        here=url_for("cases.open_linked", instance_id=instance_id, process=process),
        render=partial(_opening_page, procedure, file),
        run=partial(services().engine.start, actor, process, parent=instance_id, mark=mark),
        follow=partial(_opened, file),
        mark=mark,
    )


def _known(file: CaseFile, procedure: Procedure) -> Mapping[str, Any]:
    """What the form starts from. Files stay with the case they were submitted to."""
    form = services().engine.library.form(procedure.release_id, procedure.form_key)
    taken = {key for key, field in form.answers().items() if field.kind != "filepicker"}
    return {key: value for key, value in file.case.facts.items() if key in taken}


def _opened(file: CaseFile, result: Result) -> str:
    if not result.again:
        flash(f"已由 {file.case.number} 发起 {result.number}。", "success")
    return after_start(result)


def _opening_page(procedure: Procedure, file: CaseFile, errand: Errand, filled: Filled, notice: str) -> str:
    card = card_rows(procedure.process, services().profile.texts())
    return render_template(
        "cases/new.html", procedure=procedure, errand=errand, filled=filled, card=card, notice=notice, parent=file.case
    )


# --- actions ----------------------------------------------------------------------------------------------------------


@blueprint.get("/cases/<int:instance_id>/acts/<scope>/<node>")
def action(instance_id: int, scope: str, node: str) -> ResponseReturnValue:
    """The form of an action."""
    return show(_action(instance_id, scope, node))


@blueprint.post("/cases/<int:instance_id>/acts/<scope>/<node>")
def act(instance_id: int, scope: str, node: str) -> ResponseReturnValue:
    """Carry the action out."""
    return submit(_action(instance_id, scope, node))


@blueprint.post("/cases/<int:instance_id>/acts/<scope>/<node>/draft")
def save_action_draft(instance_id: int, scope: str, node: str) -> ResponseReturnValue:
    """Keep what was typed."""
    return keep_draft(_action(instance_id, scope, node))


@blueprint.post("/cases/<int:instance_id>/acts/<scope>/<node>/draft/drop")
def drop_action_draft(instance_id: int, scope: str, node: str) -> ResponseReturnValue:
    """Start again from the case's facts."""
    return forget_draft(_action(instance_id, scope, node))


def _action(instance_id: int, scope: str, node_id: str) -> Errand:
    actor, file = current_actor(), _file_or_404(instance_id)
    release = services().engine.library.release(file.case.release_id)
    process = release.processes.get(scope)
    node = next((one for one in process.actions if one.id == node_id), None) if process else None
    if node is None or node.task is None:
        abort(404)
    facts = {key: value for key, value in file.case.facts.items() if key != "comment"}
    with services().database.read() as connection:
        sections = summary_of(connection, actor, file, release)
    subject = action_draft(instance_id, scope, node_id)
    return Errand(
        sheet=Sheet(subject, file.case.release_id, node.task.form, facts, instance_id),
        here=url_for("cases.action", instance_id=instance_id, scope=scope, node=node_id),
        render=partial(_action_page, node, file, sections),
        run=partial(services().engine.act, actor, instance_id, scope, node_id),
        follow=partial(_acted, node),
    )


def _acted(node: Node, result: Result) -> str:
    if not result.held:
        flash(_what_happened(node, result), "success")
    return url_for("cases.show", instance_id=result.instance_id)


def _what_happened(node: Node, result: Result) -> str:
    if result.ended:
        return f"“{node.name}”已办理，事项办结：{result.outcome}。"
    following = "、".join(f"“{task.name}”" for task in result.opened)
    return f"“{node.name}”已办理，接下来：{following}。" if following else f"“{node.name}”已办理，事项继续办理。"


def _action_page(
    node: Node, file: CaseFile, sections: list[Sheetful], errand: Errand, filled: Filled, notice: str
) -> str:
    return render_template(
        "cases/action.html", node=node, case=file.case, errand=errand, filled=filled, sections=sections, notice=notice
    )


def _file_or_404(instance_id: int) -> CaseFile:
    with services().database.read() as connection:
        file = case_file(connection, current_actor(), instance_id)
    if file is None:
        abort(404)
    return file
