"""Every module whose functions diagrams may call. Importing this one registers them all."""

from __future__ import annotations

from handlers import approval, case_limits, letters

__all__ = ["approval", "case_limits", "letters"]
