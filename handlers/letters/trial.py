"""A template tried out: whether it is a Word file that every case of every bureau can fill in.

This runs what an owner's file says, so it runs in a process of its own (`bounded`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError
from lxml import etree

from handlers.letters import word_file
from handlers.letters.braces import wrong_braces
from handlers.letters.placeholders import Uses, is_meant
from handlers.letters.samples import Occasion, everything, variants
from handlers.letters.template import TemplateFailed, fault, render_docx, sandbox

_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_TAGS = re.compile(r"<[^>]+>")
_PROPERTIES = ("title", "subject", "author", "comments")


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The result: sentences for the owner, and the keys of facts and parameters that it depends on (None: all)."""

    problems: Sequence[str] = ()
    notices: Sequence[str] = ()
    keys: frozenset[str] | None = field(default_factory=frozenset)


def try_out(content: bytes, occasions: Sequence[Occasion], bureaus: Sequence[Mapping[str, Any]]) -> TrialResult:
    """Look at a template and fill it in for every occasion and bureau. The cause is said, not what follows from it."""
    try:
        parts = word_file.read_parts(content)
    except word_file.NotWord as problem:
        return TrialResult((str(problem),))
    notices = list(_remarks(parts))
    known = everything(occasions, bureaus)
    problems = [*word_file.unwanted(parts), *_written(parts, known)]
    if problems:
        return TrialResult(problems, notices, None)
    try:
        sources = list(_sources(DocxTemplate(BytesIO(content))))
    except Exception as error:  # noqa: BLE001 - python-docx meets a file that it cannot open in as many ways as there are files
        return TrialResult((fault(error),), notices)
    uses = Uses(known)
    problems = [sentence for source in sources if (sentence := _unreadable(source, uses))]
    problems += uses.sentences()
    keys = None if uses.whole else frozenset(path[1] for path in uses.used if len(path) > 1 and path[0] in _KEYED)
    if not problems:
        problems = list(dict.fromkeys(_failures(content, sources, uses, occasions, bureaus)))[:_MOST]
    return TrialResult(problems, notices, keys if not uses.unknown else None)


def _remarks(parts: word_file.Parts) -> Iterator[str]:
    if word_file.tracking(parts):
        yield "模板的「修订」开着，谁改文书都会留下痕迹，请在 Word 的「审阅」里关掉"
    if (language := word_file.language(parts)) and not language.startswith("zh"):
        yield (
            f"模板把中文标成了别的语言（{language}），没有仿宋的电脑上标点和换行会不对，"
            "请在 Word 里全选，用「审阅—语言—设置校对语言」选“中文（中国）”并设为默认，再保存"
        )


_KEYED = frozenset({"facts", "labels", "parameters"})
_MOST = 5
"""How many ways to fail are told: mending one mends most."""


def _written(parts: word_file.Parts, known: Mapping[str, Any]) -> Iterator[str]:
    for text, filled in dict.fromkeys(word_file.paragraphs(parts)):
        if filled:
            yield from wrong_braces(text, lambda name: is_meant(known, name))
        elif "{{" in text or "{%" in text:
            yield f"尾注或批注里的占位符「{text[:40]}」不会被填写，请移到正文、页眉页脚或脚注"


def _sources(document: DocxTemplate) -> Iterator[str]:
    """Every part that is filled in, as the template language sees it; a line is a paragraph."""
    document.init_docx()
    xml_parts = [document.get_xml()]
    for uri in (document.HEADER_URI, document.FOOTER_URI):
        xml_parts += [document.get_part_xml(part) for _, part in document.get_headers_footers(uri)]
    package = document.docx.part.package
    xml_parts += [part.blob.decode() for part in package.parts if part.content_type == _FOOTNOTES]
    for source in xml_parts:
        yield re.sub(r"<w:p([ >])", r"\n<w:p\1", document.patch_xml(source))
    yield from (text for name in _PROPERTIES if "{" in (text := getattr(document.docx.core_properties, name)))


def _unreadable(source: str, uses: Uses) -> str:
    environment = sandbox()
    try:
        uses.read(environment, source)
        environment.from_string(source)
    except TemplateSyntaxError as error:
        lines = source.splitlines()
        line = lines[error.lineno - 1] if 0 < error.lineno <= len(lines) else ""
        return f"{fault(error)}，在「{_TAGS.sub('', line).strip()[:60]}」附近，请改正"
    return ""


def _failures(
    content: bytes,
    sources: Sequence[str],
    uses: Uses,
    occasions: Sequence[Occasion],
    bureaus: Sequence[Mapping[str, Any]],
) -> Iterator[str]:
    templates = [sandbox().from_string(source) for source in sources]
    for place, bureau in enumerate(bureaus):
        for occasion in occasions:
            told: set[str] = set()
            cases = variants(occasion, bureau, uses.used if place == 0 else (), uses.compared if place == 0 else ())
            for case, values in cases:
                problem = next((failure for template in templates if (failure := _failure(template, values))), "")
                if problem and problem not in told:
                    told.add(problem)
                    yield f"{occasion.where}，{case}时，{problem}"
    try:
        render_docx(content, occasions[0].values(bureaus[0]))
    except TemplateFailed as error:
        yield str(error).removesuffix("。")


def _failure(template: Any, values: Mapping[str, Any]) -> str:
    """Why it cannot be filled in; empty if it can. What the library mends in silence, by leaving out, is a failure."""
    try:
        result = template.render(values)
    except Exception as error:  # noqa: BLE001 - a template can raise anything
        return f"{fault(error)}，请改正"
    if result.lstrip().startswith("<"):
        try:
            etree.fromstring(result.encode())
        except etree.XMLSyntaxError:
            return (
                "填出来的文件会缺一部分：条件或循环跨过了段落或表格的行，"
                "整段的请写 {%p if … %}、{%p endif %} 各占一段，整行的请写 {%tr for … %}、{%tr endfor %} 各占一行"
            )
    return ""
