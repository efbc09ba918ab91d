"""Every form file that is shipped can be read, built, shown and filled."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from forms.form_class import bind, build_form_class
from forms.form_reader import read_form

FOLDER = Path(__file__).parents[3] / "forms"
SHIPPED = sorted(FOLDER.glob("*/*.form"))


def test_some_forms_are_shipped() -> None:
    assert len(SHIPPED) >= 10


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_form_reads_builds_and_renders(path: Path, macros: Any) -> None:
    form = read_form(path.read_bytes(), path.name)
    assert form.name != form.key, "the form has no name for people"
    assert form.keys()
    choices = {source: [("1", "一")] for source in form.sources()}
    form_class = build_form_class(form, choices=choices)
    empty = bind(form_class, MultiDict(), now=datetime(2026, 3, 12, tzinfo=UTC))
    empty.validate()
    assert empty.values().keys() == form.keys()
    assert "data-form" in macros("render_form(form)", form=empty)
