"""Reading XML from strangers."""

from __future__ import annotations

import pytest

from processes.engine.diagrams import safe_xml
from processes.engine.diagrams.safe_xml import HostileXml, parse_xml


def test_plain_utf8_is_read_without_comments_and_instructions() -> None:
    root = parse_xml('<?xml version="1.0"?><?p x?><a><!-- c --><b>值</b></a>'.encode(), "x.bpmn")
    assert [element.tag for element in root.iter()] == ["a", "b"]


def test_a_byte_order_mark_is_no_matter() -> None:
    assert parse_xml(b"\xef\xbb\xbf<a/>", "x.bpmn").tag == "a"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "空的"),
        (b"PK\x03\x04rest", "zip"),
        (b"hello", "不是 XML"),
        ("<a>é</a>".encode("latin-1"), "UTF-8"),
        ('<?xml version="1.0" encoding="GB18030"?><a>值</a>'.encode("gb18030"), "gb18030"),
        ("<a/>".encode("utf-16"), "UTF-16"),
        (b"<a>", "第 1 行"),
        (b"<a>\n<b></c></a>", "第 2 行"),
        (b"<!DOCTYPE a><a/>", "DOCTYPE"),
        (b"<a>&nbsp;</a>", "实体"),
        (b"<a/>" + b" " * safe_xml.MAX_BYTES, "2 MB"),
        (b"<a>" * 201 + b"</a>" * 201, "200 层"),
        (b"<a>" * 100_000, "不"),
        (b"<a>" + b"<b/>" * safe_xml.MAX_ELEMENTS + b"</a>", "过大"),
    ],
)
def test_a_refusal_says_why_in_one_line(data: bytes, word: str) -> None:
    with pytest.raises(HostileXml) as caught:
        parse_xml(data, "strange.bpmn")
    assert word in caught.value.sentence
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("strange.bpmn：")


def test_the_line_of_a_foreign_character_is_told() -> None:
    with pytest.raises(HostileXml) as caught:
        parse_xml(b"<a>\n\n\xd6\xd0</a>", "x.bpmn")
    assert caught.value.line == 3
