"""Fields whose answer is written: texts, numbers, dates and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from forms import parse
from forms.answer_field import AnswerField
from forms.wording import amount, moment

_LONGEST_CODE = 60
"""How long a number such as a credit code may be as typed, with blanks and hyphens; its check counts the rest."""


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

    def settle(self, answers: Mapping[str, object]) -> None:
        """Take the result of the computation, where there is one."""
        if self.spec.computed is None:
            return
        value = self.spec.computed.value(answers)
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

    def starts_with(self, now: datetime) -> object:
        """The present moment where the form file says so."""
        return self.written(now) if self.spec.default_now else super().starts_with(now)

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
