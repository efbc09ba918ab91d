"""The rules of one answer: length, range, pattern, number formats, dates. Each is a WTForms validator.

They run only on an answer that is there and readable; whether it must be there is decided in `AnswerField`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from wtforms.validators import StopValidation

from forms.answer_field import AnswerField, Surroundings
from forms.form_file import Field
from forms.picked_fields import FilesField
from forms.validators import CHECKS
from forms.wording import amount, chinese_date
from forms.written_fields import MomentField

AnswerRule: TypeAlias = Callable[[Surroundings, Any], None]

_LONGEST_MATCHED = 4000


def rules_for(spec: Field) -> list[AnswerRule]:
    """The rules that a component asks for, in the order in which a person should hear of them."""
    return list(_rules(spec))


def _rules(spec: Field) -> Iterator[AnswerRule]:
    if spec.min_length:
        yield _min_length
    if spec.format:
        yield _format
    if spec.pattern:
        yield _pattern
    if spec.minimum is not None or spec.maximum is not None:
        yield _range
    if spec.kind == "filepicker":
        yield _files
    if spec.date_rules:
        yield _date_rules
    if spec.requires:
        yield _requires


def _min_length(form: Surroundings, field: AnswerField) -> None:
    least = field.spec.min_length or 0
    if len(field.data) < least:
        raise StopValidation(f"“{field.spec.label}”至少写 {least} 个字，现在是 {len(field.data)} 个字。")


def _format(form: Surroundings, field: AnswerField) -> None:
    try:
        field.data = field.typed = CHECKS[field.spec.format](field.data, form.now.date())
    except ValueError as error:
        raise StopValidation(str(error)) from error


def _pattern(form: Surroundings, field: AnswerField) -> None:
    if not re.search(field.spec.pattern, field.data[:_LONGEST_MATCHED]):
        raise StopValidation(field.spec.pattern_message or f"“{field.spec.label}”的格式不对，请检查。")


def _range(form: Surroundings, field: AnswerField) -> None:
    least, most = field.spec.minimum, field.spec.maximum
    if least is not None and field.data < least:
        raise StopValidation(f"“{field.spec.label}”不能小于 {amount(least, field.spec)}。")
    if most is not None and field.data > most:
        raise StopValidation(f"“{field.spec.label}”不能大于 {amount(most, field.spec)}。")


def _files(form: Surroundings, field: FilesField) -> None:
    known = [file for file in field.data if file in form.files]
    if len(known) < len(field.data):
        field.data = known
        raise StopValidation(f"“{field.spec.label}”有附件已不存在，请重新上传。")
    if len(known) > field.spec.max_files:
        raise StopValidation(f"“{field.spec.label}”最多上传 {field.spec.max_files} 个文件，请移除多余的。")


def _requires(form: Surroundings, field: AnswerField) -> None:
    other = form.find(field.spec.requires)
    if other is not None and not other.hidden and other.is_blank():
        raise StopValidation(f"填了“{field.spec.label}”，还要{other.verb}“{other.spec.label}”。")


def _date_rules(form: Surroundings, field: MomentField) -> None:
    for text in field.spec.date_rules:
        rule, _, key = text.partition(":")
        problem = _against_other(form, field, rule, key) if key else _against_now(form, field, rule)
        if problem:
            raise StopValidation(f"“{field.spec.label}”{problem}")


def _against_now(form: Surroundings, field: MomentField, rule: str) -> str:
    """A day is compared with today, a moment in the past with now; a moment today is never "past"."""
    day = field.day()
    today = form.now.date()
    if day is None:
        return ""
    if rule == "not_past":
        return f"不能早于今天（{chinese_date(today)}）。" if day < today else ""
    if field.spec.subtype == "datetime":
        return "不能晚于现在。" if field.data > form.now else ""  # type: ignore[operator]
    return f"不能晚于今天（{chinese_date(today)}）。" if day > today else ""


def _against_other(form: Surroundings, field: MomentField, rule: str, key: str) -> str:
    other = form.find(key)
    if not isinstance(other, MomentField) or other.hidden or other.data is None or field.data is None:
        return ""
    mine: Any = field.data
    theirs: Any = other.data
    if type(mine) is not type(theirs):
        mine, theirs = field.day(), other.day()
    if rule == "after" and not mine > theirs:
        return f"要晚于“{other.spec.label}”。"
    return f"不能早于“{other.spec.label}”。" if mine < theirs else ""
