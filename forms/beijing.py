"""The zone that every clock here shows: people type it, screens and letters say it, legal days begin in it."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

BEIJING: Final = ZoneInfo("Asia/Shanghai")
