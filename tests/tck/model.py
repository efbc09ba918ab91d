"""One model of the kit: its inputs, decisions and what they require."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from forms.feel import NOW, STANDARD, read_expression
from forms.feel.kinds import Kind
from tests.tck import xml
from tests.tck.kinds import Kinds, entries, fitted, typed
from tests.tck.table import read_table

FUNCTIONS = {**STANDARD, **NOW}
GIVEN = {"now": lambda: datetime.now(UTC), "today": lambda: datetime.now(UTC).date()}
_OF_OTHERS = ("requiredDecision", "requiredKnowledge")


class Model:
    def __init__(self, path: str) -> None:
        root = xml.parse(path)
        self.kinds = Kinds(root)
        self.types: Mapping[str, Kind] = self.kinds.all()
        self.decisions = {element.get("name"): element for element in xml.below(root, "decision")}
        self.services = {element.get("name"): element for element in xml.below(root, "decisionService")}
        self.inputs = {element.get("name"): self._kind(element) for element in xml.below(root, "inputData")}
        self.names = {name: entries(kind) for name, kind in self.inputs.items()}

    def _kind(self, element: etree._Element) -> Kind | None:
        variable = xml.first(element, "variable")
        return self.kinds.named(None if variable is None else variable.get("typeRef"))

    def needs_others(self, decision: etree._Element) -> bool:
        """Whether other decisions or functions of the model are needed first."""
        return any(xml.name(below) in _OF_OTHERS for below in decision.iter() if isinstance(below.tag, str))

    def variables(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs, each fitted into its type."""
        return {name: fitted(typed(given.get(name), kind), kind) for name, kind in self.inputs.items()}

    def literal(self, decision: etree._Element, text: str, given: Mapping[str, Any], service: str | None) -> Any:
        """The value of a literal expression, as the decision service of that name gives it. Raises: FeelError."""
        expression = read_expression(text, self.names, functions=FUNCTIONS, kinds=self.types)
        value = expression.evaluate(self.variables(given), GIVEN)
        value = fitted(value, self._kind(decision))
        if service not in self.services:
            return value
        variable = xml.first(self.services[service], "variable")
        return fitted(value, self.kinds.returned(None if variable is None else variable.get("typeRef")))

    def table(self, decision: etree._Element, given: Mapping[str, Any]) -> Any:
        """The value of a decision table over inputs and other decisions that are tables. Raises: FeelError."""
        variables, names = self.variables(given), dict(self.names)
        for name in self._required(decision):
            variables[name] = self.table(self.decisions[name], given)
            names[name] = entries(self._kind(self.decisions[name]))
        element = xml.first(decision, "decisionTable")
        if element is None:
            raise LookupError("no table")
        decided = read_table(element, names, self.types).decide(variables)
        return fitted(decided.value, self._kind(decision))

    def _required(self, decision: etree._Element) -> list[str]:
        ids = {element.get("id"): name for name, element in self.decisions.items()}
        wanted = (below for below in decision.iter() if isinstance(below.tag, str))
        return [ids[(e.get("href") or "").lstrip("#")] for e in wanted if xml.name(e) == "requiredDecision"]

    def is_decidable(self, decision: etree._Element) -> bool:
        """Whether a decision is a table that needs nothing but inputs and such tables."""
        if xml.first(decision, "decisionTable") is None:
            return False
        if any(xml.name(e) == "requiredKnowledge" for e in decision.iter() if isinstance(e.tag, str)):
            return False
        try:
            return all(self.is_decidable(self.decisions[name]) for name in self._required(decision))
        except KeyError:
            return False
