"""What a form's answers mean to others: the words of a choice, the files that were attached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from forms.form_file import FormFile


def label_of(form: FormFile, key: str, value: Any, listed: Iterable[tuple[str, str]] = ()) -> str:
    """The label that a person chose in field `key`; the value itself where the form lists no such choice.

    `listed`: (value, label) pairs of the list that the field takes its choices from, if it does.
    """
    field = form.answers().get(key)
    own = field.labels() if field else {}
    text = "" if value is None else str(value)
    return {**dict(listed), **own}.get(text, text)


def attachment_ids(form: FormFile, values: Mapping[str, Any]) -> list[int]:
    """Ids of all files attached to the form's own fields."""
    pickers = (field.key for field in form.answers().values() if field.kind == "filepicker")
    return [int(attached) for key in pickers for attached in values.get(key) or ()]
