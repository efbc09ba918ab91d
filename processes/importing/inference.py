"""What an export does not say in so many words, but plainly shows.

Only an empty cell shows something. A column that is not there shows nothing: whether somebody is anonymous, has no
telephone or bought online then stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from handlers.files.folding import folded
from handlers.owners_words import choices, keys, relies_on

_STREET_TOLD_IN: Final = ("respondent_address", "happened_place", "facts_text", "question")
"""Where a street is looked for, the surest place first."""
_LOOKED_AT: Final = ("person_name", "person_phone", "person_id", "respondent_phone", "platform_name")
_INFERRED: Final = ("anonymous", "no_contact", "phone_unknown", "no_evidence", "street")
relies_on(
    "导入来件时的推定（匿名、无联系方式、网购等）",
    *keys("case_register", *_STREET_TOLD_IN, *_LOOKED_AT, *_INFERRED, "person_id_type", "named"),
    *keys("case_register", "address_known", "is_online"),
    *choices("case_register", "person_id_type", "id_card"),
    *(word for key in ("named", "address_known", "is_online") for word in choices("case_register", key, "yes", "no")),
)


def inferences(typed: Mapping[str, Sequence[str]], has_column: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """(field, answer) of everything that the given answers and the empty cells show."""
    given = {key for key, texts in typed.items() if any(texts)}

    def empty(key: str) -> bool:
        return key not in given and has_column(key)

    nameless = empty("person_name") or typed.get("anonymous") == ["true"]
    shown = {
        "anonymous": "true" if empty("person_name") else "",
        "no_contact": "true" if empty("person_phone") else "",
        "person_id_type": "id_card" if "person_id" in given else "",
        "named": "yes" if "person_name" in given else "no" if nameless else "",
        "phone_unknown": "true" if empty("respondent_phone") else "",
        "address_known": "yes" if "respondent_address" in given else "no" if empty("respondent_address") else "",
        "is_online": "yes" if "platform_name" in given else "no" if empty("platform_name") else "",
        "no_evidence": "true",  # files do not come with a register; whoever has them adds them to the case
    }
    return ((key, text) for key, text in shown.items() if text)


def street_in(typed: Mapping[str, Sequence[str]], streets: Sequence[tuple[str, str]], written: str = "") -> str:
    """The bureau's street that a row names, or nothing where it names none, or two in the same place.

    `written`: what stands in a column for streets, such as 滨海新区塘沽街道. Radicals of texts copied from a PDF are
    folded, so that 塘沽街道 is known again.
    """
    for text in (written, *(" ".join(typed.get(key, ())) for key in _STREET_TOLD_IN)):
        plain = folded(text)
        named = [value for value, label in streets if folded(label) in plain]
        if len(named) == 1:
            return named[0]
    return ""
