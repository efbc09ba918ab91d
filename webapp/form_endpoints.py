"""The endpoints of every form that is filled in on a page: shown, submitted, kept as a draft, dropped.

One list, for the routes, for who may call them, and for whoever must know that somebody's typing is in the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.permission import Permission


@dataclass(frozen=True, slots=True)
class FormEndpoints:
    """Endpoint names with the blueprint's before the dot."""

    show: str
    submit: str
    draft: str
    drop: str

    def permissions(self, permission: Permission) -> Mapping[str, Permission]:
        """For an access table: one permission for all four."""
        return dict.fromkeys((self.show, self.submit, self.draft, self.drop), permission)


TASK = FormEndpoints("inbox.task", "inbox.complete", "inbox.save_draft", "inbox.drop_draft")
START = FormEndpoints("cases.new", "cases.start", "cases.save_draft", "cases.drop_draft")
START_LINKED = FormEndpoints(
    "cases.open_linked", "cases.start_linked", "cases.save_linked_draft", "cases.drop_linked_draft"
)
ACTION = FormEndpoints("cases.action", "cases.act", "cases.save_action_draft", "cases.drop_action_draft")
FORMS = (TASK, START, START_LINKED, ACTION)
AUTOSAVES = frozenset(form.draft for form in FORMS)
"""Asked for by the page itself while somebody types in it."""
SUBMITS = frozenset(form.submit for form in FORMS)
