"""Diagrams and decision tables of the older notation, written in FEEL: what `banli translate` does.

A file is translated whole or not at all. What cannot be is said with its line, its element and what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from forms.form_file import MULTIPLE_KINDS, FormError
from forms.form_reader import read_form
from processes.engine.diagrams.expression_places import CONDITION, FEEL, places, says_feel
from processes.engine.diagrams.model import BPMN
from processes.engine.diagrams.safe_xml import HostileXml, parse_xml
from processes.engine.diagrams.splicing import TEXT, spliced
from processes.engine.language.decision_tables import NAMESPACES, TableError, read_dmn
from processes.engine.language.expressions import ExpressionError
from processes.engine.language.feel_text import feel_cell, feel_output, feel_text
from processes.engine.language.kinds_of_names import BOOLEAN, LIST, NUMBER, STRING
from processes.engine.publishing.publish import Source

_OF_FIELDS = {"checkbox": BOOLEAN, "number": NUMBER, "dynamiclist": LIST, "filepicker": LIST}
_OF_COLUMNS = {"boolean": BOOLEAN, "string": STRING, "number": NUMBER}
_AT_CELLS = {"inputEntry": feel_cell, "inputValues": feel_cell, "outputEntry": feel_output}
_Kinds = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Untranslated:
    """An expression that cannot be translated: its line, the id of its element, and a Chinese sentence."""

    line: int
    element_id: str
    sentence: str


class TranslationRefused(Exception):
    """A file that stays as it is; `problems` holds everything found."""

    def __init__(self, filename: str, problems: list[Untranslated]) -> None:
        lines = (f"第 {p.line} 行（{p.element_id}）{p.sentence}" for p in problems)
        super().__init__(f"{filename}：" + "\n".join(lines))
        self.problems = tuple(problems)


def kinds_of(sources: Iterable[Source]) -> dict[str, str]:
    """What the variables of a set hold, by its forms and tables; those about which they differ are left out."""
    said: dict[str, set[str]] = {}
    for source in sources:
        for name, kind in _said_by(source):
            said.setdefault(name, set()).add(kind)
    return {name: kinds.pop() for name, kinds in said.items() if len(kinds) == 1}


def _said_by(source: Source) -> Iterator[tuple[str, str]]:
    try:
        if source.kind == "form":
            for name, field in read_form(source.content, f"{source.key}.form").answers().items():
                yield name, LIST if field.kind in MULTIPLE_KINDS else _OF_FIELDS.get(field.kind, STRING)
        elif source.kind == "table":
            table = read_dmn(source.content, f"{source.key}.dmn")
            for output in table.outputs:
                yield output.name, LIST if table.hit_policy == "COLLECT" else _OF_COLUMNS.get(output.type, "any")
    except (FormError, TableError, HostileXml):
        return  # a file that cannot be read says nothing; the check says why


def translate(data: bytes, filename: str, kinds: _Kinds) -> bytes:
    """The file in FEEL and declared so; one that declares it already stays byte for byte.

    Raises: HostileXml, for what is no diagram or table; TranslationRefused.
    """
    root = parse_xml(data, filename)
    if says_feel(root):
        return data
    tag = etree.QName(root)
    if tag.localname != "definitions" or tag.namespace not in {BPMN, *NAMESPACES}:
        raise HostileXml(filename, "文件不是 BPMN 流程图，也不是 DMN 决策表，无法改写")
    find = _of_diagram if tag.namespace == BPMN else _of_table
    numbers = {element: number for number, element in enumerate(root.iter(etree.Element))}
    changes: dict[int, dict[str, str]] = {0: {"expressionLanguage": FEEL}}
    problems = []
    for element, name, write in find(root, kinds):
        try:
            changes.setdefault(numbers[element], {})[name] = write()
        except ExpressionError as error:
            problems.append(Untranslated(element.sourceline or 0, _id_near(element), str(error)))
    if problems:
        raise TranslationRefused(filename, problems)
    return spliced(data, changes)


_Found = Iterator[tuple[etree._Element, str, Callable[[], str]]]


def _of_diagram(root: etree._Element, kinds: _Kinds) -> _Found:
    for place in places(root):
        condition = place.kind == CONDITION

        def write(text: str = place.text, sign: str = place.sign, condition: bool = condition) -> str:
            return sign + feel_text(text, kinds, condition=condition)

        yield place.element, place.attribute or TEXT, write


def _of_table(root: etree._Element, kinds: _Kinds) -> _Found:
    for text in root.iter(f"{{{etree.QName(root).namespace}}}text"):
        parent = text.getparent()
        name = "" if parent is None else etree.QName(parent).localname
        content = "".join(text.itertext()).strip()
        if name == "inputExpression":
            yield text, TEXT, lambda content=content: feel_text(content, kinds)  # type: ignore[misc]
        elif name in _AT_CELLS:
            yield text, TEXT, lambda name=name, content=content: _AT_CELLS[name](content, kinds)  # type: ignore[misc]


def _id_near(element: etree._Element) -> str:
    """The id of the element, or of the nearest around it that has one."""
    around = (element, *element.iterancestors())
    return next((outer.get("id", "") for outer in around if outer.get("id")), "")
