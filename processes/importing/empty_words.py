"""What exporters write where they have nothing, or not what it was: 无, /, 匿名, 王**, numbers rounded to 15 digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from handlers.files.folding import folded

NOTHING: Final = frozenset(
    {"无", "没有", "暂无", "空", "未知", "不详", "不明", "未填", "未填写", "未提供", "未留", "不知道", "无名氏",
     "NULL", "NONE", "NIL", "NA", "N/A", "NAN", "#N/A", "UNDEFINED", "UNKNOWN", "\\N"}
)  # fmt: skip
ANONYMOUS: Final = frozenset(
    {"匿名", "匿名者", "匿名人", "匿名用户", "匿名投诉", "匿名举报", "匿名投诉人", "匿名举报人", "不愿透露",
     "不愿透露姓名", "不愿意透露", "不愿意透露姓名", "不愿具名", "不愿署名", "不具名", "不署名", "未署名", "拒绝透露",
     "拒绝提供"}
)  # fmt: skip
_DASHES: Final = re.compile(r"[-—–_/\\、.。…·|~]+")
_MASKED: Final = re.compile(r"[*＊✱×]|(?<=\w)[xX]{2,}$|^[xX]{2,}$|[●○■□]{2,}")
_LONG: Final = re.compile(r"[0-9]{16,}")
_KEPT: Final = 15
"""So many digits a spreadsheet program keeps; the others become 0."""
_NEVER_BY_CHANCE: Final = 17


def says_nothing(text: str) -> bool:
    """Whether a cell is empty in other words: 无, 不详, /, -, null."""
    word = _plain(text)
    return not word or word in NOTHING or bool(_DASHES.fullmatch(word))


def says_anonymous(text: str) -> bool:
    """Whether a cell for a name says that there shall be none: 匿名, 不愿透露."""
    return _plain(text) in ANONYMOUS


def is_masked(text: str) -> bool:
    """Whether the exporter has hidden a part of it: 王**, 138****5678, ***."""
    return bool(_MASKED.search(text))


def looks_rounded(number: str) -> bool:
    """Whether a number may have gone through a spreadsheet program: 16 digits or more, none but 0 after the 15th."""
    return bool(_LONG.fullmatch(number)) and not number[_KEPT:].strip("0")


def rounded_numbers(numbers: Sequence[tuple[str, object]]) -> frozenset[str]:
    """Which of a file's numbers a spreadsheet program has rounded.

    `numbers`: each with the row that bears it. A number of 17 digits or more that ends in zeros is one. One number in
    ten of 16 digits ends in 0 by itself: such a one counts where two different rows bear it, or where there are several
    and no long number of the file ends otherwise.
    """
    suspects = {number for number, _ in numbers if looks_rounded(number)}
    sound = any(_LONG.fullmatch(number) and number not in suspects for number, _ in numbers)
    if len(suspects) > 1 and not sound:
        return frozenset(suspects)
    rows: dict[str, set[object]] = {}
    for number, row in numbers:
        rows.setdefault(number, set()).add(row)
    return frozenset(number for number in suspects if len(number) >= _NEVER_BY_CHANCE or len(rows[number]) > 1)


def _plain(text: str) -> str:
    return folded(text).strip(" \t\n()（）[]【】\"'").upper()
