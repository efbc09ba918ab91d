"""Reads a form-js file (`*.form`) and refuses, with a sentence, whatever the server would not honour.

A setting that the editor shows but the server ignores would be a silent hole in a procedure, so every unknown
component type and every unknown setting is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

from forms.component import ComponentReader
from forms.feel.page import PageExpression
from forms.form_file import Field, FormError, FormFile, by_key, flatten

MAX_BYTES: Final = 512 * 1024
MAX_FIELDS: Final = 300
_TOP_LEVEL: Final = frozenset(
    [
        "type",
        "id",
        "name",
        "components",
        "schemaVersion",
        "exporter",
        "executionPlatform",
        "executionPlatformVersion",
        "generated",
    ]
)
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")


@lru_cache(maxsize=512)
def read_form(data: bytes, filename: str) -> FormFile:
    """Read and check one form file. Kept by content: publishing checks the whole set whatever changed.

    `filename` may hold folders; the form's id must be the name before `.form`.
    Raises: FormError, one Chinese sentence naming the file, the component and what to do.
    """
    try:
        return _read(data, PurePosixPath(filename.replace("\\", "/")).name.removesuffix(".form"))
    except FormError as error:
        raise FormError(f"表单 {filename}：{error}") from error


def _read(data: bytes, stem: str) -> FormFile:
    raw = _json(data)
    unknown = sorted(set(raw) - _TOP_LEVEL)
    if unknown:
        raise FormError(f"最外层有不支持的设置“{unknown[0]}”，请删除。")
    if raw.get("type", "default") != "default":
        raise FormError("最外层 type 必须是 default，请用表单编辑器保存。")
    key = raw.get("id")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise FormError("表单的 id 必须是小写英文、数字和下划线，例如 training_plan。")
    if key != stem:
        raise FormError(f"表单的 id 是“{key}”，与文件名“{stem}”不一致，请改成一样。")
    components = raw.get("components")
    if not isinstance(components, list) or not components:
        raise FormError("表单里没有任何组件，请至少添加一个字段。")
    fields = ComponentReader().read_all(components)
    _check_keys(fields)
    _check_references(fields)
    name = raw.get("name")
    return FormFile(
        key=key,
        name=name.strip() if isinstance(name, str) and name.strip() else key,
        fields=fields,
        personal=tuple((field.key, field.personal) for field in flatten(fields) if field.personal),
    )


def _json(data: bytes) -> dict[str, object]:
    if len(data) > MAX_BYTES:
        raise FormError(f"文件超过 {MAX_BYTES // 1024} KB，不是正常的表单文件。")
    try:
        raw = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_no_duplicates)
    except UnicodeDecodeError as error:
        raise FormError("文件不是 UTF-8 编码，请用表单编辑器重新保存。") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormError("文件不是完整的 JSON，请用表单编辑器重新保存。") from error
    if not isinstance(raw, dict):
        raise FormError("文件内容不是表单，请用表单编辑器重新保存。")
    return raw


def _no_duplicates(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            raise FormError(f"同一处写了两次“{key}”，请删除一个。")
        result[key] = value
    return result


def _check_keys(fields: tuple[Field, ...], taken: Mapping[str, str] | None = None) -> None:
    seen = dict(taken or {})
    every = [field for field in flatten(fields) if field.has_value]
    if len(every) > MAX_FIELDS:
        raise FormError(f"字段超过 {MAX_FIELDS} 个，请拆成几张表单。")
    for field in every:
        if not _KEY.fullmatch(field.key):
            raise FormError(f"组件“{field.label}”的键“{field.key}”必须是小写英文、数字和下划线，例如 start_on。")
        if field.key in seen:
            raise FormError(f"组件“{field.label}”与“{seen[field.key]}”用了同一个键“{field.key}”，请改一个。")
        seen[field.key] = field.label
    for table in every:
        if table.kind == "dynamiclist":
            _check_keys(table.fields, seen)


def _check_references(fields: tuple[Field, ...], outer: Mapping[str, Field] | None = None) -> None:
    """Every key named in a condition, a date rule or a total exists where it is looked up."""
    own = by_key(fields)
    known = {**(outer or {}), **own}
    for field in flatten(fields):
        for setting, expression in field.expressions():
            _check_expression(field, setting, expression, known)
        for rule, key in _wanted_keys(field):
            if key not in known:
                raise FormError(f"组件“{field.label}”提到的字段“{key}”不在表单里，请改正。")
            if rule and (known[key].kind != "datetime" or "time" in {known[key].subtype, field.subtype}):
                raise FormError(f"组件“{field.label}”的日期规则“{rule}:{key}”要求两边都是日期，请改正。")
        if field.kind == "dynamiclist":
            _check_references(field.fields, known)
            _check_totals(field)
    _check_order(fields, own)


def _check_expression(field: Field, setting: str, expression: PageExpression, known: Mapping[str, Field]) -> None:
    for name in sorted(expression.names):
        if name not in known:
            raise FormError(f"组件“{field.label}”的{setting}提到的字段“{name}”不在表单里，请改正。")
        if name == field.key:
            raise FormError(f"组件“{field.label}”的{setting}不能引用它自己。")


def _wanted_keys(field: Field) -> list[tuple[str, str]]:
    """(date rule or empty, key it points to)."""
    pairs = [(rule, key) for rule, colon, key in (text.partition(":") for text in field.date_rules) if colon]
    return [*pairs, ("", field.requires)] if field.requires else pairs


def _check_totals(table: Field) -> None:
    columns = table.by_key()
    for key in table.table_total:
        if key not in columns or columns[key].kind != "number":
            raise FormError(f"表格“{table.label}”的合计列“{key}”不是它的数字列，请改正。")


def _check_order(fields: tuple[Field, ...], own: Mapping[str, Field]) -> None:
    """No circle of hiding or computing: otherwise what is shown would depend on the order of looking."""
    needs = {key: names & set(own) for key, names in _needs(fields, frozenset())}
    while needs:
        ready = {key for key, names in needs.items() if not names & set(needs)}
        if not ready:
            label = own[min(needs)].label
            raise FormError(f"组件“{label}”的隐藏条件或计算式与别的字段互相引用，形成循环，请改正。")
        needs = {key: names for key, names in needs.items() if key not in ready}


def _needs(fields: tuple[Field, ...], inherited: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """(key, keys that decide whether it is shown or what it is); a table needs what its columns need."""
    for field in fields:
        names = inherited.union(*(expression.names for expression in (field.hidden_if, field.computed) if expression))
        if field.kind == "group":
            yield from _needs(field.fields, names)
        elif field.has_value:
            columns = {column.key for column in field.fields}
            for _, needed in _needs(field.fields, frozenset()):
                names |= needed - columns
            yield field.key, names
