"""Which columns of a file hold which field of a mapping, and which headings were not understood."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from handlers.files.folding import heading_key
from handlers.files.reading_tables import SheetRow
from handlers.files.writing_tables import REASON
from handlers.register.import_sources import ImportSource, alternatives

_SHOWN: Final = 60


class CellsDisagree(Exception):
    """A heading stands twice and its cells say different things; the text is the rest of a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Headings:
    """What is to be told of a file's headings before it is imported.

    `missing`: of the mapping and not in the file; `unused`: of the file, and nothing
    is read from them; `twice`: used, and more than once in the file.
    """

    missing: tuple[str, ...]
    unused: tuple[str, ...]
    twice: tuple[str, ...]

    def sentences(self) -> list[str]:
        """What to tell, as Chinese sentences."""
        said = (
            (self.missing, "来源设置里有、文件里没有的列：{}。这些内容没有读到。"),
            (self.unused, "文件里有、没有用到的列：{}。需要的请在来源设置里指定。"),
            (self.twice, "文件里出现几次的列：{}。取填了的一格；长文字几格都填了的接在一起。"),
        )
        return [sentence.format("、".join(names)) for names, sentence in said if names]


class Columns:
    """The columns of one file for the fields of one source."""

    def __init__(self, source: ImportSource, headings: Sequence[str]) -> None:
        self._headings = headings
        self._count = max((place + 1 for place, heading in enumerate(headings) if _counts(heading)), default=0)
        self._places: dict[str, list[int]] = {}
        for place, heading in enumerate(headings):
            if key := heading_key(heading):
                self._places.setdefault(key, []).append(place)
        self._fields = {field: alternatives(text) for field, text in source.columns.items() if text.strip()}

    def has(self, field: str) -> bool:
        """Whether the file has a column for it."""
        return any(self._places_of(heading) for heading in self._wanted(field))

    def is_mapped(self, field: str) -> bool:
        """Whether the mapping names a column for it."""
        return field in self._fields

    def name(self, field: str) -> str:
        """The heading as the file has it; the mapping's where the file has none."""
        for heading in self._wanted(field):
            for place in self._places_of(heading):
                return " ".join(self._headings[place].split())
        return "”或“".join(self._wanted(field))

    def text(self, cells: Sequence[str], field: str, *, glue: str | None) -> str:
        """What the row says: the first alternative with anything in it, its headings joined in the mapping's order.

        `glue`: between the cells of one heading that stands twice; None, where they must not differ.
        Raises: CellsDisagree.
        """
        for headings in self._fields.get(field, ()):
            texts = [self._one(cells, heading, glue) for heading in headings]
            if told := _distinct(texts):
                return (glue or "").join(told)
        return ""

    def disagree(self, cells: Sequence[str], field: str) -> bool:
        """Whether its heading stands twice and the row's cells say different things."""
        try:
            self.text(cells, field, glue=None)
        except CellsDisagree:
            return True
        return False

    def unread(self, line: SheetRow, field: str) -> str:
        """The name of a cell for this field whose formula has no result, or nothing."""
        places = (place for heading in self._wanted(field) for place in self._places_of(heading))
        return next((line.unread[place] for place in places if place in line.unread), "")

    def beyond(self, cells: Sequence[str]) -> int:
        """How many cells the row has, where that is more than there are headings; else 0."""
        reasons = {place for place, heading in enumerate(self._headings) if heading == REASON}
        width = max((place + 1 for place, cell in enumerate(cells) if cell and place not in reasons), default=0)
        return width if width > self._count else 0

    @property
    def count(self) -> int:
        """How many columns have headings."""
        return self._count

    def told(self, keys: Collection[str]) -> Headings:
        """What is to be said of the headings. `keys`: the fields that are looked for; a mapping may name others."""
        fields = [field for field in self._fields if field in keys]
        used = {heading_key(heading) for field in fields for heading in self._wanted(field)}
        missing = ["或".join(dict.fromkeys(self._wanted(field))) for field in fields if not self.has(field)]
        unused = [
            " ".join(heading.split())[:_SHOWN] if heading.strip() else f"第 {place + 1} 列（没有列名）"
            for place, heading in enumerate(self._headings[: self._count])
            if _counts(heading, blank=True) and heading_key(heading) not in used
        ]
        twice = [
            f"{' '.join(self._headings[places[0]].split())}（{len(places)} 次）"
            for key, places in self._places.items()
            if key in used and len(places) > 1
        ]
        return Headings(tuple(dict.fromkeys(missing)), tuple(unused), tuple(twice))

    def _wanted(self, field: str) -> Iterator[str]:
        for headings in self._fields.get(field, ()):
            yield from headings

    def _places_of(self, heading: str) -> Sequence[int]:
        return self._places.get(heading_key(heading), ())

    def _one(self, cells: Sequence[str], heading: str, glue: str | None) -> str:
        texts = [cells[place].strip() for place in self._places_of(heading) if place < len(cells)]
        told = _distinct(texts)
        if len(told) > 1 and glue is None:
            raise CellsDisagree(
                f"出现 {len(texts)} 次，填的不一样（“{told[0][:20]}”和“{told[1][:20]}”），不知道以哪个为准"
            )
        return (glue or "").join(told)


def _counts(heading: str, *, blank: bool = False) -> bool:
    """A heading of the exporter: not the column that an earlier import put at the end."""
    return heading != REASON and (blank or bool(heading_key(heading)))


def _distinct(texts: Sequence[str]) -> list[str]:
    """The filled texts in their order, each once; one that another contains says nothing new."""
    filled = list(dict.fromkeys(text for text in texts if text))
    return [text for text in filled if not any(text != other and text in other for other in filled)]
