"""A diagram's own way of noting something in the case's facts: where a table decided, not a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.service_registry import HandlerContext, service


@service("facts.keep")
def keep(context: HandlerContext, **values: Any) -> Mapping[str, Any]:
    """Make the values that are passed in facts of the case: forms begin with them, letters can name them.

    Each `banli:in` is one fact: its name the key, its value the value. Gives the same names, for a `banli:out` where
    the diagram needs the value as a variable too.
    """
    context.keep(values)
    return values
