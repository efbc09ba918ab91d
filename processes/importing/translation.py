"""One row of an export as the answers that a person would have typed into the form of registration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from forms.form_file import CHOICE_KINDS, MULTIPLE_KINDS, Field, FormFile
from handlers.files.folding import folded
from handlers.files.reading_tables import CSV, SheetRow, Spreadsheet
from handlers.owners_words import keys, relies_on
from handlers.register.import_sources import NUMBER, TYPE, ImportSource
from processes.importing.columns import CellsDisagree, Columns, Headings
from processes.importing.empty_words import is_masked, rounded_numbers, says_anonymous, says_nothing
from processes.importing.inference import inferences, street_in
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
INFERRED, FIXED = "推定", "没有时填"
"""Marks of answers that the row itself does not give."""
_NOT_IMPORTED: Final = frozenset({"filepicker", "dynamiclist"})
_NAME, _PHONE = "person_name", "person_phone"
_NEVER_MASKED: Final = frozenset({_NAME, _PHONE, "person_id"})
_NEVER_OPEN: Final = frozenset({"received_at", "channel", "facts_text", "question"})
"""Without these a letter is none: whoever exported it has to say."""
relies_on(
    "来件的批量导入",
    *keys("case_register", *WISHES.values(), *sorted(_NEVER_MASKED | _NEVER_OPEN), "anonymous", "street"),
)
_SEPARATORS: Final = re.compile(r"[、,，;；/|\n]+")
_MONEY: Final = re.compile(r"^[¥￥]|(?:人民币|RMB)|元$")
_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)


@dataclass(slots=True)
class Answers:
    """`typed` is what a browser would post; `problems` are sentences about cells that could not be read.

    `unread`: keys of the form's fields among those cells. `marks`: key to INFERRED or FIXED, of what the row does not
    say. `damaged`: the number is not the one that the other system gave.
    """

    number: str
    typed: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    damaged: bool = False


class Translator:
    """Reads rows of one source for one form. `choices`: of the form's run-time lists, by name of their source."""

    def __init__(self, source: ImportSource, form: FormFile, choices: Choices, sheet: Spreadsheet) -> None:
        self._source = source
        self._fields = {key: item for key, item in form.answers().items() if item.kind not in _NOT_IMPORTED}
        self._choices = choices
        self._columns = Columns(source, sheet.headings)
        self._sheet = sheet
        self._rounded = rounded_numbers([(self.number(line), line.cells) for line in sheet.lines])

    def missing(self) -> list[str]:
        """Headings that the file must have and has not."""
        return [
            self._columns.name(name).replace("”或“", "或")
            for name in (NUMBER, "received_at")
            if not self._columns.has(name)
        ]

    def headings(self) -> Headings:
        """What is to be told of the file's headings."""
        return self._columns.told({NUMBER, TYPE, *self._fields})

    def number(self, line: SheetRow) -> str:
        """The row's number in the other system, or nothing."""
        try:
            text = "".join(self._columns.text(line.cells, NUMBER, glue=None).split())
        except CellsDisagree:
            return ""
        return "" if says_nothing(text) else text[:NUMBER_LENGTH]

    def read(self, line: SheetRow) -> Answers:
        """The row as answers."""
        answers = Answers(self.number(line))
        self._look_at_number(line, answers)
        self._look_at_width(line, answers)
        self._set_type(line, answers)
        for key, item in self._fields.items():
            if not self._read_cell(item, line, answers) and self._source.fixed.get(key):
                answers.typed[key] = [self._source.fixed[key]]
                answers.marks[key] = FIXED
        self._infer(line, answers)
        return answers

    def may_stay_open(self, key: str, answers: Answers) -> bool:
        """Whether an answer that the form demands may be left to the reviewer: the row says nothing of it.

        Name and telephone only where the source has no column for them: else the file would lose what it may hold.
        """
        if key in _NEVER_OPEN or key in answers.unread or any(answers.typed.get(key, ())):
            return False
        return key not in (_NAME, _PHONE) or not self._columns.is_mapped(key)

    def lost(self, key: str) -> str:
        """Why an answer is missing that the source has a column for and the file has not; or nothing."""
        if key not in (_NAME, _PHONE) or self._columns.has(key) or not self._columns.is_mapped(key):
            return ""
        return (
            f"文件里没有“{self._columns.name(key)}”这一列，不能断定来件人匿名或者没有联系方式；"
            "请在来源设置中改列名，原平台不提供的就把列名清空"
        )

    def shown(self, answers: Answers, key: str) -> str:
        """An answer as a person reads it: the labels of what was chosen, or the text."""
        item, texts = self._fields.get(key), answers.typed.get(key, [])
        labels = {} if item is None or item.kind not in CHOICE_KINDS else dict(self._options(item))
        if item is not None and item.kind == "datetime":
            return "".join(texts).replace("T", " ")[:16]
        return "、".join(labels.get(text, text) for text in texts)

    def _look_at_number(self, line: SheetRow, answers: Answers) -> None:
        name = self._columns.name(NUMBER)
        if cell := self._columns.unread(line, NUMBER):
            answers.problems.append(_uncomputed(name, cell))
            answers.damaged = True
        elif not answers.number and self._columns.disagree(line.cells, NUMBER):
            answers.problems.append(f"“{name}”出现几次，填的不一样，不知道以哪个为准")
        elif not answers.number:
            answers.problems.append(f"“{name}”是空的：没有编号无法防止重复导入")
        elif _SCIENTIFIC.fullmatch(answers.number):
            answers.problems.append(f"“{name}”{_CUT}")
            answers.damaged = True
        elif answers.number in self._rounded:
            answers.problems.append(rounded(answers.number))
            answers.damaged = True

    def _look_at_width(self, line: SheetRow, answers: Answers) -> None:
        if width := self._columns.beyond(line.cells):
            why = "多半是内容里的逗号没有加引号" if self._sheet.kind == CSV else "请核对表头右边多出来的内容"
            answers.problems.append(f"这一行有 {width} 格，表头只有 {self._columns.count} 列：{why}")

    def _read_cell(self, item: Field, line: SheetRow, answers: Answers) -> bool:
        """Whether the row has something to say of the field."""
        name = self._columns.name(item.key)
        if cell := self._columns.unread(line, item.key):
            answers.problems.append(_uncomputed(name, cell))
            answers.unread.add(item.key)
            return True
        try:
            text = self._columns.text(line.cells, item.key, glue="\n" if item.kind == "textarea" else None)
            if item.key == "street":
                text = street_in({}, self._options(item), text) or text
            typed = self._typed(item, text) if self._says_something(item, text) else []
        except (ValueError, CellsDisagree) as error:
            answers.problems.append(f"“{name}”{error}")
            answers.unread.add(item.key)
            return True
        if item.key == _NAME and typed and says_anonymous(typed[0]):
            answers.typed.setdefault("anonymous", ["true"])
            return True
        told = bool(typed) or (item.kind == "checkbox" and bool(text) and text.upper() in NO)
        if told:
            answers.typed[item.key] = typed  # a box that is not ticked is an answer too: 是否匿名 否
        return told

    def _says_something(self, item: Field, text: str) -> bool:
        """False for words such as 无 and 不详, except where they answer a question, or are a word of this source."""
        if not text or text in self._source.words.get(item.key, {}):
            return bool(text)
        if item.kind == "checkbox" or (item.kind in CHOICE_KINDS and self._is_yes_or_no(item)):
            return not says_nothing(text) or text.upper() in YES | NO
        return not says_nothing(text) or text in {label for _, label in self._options(item)}

    def _set_type(self, line: SheetRow, answers: Answers) -> None:
        """Tick what the letter asks for. A type that the form asks for itself is read like any field."""
        if TYPE in self._fields or not self._columns.is_mapped(TYPE):
            return
        try:
            text = self._columns.text(line.cells, TYPE, glue=None)
        except CellsDisagree as error:
            answers.problems.append(f"“{self._columns.name(TYPE)}”{error}")
            return
        kinds = self._word(TYPE, text).split()
        if not kinds or not set(kinds) <= WISHES.keys():
            answers.problems.append(
                f"“{self._columns.name(TYPE)}”是“{text}”，看不出是投诉、举报还是咨询；请核对，或在来源设置中补上这个词"
            )
        answers.typed.update({WISHES[kind]: ["true"] for kind in kinds if kind in WISHES})

    def _typed(self, item: Field, text: str) -> list[str]:
        """The posted texts. Raises: ValueError with the rest of a sentence about the column."""
        if _SCIENTIFIC.fullmatch(text):
            raise ValueError(_CUT)
        if item.key in _NEVER_MASKED and is_masked(text):
            raise ValueError(f"是“{text[:20]}”，导出时已隐去一部分，文件里没有真实内容；请在原平台用不脱敏的方式导出")
        if item.kind == "datetime":
            return [_date(item, text, from_1904=self._sheet.from_1904)]
        if item.kind == "number":
            return [_MONEY.sub("", text).strip()]
        if item.kind == "checkbox":
            return ["true"] if self._is_yes(item, text) else []
        if item.kind in CHOICE_KINDS:
            parts = [part.strip() for part in _SEPARATORS.split(text)] if item.kind in MULTIPLE_KINDS else [text]
            return list(dict.fromkeys(self._choice(item, part) for part in parts if part))
        return [text]

    def _word(self, key: str, text: str) -> str:
        """What the source's word means; the text itself, where it is none of them and the field has choices."""
        words = self._source.words.get(key, {})
        return words.get(text) or {folded(word): value for word, value in words.items()}.get(folded(text), "")

    def _is_yes(self, item: Field, text: str) -> bool:
        word = (self._word(item.key, text) or text).upper()
        if word not in YES | NO:
            raise ValueError(f"是“{text[:20]}”，应为是或否")
        return word in YES

    def _choice(self, item: Field, text: str) -> str:
        options = self._options(item)
        known = {folded(label): value for value, label in options} | {value: value for value, _ in options}
        word = self._word(item.key, text) or folded(text)
        if word in known:
            return known[word]
        if self._is_yes_or_no(item) and word.upper() in YES | NO:
            return "yes" if word.upper() in YES else "no"
        raise ValueError(f"是“{text[:20]}”，没有对应的选项；请核对，或在来源设置中补上这个词")

    def _is_yes_or_no(self, item: Field) -> bool:
        return {"yes", "no"} <= {value for value, _ in self._options(item)}

    def _options(self, item: Field) -> Sequence[tuple[str, str]]:
        return self._choices[item.source] if item.source else [(choice.value, choice.label) for choice in item.choices]

    def _infer(self, line: SheetRow, answers: Answers) -> None:
        """Add what the row plainly shows. A column or a fixed value goes before it."""
        shown = dict(inferences(answers.typed, self._columns.has))
        if "street" in self._fields:
            shown["street"] = street_in(answers.typed, self._options(self._fields["street"]))
        for key, text in shown.items():
            if key in self._fields and key not in answers.typed and key not in answers.unread and text:
                answers.typed[key] = [text]
                answers.marks[key] = INFERRED


_CUT: Final = "被表格软件存成了科学计数，后几位已经丢失；请在原平台重新导出，或把该列设为文本格式"


def rounded(number: str) -> str:
    """What is said of a number whose last digits are lost."""
    return (
        f"编号“{number}”第 15 位以后全是 0，像是被表格软件改过，可能不止一件变成了这个编号；"
        "请在原平台重新导出，或把编号一列设为文本格式"
    )


def _uncomputed(name: str, cell: str) -> str:
    return f"“{name}”的单元格 {cell} 是公式，没有算出可用的结果；请用 Excel 打开，核对后保存一次再导入"


def _date(item: Field, text: str, *, from_1904: bool) -> str:
    try:
        return (iso_day if item.subtype == "date" else iso_moment)(text, from_1904=from_1904)
    except ValueError as error:
        raise ValueError(f"是“{text[:20]}”，不是能认出的日期；请写成 2026-03-02 或 2026-03-02 09:30") from error
