"""Who may call which endpoint of this area. Whose a task is, is decided by `handlers.people.actors.may_do`."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.form_endpoints import TASK
from webapp.permission import SIGNED_IN, Permission

PERMISSIONS: Mapping[str, Permission] = {
    "inbox.index": SIGNED_IN,
    **TASK.permissions(SIGNED_IN),
    "inbox.claim": SIGNED_IN,
    "inbox.release": SIGNED_IN,
    "inbox.done": SIGNED_IN,
}
