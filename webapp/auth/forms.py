"""The forms for signing in and for one's own password."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from handlers.people.passwords import MAXIMUM_LENGTH


class LoginForm(FlaskForm):  # type: ignore[misc]
    """User name and password."""

    username = StringField(
        "用户名", [InputRequired("请填写用户名。"), Length(max=40, message="用户名最多 40 个字符。")]
    )
    password = PasswordField(
        "密码",
        [InputRequired("请填写密码。"), Length(max=MAXIMUM_LENGTH, message=f"密码最多 {MAXIMUM_LENGTH} 个字符。")],
    )
    next = HiddenField()


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password for oneself."""

    old = PasswordField("当前密码", [InputRequired("请填写当前密码。")])
    new = PasswordField("新密码", [InputRequired("请填写新密码。")])
    again = PasswordField(
        "再输一次新密码", [InputRequired("请再输一次新密码。"), EqualTo("new", message="两次输入的新密码不一致。")]
    )
