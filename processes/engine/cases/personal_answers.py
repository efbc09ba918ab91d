"""Personal answers on their way into a case: kept apart before anything else sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from forms.form_file import FormFile
from handlers.personal import kept_apart
from handlers.personal.masks import masked_values
from processes.engine.cases.work import Work
from processes.engine.errors import Refused
from processes.engine.kernel.release import Release
from processes.engine.publishing.library import Library


def set_apart(work: Work, form: FormFile, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """`values` of `form` as the case may know them, the personal ones masked and their real values kept.

    No statement for a form without personal answers.
    Raises: Refused, where somebody corrected the value since the form was opened.
    """
    if not form.personal:
        return values
    try:
        return kept_apart.set_apart(work.connection, work.case.id, form.personal, values, work.now)
    except kept_apart.MaskedTextChanged as changed:
        label = form.answers()[changed.field].label
        raise Refused(f"“{label}”在您填写期间已被更正，请刷新页面后再提交") from changed


def shown(form: FormFile, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """`values` of `form` with the personal ones masked, nothing kept."""
    return masked_values(form.personal, values) if form.personal else values


def labels_of(library: Library, release: Release, release_id: int, fields: Iterable[str]) -> dict[str, str]:
    """What the release's forms call the personal `fields`, in their order; one that no form has goes by its key."""
    keys = {node.task.form for process in release.processes.values() for node in process.nodes.values() if node.task}
    labels = {
        key: form.answers()[key].label
        for form in (library.form(release_id, name) for name in sorted(keys) if name)
        for key, _ in form.personal
    }
    field_keys = set(fields)
    known = {field: label for field, label in labels.items() if field in field_keys}
    return known | {field: field for field in sorted(field_keys - known.keys())}


def settled(command: Mapping[str, Any]) -> dict[str, Any]:
    """The command of an incident that is over: without the real values."""
    return {key: value for key, value in command.items() if key != "personal"}
