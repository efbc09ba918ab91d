"""Elements by local name: the kit's files use five versions of the namespace."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


def parse(path: str) -> etree._Element:
    return etree.parse(path, _PARSER).getroot()


def name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def below(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The direct children with one of these names."""
    return (child for child in element if name(child) in names)


def first(element: etree._Element, wanted: str) -> etree._Element | None:
    return next(below(element, wanted), None)


def text_of(element: etree._Element | None) -> str:
    """The content of the `text` child."""
    inner = None if element is None else first(element, "text")
    return "" if inner is None else (inner.text or "")
