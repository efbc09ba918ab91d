"""Filling in a form that sets something going: a new case, a linked case, an action. One road for all of them.

Whatever goes wrong, what the person typed is kept as their draft and shown again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from handlers.cases.drafts import drop_draft
from handlers.cases.start_marks import start_mark
from processes.engine.cases.work import Result
from processes.engine.errors import CommandRefused
from webapp.cases.filling import NOT_ANSWERS, PAGE_FIELD, Filled, Sheet, keep, open_sheet, receive_sheet
from webapp.extensions import current_actor, services

UNPROCESSABLE = 422
CONFLICT = 409


def submit_mark(subject: str) -> str:
    """The mark of what is posted now, by the token of its page; empty where the page carries none."""
    token = request.form.get(PAGE_FIELD)
    if not token:
        return ""
    answers = {name: texts for name, texts in request.form.lists() if name not in NOT_ANSWERS}
    files = {name: [file.filename or "" for file in request.files.getlist(name)] for name in request.files}
    return start_mark(current_actor().account_id, subject, token, {**answers, **files})


@dataclass(frozen=True, slots=True)
class Errand:
    """A form, the address of its page, how the page looks, what submitting does, and where it leads."""

    sheet: Sheet
    here: str
    render: Callable[[Errand, Filled, str], str]
    run: Callable[[Mapping[str, Any]], Result]
    follow: Callable[[Result], str]
    mark: str = ""
    """Of this submit, where it starts a case: sent twice, it starts one."""

    @staticmethod
    def page_token() -> str:
        """A token for the page that is shown now."""
        return secrets.token_urlsafe(16)

    @property
    def draft_url(self) -> str:
        """Where the draft is kept."""
        return f"{self.here}/draft"

    @property
    def drop_url(self) -> str:
        """Where it is dropped."""
        return f"{self.here}/draft/drop"


def show(errand: Errand, filled: Filled | None = None, *, notice: str = "", status: int = 200) -> ResponseReturnValue:
    """The page, with the draft if there is one."""
    return make_response(errand.render(errand, filled or open_sheet(errand.sheet), notice), status)


def submit(errand: Errand) -> ResponseReturnValue:
    """Carry it out; on any trouble the same page again with everything typed."""
    # Before the answers are looked at: files that the first submit gave to its case are not this one's to name.
    earlier = services().engine.started(errand.mark) if errand.mark else None
    if earlier is not None:
        return _lead_to(errand, earlier)
    filled = receive_sheet(errand.sheet)
    if filled.changed:
        return show(errand, keep(filled))
    if not filled.is_valid():
        return show(errand, keep(filled), status=UNPROCESSABLE)
    try:
        result = errand.run(filled.form.values())
    except CommandRefused as refused:
        return show(errand, keep(filled), notice=str(refused), status=CONFLICT)
    except Exception:
        keep(filled)  # a fault of ours must not cost what somebody typed
        raise
    if result.held:
        keep(filled)  # for the case that the administrator gives it back instead of retrying
        flash(f"{result.held}。您填写的内容已经保存，系统管理员处理后会自动继续，您不必重填。", "warning")
    return _lead_to(errand, result)


def _lead_to(errand: Errand, result: Result) -> ResponseReturnValue:
    if result.again:
        words = f"这一页的内容已经提交过，发起的是 {result.number}，没有重复发起。"
        flash(f"{words}确需再发起内容相同的一件，请重新打开填写页面。", "info")
    return redirect(errand.follow(result))


def keep_draft(errand: Errand) -> ResponseReturnValue:
    """Keep what was typed, valid or not. htmx asks for it while typing, the button without JavaScript."""
    filled = keep(receive_sheet(errand.sheet))
    if request.headers.get("HX-Request"):
        return render_template("inbox/_draft_state.html", saved_at=filled.saved_at)
    if filled.refused:
        return show(errand, filled, notice=" ".join(upload.sentence for upload in filled.refused))
    flash("草稿已保存，只有您自己看得到。", "success")
    return redirect(errand.here)


def forget_draft(errand: Errand) -> ResponseReturnValue:
    """Start again from what is known."""
    with services().database.write() as connection:
        drop_draft(connection, current_actor().account_id, errand.sheet.subject)
    flash("草稿已清除。", "success")
    return redirect(errand.here)
