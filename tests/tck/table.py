"""A decision table of the kit's XML as `forms.feel.dmn_table` decides it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from forms.feel import read_expression, read_unary_tests
from forms.feel.dmn_table import Input, Output, Row, Table
from forms.feel.kinds import Kind
from forms.feel.names import Declared
from tests.tck import xml


def read_table(element: etree._Element, names: Declared, kinds: Mapping[str, Kind]) -> Table:
    """Raises: FeelError, for a cell that cannot be read."""

    def expression(text: str) -> Any:
        return read_expression(text, names, kinds=kinds)

    inputs = []
    for column in xml.below(element, "input"):
        allowed = xml.text_of(xml.first(column, "inputValues"))
        inputs.append(
            Input(
                expression(xml.text_of(xml.first(column, "inputExpression"))),
                read_unary_tests(allowed, names, kinds=kinds) if allowed else None,
            )
        )
    outputs = []
    for column in xml.below(element, "output"):
        ranking, default = xml.text_of(xml.first(column, "outputValues")), xml.first(column, "defaultOutputEntry")
        values = expression(f"[{ranking}]").evaluate({}) if ranking else []
        given = None if default is None else expression(xml.text_of(default))
        outputs.append(Output(column.get("name") or "", tuple(values), given))
    rows = [
        Row(
            tuple(read_unary_tests(xml.text_of(e), names, kinds=kinds) for e in xml.below(rule, "inputEntry")),
            tuple(expression(xml.text_of(e)) for e in xml.below(rule, "outputEntry")),
        )
        for rule in xml.below(element, "rule")
    ]
    return Table(inputs, outputs, rows, element.get("hitPolicy") or "UNIQUE", element.get("aggregation") or "")
