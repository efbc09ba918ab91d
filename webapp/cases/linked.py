"""Cases that belong together, and what can be done on a case beside its tasks: linked procedures and actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, make_response, render_template, url_for
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
from webapp.cases.starting import StartPage, submit_mark
from webapp.cases.submitting import FormPage, Submission, add_form_routes
from webapp.cases.summary import summary_of
from webapp.extensions import current_actor, services
from webapp.form_endpoints import ACTION, START_LINKED


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
    linked = linked_procedures(file.case.process)
    return {key: procedure for key, procedure in linked.items() if _may_open(actor, file, procedure)}


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


@dataclass(frozen=True)
class StartLinkedPage(StartPage):
    """The first form of a case that comes out of another."""

    def next_page(self, result: Result) -> str:
        """Where the new case went."""
        if not result.again:
            flash(f"已由 {self.parent.number} 发起 {result.number}。", "success")
        return super().next_page(result)


def _start_linked_page(instance_id: int, process: str) -> StartLinkedPage:
    actor, file = current_actor(), _file_or_404(instance_id)
    procedure = linked_procedures(file.case.process).get(process)
    if procedure is None:
        abort(404)
    if not _may_open(actor, file, procedure):
        abort(403)
    subject = start_draft(process, instance_id)
    return StartLinkedPage(
        services=services(),
        actor=actor,
        form=services().forms.start_form(actor, procedure.release_id, procedure.form_key, file.case.facts),
        subject=subject,
        endpoints=START_LINKED,
        procedure=procedure,
        parent=file.case,
        mark=submit_mark(subject),
    )


add_form_routes(blueprint, "/cases/<int:instance_id>/open/<process>", START_LINKED, _start_linked_page)


# --- actions ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ActionPage(FormPage):
    """The form of an action: of the message event `node` of process `scope`, on the case `file`."""

    scope: str
    node: Node
    file: CaseFile

    def command(self, values: Mapping[str, Any]) -> Result:
        """Carry the action out."""
        return self.services.engine.act(self.actor, self.file.case.id, self.scope, self.node.id, values)

    def next_page(self, result: Result) -> str:
        """The case, which says no more than where it stands."""
        if not result.held:
            flash(_what_happened(self.node, result), "success")
        return url_for("cases.show", instance_id=result.instance_id)

    def answer(self, submission: Submission, *, notice: str = "", status: int = 200) -> ResponseReturnValue:
        """The form over the facts of the case."""
        release = self.services.engine.library.release(self.file.case.release_id)
        with self.services.database.read() as connection:
            sections = summary_of(connection, self.actor, self.file, release)
        html = render_template(
            "cases/action.html",
            page=self,
            node=self.node,
            case=self.file.case,
            submission=submission,
            sections=sections,
            notice=notice,
        )
        return make_response(html, status)


def _action_page(instance_id: int, scope: str, node: str) -> ActionPage:
    actor, file = current_actor(), _file_or_404(instance_id)
    process = services().engine.library.release(file.case.release_id).processes.get(scope)
    event = next((event for event in process.actions if event.id == node), None) if process else None
    if event is None or event.task is None:
        abort(404)
    return ActionPage(
        services=services(),
        actor=actor,
        form=services().forms.action_form(actor, file.case, event.task.form),
        subject=action_draft(instance_id, scope, node),
        endpoints=ACTION,
        scope=scope,
        node=event,
        file=file,
    )


def _what_happened(node: Node, result: Result) -> str:
    if result.ended:
        return f"“{node.name}”已办理，事项办结：{result.outcome}。"
    following = "、".join(f"“{task.name}”" for task in result.opened)
    return f"“{node.name}”已办理，接下来：{following}。" if following else f"“{node.name}”已办理，事项继续办理。"


def _file_or_404(instance_id: int) -> CaseFile:
    with services().database.read() as connection:
        file = case_file(connection, current_actor(), instance_id)
    if file is None:
        abort(404)
    return file


add_form_routes(blueprint, "/cases/<int:instance_id>/acts/<scope>/<node>", ACTION, _action_page)
