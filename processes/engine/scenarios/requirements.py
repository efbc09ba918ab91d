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
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from processes.engine.scenarios.book import Book

FILE = "requirements.csv"
COLUMNS = ["requirement", "clause", "words", "kept_by"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One duty. `clause` is the line of the source document (S2:26), `words` what stands there."""

    number: str
    clause: str
    words: str
    kept_by: tuple[str, ...]


def shipped_requirements() -> list[Requirement]:
    """The table that ships. Raises ValueError where its columns are not the ones above."""
    text = files("processes").joinpath(FILE).read_text(encoding="utf-8")
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames != COLUMNS:
        raise ValueError(f"{FILE}: columns must be {COLUMNS}")
    return [Requirement(row["requirement"], row["clause"], row["words"], _places(row["kept_by"])) for row in reader]


def _places(text: str) -> tuple[str, ...]:
    return tuple(place.strip() for place in text.split(";") if place.strip())


def shown_by(books: Sequence[Book]) -> dict[str, list[str]]:
    """Titles of the scenarios that show a duty, by its number."""
    titles: dict[str, list[str]] = defaultdict(list)
    for book in books:
        for scenario in book.scenarios:
            for number in scenario.shows:
                titles[number].append(scenario.title)
    return titles
