"""Every module whose functions diagrams may call. Importing this one registers them all."""

from __future__ import annotations

from handlers import approval, duplicates, letters

__all__ = ["approval", "duplicates", "letters"]
