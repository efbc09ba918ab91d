"""One way to fill in a form: shown over a draft, submitted, kept. Completing, starting and acting all go through here.

Whatever goes wrong, what the person typed is kept as their draft and shown again. A draft is the posted text as it was,
by input name, so that even a value nobody can read comes back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from forms.filled_form import FilledForm
from handlers.cases.drafts import Draft, drop_draft, find_draft, save_draft
from handlers.people.actors import Actor
from processes.engine.cases.open_form import OpenForm
from processes.engine.cases.work import Result
from processes.engine.errors import CommandRefused
from webapp.cases.uploads import UPLOAD_PREFIX, RefusedUpload, Uploads, store_uploads
from webapp.extensions import CSRF_FIELD, Services
from webapp.form_endpoints import FormEndpoints

PAGE_FIELD = "_page"
"""Where a page that starts a case carries the token of its own."""
ROW_FIELD = "_row"
"""The button that adds or removes a row, and does not submit."""
NOT_ANSWERS = frozenset({CSRF_FIELD, ROW_FIELD, PAGE_FIELD})
UNPROCESSABLE = 422
CONFLICT = 409


@dataclass(slots=True)
class Submission:
    """A form with what one person has put into it: posted, drafted, or nothing yet.

    `typed` is what was posted or drafted, `saved_at` when the draft was kept; `changed`: the button was one that adds
    or removes a row.
    """

    form: FilledForm
    typed: Mapping[str, list[str]]
    saved_at: datetime | None = None
    refused: list[RefusedUpload] = field(default_factory=list)
    changed: bool = False

    def is_valid(self) -> bool:
        """Whether it can be submitted; afterwards the errors stand beside their fields."""
        sound = self.form.validate()
        for upload in self.refused:
            answer_field = self.form.find(upload.field)
            if answer_field is not None:
                answer_field.errors = [*answer_field.errors, upload.sentence]
        return sound and not self.refused


@dataclass(frozen=True)
class FormPage(ABC):
    """A form on a page, opened by one person: what it asks, what submitting it does, and where that leads.

    `subject` names the draft; `endpoints` are the form's routes, all with the parts of the address that was asked for.
    """

    services: Services
    actor: Actor
    form: OpenForm
    subject: str
    endpoints: FormEndpoints

    @property
    def address(self) -> str:
        """The page's own. Made when asked for: a submit that succeeds leads elsewhere."""
        return url_for(self.endpoints.show, **(request.view_args or {}))

    @property
    def submit_url(self) -> str:
        """Where the form is sent to."""
        return self.address

    @property
    def draft_url(self) -> str:
        """Where the draft is kept."""
        return f"{self.address}/draft"

    @property
    def drop_url(self) -> str:
        """Where it is dropped."""
        return f"{self.address}/draft/drop"

    @property
    def page_token(self) -> str:
        """A token for the page that is shown now, where it matters that one page is submitted once."""
        return ""

    @property
    def can_fill(self) -> bool:
        """Whether there is any use in pointing out mistakes: otherwise the command says why it is refused."""
        return True

    @abstractmethod
    def command(self, values: Mapping[str, Any]) -> Result:
        """Do what was asked for. Raises CommandRefused."""

    @abstractmethod
    def next_page(self, result: Result) -> str:
        """The address that a successful submit leads to; says what happened, where that page does not."""

    @abstractmethod
    def answer(self, submission: Submission, *, notice: str = "", status: int = 200) -> ResponseReturnValue:
        """The page with the form as the person left it."""

    def refused(self, submission: Submission, refusal: CommandRefused) -> ResponseReturnValue:
        """The command was not carried out: the page again, with the reason."""
        return self.answer(submission, notice=str(refusal), status=CONFLICT)

    def earlier(self) -> Result | None:
        """What the same submit has done already, if it arrives for the second time."""
        return None


def show(page: FormPage) -> ResponseReturnValue:
    """The page, with the draft if there is one."""
    return page.answer(drafted(page))


