"""事项: the list of cases, the page of one case, and the drawing it stands on."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from forms.beijing import BEIJING
from handlers.cases.case_file import STATES, CaseFile, case_file, letter_row, may_see, may_work
from handlers.cases.case_list import SORTS, CaseQuery, list_cases, steps_in_use
from handlers.people.actors import candidates, department_names, may_do
from handlers.store.states import CaseStatus
from processes.engine.diagrams import picture
from processes.engine.limits.running import rule_set_names
from webapp.cases.address import Address, read_address
from webapp.cases.area import blueprint
from webapp.cases.catalogue import procedure_names
from webapp.cases.course import card_rows, course_of, trail_of
from webapp.cases.limit_page import limit_lines
from webapp.cases.linked import openable, possible_actions, related_cases
from webapp.cases.summary import summary_of
from webapp.cases.waiting import awaited
from webapp.extensions import current_actor, services
from webapp.files.views import hand_out, note_down

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/cases")
def index() -> ResponseReturnValue:
    """All cases that this person may see, narrowed as the address says."""
    actor, names = current_actor(), procedure_names()
    with services().database.read() as connection:
        units = department_names(connection)
        choices = {"process": names, "department": units, "state": {"open", *STATES}, "sort": SORTS}
        query = read_address(CaseQuery, choices)
        listed = list_cases(connection, actor, query)
        steps = steps_in_use(connection, query.process)
    waiting = awaited(row.id for row in listed.rows if not row.places and row.status == CaseStatus.ACTIVE)
    return render_template(
        "cases/index.html",
        listed=listed,
        waiting=waiting,
        address=Address("cases.index", query),
        procedures=names,
        departments=units,
        steps=steps,
        states={"open": "全部未办结", **STATES},
        sorts=SORTS,
    )


@blueprint.get("/cases/<int:instance_id>")
def show(instance_id: int) -> ResponseReturnValue:
    """One case: where it stands, how it came there, its papers and people."""
    actor = current_actor()
    with services().database.read() as connection:
        file = case_file(connection, actor, instance_id)
        if file is None:
            abort(404)
        release = services().engine.library.release(file.case.release_id)
        sections = summary_of(connection, actor, file, release)
        related = related_cases(connection, instance_id)
        can_steer = actor.has("cases.steer")
        able = {
            place.task_id: candidates(connection, place.role, place.department)
            for place in file.places
            if can_steer and file.case.status == CaseStatus.ACTIVE
        }
    course = course_of(file, release, request.args.get("scope", ""))
    shown = [(file.case, file.places), *((item.row, item.places) for item in related)]
    return render_template(
        "cases/show.html",
        file=file,
        case=file.case,
        course=course,
        sections=sections,
        card=card_rows(course.process, services().profile.texts()),
        waiting=awaited(row.id for row, places in shown if not places and row.status == CaseStatus.ACTIVE),
        related=related,
        openable=openable(actor, file),
        actions=possible_actions(actor, file, release),
        can_steer=can_steer,
        able=able,
        workable={
            place.task_id
            for place in file.places
            if file.case.status == CaseStatus.ACTIVE and may_do(actor, place.task)
        },
        can_retry=actor.has("cases.repair"),
        letters_waiting=any(letter.state == "pending" for letter in file.letters),
        limits=limit_lines(file.clocks, rule_set_names(release), services().today()),
    )


@blueprint.get("/cases/<int:instance_id>/diagram")
def diagram(instance_id: int) -> ResponseReturnValue:
    """The drawing of one process of the case, with its marks, in the version the case runs."""
    file = _file_or_404(instance_id)
    release = services().engine.library.release(file.case.release_id)
    scope = request.args.get("scope") or release.process
    if scope not in release.processes:
        abort(404)
    data = picture.marks(trail_of(file), release.processes, scope)
    for visit in data["visits"].values():
        at = visit.pop("at").astimezone(BEIJING)
        visit["on"] = f"{at.month}月{at.day}日"
    called = data.pop("called")
    links = {node: _drawing_address(instance_id, process) for node, process in called.items()}
    xml = services().engine.library.source(file.case.release_id, "process", scope).decode()
    return jsonify(data | {"xml": xml, "links": links})


def _drawing_address(instance_id: int, scope: str) -> str:
    return url_for("cases.show", instance_id=instance_id, scope=scope, _anchor="diagram")


@blueprint.get("/cases/<int:instance_id>/letters")
def letters(instance_id: int) -> ResponseReturnValue:
    """The letters alone: asked for again while one is being made."""
    file = _file_or_404(instance_id)
    waiting = any(letter.state == "pending" for letter in file.letters)
    return render_template("cases/_letters.html", file=file, case=file.case, letters_waiting=waiting)


@blueprint.get("/letters/<int:letter_id>")
def letter(letter_id: int) -> ResponseReturnValue:
    """A finished letter as a Word file. One that says who complained goes only to who works on the case."""
    actor = current_actor()
    with services().database.read() as connection:
        row: Any = letter_row(connection, letter_id)
        if row is None or row.state != "ready" or not may_see(connection, actor, row.instance_id):
            abort(404)
        said = row.context.get("personal", ())
        if said and not may_work(connection, actor, row.instance_id):
            abort(403, "这份文书写有个人信息，只有经办此事项的人和负责人可以下载。")
    response = hand_out(row.sha256, DOCX, f"{row.title} {row.number}.docx")
    note_down(row.instance_id, f"文书 {row.number}", said)
    return response


def _file_or_404(instance_id: int) -> CaseFile:
    with services().database.read() as connection:
        file = case_file(connection, current_actor(), instance_id)
    if file is None:
        abort(404)
    return file
