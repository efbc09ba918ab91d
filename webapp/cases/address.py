"""Lists keep their filter, order and page in the address line: a link can be sent, and the back button works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from flask import request, url_for

from handlers.store.paging import PAGE_SIZES, ListQuery

LAST_PAGE = 10_000
Query = TypeVar("Query", bound=ListQuery)


def read_address(kind: type[Query], choices: Mapping[str, Any]) -> Query:
    """What the address asks for, as a `kind`; a word that is not among its `choices` falls back to the default."""
    values: dict[str, Any] = {}
    for item in fields(kind):
        text = request.args.get(item.name, "").strip()
        if item.name == "page":
            values["page"] = max(1, min(LAST_PAGE, request.args.get("page", 1, int)))
        elif item.name == "size":
            size = request.args.get("size", PAGE_SIZES[0], int)
            values["size"] = size if size in PAGE_SIZES else PAGE_SIZES[0]
        elif text and (item.name not in choices or text in choices[item.name]):
            values[item.name] = text[:100]
    return kind(**values)


@dataclass(frozen=True, slots=True)
class Address:
    """Builds links to the same list with something changed."""

    endpoint: str
    query: ListQuery

    def link(self, **changes: Any) -> str:
        """The list with `changes`; any change but of the page itself goes back to the first page."""
        default = type(self.query)()
        values = {**asdict(self.query), "page": 1, **changes}
        return url_for(
            self.endpoint, **{name: value for name, value in values.items() if value != getattr(default, name)}
        )

    def clear(self, *keep: str) -> str:
        """The list without any filter; `keep` names what stays."""
        return url_for(self.endpoint, **{name: getattr(self.query, name) for name in keep})
