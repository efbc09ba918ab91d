"""A form with answers: filled, checked, shown again and read out, whatever kinds of fields it has.

A WTForms `BaseForm` and not a `Form`: fields are reached by key (`form["title"]`), so that a form file may call a field
`data` or `validate` without breaking anything. `form_class` makes the class of a form file and binds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from forms.answer_field import AnswerField, AnswerProblem, Attachment, FormData
from forms.feel.page import PageExpression
from forms.form_file import Field


class _Meta(DefaultMeta):  # type: ignore[misc]
    """CSRF is the whole page's matter, and every message is written here."""

    csrf = False
    locales = False


class FilledForm(BaseForm):  # type: ignore[misc]
    """A form with answers. `now` is aware Beijing time, `files` are the attachments that may be named.

    A row of a table is a form too, with `outer` the form around it.
    """

    components: ClassVar[tuple[Field, ...]] = ()
    unbound: ClassVar[tuple[tuple[str, Any], ...]] = ()
    hiding: ClassVar[Mapping[str, tuple[PageExpression, ...]]] = {}
    depends: ClassVar[bool] = True
    """Whether what is hidden, required or computed hangs on answers; tables always count."""
    _fields: dict[str, AnswerField]

    def __init__(
        self, *, now: datetime, files: Mapping[int, Attachment], prefix: str = "", outer: FilledForm | None = None
    ) -> None:
        self.now = now
        self.files = files
        self.outer = outer
        self.form_errors: list[str] = []
        super().__init__(self.unbound, prefix=prefix, meta=_Meta())

    def load(self, formdata: FormData | None, data: Mapping[str, object] | None) -> None:
        """Take posted or stored values and settle what is hidden."""
        for key, field in self._fields.items():
            field.process(formdata, data[key] if data and key in data else field.starts_with(self.now))

    def find(self, key: str) -> AnswerField | None:
        """A field of this form, or of the form around this row."""
        return self._fields.get(key) or (self.outer.find(key) if self.outer else None)

    def answers(self) -> dict[str, object]:
        """What conditions see of this form alone; hidden fields are null."""
        return {key: None if field.hidden else field.answer() for key, field in self._fields.items()}

    def settle(self, around: Mapping[str, object] | None = None) -> None:
        """Decide what is hidden, required and computed; repeated until nothing changes, as answers hang together.

        `around`: what the form around this row answers, if this is a row.
        """
        if not self.depends:
            for field in self._fields.values():
                field.is_required = field.spec.required and not field.spec.readonly
            return
        around = around or {}
        for _ in range(len(self._fields) + 2):
            before = self._state()
            self._settle_once({**around, **self.answers()})
            if self._state() == before:
                break
        answers = {**around, **self.answers()}
        for field in self._fields.values():
            spec = field.spec
            required = spec.required or (spec.required_if is not None and spec.required_if.holds(answers))
            field.is_required = required and not spec.readonly and not field.hidden

    def _settle_once(self, answers: Mapping[str, object]) -> None:
        for key, field in self._fields.items():
            field.hidden = any(expression.holds(answers) for expression in self.hiding.get(key, ()))
            field.settle(answers)

    def _state(self) -> list[object]:
        return [(field.hidden, field.answer()) for field in self._fields.values()]

    def validate(self, extra_validators: object = None) -> bool:
        """Check every field that is shown. Computed values are checked, readonly ones were checked when they came."""
        self.settle()
        return self.check()

    def check(self) -> bool:
        """`validate` of a form that is settled already."""
        sound = True
        for field in self._fields.values():
            field.errors = []
            if field.hidden or (field.spec.readonly and field.spec.computed is None):
                continue
            sound = field.validate(self) and sound
        return sound

    def values(self) -> dict[str, Any]:
        """Every key with its JSON-ready value.

        A hidden or empty field is there too, with the empty value of its kind (None, "" for texts, False for a box,
        [] for lists), so that merging into older facts clears what no longer holds.
        """
        self.settle()
        return self.settled_values()

    def settled_values(self) -> dict[str, Any]:
        """`values` of a form that is settled already."""
        return {key: field.empty() if field.hidden else field.json_value() for key, field in self._fields.items()}

    def index(self) -> str:
        """The index in the names of a row's inputs."""
        return str(self._prefix).rstrip("-").rpartition("-")[2]

    @staticmethod
    def lines(fields: tuple[Field, ...]) -> list[list[Field]]:
        """Components as lines on the page: those with the same layout row stand on one."""
        lines: list[list[Field]] = []
        for field in fields:
            if lines and field.row and lines[-1][0].row == field.row:
                lines[-1].append(field)
            else:
                lines.append([field])
        return lines

    def is_blank(self) -> bool:
        """Whether nothing is answered: such a row of a table is left out."""
        return all(
            field.is_blank() and not field.process_errors
            for field in self._fields.values()
            if field.spec.computed is None
        )

    def problems(self, where: str = "") -> list[AnswerProblem]:
        """Every error in reading order, those of table rows with their row number; `where` stands before each."""
        return [problem for field in self._fields.values() for problem in field.problems(where)]

    def change(self, command: str) -> bool:
        """Do what a row or file button asked: `add:courses`, `remove:courses:2`, `drop:plan_file:17`.

        Nothing is checked; show the form again. False if the command means nothing here.
        """
        action, _, rest = command.partition(":")
        name, _, number = rest.rpartition(":") if action in {"remove", "drop"} else (rest, "", "0")
        if not re.fullmatch(r"[0-9]{1,15}", number):
            return False
        field = self.named(name)
        return field is not None and field.change(action, int(number))

    def named(self, name: str) -> AnswerField | None:
        """The field whose input is called `name`, in this form or in a row of its tables."""
        fields = (field.named(name) for field in self._fields.values())
        return next((field for field in fields if field is not None), None)
