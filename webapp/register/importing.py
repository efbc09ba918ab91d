"""导入: hand in a file, see what would happen, let it happen, get the bad rows back."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.files.file_types import clean_filename
from handlers.files.reading_tables import CSV, MAX_BYTES, SpreadsheetRefused
from handlers.register import import_runs
from handlers.register.import_sources import all_sources
from processes.importing.opening import Imports
from processes.importing.registration import ImportRefused, find_source
from webapp.engine import make_imports
from webapp.extensions import current_actor, services
from webapp.files.views import hand_out
from webapp.register.area import blueprint
from webapp.register.listing import XLSX

UNPROCESSABLE, CONFLICT = 422, 409


@blueprint.get("/import")
def imports() -> ResponseReturnValue:
    """Choose a source and a file; the latest imports."""
    return _page()


@blueprint.post("/import")
def check_file() -> ResponseReturnValue:
    """Take a file in and have it checked. A file that cannot be an export is refused at once, in one sentence."""
    actor = current_actor()
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _page("请选择要导入的文件。")
    name, content = clean_filename(upload.filename), upload.stream.read(MAX_BYTES + 1)
    work = _imports()
    try:
        with services().database.read() as connection:
            source = find_source(connection, request.form.get("source", ""))
        work.importer(source, content, name, actor, services().now())
    except (SpreadsheetRefused, ImportRefused) as refused:
        return _page(str(refused))
    run_id = work.open_run(source, name, content, actor, import_runs.CHECKING)
    with services().database.write() as connection:
        import_runs.leave_job(connection, run_id)
    return redirect(url_for("register.import_run", run_id=run_id))


@blueprint.get("/import/<int:run_id>")
def import_run(run_id: int) -> ResponseReturnValue:
    """One import: how far it is, what it would do or did."""
    return render_template("register/import_run.html", run=_run(run_id), states=import_runs.STATES)


@blueprint.get("/import/<int:run_id>/state")
def import_state(run_id: int) -> ResponseReturnValue:
    """The moving part of that page: asked for again while the work goes on."""
    return render_template("register/_run.html", run=_run(run_id), states=import_runs.STATES)


@blueprint.post("/import/<int:run_id>/start")
def start_import(run_id: int) -> ResponseReturnValue:
    """Import what was checked. It is done in the name of the person who presses the button."""
    _run(run_id)
    with services().database.write() as connection:
        begun = import_runs.begin(connection, run_id, current_actor().account_id, services().now())
        if begun:
            import_runs.leave_job(connection, run_id)
    if not begun:
        flash("这个文件已经开始导入，不必再按一次。", "info")
    return redirect(url_for("register.import_run", run_id=run_id))


@blueprint.get("/import/<int:run_id>/rejects")
def rejects(run_id: int) -> ResponseReturnValue:
    """The bad rows with their reasons, in the form of the file. For thirty days, and only for who had it imported."""
    run = _run(run_id)
    if run.rejects is None or run.started_by != current_actor().account_id:
        abort(404)
    stem, _, extension = run.filename.rpartition(".")
    media_type = "text/csv" if run.report["file"]["kind"] == CSV else XLSX
    return hand_out(run.rejects, media_type, f"{stem or extension}（退回）.{extension if stem else 'csv'}")


def _page(problem: str = "") -> ResponseReturnValue:
    with services().database.read() as connection:
        sources = all_sources(connection)
        runs = import_runs.latest_runs(connection)
    html = render_template(
        "register/imports.html",
        sources=sources,
        runs=runs,
        states=import_runs.STATES,
        problem=problem,
        chosen=request.form.get("source", ""),
    )
    return make_response(html, UNPROCESSABLE if problem else 200)


def _run(run_id: int) -> Any:
    with services().database.read() as connection:
        run = import_runs.find_run(connection, run_id)
    return run or abort(404)


def _imports() -> Imports:
    return make_imports(services().engine, services().settings)
