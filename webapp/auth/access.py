"""Who may call which endpoint of this area."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.permission import PUBLIC, SIGNED_IN, Permission

PERMISSIONS: Mapping[str, Permission] = {
    "auth.login": PUBLIC,
    "auth.logout": SIGNED_IN,
    "auth.password": SIGNED_IN,
}
