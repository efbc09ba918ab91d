"""Where expressions stand in a diagram's XML, and which language the file says they are written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from processes.engine.diagrams.model import BANLI, BPMN

FEEL: Final = "https://www.omg.org/spec/DMN/20191111/FEEL/"
"""What `banli translate` writes into `expressionLanguage`: the language's name in DMN 1.3."""
FEEL_NAMES: Final = frozenset({"feel", "http://www.omg.org/spec/FEEL/20140401", FEEL})
"""Every name under which files of the field declare it."""
MARK: Final = "feel:"
"""Goes before each expression of a file that declares FEEL, once read: a text in the older notation never begins so."""

CONDITION: Final = "condition"
VALUE: Final = "value"
_CONDITIONS: Final = ("conditionExpression", "completionCondition")
_TIMERS: Final = ("timeDate", "timeDuration", "timeCycle")
_ATTRIBUTES: Final = {
    "case": ("title",),
    "task": ("title", "role", "department", "assignee", "exclude", "limit"),
    "in": ("value",),
    "limit": ("code", "from"),
}
_AFTER_SIGN: Final = frozenset({"code", "limit"})
"""Attributes that hold a code, or an expression after `=`."""


@dataclass(frozen=True, slots=True)
class ExpressionPlace:
    """One expression: the text of `element`, or of its `attribute`. `kind` is `condition` or `value`."""

    element: etree._Element
    attribute: str
    kind: str

    @property
    def raw(self) -> str:
        """What stands there."""
        return str(self.element.get(self.attribute, "") if self.attribute else "".join(self.element.itertext()))

    @property
    def sign(self) -> str:
        """`=` where the text is an expression only because of this sign before it."""
        return "=" if self.attribute in _AFTER_SIGN else ""

    @property
    def text(self) -> str:
        """The expression; empty where a code or nothing stands."""
        raw = self.raw.strip()
        if not self.sign:
            return raw
        return raw[1:].strip() if raw.startswith(self.sign) else ""

    def write(self, text: str) -> None:
        """Put another expression there."""
        if self.attribute:
            self.element.set(self.attribute, self.sign + text)
            return
        for child in list(self.element):
            self.element.remove(child)
        self.element.text = text


def says_feel(root: etree._Element) -> bool:
    """Whether a diagram or table declares FEEL as the language of all its expressions."""
    return root.get("expressionLanguage", "").strip() in FEEL_NAMES


def places(root: etree._Element) -> Iterator[ExpressionPlace]:
    """Every expression of a diagram, in document order; the list of a multi-instance is a name in any language."""
    for element in root.iter(f"{{{BPMN}}}*", f"{{{BANLI}}}*"):
        tag = etree.QName(element)
        inside = _of_model(element, tag.localname) if tag.namespace == BPMN else _of_banli(element, tag.localname)
        yield from (place for place in inside if place.text)


def _of_model(element: etree._Element, name: str) -> Iterator[ExpressionPlace]:
    if name in _CONDITIONS:
        yield ExpressionPlace(element, "", CONDITION)
    elif name in _TIMERS:
        yield ExpressionPlace(element, "", VALUE)


def _of_banli(element: etree._Element, name: str) -> Iterator[ExpressionPlace]:
    for attribute in _ATTRIBUTES.get(name, ()):
        if element.get(attribute) is not None:
            yield ExpressionPlace(element, attribute, VALUE)


def mark(root: etree._Element) -> None:
    """Mark every expression of a diagram that declares FEEL, in memory only, for whoever reads it afterwards."""
    if says_feel(root):
        for place in list(places(root)):
            place.write(MARK + place.text)


def written(text: str) -> str:
    """An expression as its owner wrote it, for a sentence about it."""
    return text.removeprefix(MARK)
