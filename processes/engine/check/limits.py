"""The codes of the table of time limits."""

from __future__ import annotations

from processes.engine.cells import Exactly
from processes.engine.check.bundle import LIMITS_TABLE, Bundle


def limit_codes(bundle: Bundle) -> frozenset[str]:
    """The codes that rows of the table name in its first column."""
    if LIMITS_TABLE not in bundle.tables:
        return frozenset()
    table = bundle.tables[LIMITS_TABLE][1]
    choices = (choice for rule in table.rules for cell in rule.cells[:1] for choice in cell.choices)
    return frozenset(c.value for c in choices if isinstance(c, Exactly) and isinstance(c.value, str))
