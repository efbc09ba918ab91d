"""Handing out uploaded files: always as a download, never shown in the page's own origin."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, current_app, send_file
from flask.typing import ResponseReturnValue

from handlers.cases.case_file import attachment_row, may_see
from handlers.files.file_store import FileStore
from handlers.personal.kept_apart import note_download
from webapp.extensions import current_actor, services

blueprint = Blueprint("files", __name__)


@blueprint.get("/files/<int:attachment_id>")
def download(attachment_id: int) -> ResponseReturnValue:
    """A file of a case the person may see, or one they uploaded and have not submitted yet."""
    actor = current_actor()
    with services().database.read() as connection:
        row = attachment_row(connection, attachment_id)
        if row is None:
            abort(404)
        own = row.instance_id is None and row.uploaded_by == actor.account_id
        if not own and (row.instance_id is None or not may_see(connection, actor, row.instance_id)):
            abort(404)
    response = hand_out(row.sha256, row.media_type, row.filename)
    if row.instance_id is not None:  # before it is submitted, only who uploaded it gets here
        note_down(row.instance_id, f"附件 {row.filename}")
    return response


def note_down(instance_id: int, file: str, fields: Sequence[str] = ()) -> None:
    """Write down that this person takes a file out of the case; `fields` are the personal values that it says."""
    with services().database.write() as connection:
        note_download(connection, instance_id, current_actor().account_id, file, fields, services().now())


def hand_out(sha256: str, media_type: str, name: str) -> ResponseReturnValue:
    """A stored file as a download; a page that says so where the store has lost it."""
    try:
        stream = FileStore(services().settings.files).open(sha256)
    except FileNotFoundError:
        current_app.logger.exception("file %s is missing from the store", sha256)
        abort(404, f"“{name}”登记在案，但文件库里找不到，请联系系统管理员从备份恢复。")
    return send_file(stream, mimetype=media_type, as_attachment=True, download_name=name)
