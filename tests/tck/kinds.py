"""The types that a model defines, as kinds of `forms.feel`, and fitting a value into one."""

from __future__ import annotations

from typing import Any

from lxml import etree

from forms.feel.kinds import SIMPLE, ContextKind, Kind, ListKind, Simple, conforms
from tests.tck import xml
from tests.tck.values import READERS, Untyped

_OTHER_NAMES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}
_DEEPEST = 20


class Kinds:
    """Looks types up by the name that the model gives them."""

    def __init__(self, model: etree._Element) -> None:
        self._definitions = {item.get("name"): item for item in xml.below(model, "itemDefinition")}

    def all(self) -> dict[str, Kind]:
        named = {name: self.named(name) for name in self._definitions}
        return {name: kind for name, kind in named.items() if kind is not None}

    def named(self, name: str | None, depth: int = 0) -> Kind | None:
        """None for a type that allows everything, or that is not known."""
        name = _OTHER_NAMES.get(name or "", name or "").removeprefix("feel:")
        if name in self._definitions:
            return self._defined(self._definitions[name], depth + 1) if depth < _DEEPEST else None
        return Simple(name) if name in SIMPLE and name != "Any" else None

    def returned(self, name: str | None) -> Kind | None:
        """What a decision service of this type gives."""
        item = self._definitions.get(name or "")
        function = None if item is None else xml.first(item, "functionItem")
        return self.named(name if function is None else function.get("outputTypeRef"))

    def _defined(self, item: etree._Element, depth: int) -> Kind | None:
        components = list(xml.below(item, "itemComponent"))
        reference = xml.first(item, "typeRef")
        kind: Kind | None
        if components:
            parts = ((part.get("name") or "", self._defined(part, depth)) for part in components)
            kind = ContextKind(tuple((name, part or Simple("Any")) for name, part in parts))
        else:
            kind = self.named(None if reference is None else (reference.text or "").strip(), depth)
        if item.get("isCollection") == "true":
            return ListKind(kind or Simple("Any"))
        return kind


def fitted(value: Any, kind: Kind | None) -> Any:
    """The value as the standard fits it into a declared type: a list of one opened, what does not fit null."""
    if kind is None or value is None or conforms(value, kind):
        return value
    if isinstance(value, list) and len(value) == 1 and conforms(value[0], kind):
        return value[0]
    return None


def typed(value: Any, kind: Kind | None) -> Any:
    """A value whose type the test does not tell, as its input's type has it."""
    if isinstance(value, Untyped) and isinstance(kind, Simple):
        return READERS[{"number": "decimal"}.get(kind.name, kind.name)](value) if kind.name != "string" else str(value)
    return value


def entries(kind: Kind | None) -> frozenset[str] | None:
    """The entries that a value of a kind (or the items of its list) is known to have."""
    while isinstance(kind, ListKind):
        kind = kind.item
    return frozenset(name for name, _ in kind.entries) if isinstance(kind, ContextKind) else None
