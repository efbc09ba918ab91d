"""WTForms fields, one class per kind of written answer (`picks` has the others). Each knows three shapes of its value:

`data` for Python and the rules, `json_value()` for the case's facts, `answer()` for FEEL conditions.
What a person typed is kept in `typed`, so that a refused value is shown again as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Protocol

from wtforms import Field as WTField
from wtforms.fields.core import Label
from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from forms import parse
from forms.model import Field
from forms.wording import amount, moment

if TYPE_CHECKING:
    from forms.build import FilledForm

_LONGEST_CODE = 60
"""How long a number such as a credit code may be as typed, with blanks and hyphens; its check counts the rest."""


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

    def process(self, formdata: FormData | None, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the posted value, or the stored one; a readonly field takes the stored one only."""
        if data is unset_value:
            data = self.spec.default
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

    def pre_validate(self, form: FilledForm) -> None:
        """An unreadable or empty answer meets no further rule."""
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


class TextField(AnswerField):
    """textfield and textarea."""

    data: str

    def empty(self) -> str:
        """No text."""
        return ""

    def load(self, value: Any) -> None:
        """A stored text; a number from a computed field or an import is written out."""
        if value is not None:
            self.data = self.typed = value if isinstance(value, str) else f"{value}"

    def read(self, texts: list[str]) -> None:
        """Trim; only a textarea keeps its line ends."""
        clean = parse.clean_text if self.spec.kind == "textarea" else parse.clean_line
        self.data = self.typed = clean(texts[0])
        most = self.spec.max_length or 0
        if self.spec.format:
            most = max(most, _LONGEST_CODE)
        if most and len(self.data) > most:
            length, self.data = len(self.data), ""
            self.typed = self.typed[: max(most, 10_000)]
            raise ValueError(f"“{self.spec.label}”最多 {most} 个字，现在是 {length} 个字，请缩短。")


class NumberField(AnswerField):
    """number. `data` is a Decimal; stored as int or float, money (`as_text`) as a text with all its digits."""

    data: Decimal | None

    def load(self, value: Any) -> None:
        """A stored number or a text holding one."""
        if value is None or value == "" or isinstance(value, bool):
            return
        self.data = self._rounded(Decimal(str(value)))
        self.typed = format(self.data, "f")

    def _rounded(self, number: Decimal) -> Decimal:
        if not number.is_finite():
            raise ValueError(str(number))
        digits = self.spec.decimal_digits
        return number if digits is None else number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)

    def read(self, texts: list[str]) -> None:
        """Full-width digits and thousands separators are fine; too many decimals are not rounded but refused."""
        self.typed = parse.clean_line(texts[0][:100])
        if not self.typed:
            return
        try:
            number = parse.parse_number(self.typed)
        except ValueError:
            raise ValueError(f"“{self.spec.label}”应填数字，例如 20。") from None
        if (rounded := self._rounded(number)) != number:
            digits = self.spec.decimal_digits
            asked = f"最多 {digits} 位小数" if digits else "应填整数，不要小数"
            raise ValueError(f"“{self.spec.label}”{asked}。")
        self.data = rounded

    def set_computed(self, value: object) -> None:
        """Take the result of a computation."""
        self.data = self._rounded(value) if isinstance(value, Decimal) else None
        self.typed = "" if self.data is None else format(self.data, "f")

    def json_value(self) -> int | float | str | None:
        """int, float, or the text of a money amount."""
        if self.data is None:
            return None
        if self.spec.as_text:
            return format(self.data, "f")
        return int(self.data) if self.data == self.data.to_integral_value() else float(self.data)

    def answer(self) -> Decimal | None:
        """The exact number."""
        return self.data

    def text(self) -> str:
        """1,234.50 元."""
        return "" if self.data is None else amount(self.data, self.spec)


class MomentField(AnswerField):
    """datetime with subtype date, datetime or time. Moments are Beijing time; stored as ISO text."""

    data: date | datetime | time | None

    def load(self, value: Any) -> None:
        """A stored ISO text."""
        if isinstance(value, str) and value:
            self._take(value)

    def read(self, texts: list[str]) -> None:
        """Any of the usual Chinese forms."""
        self.typed = parse.clean_line(texts[0][:100])
        if not self.typed:
            return
        examples = {
            "date": "日期，例如 2026-3-2",
            "time": "时间，例如 9:30",
            "datetime": "日期和时间，例如 2026-3-2 9:30",
        }
        try:
            self._take(self.typed)
        except ValueError:
            raise ValueError(f"“{self.spec.label}”应填{examples[self.spec.subtype]}，请检查。") from None

    def _take(self, text: str) -> None:
        if self.spec.subtype == "date":
            self.data = parse.parse_date(text)
        elif self.spec.subtype == "time":
            self.data = parse.parse_time(text)
        else:
            self.data = parse.parse_datetime(text)
        self.typed = str(self.answer())

    def written(self, moment: datetime) -> str:
        """A moment to the minute, as this field stores its value."""
        whole = moment.replace(second=0, microsecond=0)
        if self.spec.subtype == "datetime":
            return whole.isoformat()
        return whole.date().isoformat() if self.spec.subtype == "date" else whole.time().isoformat("minutes")

    def day(self) -> date | None:
        """The calendar day in Beijing, for rules between a day and a moment."""
        if isinstance(self.data, datetime):
            return self.data.date()
        return self.data if isinstance(self.data, date) else None

    def has_seconds(self) -> bool:
        """Whether the input must offer seconds, or the browser would refuse the value."""
        return isinstance(self.data, (datetime, time)) and bool(self.data.second)

    def json_value(self) -> str | None:
        """`2026-03-02`, `2026-03-02T09:30:00+08:00` or `09:30`."""
        return self.data.isoformat() if isinstance(self.data, datetime) else self.answer()

    def answer(self) -> str | None:
        """What an HTML input of this type holds: no zone, seconds only if there are any."""
        if isinstance(self.data, (datetime, time)):
            unit = "seconds" if self.data.second else "minutes"
            return self.data.replace(tzinfo=None).isoformat(timespec=unit)
        return self.data.isoformat() if self.data else None

    def text(self) -> str:
        """2026年3月2日 9:30."""
        return moment(self.data)
