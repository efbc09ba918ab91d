"""Choices that a form loses by a publication, where the rest of the set still goes by the field.

Nothing breaks: a case keeps the versions it began with. But a table or a condition that counted on the choice may now
have a row that is never reached, or lack one for the choice that came instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forms.form_file import FormError, FormFile
from forms.form_reader import read_form
from processes.engine.check import scope
from processes.engine.check.bundle import Bundle


def lost_choices(before: Mapping[str, bytes], contents: Mapping[tuple[str, str], bytes]) -> Iterator[str]:
    """A sentence for each field that lost choices and is still looked at.

    `before`: the forms that were replaced, by key, as they were; `contents`: `(kind, key)` to the whole new set.
    """
    lost = {key: missing for key, old in before.items() if (missing := _lost(key, old, contents["form", key]))}
    if not lost:
        return
    bundle = _bundle(contents)
    for key, missing in sorted(lost.items()):
        for name, words in missing.items():
            places = list(_places(bundle, name))
            if places:
                yield (
                    f"表单 {key} 的「{name}」少了选项{'、'.join(words)}，而{'、'.join(places)}要看这一项，"
                    "请核对其中的条件和行是否还对；在办事项按开始时的版本办完，不受影响"
                )


def _lost(key: str, old: bytes, new: bytes) -> Mapping[str, list[str]]:
    """Field to the choices, as `label（value）`, that only the old form has; a field that went is not here."""
    try:
        then, now = _read(key, old), _read(key, new)
    except FormError:  # a form of an older release need not be one today
        return {}
    lost: dict[str, list[str]] = {}
    for name, field in then.answers().items():
        if not (field.choices and name in now.answers() and now.answers()[name].choices):
            continue
        left = {choice.value for choice in now.answers()[name].choices}
        words = [f"{choice.label}（{choice.value}）" for choice in field.choices if choice.value not in left]
        if words:
            lost[name] = words
    return lost


def _read(key: str, content: bytes) -> FormFile:
    return read_form(content, f"{key}.form")


def _bundle(contents: Mapping[tuple[str, str], bytes]) -> Bundle:
    bundle = Bundle(frozenset(), frozenset(), forms={})
    suffixes = {"process": "bpmn", "table": "dmn", "form": "form"}
    for (kind, key), content in contents.items():
        if kind in suffixes:
            list(bundle.load(f"{key}.{suffixes[kind]}", content))
    return bundle


def _places(bundle: Bundle, name: str) -> Iterator[str]:
    """Diagrams with a condition, and tables, that look at `name`."""
    for diagram in bundle.diagrams.values():
        if any(use.what == "条件" and name in names for use, names in scope.reads(diagram, bundle)):
            yield f"流程「{diagram.process.name}」"
    for _, table in bundle.tables.values():
        if name in table.variables:
            yield f"决策表「{table.name or table.key}」"
