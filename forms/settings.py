"""The settings of one form-js component that carries a value, read and checked one by one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from forms.feel import FeelError
from forms.feel.page import PageExpression, read_page_expression
from forms.form_file import (
    CHOICE_KINDS,
    DEFAULT_MAX_LENGTH,
    FORMATS,
    MULTIPLE_KINDS,
    OPINION,
    PERSONAL,
    Choice,
    FormError,
)

_VALIDATE: Final[Mapping[str, frozenset[str]]] = {
    "textfield": frozenset(
        ["required", "minLength", "maxLength", "pattern", "patternErrorMessage", "validationType", "requires"]
    ),
    "textarea": frozenset(["required", "minLength", "maxLength", "requires"]),
    "number": frozenset(["required", "min", "max", "requires"]),
}
_VALIDATE_ELSE: Final = frozenset({"required", "requires"})
_PROPERTIES: Final[Mapping[str, frozenset[str]]] = {
    "textfield": frozenset({"format", "unit", "personal"}),
    "textarea": frozenset({"personal"}),
    "number": frozenset({"unit"}),
    "datetime": frozenset({"date_rule", "default"}),
    "filepicker": frozenset({"max_files", "max_size_mb"}),
    "dynamiclist": frozenset({"min_rows", "max_rows", "table_total"}),
    **{kind: frozenset({"source"}) for kind in CHOICE_KINDS - MULTIPLE_KINDS},
    **{kind: frozenset({"source", "min_choices"}) for kind in MULTIPLE_KINDS},
}
_PROPERTIES_EVERY_VALUE: Final = frozenset({"readonly", "required_if", "opinion"})
_DATE_RULE: Final = re.compile(r"not_future|not_past|(?:after|not_before):[a-z][a-z0-9_]*")
_SOURCE: Final = re.compile(r"[a-z_]+(?::[a-z0-9_]+(?:@unit)?)?")
_MONEY_UNITS: Final = frozenset({"元", "万元"})
_RUNAWAY: Final = re.compile(r"\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)[+*{]")


def read_settings(kind: str, name: str, raw: Mapping[str, object]) -> dict[str, Any]:
    """The arguments of `Field` for a component that carries a value, without label, condition and columns.

    Raises: FormError naming the component and the setting.
    """
    validate, own = block(name, raw, "validate"), block(name, raw, "properties")
    refuse_unknown(name, "校验设置", validate, _VALIDATE.get(kind, _VALIDATE_ELSE))
    computable = {"computed"} if kind == "number" else set()
    refuse_unknown(name, "自定义属性", own, _PROPERTIES.get(kind, frozenset()) | _PROPERTIES_EVERY_VALUE | computable)
    computed = expression(name, own, "computed")
    settings: dict[str, Any] = {
        "key": text(name, raw, "path" if kind == "dynamiclist" else "key"),
        "help": text(name, raw, "description").strip(),
        "default": raw.get("defaultValue"),
        "required": flag(name, validate, "required"),
        "required_if": expression(name, own, "required_if"),
        "requires": text(name, validate, "requires"),
        "computed": computed,
        "opinion": _opinion(name, own),
        "readonly": any(
            (computed, flag(name, raw, "readonly"), flag(name, raw, "disabled"), flag(name, own, "readonly"))
        ),
    }
    reader = _KINDS.get(kind, _choice_settings if kind in CHOICE_KINDS else None)
    if reader is not None:
        settings |= reader(name, raw, validate, own)
    return settings


def _opinion(name: str, own: Mapping[str, object]) -> str:
    said = own.get("opinion")
    mark = str(said).lower() if isinstance(said, bool) else text(name, own, "opinion")
    if mark and mark not in OPINION:
        raise FormError(f"组件“{name}”的属性 opinion 只能是 {'、'.join(OPINION)}，现在是“{mark}”。")
    return mark


def _text_settings(
    name: str, raw: Mapping[str, object], validate: Mapping[str, object], own: Mapping[str, object]
) -> dict[str, Any]:
    kind = str(raw["type"])
    pattern = text(name, validate, "pattern")
    if pattern:
        _check_pattern(name, pattern)
    text_format = text(name, own, "format") or text(name, validate, "validationType").replace("custom", "")
    if text_format and text_format not in FORMATS:
        raise FormError(f"组件“{name}”的格式“{text_format}”不认识，可以用 {'、'.join(FORMATS)}。")
    personal = text(name, own, "personal")
    if personal and personal not in PERSONAL:
        raise FormError(f"组件“{name}”的个人信息类别“{personal}”不认识，可以用 {'、'.join(PERSONAL)}。")
    shortest = whole(name, validate, "minLength")
    longest = whole(name, validate, "maxLength") or DEFAULT_MAX_LENGTH[kind]
    if shortest is not None and shortest > longest:
        raise FormError(f"组件“{name}”的最少字数大于最多字数，请改正。")
    return {
        "min_length": shortest,
        "max_length": longest,
        "pattern": pattern,
        "pattern_message": text(name, validate, "patternErrorMessage"),
        "format": text_format,
        "personal": personal,
        "unit": _unit(name, raw, own),
    }


def _check_pattern(name: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise FormError(f"组件“{name}”的正则表达式写错了，请改正。") from error
    if len(pattern) > 300 or _RUNAWAY.search(pattern):
        raise FormError(f"组件“{name}”的正则表达式太复杂（重复里又有重复），可能让系统变慢，请简化。")


def _number_settings(
    name: str, raw: Mapping[str, object], validate: Mapping[str, object], own: Mapping[str, object]
) -> dict[str, Any]:
    digits, unit = whole(name, raw, "decimalDigits"), _unit(name, raw, own)
    if digits is not None and digits > 6:
        raise FormError(f"组件“{name}”的小数位数最多 6 位，请改小。")
    least, most = _decimal(name, validate, "min"), _decimal(name, validate, "max")
    if least is not None and most is not None and least > most:
        raise FormError(f"组件“{name}”的最小值大于最大值，请改正。")
    return {
        "minimum": least,
        "maximum": most,
        "decimal_digits": digits,
        "as_text": flag(name, raw, "serializeToString") or (bool(digits) and unit in _MONEY_UNITS),
        "unit": unit,
    }


def _datetime_settings(
    name: str, raw: Mapping[str, object], validate: Mapping[str, object], own: Mapping[str, object]
) -> dict[str, Any]:
    subtype = text(name, raw, "subtype") or "date"
    if subtype not in {"date", "datetime", "time"}:
        raise FormError(f"组件“{name}”的日期类型“{subtype}”不认识，请用 date、datetime 或 time。")
    rules = [rule.strip() for rule in text(name, own, "date_rule").split(",") if rule.strip()]
    for rule in rules:
        if not _DATE_RULE.fullmatch(rule):
            raise FormError(
                f"组件“{name}”的日期规则“{rule}”不认识，可以用 not_future、not_past、after:字段键、not_before:字段键。"
            )
    if flag(name, raw, "disallowPassedDates") and "not_past" not in rules:
        rules.append("not_past")
    if subtype == "time" and any(":" not in rule for rule in rules):
        raise FormError(f"组件“{name}”只有时间没有日期，不能用“不早于今天”这类规则。")
    default = text(name, own, "default")
    if default not in ("", "now"):
        raise FormError(f"组件“{name}”的默认值“{default}”不认识：属性 default 只能是 now（填写时的时刻）。")
    if default and raw.get("defaultValue"):
        raise FormError(f"组件“{name}”既有默认值（defaultValue）又有属性 default，请删除一个。")
    return {"subtype": subtype, "date_rules": tuple(rules), "default_now": bool(default)}


def _choice_settings(
    name: str, raw: Mapping[str, object], validate: Mapping[str, object], own: Mapping[str, object]
) -> dict[str, Any]:
    source, values = text(name, own, "source"), raw.get("values") or []
    if source and not _SOURCE.fullmatch(source):
        raise FormError(f"组件“{name}”的选项来源“{source}”写法不对，例如 departments 或 accounts:centre_head。")
    if not isinstance(values, list) or bool(values) == bool(source):
        raise FormError(f"组件“{name}”要么写出选项，要么在属性 source 里写选项来源，两者必须有且只有一个。")
    choices = tuple(_choice(name, value) for value in values)
    if len({choice.value for choice in choices}) < len(choices):
        raise FormError(f"组件“{name}”有两个选项的值相同，请改正。")
    return {
        "choices": choices,
        "source": source,
        "multiple": raw["type"] in MULTIPLE_KINDS,
        "min_choices": whole(name, own, "min_choices") or 0,
    }


def _choice(name: str, raw: object) -> Choice:
    if not isinstance(raw, dict) or set(raw) - {"value", "label"}:
        raise FormError(f"组件“{name}”的选项必须写成标签和值两项。")
    value, label = raw.get("value"), raw.get("label")
    if not (isinstance(value, str) and value.strip() and isinstance(label, str) and label.strip()):
        raise FormError(f"组件“{name}”有一个选项没有标签或值，请补上。")
    return Choice(value=value.strip(), label=label.strip())


def _file_settings(
    name: str, raw: Mapping[str, object], validate: Mapping[str, object], own: Mapping[str, object]
) -> dict[str, Any]:
    accept = tuple(part.strip().lower() for part in text(name, raw, "accept").split(",") if part.strip())
    for part in accept:
        if not re.fullmatch(r"\.[a-z0-9]{1,8}|[a-z]+/[a-z0-9.+*-]+", part):
            raise FormError(f"组件“{name}”的文件类型“{part}”写法不对，例如 .pdf 或 image/*。")
    multiple = flag(name, raw, "multiple")
    limits = {key: whole(name, own, key) for key in ("max_size_mb", "max_files")}
    if not multiple:
        limits["max_files"] = 1
    return {"accept": accept, "multiple": multiple, **{key: value for key, value in limits.items() if value}}


def _table_settings(
    name: str, raw: Mapping[str, object], validate: Mapping[str, object], own: Mapping[str, object]
) -> dict[str, Any]:
    limits = {key: whole(name, own, key) for key in ("min_rows", "max_rows")}
    settings: dict[str, Any] = {key: value for key, value in limits.items() if value}
    if settings.get("max_rows", 1) > 200:
        raise FormError(f"表格“{name}”的行数上限最多 200 行，请改小。")
    if flag(name, validate, "required"):
        settings.setdefault("min_rows", 1)
    settings["required"] = bool(settings.get("min_rows"))
    if settings.get("min_rows", 0) > settings.get("max_rows", 50):
        raise FormError(f"表格“{name}”的最少行数大于最多行数，请改正。")
    totals = [key.strip() for key in text(name, own, "table_total").split(",")]
    return {**settings, "table_total": tuple(key for key in totals if key)}


_KINDS: Final = {
    "textfield": _text_settings,
    "textarea": _text_settings,
    "number": _number_settings,
    "datetime": _datetime_settings,
    "filepicker": _file_settings,
    "dynamiclist": _table_settings,
}


def component_name(raw: Mapping[str, object]) -> str:
    """What to call a component in a message: its title, else its key, else its id."""
    names = (raw.get(key) for key in ("label", "dateLabel", "timeLabel", "key", "path", "id"))
    return next((name.strip() for name in names if isinstance(name, str) and name.strip()), "未命名")


def refuse_unknown(name: str, what: str, given: Mapping[str, object], allowed: Collection[str]) -> None:
    """Refuse a setting that the server would not honour. Raises: FormError."""
    for key in sorted(set(given) - set(allowed)):
        raise FormError(f"组件“{name}”的{what}“{key}”不支持，请删除。")


def block(name: str, raw: Mapping[str, object], key: str) -> Mapping[str, object]:
    """A nested object such as `validate`; empty if it is missing. Raises: FormError."""
    value = raw.get(key) or {}
    if not isinstance(value, dict):
        raise FormError(f"组件“{name}”的 {key} 格式不对，请用表单编辑器保存。")
    return value


def text(name: str, raw: Mapping[str, object], key: str) -> str:
    """A text setting; empty if it is missing. Raises: FormError."""
    value = raw.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FormError(f"组件“{name}”的“{key}”必须是文字。")
    return value


def flag(name: str, raw: Mapping[str, object], key: str) -> bool:
    """A yes/no setting; the editor writes custom properties as the texts true and false. Raises: FormError."""
    value = raw.get(key, False)
    if value in (True, "true"):
        return True
    if value in (False, "false", "", None):
        return False
    raise FormError(f"组件“{name}”的“{key}”只能是 true 或 false。")


def whole(name: str, raw: Mapping[str, object], key: str) -> int | None:
    """A whole number from 0 up, or None if it is missing. Raises: FormError."""
    number = _decimal(name, raw, key)
    if number is None:
        return None
    if number != number.to_integral_value() or not 0 <= number <= 1_000_000:
        raise FormError(f"组件“{name}”的“{key}”必须是不小于 0 的整数。")
    return int(number)


def expression(name: str, raw: Mapping[str, object], key: str) -> PageExpression | None:
    """A FEEL expression, or None if it is missing. Raises: FormError."""
    source = text(name, raw, key)
    try:
        return read_page_expression(source) if source.strip() else None
    except FeelError as error:
        raise FormError(f"组件“{name}”：{error}") from error


def _decimal(name: str, raw: Mapping[str, object], key: str) -> Decimal | None:
    value = raw.get(key)
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise FormError(f"组件“{name}”的“{key}”必须是数字。")
    return number


def _unit(name: str, raw: Mapping[str, object], own: Mapping[str, object]) -> str:
    appearance = block(name, raw, "appearance")
    refuse_unknown(name, "外观设置", appearance, {"suffixAdorner"})
    return (text(name, own, "unit") or text(name, appearance, "suffixAdorner")).strip()
