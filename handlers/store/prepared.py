"""Statements of the hot path, compiled once per kind of database and handed straight to the driver.

On every execution SQLAlchemy looks a statement up in its cache, builds an execution context and wraps the result: five
times the work of the statement itself. The dozen statements that every action runs are the same each time.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError


class Prepared:
    """One Core statement with a `bindparam` for every value that changes; no lists of changing length.

    Runs in the transaction of the connection it is given. Listeners of `before_cursor_execute` hear of it.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """The rows, as named tuples. Raises sqlalchemy.exc.DBAPIError, as SQLAlchemy itself does."""
        compiled, cursor = self._execute(connection, values)
        return [compiled.row(row) for row in cursor.fetchall()]

    def one(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The first row, or None."""
        compiled, cursor = self._execute(connection, values)
        row = cursor.fetchone()
        return None if row is None else compiled.row(row)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Execute what gives no rows."""
        self._execute(connection, values)

    def _execute(self, connection: Connection, values: Mapping[str, Any]) -> tuple[_Compiled, Any]:
        """The statement in the connection's dialect, and the driver's cursor."""
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        text, bound = compiled.text, compiled.bound(values)
        if connection._has_events or connection.engine._has_events:
            for listener in connection.dispatch.before_cursor_execute:
                listener(connection, None, text, bound, None, False)
        try:
            cursor = connection.connection.dbapi_connection.execute(text, bound)  # type: ignore[union-attr]
        except compiled.error as error:
            raise DBAPIError.instance(text, None, error, compiled.error, dialect=dialect) from error
        return compiled, cursor


class _Compiled:
    """The statement's text in one dialect, and what turns values into the driver's and back."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self.error: Any = dialect.dbapi.Error  # type: ignore[union-attr]
        self._fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
        self._is_positional = compiled.positiontup is not None
        names = compiled.positiontup if self._is_positional else compiled.bind_names.values()
        self._names = tuple(names)
        self._pick = _picker(self._names)
        binders = [(place, compiled._bind_processors.get(name)) for place, name in enumerate(self._names)]
        self._binders = [(place, convert) for place, convert in binders if convert is not None]
        columns = compiled._result_columns
        row_type = namedtuple("Found", [column.keyname for column in columns], rename=True)  # type: ignore[misc]
        self._make: Any = partial(tuple.__new__, row_type)
        readers = [(place, column.type.dialect_impl(dialect)) for place, column in enumerate(columns)]
        self._readers = [(place, read) for place, kind in readers if (read := kind.result_processor(dialect, None))]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        given = {**self._fixed, **values} if self._fixed else values
        bound = list(self._pick(given))
        for place, convert in self._binders:
            bound[place] = convert(bound[place])
        return bound if self._is_positional else dict(zip(self._names, bound, strict=True))

    def row(self, fetched: Sequence[Any]) -> Any:
        """What the driver found, as values of ours."""
        row = list(fetched)
        for place, read in self._readers:
            if row[place] is not None:  # every reader of ours gives nothing for nothing
                row[place] = read(row[place])
        return self._make(row)


def _picker(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    """What takes these values out of a mapping, in this order, in one call."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]
