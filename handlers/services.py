"""Every module whose functions diagrams may call. Importing this one registers them all."""

from __future__ import annotations

from handlers import (
    approval,
    archive,
    assignments,
    case_limits,
    complaint,
    delivery,
    duplicates,
    facts,
    intake,
    letters,
)

__all__ = [
    "approval",
    "archive",
    "assignments",
    "case_limits",
    "complaint",
    "delivery",
    "duplicates",
    "facts",
    "intake",
    "letters",
]
