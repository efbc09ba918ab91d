"""What is said to a database while a block runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from handlers.store.database import Database


@dataclass
class Heard:
    """Statements with what was bound to them, as the driver was given them; and how often was committed.

    BEGIN is not among them: nobody listens to the driver.
    """

    said: list[tuple[str, Any]] = field(default_factory=list)
    commits: int = 0

    @property
    def texts(self) -> list[str]:
        """The statements alone."""
        return [text for text, _ in self.said]

    def listed(self) -> str:
        """For a failure's message."""
        lines = [f"{number}. {' '.join(text.split())[:160]}" for number, text in enumerate(self.texts, 1)]
        return "\n".join([f"{len(lines)} statements, {self.commits} commits", *lines])


@contextmanager
def heard(database: Database) -> Iterator[Heard]:
    """Listen to looks and writes alike."""
    so_far = Heard()

    def on_statement(_connection: object, _cursor: object, text: str, bound: Any, *_: object) -> None:
        so_far.said.append((text, bound))

    def on_commit(_connection: object) -> None:
        so_far.commits += 1

    listeners: list[tuple[str, Callable[..., Any]]] = [("before_cursor_execute", on_statement), ("commit", on_commit)]
    for engine in database.engines():
        for name, listener in listeners:
            event.listen(engine, name, listener)
    try:
        yield so_far
    finally:
        for engine in database.engines():
            for name, listener in listeners:
                event.remove(engine, name, listener)
