"""Sign-in, sign-out, one's own password."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from forms.beijing import BEIJING
from handlers.people.accounts import PeopleRefused, change_password, end_sessions
from handlers.people.actors import load_actor
from handlers.people.sign_in import ALLOWED_FAILURES, LOCKOUT, SignIn, sign_in
from webapp.auth.forms import LoginForm, PasswordForm
from webapp.auth.session import begin, end
from webapp.extensions import actor_or_none, current_actor, services

blueprint = Blueprint("auth", __name__)

_THEN_LOCKED = f"连续 {ALLOWED_FAILURES} 次不正确，该用户名将锁定 {LOCKOUT.seconds // 60} 分钟。"
WRONG, WRONG_OLD = f"用户名或密码不正确。{_THEN_LOCKED}", f"当前密码不正确。{_THEN_LOCKED}"


def safe_next(target: str | None) -> str:
    """`target` if it is a path on this site, else the front page. Browsers read a backslash as a slash."""
    front = url_for("home")
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return front
    if any(ord(character) < 32 for character in target):
        return front
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else front


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in."""
    if actor_or_none() is not None:
        return redirect(safe_next(request.args.get("next")))
    form = LoginForm(next=request.args.get("next", ""))
    if form.is_submitted():
        services().attempts.count(request.remote_addr or "")
    if not form.validate_on_submit():
        return render_template("auth/login.html", form=form, refusal=""), 422 if form.is_submitted() else 200
    answer = sign_in(services().database, form.username.data, form.password.data, services().now())
    if answer.account_id is None:
        return render_template("auth/login.html", form=form, refusal=_refusal(answer)), 422
    _begin(answer.account_id)
    return redirect(safe_next(form.next.data))


def _begin(account_id: int) -> None:
    with services().database.read() as connection:
        actor = load_actor(connection, account_id, services().today())
    if actor is not None:
        begin(actor)


def _refusal(answer: SignIn) -> str:
    if answer.locked_until_at is None:
        return WRONG
    until = answer.locked_until_at.astimezone(BEIJING)
    return (
        f"连续 {ALLOWED_FAILURES} 次不正确，该用户名已锁定，{until:%H:%M} 以后可以再试。忘记密码请联系系统管理员重置。"
    )


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out, on every device of this person."""
    with services().database.write() as connection:
        end_sessions(connection, current_actor().account_id)
    end()
    flash("您已安全退出。", "success")
    return redirect(url_for("auth.login"))


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change one's own password."""
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            _change(form)
        except PeopleRefused as refused:
            form[refused.field].errors = [refused.sentence]
        else:
            flash("密码已修改，其他设备上的登录已全部退出。", "success")
            return redirect(url_for("home"))
    return render_template("auth/password.html", form=form), 422 if form.is_submitted() else 200


def _change(form: PasswordForm) -> None:
    account_id = current_actor().account_id
    # Whoever sits down at somebody else's desk gets no more guesses here than at the sign-in.
    answer = sign_in(services().database, current_actor().username, form.old.data, services().now())
    if answer.account_id is None:
        raise PeopleRefused(f"当前密码不正确。{_refusal(answer)}" if answer.locked_until_at else WRONG_OLD, "old")
    with services().database.write() as connection:
        change_password(connection, account_id, old=form.old.data, new=form.new.data)
    _begin(account_id)
