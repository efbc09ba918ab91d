"""The administrator's forms."""

from __future__ import annotations

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import DateField, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from handlers.people.actors import Grant
from handlers.people.profiles import Profile
from handlers.people.roles import ROLES

EMPTY_ROWS = 2
NOBODY = ("", "请选择")


def offered(choices: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """These values and their words for a select, behind the one that chooses nothing."""
    return [SelectChoice(*choice) for choice in (NOBODY, *choices)]


class PersonForm(FlaskForm):  # type: ignore[misc]
    """The name; the roles are rows of two lists beside it, see `read_grants`."""

    name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=40, message="姓名最多 40 个字。")])


class NewPersonForm(PersonForm):
    """A new account."""

    username = StringField(
        "用户名", [InputRequired("请填写用户名。"), Length(max=40, message="用户名最多 40 个字符。")]
    )
    password = PasswordField("初始密码", [InputRequired("请填写初始密码。")])


class SubstitutionForm(FlaskForm):  # type: ignore[misc]
    """Who acts for whom, from when to when."""

    absent_id = SelectField("被代理人", [InputRequired("请选择被代理人。")], coerce=str, validate_choice=False)
    substitute_id = SelectField("代理人", [InputRequired("请选择代理人。")], coerce=str, validate_choice=False)
    starts_on = DateField("开始日期", [InputRequired("请填写开始日期。")])
    ends_on = DateField("结束日期（含当天）", [InputRequired("请填写结束日期。")])
    reason = StringField("原因", [InputRequired("请写明代理原因。"), Length(max=200, message="原因最多 200 字。")])


class DayForm(FlaskForm):  # type: ignore[misc]
    """One day that is otherwise than its notice says."""

    day = DateField("日期", [InputRequired("请填写日期，写成 2027-01-04。")])
    working = SelectField(
        "安排",
        [InputRequired("请选择上班或放假。")],
        choices=offered([("work", "上班"), ("off", "放假")]),
    )
    name = StringField("名称", [InputRequired("请填写名称。"), Length(max=40, message="名称最多 40 个字。")])
    reason = StringField("理由", [InputRequired("请写明理由。"), Length(max=200, message="理由最多 200 字。")])


def read_grants(roles: list[str], departments: list[str]) -> list[Grant]:
    """The rows of the roles table; a row without a role is empty. A role without a department is kept to be refused."""
    return [(role, code) for role, code in zip(roles, departments, strict=False) if role]


def role_choices(profile: Profile) -> list[tuple[str, str]]:
    """All roles, for a list, as the bureau calls them."""
    return [NOBODY, *((code, profile.role_name(code)) for code in ROLES)]
