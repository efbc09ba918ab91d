"""Dates and amounts written for people."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from forms.form_file import Field


def chinese_date(day: date) -> str:
    """2026年3月2日."""
    return f"{day.year}年{day.month}月{day.day}日"


def moment(value: date | datetime | time | None) -> str:
    """2026年3月2日, 2026年3月2日 9:30 or 9:30; nothing for None."""
    if value is None:
        return ""
    clock = f"{value.hour}:{value.minute:02}" if isinstance(value, (datetime, time)) else ""
    return f"{chinese_date(value)} {clock}".strip() if isinstance(value, date) else clock


def amount(number: Decimal, spec: Field) -> str:
    """1,234.50 元: thousands separated, as many decimals as the field has, the unit behind. A year is 2026 年."""
    text = f"{number:f}" if spec.unit == "年" else f"{number:,f}"
    return f"{text} {spec.unit}".strip()
