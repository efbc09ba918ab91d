"""来源设置: which column of a source's export is which field, and what its words mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from forms.form_file import Field, flatten
from handlers.register import import_sources
from handlers.register.import_sources import NUMBER, TYPE, ImportSource, MappingRefused, all_sources, checked
from processes.importing.registration import ImportRefused, open_registration
from processes.importing.translation import WISHES
from webapp.extensions import current_actor, services
from webapp.register.area import blueprint
from webapp.register.importing import CONFLICT, UNPROCESSABLE

_SKIPPED = frozenset({*WISHES.values()})
_KINDS = frozenset({"filepicker", "dynamiclist"})


@blueprint.get("/import/sources/<code>")
def source(code: str) -> ResponseReturnValue:
    """The mapping of one source."""
    return _page(_source(code))


@blueprint.post("/import/sources/<code>")
def save_source(code: str) -> ResponseReturnValue:
    """Keep the changed mapping."""
    known = _source(code)
    try:
        changed = checked(_posted(known))
    except MappingRefused as refused:
        return _page(known, str(refused))
    with services().database.write() as connection:
        import_sources.save_source(connection, changed, current_actor().account_id, services().now())
    flash(f"“{changed.name}”的列对应已保存，以后的导入都按它。", "success")
    return redirect(url_for("register.imports"))


def _source(code: str) -> ImportSource:
    with services().database.read() as connection:
        return all_sources(connection).get(code) or abort(404)


def _posted(known: ImportSource) -> ImportSource:
    """The mapping as the page sent it: `column:<field>`, `fixed:<field>`, `words:<field>` (one 原词=选项 per line)."""
    columns, fixed, words = dict(known.columns), dict(known.fixed), dict(known.words)
    for name, text in request.form.items():
        part, _, key = name.partition(":")
        if part == "column":
            columns[key] = text.strip()
        elif part == "fixed":
            fixed[key] = text.strip()
        elif part == "words":
            words[key] = _read_words(text)
    return ImportSource(
        known.code,
        request.form.get("name", known.name).strip(),
        {key: text for key, text in columns.items() if text},
        {key: text for key, text in fixed.items() if text},
        {key: table for key, table in words.items() if table},
    )


def _read_words(text: str) -> dict[str, str]:
    table = {}
    for line in text.splitlines():
        word, mark, value = line.replace("＝", "=").partition("=")
        if not line.strip():
            continue
        if not mark or not word.strip() or not value.strip():
            raise MappingRefused(
                f"“{line.strip()[:40]}”看不懂。每行写一个对照：原词=选项值，例如 微信小程序=platform_app。"
            )
        table[word.strip()] = value.strip()
    return table


def _page(shown: ImportSource, problem: str = "") -> ResponseReturnValue:
    try:
        with services().database.read() as connection:
            registration = open_registration(connection, services().engine)
    except ImportRefused as refused:
        return make_response(render_template("register/no_form.html", sentence=str(refused)), CONFLICT)
    html = render_template(
        "register/source.html", source=shown, parts=_parts(registration), problem=problem, posted=request.form
    )
    return make_response(html, UNPROCESSABLE if problem else 200)


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """A foldable part of the page: what a column may stand for, as a group of the form has it."""

    name: str
    fields: list[Mapping[str, Any]]

    def used(self, shown: ImportSource) -> int:
        """How many of its fields the source gives a column or a fixed value."""
        return sum(field["key"] in shown.columns or field["key"] in shown.fixed for field in self.fields)


def _parts(registration: Any) -> list[FieldGroup]:
    """Number and type, then the form's groups in its order; what stands outside of any comes last."""
    kinds = {"complaint": "投诉", "report": "举报", "enquiry": "咨询"}
    first: list[Mapping[str, Any]] = [
        {"key": NUMBER, "label": "来源编号", "options": [], "required": True, "multiple": False},
        {"key": TYPE, "label": "类型", "options": list(kinds.items()), "required": False, "multiple": True},
    ]
    fields: tuple[Field, ...] = registration.form.fields
    groups = [(item.label or "其他", item.fields) for item in fields if item.kind == "group"]
    parts = [*groups, ("其他", tuple(item for item in fields if item.kind != "group"))]
    own = [
        FieldGroup(name, [_field(registration, item) for item in flatten(inside) if _is_told(item)])
        for name, inside in parts
    ]
    return [FieldGroup("编号和类型", first), *(part for part in own if part.fields)]


def _is_told(item: Field) -> bool:
    return item.has_value and item.kind not in _KINDS and item.key not in _SKIPPED and item.key != TYPE


def _field(registration: Any, item: Field) -> Mapping[str, Any]:
    written = [(choice.value, choice.label) for choice in item.choices]
    return {
        "key": item.key,
        "label": item.label,
        "options": list(registration.choices[item.source]) if item.source else written,
        "required": item.key == "received_at",
        "multiple": item.kind in ("checklist", "taglist"),
    }
