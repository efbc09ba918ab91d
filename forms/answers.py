"""What a form's answers mean to others: the words of a choice, the files that were attached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.model import FormFile


def label_of(form: FormFile, key: str, value: Any) -> str:
    """The label that a person chose in field `key`; the value itself where the form lists no such choice."""
    field = form.answers().get(key)
    for choice in field.choices if field else ():
        if choice.value == value:
            return choice.label
    return "" if value is None else str(value)


def attachment_ids(form: FormFile, values: Mapping[str, Any]) -> list[int]:
    """Ids of all files attached to the form's own fields."""
    pickers = (field.key for field in form.answers().values() if field.kind == "filepicker")
    return [int(attached) for key in pickers for attached in values.get(key) or ()]
