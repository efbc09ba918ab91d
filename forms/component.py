"""One form-js component -> one `Field`. Settings that have no meaning on the server are refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from forms.form_file import VALUE_KINDS, Field, FormError
from forms.settings import block, component_name, expression, read_settings, refuse_unknown, text, whole

MAX_DEPTH: Final = 4
_IGNORED_KINDS: Final = frozenset({"separator", "spacer"})
_EVERYWHERE: Final = frozenset({"id", "type", "layout", "properties", "conditional"})
_VALUE: Final = frozenset({"key", "label", "description", "defaultValue", "validate", "disabled", "readonly"})
_CHOICES: Final = _VALUE | {"values", "searchable"}
_COMPONENT: Final[Mapping[str, frozenset[str]]] = {
    "textfield": _VALUE | {"appearance"},
    "textarea": _VALUE,
    "number": _VALUE | {"appearance", "decimalDigits", "increment", "serializeToString"},
    "datetime": _VALUE
    | set(
        ["subtype", "dateLabel", "timeLabel", "use24h", "timeInterval", "timeSerializingFormat", "disallowPassedDates"]
    ),
    "select": _CHOICES,
    "radio": _CHOICES,
    "checklist": _CHOICES,
    "taglist": _CHOICES,
    "checkbox": _VALUE,
    "filepicker": _VALUE - {"defaultValue"} | {"multiple", "accept"},
    "text": frozenset({"text"}),
    "group": frozenset({"label", "path", "components", "showOutline", "verticalAlignment"}),
    "dynamiclist": frozenset(
        [
            "label",
            "description",
            "path",
            "components",
            "showOutline",
            "verticalAlignment",
            "isRepeating",
            "allowAddRemove",
            "defaultRepetitions",
            "nonCollapsedItems",
            "disableCollapse",
            "validate",
        ]
    ),
}


class ComponentReader:
    """Reads the components of one form; `depth` keeps groups from nesting without end."""

    def read_all(self, components: object, depth: int = 0, *, in_table: bool = False) -> tuple[Field, ...]:
        """The components in order, without separators and spacers. Raises: FormError."""
        if not isinstance(components, list):
            raise FormError("components 必须是组件的列表，请用表单编辑器保存。")
        if depth > MAX_DEPTH:
            raise FormError(f"分组套得太深（最多 {MAX_DEPTH} 层），请减少。")
        fields = (self._read(raw, depth, in_table) for raw in components)
        return tuple(field for field in fields if field is not None)

    def _read(self, raw: object, depth: int, in_table: bool) -> Field | None:
        if not isinstance(raw, dict):
            raise FormError("组件列表里有一项不是组件，请用表单编辑器保存。")
        kind, name = raw.get("type"), component_name(raw)
        if kind in _IGNORED_KINDS:
            return None
        if not isinstance(kind, str) or kind not in _COMPONENT:
            raise FormError(f"组件“{name}”的类型“{kind}”不支持，请换成支持的组件。")
        refuse_unknown(name, "设置", raw, _EVERYWHERE | _COMPONENT[kind])
        if in_table and kind in {"dynamiclist", "group", "text"}:
            raise FormError(f"组件“{name}”：表格的行里不能再放表格、分组或说明文字，请移到外面。")
        return self._build(kind, name, raw, depth, in_table)

    def _build(self, kind: str, name: str, raw: Mapping[str, object], depth: int, in_table: bool) -> Field:
        conditional = block(name, raw, "conditional")
        refuse_unknown(name, "条件", conditional, {"hide"})
        hidden_if = expression(name, conditional, "hide")
        if kind not in VALUE_KINDS:
            refuse_unknown(name, "自定义属性", block(name, raw, "properties"), ())
        if kind == "text":
            return Field(kind=kind, text=_static_text(name, raw), hidden_if=hidden_if)
        label = (text(name, raw, "label") or text(name, raw, "dateLabel") or text(name, raw, "timeLabel")).strip()
        members = raw.get("components")
        if kind == "group":
            if raw.get("path"):
                raise FormError(f"分组“{name}”不能设置路径（path），请清空：所有字段都在同一层。")
            fields = self.read_all(members, depth + 1)
            return Field(kind=kind, label=label, hidden_if=hidden_if, fields=fields)
        if not label:
            raise FormError(f"组件“{name}”没有标题，请填写标题，错误提示要用到它。")
        columns = self.read_all(members, depth + 1, in_table=True) if kind == "dynamiclist" else ()
        settings = read_settings(kind, name, raw)
        if in_table and settings["readonly"] and not settings["computed"]:
            raise FormError(f"组件“{name}”：表格的列不能只读，请改成计算列或放到表格外面。")
        if in_table and settings.get("personal"):
            raise FormError(f"组件“{name}”：表格的列不能标为个人信息（personal），请放到表格外面。")
        return Field(kind=kind, label=label, hidden_if=hidden_if, fields=columns, **_layout(name, raw), **settings)


def _layout(name: str, raw: Mapping[str, object]) -> dict[str, Any]:
    layout = block(name, raw, "layout")
    refuse_unknown(name, "布局设置", layout, {"row", "columns"})
    width = whole(name, layout, "columns")
    return {"row": text(name, layout, "row"), "columns": width if width and 2 <= width <= 16 else None}


def _static_text(name: str, raw: Mapping[str, object]) -> str:
    content = text(name, raw, "text").strip()
    if content.startswith("="):
        raise FormError(f"说明文字“{name}”不支持公式，请写成普通文字。")
    return content
