"""How small the labels of a shipped diagram become when it is fitted to the width of a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

DIAGRAMS = sorted((Path(__file__).parents[2] / "processes").rglob("*.bpmn"))
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
PAGE_WIDTH, LABEL, SMALLEST = 1300.0, 11.0, 7.0
"""Pixels: the page, the viewer's smaller text (gateways, events, flows; boxes have 12), the least that is read."""

NOT_YET_CUT = {"complaint", "intake", "mediation", "odr_application", "report", "supervision", "verification"}
"""Diagrams that are still too wide; a diagram that was cut leaves this list."""


def label_size(file: Path) -> float:
    """Pixels of the smaller labels when everything that `file` draws is fitted to the page, never enlarged."""
    shapes = [dict(shape.attrib) for shape in etree.parse(str(file)).iter(f"{DC}Bounds")]
    left = min(float(shape["x"]) for shape in shapes)
    right = max(float(shape["x"]) + float(shape["width"]) for shape in shapes)
    return LABEL * min(1.0, PAGE_WIDTH / (right - left))


@pytest.mark.parametrize("file", DIAGRAMS, ids=lambda file: file.stem)
def test_labels_can_be_read_on_a_page(file: Path) -> None:
    readable = label_size(file) >= SMALLEST
    assert readable == (file.stem not in NOT_YET_CUT), f"{file.stem}: {label_size(file):.2f} px"


def test_every_diagram_not_yet_cut_is_shipped() -> None:
    assert {file.stem for file in DIAGRAMS} >= NOT_YET_CUT
