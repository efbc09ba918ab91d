"""What buttons, menus, fields and headings are called: every name that a chapter of the handbook may give them.

Gathered from what makes the pages: texts of templates, words that templates hand to their parts, labels in the web's
modules and in form files, names of diagrams and tables. A value that is only known at run time is written as …
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import nodes
from lxml import etree

import forms
import processes
import webapp
from webapp.app import create_app

TEMPLATES = Path(webapp.__file__).parent / "templates"
GAP = "…"
"""Stands for a value in the middle of a name, such as the 12 of 导入这 12 行."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LABELS = ("label", "dateLabel", "timeLabel")
NAMING_CALL = re.compile(r"\w+Field|MenuItem|SelectChoice")
UNREAD = {"script", "style", "svg"}


@cache
def screen_names() -> frozenset[str]:
    """Every name there is on a page."""
    sources = (_template_names(), _module_names(), _form_labels(), _diagram_names())
    return frozenset(_plain(name) for names in sources for name in names if CHINESE.search(name))


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", name)


def _template_names() -> Iterator[str]:
    from tests.web.conftest import site_settings

    environment = create_app(site_settings(Path("nowhere"))).jinja_env
    for path in TEMPLATES.rglob("*.html"):
        if path.parent.name == "handbook":  # what the handbook says does not make it true
            continue
        tree = environment.parse(path.read_text(encoding="utf-8"))
        yield from (constant.value for constant in tree.find_all(nodes.Const) if isinstance(constant.value, str))
        yield from _Texts("".join(_words(tree))).texts


def _words(node: nodes.Node) -> Iterator[str]:
    """The template as text, with a gap for each value; both ways of every condition, one after the other."""
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Output):
        for part in node.nodes:
            yield from _words(part) if isinstance(part, nodes.TemplateData) else (_value(part),)
    else:
        for child in node.iter_child_nodes():
            yield from _words(child)


def _value(node: nodes.Node) -> str:
    """Nothing for an icon, which has no words; a gap for all else."""
    called = isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name
    return "" if called == "icon" else GAP


class _Texts(HTMLParser):
    """The text of every element, that of the elements inside it included."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self._open: list[tuple[str, list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.texts.update(value for name, value in attributes if name == "aria-label" and value)
        self._open.append((tag, []))

    def handle_data(self, data: str) -> None:
        for _, texts in self._open:
            texts.append(data)
        self.texts.add(data)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, texts = self._open.pop()
            if name not in UNREAD:
                self.texts.add("".join(texts))
            if name == tag:
                return


def _module_names() -> Iterator[str]:
    """Labels of small forms, menus and choices. Not of sentences: what one says is no name."""
    here = Path(webapp.__file__).parent
    for folder in (here, here.parent / "handlers"):
        for path in folder.rglob("*.py"):
            if path.parent.name != "handbook":
                yield from _names_in(ast.parse(path.read_bytes()))


def _names_in(module: ast.Module) -> Iterator[str]:
    parts: list[ast.expr] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and NAMING_CALL.fullmatch(node.func.id):
            parts += node.args
    for statement in module.body:  # such as TABS, by code
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Dict):
            parts += statement.value.values
    yield from (part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


def _form_labels() -> Iterator[str]:
    for path in Path(forms.__file__).parent.rglob("*.form"):
        content = json.loads(path.read_text(encoding="utf-8"))
        yield content.get("name", "")
        yield from _labels(content)


def _labels(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part[kind] for kind in LABELS if isinstance(part.get(kind), str))
        part = list(part.values())
    if isinstance(part, list):
        for child in part:
            yield from _labels(child)


def _diagram_names() -> Iterator[str]:
    for kind in ("*.bpmn", "*.dmn"):
        for path in Path(processes.__file__).parent.rglob(kind):
            yield from (str(name) for name in etree.parse(path).xpath("//@name"))
