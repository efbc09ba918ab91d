"""Numbers in addresses: those that a row can have. Anything longer is a page that does not exist, not an error."""

from __future__ import annotations

from werkzeug.routing import IntegerConverter, Map

HIGHEST = 2**31 - 1


class RowId(IntegerConverter):
    """`<int:...>` within what both databases take as a key."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=HIGHEST)
