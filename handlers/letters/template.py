"""From a Word template and values to a Word file. The same template and values give the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip entry can have. Left alone, every entry would carry the moment of rendering."""


class TemplateFailed(Exception):
    """The template cannot be filled in; the text is a Chinese sentence for its owner."""


def render_docx(template: bytes, values: Mapping[str, Any]) -> bytes:
    """Fill `values` into the placeholders of a .docx.

    Templates are edited in the browser by people who need not be trusted with the server: they run in Jinja's sandbox,
    every value is escaped, and a name without a value is an error, never a gap in a letter.
    Raises: TemplateFailed.
    """
    from docxtpl import DocxTemplate  # half a second to import, and the web process never needs it

    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    filled = BytesIO()
    try:
        document = DocxTemplate(BytesIO(template))
        document.render(dict(values), environment, autoescape=True)
        document.save(filled)
    except Exception as error:  # a broken template can raise anything: Jinja's, zip's, XML's and Word's own errors
        raise TemplateFailed(_sentence(error)) from error
    return _without_times(filled)


def _sentence(error: Exception) -> str:
    kind = type(error).__name__
    detail = str(error).strip()[:300]
    if kind == "UndefinedError":
        return f"文书模板用到的内容没有值：{detail}。请流程负责人修改模板，或者在流程中补上这一项。"
    if kind == "TemplateSyntaxError":
        return f"文书模板的占位符写错了：{detail}。请流程负责人修改模板。"
    if kind == "SecurityError":
        return f"文书模板用了不允许的写法：{detail}。请流程负责人修改模板。"
    return f"文书模板无法填写（{kind}：{detail}）。请流程负责人检查模板是否为完好的 Word 文件（.docx）。"


def _without_times(document: BytesIO) -> bytes:
    result = BytesIO()
    with zipfile.ZipFile(document) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, EPOCH), source.read(name), zipfile.ZIP_DEFLATED)
    return result.getvalue()
