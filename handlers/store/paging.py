"""Lists a page at a time: what was asked for, and the page that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, true

PAGE_SIZES = (20, 50, 100)
SEARCH_WORDS = 5
"""Words of a search that are looked for; what comes after them is not."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a person asked to see of a list; every field comes from the address line, and unknown words fall back.

    A list's own query adds its filters, texts that are empty where nothing is asked.
    """

    q: str = ""
    page: int = 1
    size: int = PAGE_SIZES[0]

    SIZES: ClassVar[tuple[int, ...]] = PAGE_SIZES
    PLACES: ClassVar[frozenset[str]] = frozenset({"page", "size", "sort", "tab"})
    """Fields that choose what is shown first, and leave nothing out."""

    def filters(self) -> dict[str, str]:
        """The filters that are set, by name."""
        names = (item.name for item in fields(self) if item.name not in self.PLACES)
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.filters())

    def window(self, statement: Select[Any]) -> Select[Any]:
        """Only the rows of the page."""
        return statement.limit(self.size).offset((self.page - 1) * self.size)


Query = TypeVar("Query", bound=ListQuery)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Paged(Generic[Query, Row]):
    """One page of a list. `total` counts all that match."""

    query: Query
    total: int
    rows: tuple[Row, ...]

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return page_count(self.total, self.query.size)


def page_count(total: int, size: int) -> int:
    """How many pages of `size` rows hold `total` of them, at least one."""
    return max(1, -(-total // size))


def words_of(q: str) -> list[str]:
    """The words of a search that are looked for."""
    return q.split()[:SEARCH_WORDS]


def search_condition(q: str, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Rows where every word of `q` is found in at least one of `columns`."""
    return and_(
        true(), *(or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in words_of(q))
    )


def equal_where_asked(asked: Mapping[ColumnElement[Any], str]) -> list[ColumnElement[bool]]:
    """Columns that have the text asked for; one that nothing is asked of narrows nothing."""
    return [column == text for column, text in asked.items() if text]
