"""Texts made plain before they are compared: names, streets, companies, headings.

Text copied from a PDF holds radicals that look like the characters 食, 长, 门 and are others (⻝, ⻓, ⻔). Unicode has
two ranges of them; its own normal form NFKC mends the second (U+2F00 to U+2FD5) and leaves the first (U+2E80 to
U+2EF3).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

_RADICALS: Final = (
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧"
    "⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍"
    "⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳"
)
_CHARACTERS: Final = (
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛"
    "犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶"
    "辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
_FOLDED: Final = str.maketrans(dict(zip(_RADICALS, _CHARACTERS, strict=True)))
_LONGEST: Final = 200
_NOT_SAID: Final = re.compile(r"[\W_]+")
_MUST: Final = re.compile(r"[(\[【〔][^)\]】〕]{0,6}(?:必填|选填|可选)[^)\]】〕]{0,2}[)\]】〕]")
_MARKS: Final = re.compile(r"[\s*:★※#]+")


def folded(text: Any) -> str:
    """The text in narrow forms, with every radical as the character that it looks like: ⻓丰⻝品 is 长丰食品."""
    return unicodedata.normalize("NFKC", str(text or "").translate(_FOLDED))


def comparable(name: Any) -> str:
    """A name without blanks, brackets and case, so that two ways of writing it meet: `（天津）` and `(天津)`."""
    return _NOT_SAID.sub("", folded(name)).upper()[:_LONGEST]


def heading_key(heading: str) -> str:
    """A column heading as it is compared: without blanks, line breaks, stars, colons and （必填）, in narrow forms."""
    return _MARKS.sub("", _MUST.sub("", folded(heading))).upper()
