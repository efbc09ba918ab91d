"""Change attributes and texts of an XML file where they stand; every other byte stays as its owner wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

TEXT = ""
"""Instead of an attribute's name: the element's text."""
Changes = Mapping[int, Mapping[str, str]]
"""By an element's place in document order, counted from 0: what its attributes or its text become."""
_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
_Edit = tuple[int, int, bytes]


def spliced(data: bytes, changes: Changes) -> bytes:
    """The file with the changes made. `data` is UTF-8 and was read by `parse_xml` before."""
    edits = sorted(_Splicer(data, changes).edits(), reverse=True)
    for start, end, new in edits:
        data = data[:start] + new + data[end:]
    return data


class _Splicer:
    """Finds where elements stand by the events of a parser."""

    def __init__(self, data: bytes, changes: Changes) -> None:
        self.data = data
        self.changes = changes
        self.found: list[_Edit] = []
        self.open: list[tuple[int, int]] = []
        self.count = 0
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def edits(self) -> list[_Edit]:
        self.parser.Parse(self.data, True)
        return self.found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        start = self.parser.CurrentByteIndex
        tag = _TAG.match(self.data, start)
        end = tag.end() if tag else start
        for attribute, value in self.changes.get(self.count, {}).items():
            if attribute and tag:
                self.found.append(self._attribute(start, end, attribute, value))
        self.open.append((self.count, end))
        self.count += 1

    def _attribute(self, start: int, end: int, name: str, value: str) -> _Edit:
        written = f" {name}={quoteattr(value)}".encode()
        pattern = rb"""\s+""" + re.escape(name.encode()) + rb"""\s*=\s*(?:"[^"]*"|'[^']*')"""
        there = re.compile(pattern).search(self.data, start, end)
        if there:
            indent = there.group()[: -len(there.group().lstrip())]
            return there.start(), there.end(), indent + written.strip()
        close = end - 2 if self.data[end - 2 : end] == b"/>" else end - 1
        return close, close, written

    def _end(self, name: str) -> None:
        number, start = self.open.pop()
        value = self.changes.get(number, {}).get(TEXT)
        if value is None:
            return
        end = self.parser.CurrentByteIndex
        inside = self.data[start:end]
        lead = len(inside) - len(inside.lstrip())
        trail = len(inside.rstrip())
        self.found.append((start + lead, start + trail, escape(value).encode()))
