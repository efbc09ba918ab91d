"""A Word template as a file: whether it is one, and what in it would go out with every letter unwanted."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO

from lxml import etree

from handlers.files.signatures import OLE, has_macros, is_zip_bomb

MAX_BYTES = 10 * 1024 * 1024
_MAIN = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHANGES = frozenset(
    f"{_W}{name}"
    for name in (
        "ins",
        "del",
        "moveFrom",
        "moveTo",
        "cellIns",
        "cellDel",
        "rPrChange",
        "pPrChange",
        "tblPrChange",
        "trPrChange",
        "tcPrChange",
        "sectPrChange",
    )
)
_UNTOUCHED = ("endnotes", "comments", "glossary")
"""Parts that are not filled in: a placeholder there is printed as it stands."""

Parts = Mapping[str, etree._Element]


class NotWord(Exception):
    """The file cannot be a template; the text is a Chinese sentence for its owner."""


def read_parts(content: bytes) -> Parts:
    """The XML parts of a .docx below `word/`, by name. Raises: NotWord."""
    if content.startswith(OLE):
        raise NotWord("这是旧版 .doc 或者加了密码的 Word 文件，请在 Word 里去掉密码、另存为 .docx")
    if len(content) > MAX_BYTES:
        raise NotWord(f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请压缩或删除里面的图片")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _parts(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise NotWord("文件不是完好的 Word 文件（.docx），请在 Word 里打开原件，另存为 .docx") from error


def _parts(archive: zipfile.ZipFile) -> Parts:
    entries = archive.infolist()
    members = [entry.filename for entry in entries]
    if _MAIN not in members:
        raise NotWord("文件是压缩包或别的 Office 文件，不是 Word 文件，请在 Word 里另存为 .docx")
    if is_zip_bomb(entries):
        raise NotWord("文件解开后大得不像正常的 Word 文件，请重新做")
    if has_macros(entries):
        raise NotWord("文件里有宏，不予采用，请在 Word 里另存为不带宏的 .docx")
    names = [name for name in members if name.startswith("word/") and name.endswith(".xml") and name.count("/") == 1]
    try:
        parts = {name: etree.fromstring(archive.read(name), _parser()) for name in names}
    except etree.XMLSyntaxError as error:
        raise NotWord("文件不是完好的 Word 文件（.docx），请在 Word 里打开原件，另存为 .docx") from error
    if parts[_MAIN].tag != f"{_W}document":
        raise NotWord("文件是“严格 Open XML”格式，请在 Word 里另存为普通的 .docx（Word 文档）")
    return parts


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def unwanted(parts: Parts) -> Iterator[str]:
    """What would go out with the letter: tracked changes, comments, merge fields. Sentences."""
    changes = sum(1 for root in parts.values() for element in root.iter() if element.tag in _CHANGES)
    if changes:
        yield (
            f"模板里还有 {changes} 处没有接受的修订，删改的原文会随文书发出，"
            "请在 Word 的「审阅」里接受或拒绝全部修订，再保存"
        )
    comments = sum(1 for root in parts.values() for _ in root.iter(f"{_W}comment"))
    if comments:
        yield f"模板里有 {comments} 条批注，会随文书发出，请在 Word 的「审阅」里删除全部批注，再保存"
    for field in sorted(_merge_fields(parts)):
        yield f"模板用了 Word 的邮件合并域「{field}」，不会被填写，请删除这个域，改写成 {{{{ … }}}} 占位符"


def tracking(parts: Parts) -> bool:
    """Whether the template has 修订 switched on: then whoever opens a letter leaves traces in it."""
    return any(True for root in parts.values() for _ in root.iter(f"{_W}trackRevisions"))


def language(parts: Parts) -> str:
    """The language that the template gives its Chinese text, e.g. `en-US`; empty where it says none.

    Word breaks lines and sets punctuation by it, and where the font is missing it takes another by it.
    """
    defaults = parts.get("word/styles.xml")
    if defaults is None:
        return ""
    said = defaults.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr/{_W}lang")
    return "" if said is None else str(said.get(f"{_W}eastAsia", ""))


def _merge_fields(parts: Parts) -> set[str]:
    codes: list[str] = []
    for root in parts.values():
        codes += [str(field.get(f"{_W}instr", "")) for field in root.iter(f"{_W}fldSimple")]
        # Word cuts the code of a field into runs where it likes.
        for paragraph in root.iter(f"{_W}p"):
            codes.append("".join(text.text or "" for text in paragraph.iter(f"{_W}instrText")))
    return {word for code in codes for word in _merged(code)}


def _merged(code: str) -> Iterator[str]:
    words = code.split()
    for place, word in enumerate(words):
        if word.upper() == "MERGEFIELD":
            yield words[place + 1].strip('"') if place + 1 < len(words) else word


def paragraphs(parts: Parts) -> Iterator[tuple[str, bool]]:
    """The text of every paragraph, and whether placeholders in it are filled in."""
    for name, root in parts.items():
        filled = not any(word in name for word in _UNTOUCHED)
        for paragraph in root.iter(f"{_W}p"):
            yield "".join(text.text or "" for text in paragraph.iter(f"{_W}t")), filled
