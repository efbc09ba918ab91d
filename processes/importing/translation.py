"""One row of an export as the answers that a person would have typed into the form of registration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from forms.form_file import CHOICE_KINDS, MULTIPLE_KINDS, Field, FormFile
from handlers.register.import_sources import NUMBER, TYPE, ImportSource
from processes.importing.moments import iso_day, iso_moment

Choices = Mapping[str, Sequence[tuple[str, str]]]
YES: Final = frozenset({"是", "有", "要", "需要", "要求", "同意", "已", "真", "Y", "YES", "TRUE", "1", "√", "✓"})
NO: Final = frozenset(
    {"否", "无", "没有", "不", "不要", "不需要", "不要求", "不同意", "未", "假", "N", "NO", "FALSE", "0", "×"}
)
NUMBER_LENGTH: Final = 80
WISHES: Final[Mapping[str, str]] = {
    "complaint": "wants_compensation",
    "report": "reports_violation",
    "enquiry": "asks_only",
}
"""Type of a letter to the box that its register form ticks."""
_NOT_IMPORTED: Final = frozenset({"filepicker", "dynamiclist"})
_SEPARATORS: Final = re.compile(r"[、,，;；/|\n]+")
_MONEY: Final = re.compile(r"^[¥￥]|(?:人民币|RMB)|元$")
_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+")


@dataclass(slots=True)
class Answers:
    """`typed` is what a browser would post; `problems` are sentences about cells that could not be read.

    `unread`: keys of the form's fields among those cells.
    """

    number: str
    typed: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)


class Translator:
    """Reads rows of one source for one form. `choices`: of the form's run-time lists, by name of their source."""

    def __init__(self, source: ImportSource, form: FormFile, choices: Choices, headings: Sequence[str]) -> None:
        self._source = source
        self._fields = {key: item for key, item in form.answers().items() if item.kind not in _NOT_IMPORTED}
        self._choices = choices
        self._places = {heading: place for place, heading in reversed(list(enumerate(headings))) if heading}

    def missing(self) -> list[str]:
        """Headings that the file must have and has not."""
        needed = [self._source.columns[name] for name in (NUMBER, "received_at")]
        return [heading for heading in needed if heading not in self._places]

    def read(self, cells: Sequence[str]) -> Answers:
        """The row as answers."""
        answers = Answers(self._text(cells, NUMBER)[:NUMBER_LENGTH])
        if not answers.number:
            answers.problems.append(f"“{self._source.columns[NUMBER]}”是空的：没有编号无法防止重复导入")
        self._set_type(self._text(cells, TYPE), answers)
        for key, item in self._fields.items():
            text = self._text(cells, key)
            if text:
                self._set(item, text, answers)
            elif self._source.fixed.get(key):
                answers.typed[key] = [self._source.fixed[key]]
        self._infer(answers)
        return answers

    def shown(self, answers: Answers, key: str) -> str:
        """An answer as a person reads it: the labels of what was chosen, or the text."""
        item, texts = self._fields.get(key), answers.typed.get(key, [])
        labels = {} if item is None or item.kind not in CHOICE_KINDS else dict(self._options(item))
        if item is not None and item.kind == "datetime":
            return "".join(texts).replace("T", " ")[:16]
        return "、".join(labels.get(text, text) for text in texts)

    def _text(self, cells: Sequence[str], key: str) -> str:
        place = self._places.get(self._source.columns.get(key, ""))
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def _set_type(self, text: str, answers: Answers) -> None:
        """Tick what the letter asks for. A type that the form asks for itself is read like any field."""
        if TYPE in self._fields or not self._source.columns.get(TYPE):
            return
        kinds = self._source.words.get(TYPE, {}).get(text, "").split()
        if not kinds or not set(kinds) <= WISHES.keys():
            heading = self._source.columns[TYPE]
            answers.problems.append(
                f"“{heading}”是“{text}”，看不出是投诉、举报还是咨询；请核对，或在来源设置中补上这个词"
            )
        answers.typed.update({WISHES[kind]: ["true"] for kind in kinds if kind in WISHES})

    def _set(self, item: Field, text: str, answers: Answers) -> None:
        try:
            typed = self._typed(item, text)
        except ValueError as error:
            answers.problems.append(f"“{self._source.columns[item.key]}”{error}")
            answers.unread.add(item.key)
        else:
            answers.typed[item.key] = typed

    def _typed(self, item: Field, text: str) -> list[str]:
        """The posted texts. Raises: ValueError with the rest of a sentence about the column."""
        if _SCIENTIFIC.fullmatch(text):
            raise ValueError("被 Excel 存成了科学计数，后几位已经丢失；请在原平台重新导出，或把该列设为文本格式")
        if item.kind == "datetime":
            return [_date(item, text)]
        if item.kind == "number":
            return [_MONEY.sub("", text).strip()]
        if item.kind == "checkbox":
            return ["true"] if self._is_yes(item, text) else []
        if item.kind in CHOICE_KINDS:
            parts = [part.strip() for part in _SEPARATORS.split(text)] if item.kind in MULTIPLE_KINDS else [text]
            return list(dict.fromkeys(self._choice(item, part) for part in parts if part))
        return [text]

    def _is_yes(self, item: Field, text: str) -> bool:
        word = self._source.words.get(item.key, {}).get(text, text).upper()
        if word not in YES | NO:
            raise ValueError(f"是“{text[:20]}”，应为是或否")
        return word in YES

    def _choice(self, item: Field, text: str) -> str:
        options = self._options(item)
        known = {label: value for value, label in options} | {value: value for value, _ in options}
        word = self._source.words.get(item.key, {}).get(text, text)
        if word in known:
            return known[word]
        if {"yes", "no"} <= set(known.values()) and word.upper() in YES | NO:
            return "yes" if word.upper() in YES else "no"
        raise ValueError(f"是“{text[:20]}”，没有对应的选项；请核对，或在来源设置中补上这个词")

    def _options(self, item: Field) -> Sequence[tuple[str, str]]:
        return self._choices[item.source] if item.source else [(choice.value, choice.label) for choice in item.choices]

    def _infer(self, answers: Answers) -> None:
        """What an export does not say in so many words, but plainly shows. A column or a fixed value goes before it."""
        typed = answers.typed
        given = {key for key, texts in typed.items() if any(texts)}
        shown = {
            "anonymous": "" if "person_name" in given else "true",
            "no_contact": "" if "person_phone" in given else "true",
            "person_id_type": "id_card" if "person_id" in given else "",
            "named": "yes" if "person_name" in given else "no",
            "phone_unknown": "" if "respondent_phone" in given else "true",
            "address_known": "yes" if "respondent_address" in given else "no",
            "street": self._street_in(typed.get("respondent_address", [""])[0]),
            "is_online": "yes" if "platform_name" in given else "no",
            "no_evidence": "true",  # files do not come with a register; whoever has them adds them to the case
        }
        for key, text in shown.items():
            if key in self._fields and key not in typed and text:
                typed[key] = [text]

    def _street_in(self, address: str) -> str:
        """The bureau's street that the address names: 滨海新区塘沽街道永安里12号."""
        options = self._options(self._fields["street"]) if "street" in self._fields else ()
        return next((value for value, label in options if label in address), "")


def _date(item: Field, text: str) -> str:
    try:
        return iso_day(text) if item.subtype == "date" else iso_moment(text)
    except ValueError as error:
        raise ValueError(f"是“{text[:20]}”，不是能认出的日期；请写成 2026-03-02 或 2026-03-02 09:30") from error
