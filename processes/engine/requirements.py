"""The duties of the two source documents, and where this program keeps each: `processes/requirements.csv`.

`kept_by` names one or more places, separated by semicolons:

    intake#first_review     a node of a diagram
    table grade             a decision table
    limit accept            a code of the table of limits
    form case_register      a form
    letter accept_decision  a letter
    screen cases.register   an endpoint of the web application
    code handlers/x.py      a source file

Which scenarios show a duty is said by the scenarios themselves (`shows: [R036]`).
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from processes.engine.model import Process
from processes.engine.publish import shipped_sources
from processes.engine.scenarios.book import Book
from processes.engine.scenarios.run import shipped_parts
from processes.engine.tables import LIMITS_TABLE, DecisionTable

FILE = "requirements.csv"
COLUMNS = ["requirement", "clause", "words", "kept_by"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One duty. `clause` is the line of the source document (S2:26), `words` what stands there."""

    number: str
    clause: str
    words: str
    kept_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shipped:
    """What a place can be looked up in."""

    processes: Mapping[str, Process]
    tables: Mapping[str, DecisionTable]
    forms: frozenset[str]
    letters: frozenset[str]

    def has(self, place: str) -> bool:
        """Whether a place exists; screens and source files are for the caller to look up."""
        kind, _, name = place.partition(" ")
        if "#" in place:
            process, _, node = place.partition("#")
            return process in self.processes and node in self.processes[process].nodes
        if kind == "limit":
            return any(rule.cells[0].text == f'"{name}"' for rule in self.tables[LIMITS_TABLE].rules)
        known: Mapping[str, Iterable[str]] = {"table": self.tables, "form": self.forms, "letter": self.letters}
        return name in known.get(kind, ())


def shipped_requirements() -> list[Requirement]:
    """The table that ships. Raises ValueError where its columns are not the ones above."""
    text = files("processes").joinpath(FILE).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames != COLUMNS:
        raise ValueError(f"{FILE}: columns must be {COLUMNS}")
    return [Requirement(row["requirement"], row["clause"], row["words"], _places(row["kept_by"])) for row in reader]


def shipped() -> Shipped:
    """What this release ships."""
    processes, tables = shipped_parts()
    keys: dict[str, set[str]] = defaultdict(set)
    for root in ("processes", "forms"):
        for source in shipped_sources(files(root)):
            keys[source.kind].add(source.key)
    return Shipped(processes, tables, frozenset(keys["form"]), frozenset(keys["letter"]))


def _places(text: str) -> tuple[str, ...]:
    return tuple(place.strip() for place in text.split(";") if place.strip())


def shown_by(books: Sequence[Book]) -> dict[str, list[str]]:
    """Titles of the scenarios that show a duty, by its number."""
    found: dict[str, list[str]] = defaultdict(list)
    for book in books:
        for scenario in book.scenarios:
            for number in scenario.shows:
                found[number].append(scenario.title)
    return found
