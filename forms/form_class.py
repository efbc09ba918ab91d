"""From a form file to a WTForms class, and from the class to a form that holds what was posted or stored.

form_class = build_form_class(form_file, choices={"departments": [("office", "办公室")]})
form = bind(form_class, request.form, facts, now=now, files=uploaded)
if form.validate(): engine.complete(actor, task_id, form.values())
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from forms.answer_field import AnswerField, Attachment, FormData
from forms.answer_rules import rules_for
from forms.beijing import BEIJING
from forms.feel.page import PageExpression
from forms.filled_form import FilledForm
from forms.form_file import Field, FormError, FormFile
from forms.picked_fields import CheckField, ChoiceField, ChoicesField, FilesField, offered
from forms.table_field import TableField
from forms.written_fields import MomentField, NumberField, TextField

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
