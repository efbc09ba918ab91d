"""Which encoding a text file is in: UTF-8 with or without a mark, or GB18030. Nothing is guessed from a few bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

UTF8, UTF8_MARKED, GB18030 = "utf-8", "utf-8-sig", "gb18030"
_MARK = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WELL_FORMED = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
# Control characters, private use, and U+FFFD: where they stand, the bytes were no GB18030.
_NEVER_TYPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ue000-\uf8ff\ufffd]")


def decode(
    content: bytes, filename: str, headings: frozenset[str], refusal: Callable[[str], Exception]
) -> tuple[str, str]:
    """(encoding, text without mark).

    UTF-8 is told by its own strict rules over the whole file; a few Chinese characters of GB18030 may happen to obey
    them too, and then the encoding wins in which more of the `wanted` headings are found.
    Raises: what `refusal` makes of one Chinese sentence.
    """
    if content.startswith(_UTF16):
        raise refusal(f"“{filename}”是 UTF-16 编码。请用 Excel 另存为 .xlsx 或“CSV UTF-8”后再导入。")
    if content.startswith(_MARK):
        text = _strict(content[len(_MARK) :], UTF8)
        return UTF8_MARKED, _refuse(filename, refusal) if text is None else text
    candidates = [(name, text) for name in (UTF8, GB18030) if (text := _strict(content, name)) is not None]
    if not candidates or (len(candidates) == 1 and candidates[0][0] == GB18030 and _broken_utf8(content)):
        _refuse(filename, refusal)
    return max(candidates, key=lambda item: sum(heading in item[1][:20_000] for heading in headings))


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _NEVER_TYPED.search(text) else text


def _broken_utf8(content: bytes) -> bool:
    """Whether the file is UTF-8 that was cut or damaged: nearly all its high bytes stand in well-formed sequences."""
    high = len(_HIGH.findall(content))
    well = sum(len(sequence) for sequence in _WELL_FORMED.findall(content))
    return high > 0 and well >= 0.95 * high


def _refuse(filename: str, refusal: Callable[[str], Exception]) -> str:
    raise refusal(
        f"“{filename}”不是文本表格，或者编码不对（只认 UTF-8 和 GB18030）。请用 Excel 打开核对，另存为 .xlsx 后再导入。"
    )
