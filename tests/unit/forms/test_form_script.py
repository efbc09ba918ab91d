"""forms.js in a real browser: hiding, requiring, computing, rows and files, without asking the server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from forms.filled_form import FilledForm

SCRIPT = Path(__file__).parents[3] / "webapp" / "assets" / "forms.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
KINDS = [{"label": "投诉", "value": "complaint"}, {"label": "举报", "value": "report"}]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, make: Any, fill: Callable[..., FilledForm], macros: Callable[..., str]) -> Iterator[Any]:
    form = make(
        {"type": "radio", "key": "kind", "label": "类型", "values": KINDS},
        {"type": "checkbox", "key": "paid", "label": "收费"},
        {
            "type": "group",
            "label": "投诉内容",
            "conditional": {"hide": '=kind != "complaint"'},
            "components": [
                {"type": "number", "key": "amount", "label": "金额"},
                {
                    "type": "textfield",
                    "key": "source",
                    "label": "依据",
                    "conditional": {"hide": "=amount = null"},
                    "properties": {"required_if": "=amount > 1000"},
                },
            ],
        },
        {
            "type": "dynamiclist",
            "path": "items",
            "label": "项目",
            "components": [
                {"type": "number", "key": "count", "label": "数量", "decimalDigits": 0},
                {"type": "number", "key": "price", "label": "单价", "conditional": {"hide": "=not(paid)"}},
                {"type": "number", "key": "cost", "label": "小计", "decimalDigits": 2,
                 "properties": {"computed": "=count * price"}},
            ],
            "properties": {"max_rows": "3", "table_total": "count"},
        },
        {"type": "number", "key": "total", "label": "总价", "decimalDigits": 2,
         "properties": {"computed": "=sum(items.cost)"}},
        {"type": "filepicker", "key": "papers", "label": "附件", "multiple": True},
    )  # fmt: skip
    html = macros("render_form(form)", form=fill(form, None, {"papers": [17, 18]}))
    tab = browser.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    script = f'<script type="module">{SCRIPT.read_text(encoding="utf-8")}</script>'
    style = "<style>[hidden] { display: none !important; }</style>"
    tab.set_content(f"<!doctype html><html>{style}<form onsubmit='return false'>{html}</form>{script}</html>")
    tab.wait_for_selector("[data-started]")
    yield tab
    tab.close()
    assert faults == []


def test_fields_appear_with_the_answers_that_they_depend_on(page: Any) -> None:
    assert not page.locator("#f-amount").is_visible()
    page.get_by_label("投诉", exact=True).check()
    assert page.locator("#f-amount").is_visible()
    assert not page.locator("#f-source").is_visible()
    page.locator("#f-amount").fill("１,２00")
    assert page.locator("#f-source").is_visible()
    assert page.locator("label[for=f-source]").get_attribute("class") == "form-label required"
    page.locator("#f-amount").fill("5")
    assert page.locator("#f-source").get_attribute("aria-required") is None
    page.get_by_label("举报", exact=True).check()
    assert not page.locator("#f-source").is_visible()


def test_rows_are_added_computed_totalled_and_removed_in_the_page(page: Any) -> None:
    page.get_by_label("收费").check()
    page.locator("#f-items-0-count").fill("2")
    page.locator("#f-items-0-price").fill("10.5")
    page.locator("[data-add-row]").click()
    page.locator("#f-items-1-count").fill("3")
    page.locator("#f-items-1-price").fill("1")
    assert page.locator("#f-total").inner_text().strip() == "24.00"
    assert page.locator("[data-total=count]").inner_text() == "5"
    page.locator("[data-add-row]").click()
    assert page.locator("[data-add-row]").is_disabled()
    page.locator("[value='remove:items:0']").click()
    assert page.locator("#f-total").inner_text().strip() == "3.00"
    assert page.locator("[data-row]:visible [data-remove-row] [data-row-number]").all_inner_texts() == ["1", "2"]
    page.locator("[data-add-row]").click()
    names = page.evaluate("[...document.querySelectorAll('[name$=-count]')].map((input) => input.name)")
    assert names == ["items-1-count", "items-2-count", "items-3-count"]


def test_a_cell_hides_without_moving_its_neighbours(page: Any) -> None:
    assert not page.locator("#f-items-0-price").is_visible()
    assert page.locator("[data-rows] td").count() == 4
    page.locator("#f-items-0-count").fill("2")
    assert page.locator("#f-total").inner_text().strip() == "0.00"


def test_a_file_is_removed_in_the_page(page: Any) -> None:
    page.locator("[value='drop:papers:17']").click()
    assert page.evaluate("[...document.querySelectorAll('[name=papers]')].map((input) => input.value)") == ["18"]
