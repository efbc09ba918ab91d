"""Who may call which endpoint of this area. Only the chapter on signing in is for people who cannot sign in."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.permission import PUBLIC, SIGNED_IN, Permission

PERMISSIONS: Mapping[str, Permission] = {
    "handbook.contents": SIGNED_IN,
    "handbook.search": SIGNED_IN,
    "handbook.chapter": SIGNED_IN,
    "handbook.sign_in": PUBLIC,
}
