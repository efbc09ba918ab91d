"""Who may call which endpoint of this area. A file goes to whoever may see its case, or uploaded it."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.permission import SIGNED_IN, Permission

PERMISSIONS: Mapping[str, Permission] = {
    "files.download": SIGNED_IN,
}
