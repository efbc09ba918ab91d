"""Handing out uploaded files: always as a download, never shown in the page's own origin."""

from __future__ import annotations

from flask import Blueprint, abort, send_file
from flask.typing import ResponseReturnValue

from handlers.cases import attachment_row, may_see
from handlers.files import FileStore
from webapp.extensions import current_actor, services

blueprint = Blueprint("files", __name__)


@blueprint.get("/files/<int:attachment_id>")
def download(attachment_id: int) -> ResponseReturnValue:
    """A file of a case the person may see, or one they uploaded and have not submitted yet."""
    found, actor = services(), current_actor()
    with found.database.read() as connection:
        row = attachment_row(connection, attachment_id)
        if row is None:
            abort(404)
        own = row.instance_id is None and row.uploaded_by == actor.account_id
        if not own and (row.instance_id is None or not may_see(connection, actor, row.instance_id)):
            abort(404)
    stream = FileStore(found.settings.files).open(row.sha256)
    return send_file(stream, mimetype=row.media_type, as_attachment=True, download_name=row.filename)
