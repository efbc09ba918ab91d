"""From a Word template and values to a Word file. The same template and values give the same bytes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from handlers.letters.printed import misprints

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip entry can have. Left alone, every entry would carry the moment of rendering."""


class TemplateFailed(Exception):
    """The template cannot be filled in; the text is a Chinese sentence for its owner."""


def render_docx(template: bytes, values: Mapping[str, Any]) -> bytes:
    """Fill `values` into the placeholders of a .docx.

    Templates are edited in the browser by people who need not be trusted with the server: they run in Jinja's sandbox,
    every value is escaped, and a name without a value is an error, never a gap in a letter.
    What would be misprinted is refused with its place (`printed`).
    Raises: TemplateFailed.
    """
    from docxtpl import DocxTemplate  # half a second to import, and the web process never needs it

    filled = BytesIO()
    try:
        document = DocxTemplate(BytesIO(template))
        document.render(dict(values), sandbox(), autoescape=True)
        document.save(filled)
    except Exception as error:  # a broken template can raise anything: Jinja's, zip's, XML's and Word's own errors
        raise TemplateFailed(f"{fault(error)}。请流程负责人修改模板，或者在流程中补上缺少的内容。") from error
    if wrong := next(misprints(filled.getvalue(), values), ""):
        raise TemplateFailed(f"文书填出来有错：{wrong}。请流程负责人修改模板，或者在流程中补上缺少的内容。")
    return _without_times(filled)


def sandbox() -> ImmutableSandboxedEnvironment:
    """The language of the templates: no way to the server, every value escaped, no name without a value."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


def fault(error: Exception) -> str:
    """What is wrong with a template that raised `error`, in Chinese; a sentence without its end."""
    kind, detail = type(error).__name__, str(error).strip()[:300]
    if kind == "UndefinedError":
        return f"文书模板用到的内容没有值：{_missing(detail)}"
    if kind == "TemplateSyntaxError":
        return f"文书模板的占位符写错了：{_syntax(detail)}"
    if kind == "TemplateAssertionError":
        return f"文书模板用了没有的功能：{detail}"
    if kind == "SecurityError":
        return f"文书模板用了不允许的写法：{detail}"
    if kind == "MemoryError":
        return "文书模板填写时占用的内存太多，请减少循环和重复的内容"
    if kind == "OverflowError" and "ange" in detail:
        return "文书模板的循环次数太多（range），不予执行"
    return f"文书模板无法填写（{kind}：{detail}），请检查写法，并确认是完好的 Word 文件（.docx）"


def _missing(detail: str) -> str:
    if re.search(r"has no element -?\d+", detail) or detail.startswith("No "):
        return "列表里没有那么多项（可能是空的），取不到写定的那一项"
    if match := re.search(r"has no (?:attribute|element) '?([^']+)'?", detail):
        return f"「{match[1]}」"
    if match := re.match(r"'([^']+)' is undefined", detail):
        return f"「{match[1]}」"
    return detail


def _syntax(detail: str) -> str:
    if match := re.match(r"Encountered unknown tag '([^']+)'", detail):
        return f"不认识「{match[1]}」，循环写 for … endfor，条件写 if … elif … else … endif"
    if detail.startswith("Unexpected end of template"):
        return "有 for 或 if 没有结束，请补上 {% endfor %} 或 {% endif %}"
    return detail


def _without_times(document: BytesIO) -> bytes:
    result = BytesIO()
    with zipfile.ZipFile(document) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, EPOCH), source.read(name), zipfile.ZIP_DEFLATED)
    return result.getvalue()
