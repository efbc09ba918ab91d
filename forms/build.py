"""From a form file to a WTForms form that can be filled, checked, shown again and read out.

    form_class = build_form_class(form_file, choices={"departments": [("office", "办公室")]})
    form = bind(form_class, request.form, facts, now=now, files=uploaded)
    if form.validate(): engine.complete(actor, task_id, form.values())

A WTForms `BaseForm` and not a `Form`: fields are reached by key (`form["title"]`), so that a form file may call a field
`data` or `validate` without breaking anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from forms.feel.page import PageExpression
from forms.fields import AnswerField, Attachment, FormData, MomentField, NumberField, TextField
from forms.model import Field, FormError, FormFile
from forms.parse import BEIJING
from forms.picks import CheckField, ChoiceField, ChoicesField, FilesField, offered
from forms.rules import rules_for
from forms.tables import TableField

_FIELD_CLASSES: Mapping[str, type[AnswerField]] = {
    "textfield": TextField,
    "textarea": TextField,
    "number": NumberField,
    "datetime": MomentField,
    "checkbox": CheckField,
    "select": ChoiceField,
    "radio": ChoiceField,
    "checklist": ChoicesField,
    "taglist": ChoicesField,
    "filepicker": FilesField,
    "dynamiclist": TableField,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the summary: the id of the input to jump to, and the sentence."""

    field_id: str
    label: str
    message: str


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
            if data and key in data:
                field.process(formdata, data[key])
            elif isinstance(field, MomentField) and field.spec.default_now:
                field.process(formdata, field.written(self.now))
            else:
                field.process(formdata)

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
            wanted = spec.required or (spec.required_if is not None and spec.required_if.holds(answers))
            field.is_required = wanted and not spec.readonly and not field.hidden

    def _settle_once(self, answers: Mapping[str, object]) -> None:
        for key, field in self._fields.items():
            field.hidden = any(expression.holds(answers) for expression in self.hiding.get(key, ()))
            if isinstance(field, TableField):
                field.settle(answers)
            if field.spec.computed is not None and isinstance(field, NumberField):
                field.set_computed(field.spec.computed.value(answers))

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

    def problems(self) -> list[Problem]:
        """Every error in reading order, those of table rows with their row number."""
        return list(self._problems(""))

    def _problems(self, where: str) -> Iterator[Problem]:
        for field in self._fields.values():
            for message in field.errors:
                yield Problem(field.id, field.spec.label, f"{where}{message}")
            if isinstance(field, TableField) and not field.hidden:
                for number, row in enumerate(field.rows, 1):
                    yield from row._problems(f"“{field.spec.label}”第 {number} 行：")

    def change(self, command: str) -> bool:
        """Do what a row or file button asked: `add:courses`, `remove:courses:2`, `drop:plan_file:17`.

        Nothing is checked; show the form again. False if the command means nothing here.
        """
        action, _, rest = command.partition(":")
        name, _, number = rest.rpartition(":") if action in {"remove", "drop"} else (rest, "", "0")
        if not re.fullmatch(r"[0-9]{1,15}", number):
            return False
        field = self._by_name(name)
        if isinstance(field, TableField) and action in {"add", "remove"}:
            return field.add() if action == "add" else field.remove(int(number))
        if isinstance(field, FilesField) and action == "drop" and int(number) in field.data:
            field.data = [file for file in field.data if file != int(number)]
            return True
        return False

    def _by_name(self, name: str) -> AnswerField | None:
        for field in self._fields.values():
            if field.name == name:
                return field
            if isinstance(field, TableField) and name.startswith(f"{field.name}-"):
                return next((found for row in field.rows if (found := row._by_name(name))), None)
        return None


def build_form_class(form: FormFile, *, choices: Mapping[str, Sequence[tuple[str, str]]]) -> type[FilledForm]:
    """The WTForms class of a form file.

    `choices`: source name -> (value, label) pairs, for every name in `form.sources()`.
    Raises: FormError if a source is missing.
    """
    for source in sorted(form.sources()):
        if source not in choices:
            raise FormError(f"表单 {form.key} 需要的选项“{source}”没有提供，请在系统设置中配置。")
    return _form_class(form.key, form.fields, choices)


def _form_class(
    name: str, fields: tuple[Field, ...], choices: Mapping[str, Sequence[tuple[str, str]]]
) -> type[FilledForm]:
    unbound: list[tuple[str, Any]] = []
    hiding: dict[str, tuple[PageExpression, ...]] = {}
    for spec, conditions in _with_conditions(fields, ()):
        hiding[spec.key] = conditions
        options: dict[str, Any] = {"validators": rules_for(spec)}
        if spec.kind == "dynamiclist":
            options["row_class"] = _form_class(f"{name}_{spec.key}", spec.fields, choices)
        unbound.append((spec.key, _FIELD_CLASSES[spec.kind](spec, offered(spec, choices), **options)))
    depends = any(hiding.values()) or any(_depends(spec) for spec, _ in _with_conditions(fields, ()))
    members = {"components": fields, "unbound": tuple(unbound), "hiding": hiding, "depends": depends}
    return type(f"Form_{name}", (FilledForm,), members)


def _depends(spec: Field) -> bool:
    return spec.kind == "dynamiclist" or spec.required_if is not None or spec.computed is not None


def _with_conditions(
    fields: tuple[Field, ...], around: tuple[PageExpression, ...]
) -> Iterator[tuple[Field, tuple[PageExpression, ...]]]:
    """Components that carry a value, each with the conditions that hide it or a group around it."""
    for field in fields:
        conditions = (*around, field.hidden_if) if field.hidden_if else around
        if field.kind == "group":
            yield from _with_conditions(field.fields, conditions)
        elif field.has_value:
            yield field, conditions


def bind(
    form_class: type[FilledForm],
    formdata: FormData | None = None,
    prefill: Mapping[str, object] | None = None,
    *,
    now: datetime,
    files: Mapping[int, Attachment] | None = None,
) -> FilledForm:
    """A form holding what was posted (`formdata`, None before anything was) over the stored `prefill`.

    `now`: aware, for rules about today. `files`: the attachments this person may name; any other id is refused.
    """
    form = form_class(now=now.astimezone(BEIJING), files=files or {})
    form.load(formdata, prefill)
    form.settle()
    return form