def submit(page: FormPage) -> ResponseReturnValue:
    """Carry it out; on any trouble the same page again with everything typed."""
    # Before the answers are looked at: files that the first submit gave to its case are not this one's to name.
    if earlier := page.earlier():
        return _lead_on(page, earlier)
    submission = received(page)
    if submission.changed:
        return page.answer(keep(page, submission))
    if page.can_fill and not submission.is_valid():
        return page.answer(keep(page, submission), status=UNPROCESSABLE)
    try:
        result = page.command(submission.form.values())
    except CommandRefused as refusal:
        return page.refused(keep(page, submission), refusal)
    except Exception:
        keep(page, submission)  # a fault of ours must not cost what somebody typed
        raise
    if result.held:
        keep(page, submission)  # for the case that the administrator gives it back instead of retrying
        flash(f"{result.held}。您填写的内容已经保存，系统管理员处理后会自动继续，您不必重填。", "warning")
    return _lead_on(page, result)


def _lead_on(page: FormPage, result: Result) -> ResponseReturnValue:
    if result.again:
        words = f"这一页的内容已经提交过，发起的是 {result.number}，没有重复发起。"
        flash(f"{words}确需再发起内容相同的一件，请重新打开填写页面。", "info")
    return redirect(page.next_page(result))


def keep_draft(page: FormPage) -> ResponseReturnValue:
    """Keep what was typed, valid or not. htmx asks for it while typing, the button without JavaScript."""
    submission = keep(page, received(page))
    if request.headers.get("HX-Request"):
        return render_template("inbox/_draft_state.html", saved_at=submission.saved_at)
    if submission.refused:
        return page.answer(submission, notice=" ".join(upload.sentence for upload in submission.refused))
    flash("草稿已保存，只有您自己看得到。", "success")
    return redirect(page.address)


def forget_draft(page: FormPage) -> ResponseReturnValue:
    """Start again from what is known."""
    with page.services.database.write() as connection:
        drop_draft(connection, page.actor.account_id, page.subject)
    flash("草稿已清除。", "success")
    return redirect(page.address)


def drafted(page: FormPage) -> Submission:
    """The form as the person left it, or fresh from what is known."""
    with page.services.database.read() as connection:
        draft = find_draft(connection, page.actor.account_id, page.subject)
    typed = _typed_in(draft)
    form = page.form.fill(MultiDict(typed) if draft else None)
    return Submission(form, typed, draft.saved_at if draft else None)


def received(page: FormPage) -> Submission:
    """What the browser posted, with its uploads already stored: a file is kept even where the form has errors."""
    posted = request.form
    typed = {
        name: texts
        for name, texts in posted.to_dict(flat=False).items()
        if name not in NOT_ANSWERS and not name.startswith(UPLOAD_PREFIX)
    }
    uploads = store_uploads(request.files, typed) if request.files else Uploads()
    submission = Submission(page.form.fill(MultiDict(typed), uploads.stored), typed, refused=uploads.refused)
    if ROW_FIELD in posted and (command := posted[ROW_FIELD]):  # what is not there costs Werkzeug an exception
        submission.form.change(command)
        submission.changed = True
    return submission


def keep(page: FormPage, submission: Submission) -> Submission:
    """Save what was typed as the person's draft."""
    submission.saved_at = page.services.now()
    with page.services.database.write() as connection:
        save_draft(connection, page.actor.account_id, page.subject, submission.typed, submission.saved_at)
    return submission


def _typed_in(draft: Draft | None) -> dict[str, list[str]]:
    if draft is None:
        return {}
    return {name: texts for name, texts in draft.values.items() if isinstance(texts, list)}


def add_form_routes(
    blueprint: Blueprint,
    rule: str,
    endpoints: FormEndpoints,
    open_page: Callable[..., FormPage],
    *,
    shown: Callable[..., ResponseReturnValue] | None = None,
    submit_rule: str = "",
) -> None:
    """The routes of a form at `rule`. `open_page` makes its page from the parts of the address, or aborts.

    `shown` answers GET, where that is more than to show the page; `submit_rule` is where the form is sent to, where it
    is not sent to the page itself.
    """

    def way(carry_out: Callable[[FormPage], ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        return lambda **parts: carry_out(open_page(**parts))

    for address, method, endpoint, view in (
        (rule, "GET", endpoints.show, shown or way(show)),
        (submit_rule or rule, "POST", endpoints.submit, way(submit)),
        (f"{rule}/draft", "POST", endpoints.draft, way(keep_draft)),
        (f"{rule}/draft/drop", "POST", endpoints.drop, way(forget_draft)),
    ):
        blueprint.add_url_rule(address, endpoint.removeprefix(f"{blueprint.name}."), view, methods=[method])
