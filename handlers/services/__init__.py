"""Every module whose functions diagrams may call. Importing this one registers them all."""

from __future__ import annotations

from handlers.letters import delivery, issuing
from handlers.register import duplicates
from handlers.services import approval, archive, assignments, complaint, extension_and_supervision, facts, intake

__all__ = [
    "approval",
    "archive",
    "assignments",
    "complaint",
    "delivery",
    "duplicates",
    "extension_and_supervision",
    "facts",
    "intake",
    "issuing",
]
