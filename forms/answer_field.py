"""One written or picked answer of a form, whatever its kind, and what it may ask of the form around it.

`AnswerField` answers for itself: what it starts with, what hangs on other answers, what a button changes, what is
wrong. The form (`filled_form`) asks every field alike and knows no kinds. A value has three shapes:

`data` for Python and the rules, `json_value()` for the case's facts, `answer()` for FEEL conditions.
What a person typed is kept in `typed`, so that a refused value is shown again as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from wtforms import Field as WTField
from wtforms.fields.core import Label
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from forms.form_file import Field


class FormData(Protocol):
    """What a posted form looks like: werkzeug's MultiDict and friends."""

    def getlist(self, key: str) -> list[str]:
        """Every value sent under a name."""

    def __contains__(self, key: object) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """An uploaded file that the person who fills the form may name in it. `size` in bytes."""

    id: int
    name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """One line of the summary: the id of the input to jump to, and the sentence."""

    field_id: str
    label: str
    message: str


class Surroundings(Protocol):
    """The form that a field stands in, as far as a field or a rule looks at it."""

    now: datetime
    """Aware Beijing time."""
    files: Mapping[int, Attachment]
    """The attachments that may be named."""

    def find(self, key: str) -> AnswerField | None:
        """A field of this form, or of the form around this row."""


class AnswerField(WTField):  # type: ignore[misc]
    """What all kinds share: hidden or not, required or not, readonly values never taken from the browser."""

    verb = "填写"

    def __init__(self, spec: Field, choices: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(label=spec.label, description=spec.help, **options)
        self.spec = spec
        self.options = tuple(choices)
        self.id = f"f-{self.name}"
        self.label = Label(self.id, spec.label)
        self.hidden = False
        self.is_required = spec.required and not spec.readonly
        self.typed = ""
        self.data = self.empty()

    def starts_with(self, now: datetime) -> object:
        """What a field starts with that was never answered. `now`: aware Beijing time."""
        return self.spec.default

    def process(self, formdata: FormData | None, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the posted value, or the stored one; a readonly field takes the stored one only."""
        super().process(None if self.spec.readonly else formdata, data, extra_filters)

    def process_data(self, value: object) -> None:
        """Take a stored value; one of the wrong kind (an older form's, say) counts as empty."""
        self.data = self.empty()
        try:
            self.load(value)
        except (ValueError, TypeError, ArithmeticError):
            self.data = self.empty()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was posted; a value that cannot be read stays visible and becomes an error."""
        self.data = self.empty()
        self.typed = ""
        if valuelist:
            self.read(valuelist)

    def pre_validate(self, form: Surroundings) -> None:
        """An unreadable or empty answer meets no further rule.

        Raises: StopValidation, with a sentence if the answer is refused.
        """
        if self.process_errors:
            raise StopValidation
        if self.is_blank():
            raise StopValidation(f"请{self.verb}“{self.spec.label}”。" if self.is_required else None)
        if self.spec.personal and "*" in self.data:
            self._check_masked()

    def _check_masked(self) -> None:
        """A masked text as it was shown means "unchanged" and meets no further rule; a changed one is nobody's."""
        if self.data == self.object_data:
            raise StopValidation
        if self.object_data:
            raise StopValidation(f"“{self.spec.label}”带有星号，不是完整内容：要修改请全部重写，不修改请保持原样。")

    def empty(self) -> Any:
        """The value of an unanswered or hidden field."""
        return None

    def load(self, value: Any) -> None:
        """Set `data` and `typed` from a JSON value."""
        raise NotImplementedError

    def read(self, texts: list[str]) -> None:
        """Set `data` and `typed` from posted texts; ValueError with a sentence if that cannot be done."""
        raise NotImplementedError

    def is_blank(self) -> bool:
        """Whether there is no answer."""
        return self.data is None or self.data == "" or self.data == []

    def settle(self, answers: Mapping[str, object]) -> None:
        """Bring up to date what hangs on the `answers` of the form around: a computed value, the rows of a table."""

    def problems(self, where: str = "") -> Iterator[AnswerProblem]:
        """What is wrong with this answer, in reading order; `where` stands before each sentence."""
        for message in self.errors:
            yield AnswerProblem(self.id, self.spec.label, f"{where}{message}")

    def change(self, action: str, number: int) -> bool:
        """Do what a button asked: `add` or `remove` a row, `drop` a file. False if that means nothing here."""
        return False

    def named(self, name: str) -> AnswerField | None:
        """The field whose input is called `name`: this one, or one in its rows."""
        return self if self.name == name else None

    def json_value(self) -> Any:
        """The value as it is stored."""
        return self.data

    def answer(self) -> object:
        """The value that conditions see; None if there is none."""
        return None if self.is_blank() else self.json_value()

    def help(self) -> str:
        """The hint below the input."""
        return self.spec.help

    def fixed_answer(self) -> object:
        """The answer of a readonly field in JSON, for the page's conditions."""
        answer = self.answer()
        return float(answer) if isinstance(answer, Decimal) else answer

    def text(self) -> str:
        """The answer for reading; empty if there is none."""
        return f"{self.data} {self.spec.unit}".strip() if self.data else ""
