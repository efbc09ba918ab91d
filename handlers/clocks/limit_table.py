"""Time limits as the decision table `time_limits` gives them, and what follows for a case.

A limit is a row: so many days, of which kind, by which clause. Its rule set is the one in force on the day of receipt,
and the case keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from handlers.clocks.calendar import Calendar
from handlers.clocks.counting import Clock, Due, Pause, RollOver, Unit, compute_due


class LimitKind(StrEnum):
    """Who set a limit: the law, or the house for itself."""

    LEGAL = "legal"
    TARGET = "target"

    @property
    def label(self) -> str:
        """法定期限, or 内部目标."""
        return "法定期限" if self is LimitKind.LEGAL else "内部目标"


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of the table: `amount` in `unit`, `basis` the clause in words."""

    code: str
    name: str
    amount: int
    unit: Unit = Unit.WORKING_DAYS
    basis: str = ""
    rule_set: str = ""
    roll: RollOver = RollOver.NON_WORKING
    kind: LimitKind = LimitKind.LEGAL

    def clock(self, started_at: datetime, pauses: Iterable[Pause] = ()) -> Clock:
        """The clock of this limit from `started_at` (aware). Raises ValueError (Chinese) for an impossible amount."""
        return Clock(
            self.code,
            started_at,
            self.amount,
            self.unit,
            self.name,
            self.rule_set,
            self.roll,
            tuple(pauses),
            self.basis,
        )

    def due(self, started_at: datetime, calendar: Calendar, pauses: Iterable[Pause] = ()) -> Due:
        """When it ends, counted from the day after `started_at`."""
        return compute_due(self.clock(started_at, pauses), calendar)


def working_days_limit(amount: int, name: str = "", basis: str = "") -> Limit:
    """A limit of so many working days that stands in no table (`limit="=3"` in a diagram)."""
    return Limit("", name, amount, Unit.WORKING_DAYS, basis, kind=LimitKind.TARGET)


def limit_from_row(code: str, row: Mapping[str, Any]) -> Limit:
    """A limit from the outputs of `time_limits`: amount, unit, and name, basis, rule_set, roll, kind where given.

    Raises: ValueError with a Chinese sentence that names the code.
    """
    try:
        amount = int(str(row["amount"]))  # through text: 7.5 days are a mistake, not 7 days
        unit = Unit(row.get("unit") or Unit.WORKING_DAYS)
        roll = RollOver(row.get("roll") or RollOver.NON_WORKING)
        kind = LimitKind(row.get("kind") or LimitKind.LEGAL)
    except (KeyError, TypeError, ValueError) as error:
        message = (
            f"期限表中 {code} 一行不对：amount 应是整数，unit 应是 WD 或 CD，"
            "roll 应是 none、holiday 或 non-working，kind 应是 legal 或 target"
        )
        raise ValueError(message) from error
    texts = {key: str(row.get(key) or "") for key in ("name", "basis", "rule_set")}
    return Limit(code, texts["name"] or code, amount, unit, texts["basis"], texts["rule_set"], roll, kind)
