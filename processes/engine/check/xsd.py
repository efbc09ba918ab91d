"""Validation against the published XML schemas, which are shipped with SpiffWorkflow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache
from importlib.resources import as_file, files

from lxml import etree

from processes.engine.check.finding import ERROR, Finding
from processes.engine.diagrams.safe_xml import HostileXml, parse_xml

# The DMN 1.2 schema in the wheel does not compile (its drawing part is missing), so such tables are not validated.
_SCHEMAS = {
    "http://www.omg.org/spec/BPMN/20100524/MODEL": ("SpiffWorkflow.bpmn.parser", "BPMN20.xsd"),
    "https://www.omg.org/spec/DMN/20191111/MODEL/": ("SpiffWorkflow.dmn.parser", "DMN13.xsd"),
}
_MOST = 5
_ELEMENT = re.compile(r"^Element '(?:\{[^}]*\})?([^']+)'")
_ATTRIBUTE = re.compile(r"attribute '(?:\{[^}]*\})?([^']+)'")


@lru_cache(maxsize=256)
def check(path: str, data: bytes) -> tuple[Finding, ...]:
    """The first few places where a diagram or table departs from its standard. Unreadable files give nothing here.

    Kept by content: of a set that is checked again, most files are as they were.
    """
    return tuple(_departures(path, data))


def _departures(path: str, data: bytes) -> Iterator[Finding]:
    try:
        root = parse_xml(data, path)
    except HostileXml:
        return
    schema = _schema(etree.QName(root).namespace or "")
    if schema is None or schema.validate(deepcopy(root)):
        return
    for error in list(schema.error_log)[:_MOST]:
        yield Finding(path, *_place(root, error.line), "schema", ERROR, _sentence(error))


@lru_cache(maxsize=8)
def _schema(namespace: str) -> etree.XMLSchema | None:
    if namespace not in _SCHEMAS:
        return None
    package, name = _SCHEMAS[namespace]
    with as_file(files(package) / "schema") as folder:
        return etree.XMLSchema(etree.parse(folder / name))


def _place(root: etree._Element, line: int) -> tuple[str, str]:
    """Id and name of the last element that starts on or before `line` and has an id."""
    place = ("", "")
    for element in root.iter():
        if (element.sourceline or 0) > line:
            break
        if element.get("id"):
            place = (element.get("id", ""), element.get("name", ""))
    return place


def _sentence(error: etree._LogEntry) -> str:
    element = _ELEMENT.match(error.message)
    attribute = _ATTRIBUTE.search(error.message)
    name = element.group(1) if element else "?"
    where = f"第 {error.line} 行的元素 {name}"
    if "not expected" in error.message:
        return f"{where} 不该出现在这里，或者顺序不对，请用流程设计器重新保存"
    if "Missing child" in error.message:
        return f"{where} 缺少必需的内容，请用流程设计器补全"
    if attribute and "required" in error.message:
        return f"{where} 缺少属性 {attribute.group(1)}，请补上"
    if attribute and "not allowed" in error.message:
        return f"{where} 不能有属性 {attribute.group(1)}，请删除"
    if "IDREF" in error.message or "ID" in error.message:
        return f"{where} 的编号重复或写法不对，请改成唯一的英文编号"
    return f"{where} 的值不符合标准，请用流程设计器重新填写"
