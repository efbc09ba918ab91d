"""Parse XML that may come from anybody: a diagram or table is uploaded by people and by other tools."""

from __future__ import annotations

import re

from lxml import etree

from handlers.files.signatures import format_name

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 200
MAX_ELEMENTS = 20_000

_DECLARED_ENCODING = re.compile(rb"""^<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_SAVE_AS_UTF8 = "请在编辑器里另存为 UTF-8 编码再上传"


class HostileXml(Exception):
    """The file cannot be read safely. `sentence` says why, in one Chinese line; `line` is where, if known."""

    def __init__(self, filename: str, sentence: str, line: int = 0) -> None:
        super().__init__(f"{filename}：{sentence}")
        self.filename = filename
        self.sentence = sentence
        self.line = line


def parse_xml(data: bytes, filename: str) -> etree._Element:
    """The root element of a small, plain UTF-8 document; comments and processing instructions are dropped.

    Raises: HostileXml, for anything else.
    """
    _refuse_by_bytes(data, filename)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise HostileXml(filename, _syntax_sentence(error), error.lineno or 0) from error
    except (ValueError, LookupError) as error:
        raise HostileXml(filename, "文件不是可读的 XML，请用流程设计器重新导出") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise HostileXml(filename, "文件含有 DOCTYPE 声明，不予读取，请删除后再上传")
    _refuse_by_shape(root, filename)
    return root


def _refuse_by_bytes(data: bytes, filename: str) -> None:
    """What can be seen before any parser touches the content."""
    if len(data) > MAX_BYTES:
        raise HostileXml(filename, f"文件有 {len(data) / 1024 / 1024:.1f} MB，超过 2 MB 的上限，请拆分或精简")
    if other := format_name(data):
        raise HostileXml(filename, f"这是{other}，不是 XML 文件，请上传流程设计器保存的 .bpmn 或 .dmn 文件")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:200]:
        raise HostileXml(filename, f"文件是 UTF-16 编码或二进制内容，{_SAVE_AS_UTF8}")
    body = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not body:
        raise HostileXml(filename, "文件是空的，请重新导出后再上传")
    if not body.startswith(b"<"):
        raise HostileXml(filename, "文件不是 XML，请上传流程设计器保存的 .bpmn 或 .dmn 文件")
    _refuse_encoding(data, body, filename)
    if b"\x00" in data:
        raise HostileXml(filename, "文件含有二进制内容，不是 XML，请用流程设计器重新导出")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise HostileXml(filename, "文件含有 DOCTYPE 或实体声明，可能夹带外部内容，不予读取，请删除这些声明后再上传")


def _refuse_encoding(data: bytes, body: bytes, filename: str) -> None:
    declared = _DECLARED_ENCODING.match(body)
    name = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if name not in {"utf-8", "utf8", "us-ascii", "ascii"}:
        raise HostileXml(filename, _other_encoding(data, name), 1)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        sentence = f"第 {line} 行有不是 UTF-8 编码的字符（可能是 GBK），{_SAVE_AS_UTF8}"
        raise HostileXml(filename, sentence, line) from error


def _other_encoding(data: bytes, declared: str) -> str:
    """What to do with a file that says it is not UTF-8: whether that is so decides it."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return f"文件声明的编码是 {declared}，只接受 UTF-8，{_SAVE_AS_UTF8}，并把第一行的 encoding 改成 UTF-8"
    return f'第一行声明的编码是 {declared}，文件实际是 UTF-8，请把第一行改成 encoding="UTF-8" 再上传'


def _syntax_sentence(error: etree.XMLSyntaxError) -> str:
    text = str(error).lower()
    if "depth" in text:
        return f"元素嵌套超过 {MAX_DEPTH} 层，不予读取"
    if "entity" in text:
        return f"第 {error.lineno} 行用了未定义的实体，请把 & 写成 &amp;，或用流程设计器重新导出"
    return f"第 {error.lineno} 行不符合 XML 语法，文件可能不完整，请用流程设计器重新导出"


def _refuse_by_shape(root: etree._Element, filename: str) -> None:
    """Depth and number of elements; walked with the parser's own events, so nothing recurses."""
    depth = 0
    count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH:
            raise HostileXml(filename, f"元素嵌套超过 {MAX_DEPTH} 层，不予读取")
        if count > MAX_ELEMENTS:
            raise HostileXml(filename, f"元素超过 {MAX_ELEMENTS} 个，文件过大，请拆成多个流程")
