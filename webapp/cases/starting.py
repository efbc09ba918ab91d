"""Starting a case: choose a procedure, fill in its first form."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.cases.drafts import draft_subjects
from handlers.cases.start_marks import start_mark
from processes.engine.cases.work import Result
from processes.engine.commands.starting import start_draft
from webapp.cases.area import blueprint
from webapp.cases.catalogue import Procedure, procedures
from webapp.cases.course import card_rows
from webapp.cases.submitting import NOT_ANSWERS, PAGE_FIELD, FormPage, Submission, add_form_routes
from webapp.extensions import current_actor, services
from webapp.form_endpoints import START


@blueprint.get("/cases/new")
def new_choose() -> ResponseReturnValue:
    """The procedures, those this person can start first; above all, the registration of letters."""
    everything = dict(sorted(procedures().items(), key=lambda item: not item[1].process.register))
    texts = services().profile.texts()
    cards = {key: dict(card_rows(item.process, texts)) for key, item in everything.items()}
    with services().database.read() as connection:
        drafts = draft_subjects(connection, current_actor().account_id)
    return render_template("cases/new_choose.html", procedures=everything, cards=cards, drafts=drafts)


@dataclass(frozen=True)
class StartPage(FormPage):
    """The first form of a new case of `procedure`, that comes out of the case `parent` (its row) if there is one.

    `mark` is that of this submit: sent twice, it starts one case.
    """

    procedure: Procedure
    parent: Any = None
    mark: str = ""

    @property
    def page_token(self) -> str:
        """A new one each time the page is shown."""
        return secrets.token_urlsafe(16)

    def earlier(self) -> Result | None:
        """The case that the same submit has started."""
        return self.services.engine.started(self.mark) if self.mark else None

    def command(self, values: Mapping[str, Any]) -> Result:
        """Start the case."""
        parent = self.parent.id if self.parent is not None else None
        return self.services.engine.start(self.actor, self.procedure.process.id, values, parent=parent, mark=self.mark)

    def next_page(self, result: Result) -> str:
        """Where the case that was started went."""
        if result.task_id is None:
            return url_for("cases.show", instance_id=result.instance_id)
        return url_for("inbox.done", task_id=result.task_id)

    def answer(self, submission: Submission, *, notice: str = "", status: int = 200) -> ResponseReturnValue:
        """The form beside the procedure's card."""
        html = render_template(
            "cases/new.html",
            page=self,
            procedure=self.procedure,
            parent=self.parent,
            card=card_rows(self.procedure.process, self.services.profile.texts()),
            submission=submission,
            notice=notice,
        )
        return make_response(html, status)


def submit_mark(subject: str) -> str:
    """The mark of what is posted now, by the token of its page; empty where the page carries none."""
    token = request.form.get(PAGE_FIELD)
    if not token:
        return ""
    answers = {name: texts for name, texts in request.form.lists() if name not in NOT_ANSWERS}
    files = {name: [file.filename or "" for file in request.files.getlist(name)] for name in request.files}
    return start_mark(current_actor().account_id, subject, token, {**answers, **files})


def _start_page(process: str) -> StartPage:
    procedure, actor = procedures().get(process), current_actor()
    if procedure is None:
        abort(404)
    if not procedure.may_start(actor):
        abort(403)
    subject = start_draft(process)
    return StartPage(
        services=services(),
        actor=actor,
        form=services().forms.start_form(actor, procedure.release_id, procedure.form_key),
        subject=subject,
        endpoints=START,
        procedure=procedure,
        mark=submit_mark(subject),
    )


add_form_routes(blueprint, "/cases/new/<process>", START, _start_page)
