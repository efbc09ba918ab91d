"""Masked texts of personal data: enough to recognise a person by, too little to find them.

Every mask leaves a text that is masked already as it is, so that a masked text may pass through twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

STAR: Final = "*"
_PHONE: Final = re.compile(
    r"(?P<mobile>[0-9*]{11})(?P<more>-.+)?|(?P<area>[0-9]{3,4})-(?P<rest>[0-9*]{6,8}|[0-9*]{3}-[0-9]{4})(?P<ext>-.+)?"
)
_STREET: Final = (
    re.compile(r".{1,30}?(?:街道|[镇乡])", re.DOTALL),
    re.compile(r".{1,20}?[区县旗]", re.DOTALL),
    re.compile(r".{1,10}?市", re.DOTALL),
)


def mask(kind: str, text: str) -> str:
    """`text` masked as its kind of personal data: name, phone, id_card, address or text. Nothing stays nothing."""
    return _MASKS[kind](text) if text else ""


def masked_values(kinds: Iterable[tuple[str, str]], values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` of a form with the personal ones, named by (key, kind), masked."""
    return {**values, **{key: mask(kind, str(values[key])) for key, kind in kinds if values.get(key)}}


def _name(text: str) -> str:
    """王*, 王*明: the first character, and the last of three or more."""
    if len(text) <= 2:
        return text[:1] + STAR if len(text) == 2 else STAR
    return text[0] + STAR * (len(text) - 2) + text[-1]


def _phone(text: str) -> str:
    """138****5678, 022-****2100; an extension is not shown."""
    match = _PHONE.fullmatch(text)
    if match is None:
        return _ends(text, 3, 4) if len(text) >= 11 else _ends(text, 0, 2)
    if match["mobile"]:
        return _ends(match["mobile"], 3, 4) + ("-***" if match["more"] else "")
    return f"{match['area']}-{STAR * 4}{match['rest'][-4:]}" + ("-***" if match["ext"] else "")


def _id_card(text: str) -> str:
    """3701**********1234; of a shorter number only its ends."""
    return _ends(text, 4, 4) if len(text) >= 15 else _ends(text, 1, 2)


def _address(text: str) -> str:
    """As far as the street, town or township; else the district or the city."""
    for pattern in _STREET:
        if match := pattern.match(text):
            return match[0] if match[0] == text else match[0] + STAR * 4
    return text.rstrip(STAR)[:2].rstrip(STAR) + STAR * 4


def _text(text: str) -> str:
    """The first character."""
    return text[:1] + STAR * 3


def _ends(text: str, first: int, last: int) -> str:
    if len(text) <= first + last:
        return STAR * len(text)
    return text[:first] + STAR * (len(text) - first - last) + text[-last:]


_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": _name,
    "phone": _phone,
    "id_card": _id_card,
    "address": _address,
    "text": _text,
}
