"""The form on the page: sound HTML, unique ids, errors tied to their fields, and a post that says what was shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import lxml.html
import pytest
from lxml.html import HtmlElement
from werkzeug.datastructures import MultiDict

from forms.filled_form import FilledForm
from forms.form_class import bind

Render = Callable[..., str]
_VOID = {"input", "br", "img", "hr", "meta", "link"}


class Nesting(HTMLParser):
    """Every tag is closed in order; an attribute stands once; an id stands once."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names) or "style" in names or any(name.startswith("on") for name in names):
            self.faults.append(f"attributes of {tag}: {names}")
        self.ids.update(str(value) for name, value in attrs if name == "id")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> does not fit")


def checked(html: str) -> HtmlElement:
    """The page as a tree, after the checks that hold for every page; templates of rows are taken out."""
    nesting = Nesting()
    nesting.feed(html)
    assert nesting.faults == []
    assert nesting.open == []
    assert [name for name, times in nesting.ids.items() if times > 1] == []
    tree = lxml.html.document_fromstring(f"<html><body><form>{html}</form></body></html>")
    ids = set(nesting.ids)
    for element in tree.iter():
        for attribute in ("for", "aria-describedby", "aria-labelledby"):
            assert set(element.get(attribute, "").split()) <= ids, f"{attribute} leads nowhere"
    for template in tree.findall(".//template"):
        template.drop_tree()
    return tree


def labelled(tree: HtmlElement, element: HtmlElement) -> bool:
    """Whether a visible input has a name that a screen reader can say."""
    around = next(element.iterancestors("label"), None)
    return around is not None or bool(tree.xpath("//label[@for=$id]", id=element.get("id")))


def test_a_full_form_posts_exactly_what_was_stored(
    every_kind: Any, every_value: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    shown = fill(every_kind, None, every_value)
    tree = checked(macros("render_form(form)", form=shown))
    posted = MultiDict((name, value) for name, value in tree.forms[0].form_values() if not name.startswith("upload:"))
    again = bind(type(shown), posted, every_value, now=shown.now, files=shown.files)
    assert again.validate(), again.problems()
    assert again.values() == every_value


def test_every_input_has_a_label(
    every_kind: Any, every_value: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    tree = checked(macros("render_form(form)", form=fill(every_kind, None, every_value)))
    for element in tree.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        assert labelled(tree, element), lxml.html.tostring(element)


def test_an_error_stands_beside_its_field_and_in_the_summary(
    every_kind: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    form = fill(every_kind, {"people": "很多", "courses-2-hours": "x", "ways": "硬塞"})
    assert not form.validate()
    tree = checked(macros("render_form(form)", form=form))
    problems = form.problems()
    links = tree.xpath("//*[@data-error-summary]//a")
    assert [link.text for link in links] == [problem.message for problem in problems]
    assert f"有 {len(problems)} 处需要修改" in tree.text_content()
    for link in links:
        (target,) = tree.xpath("//*[@id=$id]", id=link.get("href").removeprefix("#"))
        assert target.get("aria-invalid") == "true"
        (error,) = tree.xpath("//*[@id=$id]", id=target.get("aria-describedby").split()[0])
        assert error.text.strip()
        assert error.text.strip() in link.text


def test_what_was_typed_is_shown_again_and_never_becomes_markup(
    every_kind: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    nasty = "\"><script>alert(1)</script>'&lt;"
    form = fill(
        every_kind, {"title": nasty, "purpose": nasty, "people": nasty, "courses-0-topic": nasty, "unit": nasty}
    )
    form.validate()
    tree = checked(macros("render_form(form)", form=form))
    assert tree.findall(".//script") == []
    values = dict(tree.forms[0].form_values())
    assert [values[name] for name in ("title", "people", "courses-0-topic")] == [nasty] * 3
    assert values["purpose"].strip() == nasty


def test_text_that_begins_with_a_line_end_is_kept_by_the_browser(
    make: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    form = fill(make({"type": "textarea", "key": "a", "label": "甲"}), None, {"a": "\n第二行"})
    assert ">\n\n第二行</textarea>" in macros("render_form(form)", form=form)


def test_marks_tell_the_script_what_hides_requires_and_computes(
    make: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    form = make(
        {"type": "textfield", "key": "kind", "label": "类型"},
        {"type": "text", "text": "说明", "conditional": {"hide": '=kind = "it\'s \\"x\\""'}},
        {"type": "number", "key": "n", "label": "数", "properties": {"required_if": "=kind != null"}},
        {"type": "number", "key": "twice", "label": "倍", "properties": {"computed": "=n * 2"}},
        {"type": "textfield", "key": "fixed", "label": "定", "readonly": True},
    )
    tree = checked(macros("render_form(form)", form=fill(form, None, {"fixed": "原", "n": 2})))
    (hide,) = tree.xpath("//@data-hide-if")
    assert json.loads(hide) == ["=", ["name", "kind"], ["value", 'it\'s "x"']]
    assert tree.xpath("//@data-compute") == ['["*", ["name", "n"], ["value", 2]]']
    assert tree.xpath("//@data-value") == ['"\\u539f"']
    assert "name" not in tree.xpath("//*[@id='f-fixed']")[0].attrib
    assert tree.xpath("//*[@id='f-twice']")[0].tag == "output"


def test_a_hidden_field_is_still_on_the_page_for_those_without_script(
    make: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    form = make(
        {"type": "textfield", "key": "a", "label": "甲"},
        {"type": "textfield", "key": "b", "label": "乙", "conditional": {"hide": "=a = null"}},
    )
    assert checked(macros("render_form(form)", form=fill(form))).xpath("//input[@name='b']")


def test_components_of_one_layout_row_stand_side_by_side(
    make: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    form = make(
        *(
            {"type": "textfield", "key": key, "label": key, "layout": {"row": row, "columns": columns}}
            for key, row, columns in [("a", "R1", 8), ("b", "R1", 8), ("c", "R2", None)]
        )
    )
    tree = checked(macros("render_form(form)", form=fill(form)))
    widths = [[cell.get("class").split()[0] for cell in row] for row in tree.xpath("//div[@class='row']")]
    assert widths == [["col-md-6", "col-md-6"], ["col-12"]]


def test_the_first_button_is_not_one_that_changes_rows(
    every_kind: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    first = checked(macros("render_form(form)", form=fill(every_kind))).xpath("//button")[0]
    assert first.get("name") is None
    assert first.get("type") == "submit"


def test_files_that_were_uploaded_are_listed_with_a_way_to_remove_them(
    every_kind: Any, every_value: Any, fill: Callable[..., FilledForm], macros: Render
) -> None:
    tree = checked(macros("render_form(form)", form=fill(every_kind, None, every_value)))
    assert tree.xpath("//input[@name='papers']/@value") == ["18", "17"]
    assert tree.xpath("//li//button/@value") == ["drop:papers:18", "drop:papers:17"]
    (upload,) = tree.xpath("//input[@type='file']")
    assert (upload.get("name"), upload.get("accept")) == ("upload:papers", ".pdf,.docx")


@pytest.mark.parametrize("posted", [None, {}])
def test_an_empty_form_renders(
    every_kind: Any, fill: Callable[..., FilledForm], macros: Render, posted: dict[str, str] | None
) -> None:
    checked(macros("render_form(form)", form=fill(every_kind, posted)))
