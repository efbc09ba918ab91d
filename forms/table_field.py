"""A dynamiclist: rows of sub-fields, each row a small form of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Protocol

from wtforms.utils import unset_value

from forms.answer_field import AnswerField, AnswerProblem, FormData, Surroundings
from forms.form_file import Field
from forms.written_fields import NumberField


class RowForm(Surroundings, Protocol):
    """A row of a table: a form of its own, with the form around the table outside it."""

    def load(self, formdata: FormData | None, data: Mapping[str, object] | None) -> None:
        """Take posted or stored values."""

    def settle(self, around: Mapping[str, object] | None = None) -> None:
        """Decide what is hidden, required and computed, given the answers `around` the table."""

    def index(self) -> str:
        """The index in the names of the row's inputs."""

    def is_blank(self) -> bool:
        """Whether nothing is answered."""

    def check(self) -> bool:
        """Check a settled row."""

    def answers(self) -> dict[str, object]:
        """What conditions see of this row."""

    def settled_values(self) -> dict[str, Any]:
        """Every column with its JSON-ready value."""

    def problems(self, where: str = "") -> list[AnswerProblem]:
        """What is wrong in this row; `where` stands before each sentence."""

    def named(self, name: str) -> AnswerField | None:
        """The field whose input is called `name`."""

    def __getitem__(self, key: str) -> AnswerField: ...


class TableField(AnswerField):
    """`rows` are forms whose inputs are called `<table>-<index>-<column>`; indexes may have gaps after a removal."""

    data: list[dict[str, Any]]

    def __init__(self, spec: Field, choices: Any = (), *, row_class: Callable[..., RowForm], **options: Any) -> None:
        self.rows: list[RowForm] = []
        self.row_class = row_class
        super().__init__(spec, choices, **options)

    def empty(self) -> list[dict[str, Any]]:
        """No rows."""
        return []

    def process(self, formdata: FormData | None, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Rows from the posted names, or from stored data."""
        self.process_errors: list[str] = []
        self.rows = []
        if formdata is not None and not self.spec.readonly:
            self._read_rows(formdata)
        else:
            stored = data if isinstance(data, list) else []
            for index, row in enumerate(row for row in stored if isinstance(row, dict)):
                self.rows.append(self._row(index, None, row))
            if not self.spec.readonly:
                while len(self.rows) < max(self.spec.min_rows, 1):
                    self.add()

    def _read_rows(self, formdata: FormData) -> None:
        pattern = re.compile(re.escape(self.name) + r"-([0-9]{1,6})-.")
        digits = {match[1] for match in map(pattern.match, formdata) if match}
        indexes = sorted({int(index) for index in digits})
        if len(indexes) > self.spec.max_rows:
            self.process_errors.append(
                f"“{self.spec.label}”最多 {self.spec.max_rows} 行，现在是 {len(indexes)} 行，请减少。"
            )
        self.rows = [self._row(index, formdata, None) for index in indexes[: self.spec.max_rows]]

    def _row(self, index: int | str, formdata: FormData | None, data: Mapping[str, object] | None) -> RowForm:
        around = self._form
        row = self.row_class(now=around.now, files=around.files, prefix=f"{self.name}-{index}-", outer=around)
        row.load(formdata, data)
        return row

    def template_row(self) -> RowForm:
        """An empty row whose names hold `__index__`, for the browser to copy."""
        return self._row("__index__", None, None)

    def change(self, action: str, number: int) -> bool:
        """Add a row, or take out the one with the index `number`."""
        if action == "add":
            return self.add()
        return action == "remove" and self.remove(number)

    def named(self, name: str) -> AnswerField | None:
        """This table, or a cell of it."""
        if not name.startswith(f"{self.name}-"):
            return super().named(name)
        return next((cell for row in self.rows if (cell := row.named(name))), None)

    def add(self) -> bool:
        """One empty row more, unless the table is full."""
        if len(self.rows) >= self.spec.max_rows or self.spec.readonly:
            return False
        self.rows.append(self._row(max((int(row.index()) for row in self.rows), default=-1) + 1, None, None))
        return True

    def remove(self, index: int) -> bool:
        """Take out the row with this index."""
        kept = [row for row in self.rows if row.index() != str(index)]
        changed = len(kept) < len(self.rows) and not self.spec.readonly
        if changed:
            self.rows = kept
        return changed

    def settle(self, answers: Mapping[str, object]) -> None:
        """Decide in every row what is hidden, required and computed, given the answers around the table."""
        for row in self.rows:
            row.settle(answers)

    def filled_rows(self) -> list[RowForm]:
        """The rows with an answer in them."""
        return [row for row in self.rows if not row.is_blank()]

    def is_blank(self) -> bool:
        """Whether no row is filled."""
        return not self.filled_rows()

    def json_value(self) -> list[dict[str, Any]]:
        """The filled rows."""
        return [row.settled_values() for row in self.filled_rows()]

    def answer(self) -> list[dict[str, object]]:
        """The filled rows as conditions see them."""
        return [row.answers() for row in self.filled_rows()]

    def validate(self, form: Surroundings, extra_validators: object = ()) -> bool:
        """The number of rows, then every filled row."""
        self.errors = list(self.process_errors)
        rows = self.filled_rows()
        least = max(self.spec.min_rows, int(self.is_required))
        if not self.errors and len(rows) < least:
            self.errors.append(f"请至少填写 {least} 行“{self.spec.label}”。")
        return all([row.check() for row in rows]) and not self.errors

    def problems(self, where: str = "") -> Iterator[AnswerProblem]:
        """Those of the table itself, then those of each row with its number."""
        yield from super().problems(where)
        if not self.hidden:
            for number, row in enumerate(self.rows, 1):
                yield from row.problems(f"“{self.spec.label}”第 {number} 行：")

    def totals(self) -> dict[str, Decimal]:
        """Column key -> sum, for the columns that the form file wants added up."""
        return {key: sum(self._numbers(key), Decimal(0)) for key in self.spec.table_total}

    def _numbers(self, key: str) -> list[Decimal]:
        cells = [row[key] for row in self.filled_rows()]
        return [cell.data for cell in cells if isinstance(cell, NumberField) and cell.data is not None]
