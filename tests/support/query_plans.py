"""How a database reaches the rows of a statement: by an index, or by reading a whole table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from handlers.store.database import Database

GROWING = frozenset(
    {"instance", "task", "submission", "event", "clock", "letter", "post", "register", "attachment", "delivery"}
)
"""Tables that no year empties."""
_STEP = re.compile(r"^(?P<how>SCAN|SEARCH) (?P<table>\w+)(?: USING (?P<index>.*))?$")


def read_whole(database: Database, text: str, bound: Any) -> set[str]:
    """The growing tables of which this statement reads every row."""
    with database.write() as connection:  # a plan of INSERT or UPDATE is refused to a look
        steps = list(_sqlite(connection, text, bound) if database.is_sqlite else _postgres(connection, text, bound))
    return {table for table, narrowed in steps if not narrowed and table in GROWING}


def _sqlite(connection: Connection, text: str, bound: Any) -> Iterator[tuple[str, bool]]:
    names = _aliases(text)
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", _given(bound)):
        if step := _STEP.match(row.detail):
            # An automatic index is one that is built for this statement, out of the whole table.
            narrowed = step["how"] == "SEARCH" and "AUTOMATIC" not in (step["index"] or "")
            yield names.get(step["table"], step["table"]), narrowed


def _postgres(connection: Connection, text: str, bound: Any) -> Iterator[tuple[str, bool]]:
    # A small table is read whole, and rightly: what matters is whether it must be.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", _given(bound)).scalar_one()
    for node in _nodes(plan[0]["Plan"]):
        if "Relation Name" in node and node["Node Type"] != "ModifyTable":
            yield node["Relation Name"], "Index Cond" in node


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _aliases(text: str) -> dict[str, str]:
    return {match[2]: match[1] for match in re.finditer(r"\b(\w+) AS (\w+)\b", text)}


def _given(bound: Any) -> Any:
    return tuple(bound) if isinstance(bound, list) else bound
