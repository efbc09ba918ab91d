"""People, substitutions, departments, the bureau's profile."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from handlers.people import accounts, substitutions
from handlers.people.accounts import PAGE_SIZE, AccountLine, PeopleRefused
from handlers.people.actors import Grant, department_names
from handlers.people.profiles import DEPARTMENT_KINDS
from handlers.personal.view_log import PAGE_SIZE as VIEWS_ON_PAGE
from handlers.personal.view_log import ViewQuery, list_views
from handlers.store.paging import page_count
from webapp.admin.forms import (
    EMPTY_ROWS,
    NewPersonForm,
    PersonForm,
    SubstitutionForm,
    offered,
    read_grants,
    role_choices,
)
from webapp.admin.people_lists import active_people, departments_with_people
from webapp.extensions import current_actor, services

LAST_PAGE = 10_000
blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/people")
def people() -> ResponseReturnValue:
    """The list of accounts."""
    search, code = request.args.get("q", "").strip()[:40], request.args.get("department", "")
    page = max(1, min(LAST_PAGE, request.args.get("page", 1, type=int)))
    with services().database.read() as connection:
        lines, total = accounts.list_accounts(connection, search=search, department_code=code, page=page)
        names = department_names(connection)
    pages = page_count(total, PAGE_SIZE)
    kept = {name: value for name, value in (("q", search), ("department", code)) if value}
    return render_template(
        "admin/people.html", lines=lines, total=total, page=page, pages=pages, kept=kept, departments=names
    )


@blueprint.route("/people/new", methods=["GET", "POST"])
def new_person() -> ResponseReturnValue:
    """Make an account."""
    form = NewPersonForm()
    grants = _posted_grants()
    if form.validate_on_submit():
        try:
            with services().database.write() as connection:
                accounts.create_account(
                    connection,
                    username=form.username.data,
                    name=form.name.data,
                    password=form.password.data,
                    grants=grants,
                    now=services().now(),
                )
        except PeopleRefused as refused:
            _show(refused, form)
        else:
            flash(f"已建立{form.name.data}的账号。请把初始密码当面告知本人，并提醒登录后修改。", "success")
            return redirect(url_for("admin.people"))
    return _person_page(form, grants, None)


@blueprint.route("/people/<int:account_id>", methods=["GET", "POST"])
def person(account_id: int) -> ResponseReturnValue:
    """Change a person's name and roles."""
    line = _account(account_id)
    form = PersonForm(name=line.name)
    if form.validate_on_submit():
        try:
            with services().database.write() as connection:
                accounts.rename(connection, account_id, form.name.data)
                accounts.set_grants(connection, account_id, _posted_grants())
        except PeopleRefused as refused:
            _show(refused, form)
        else:
            flash(f"已保存{form.name.data}的姓名和角色。", "success")
            return redirect(url_for("admin.people"))
    return _person_page(form, _posted_grants() if form.is_submitted() else list(line.grants), line)


def _person_page(form: FlaskForm, grants: list[Grant], line: AccountLine | None) -> ResponseReturnValue:
    with services().database.read() as connection:
        names = department_names(connection)
    rows = [*grants, *[("", "")] * EMPTY_ROWS]
    html = render_template(
        "admin/person.html", form=form, line=line, rows=rows, roles=role_choices(services().profile), departments=names
    )
    return html, 422 if form.is_submitted() else 200


def _posted_grants() -> list[Grant]:
    return read_grants(request.form.getlist("role"), request.form.getlist("department"))


def _account(account_id: int) -> AccountLine:
    with services().database.read() as connection:
        line = accounts.find_account(connection, account_id)
    return line or abort(404)


def _show(refused: PeopleRefused, form: FlaskForm) -> None:
    if refused.field in form:
        form[refused.field].errors = [refused.sentence]
    else:
        flash(refused.sentence, "danger")


@blueprint.post("/people/<int:account_id>/disable")
def disable(account_id: int) -> ResponseReturnValue:
    """Disable an account."""
    line = _account(account_id)
    if account_id == current_actor().account_id:
        flash("不能停用自己的账号。", "danger")
        return redirect(url_for("admin.person", account_id=account_id))
    return _set_active(line, active=False, done=_disabled(line))


def _disabled(line: AccountLine) -> str:
    with services().database.read() as connection:
        waiting = accounts.assigned_tasks(connection, line.id)
    left = f"还有{waiting}件指定由其办理的任务，请负责人到事项页改派。" if waiting else ""
    return f"已停用{line.name}的账号，其登录已全部退出，领取的任务已放回科室。{left}"


@blueprint.post("/people/<int:account_id>/enable")
def enable(account_id: int) -> ResponseReturnValue:
    """Enable an account again."""
    line = _account(account_id)
    return _set_active(line, active=True, done=f"已重新启用{line.name}的账号。")


def _set_active(line: AccountLine, *, active: bool, done: str) -> ResponseReturnValue:
    try:
        with services().database.write() as connection:
            accounts.set_active(connection, line.id, active=active)
    except PeopleRefused as refused:
        flash(refused.sentence, "danger")
    else:
        flash(done, "success")
    return redirect(url_for("admin.person", account_id=line.id))


@blueprint.post("/people/<int:account_id>/unlock")
def unlock(account_id: int) -> ResponseReturnValue:
    """End a lockout."""
    line = _account(account_id)
    with services().database.write() as connection:
        accounts.unlock(connection, account_id)
    flash(f"已解除{line.name}的登录锁定。", "success")
    return redirect(url_for("admin.person", account_id=account_id))


@blueprint.post("/people/<int:account_id>/reset-password")
def reset_password(account_id: int) -> ResponseReturnValue:
    """Give an account a new password, shown once: a page and not a redirect, so that it is stored nowhere."""
    line = _account(account_id)
    with services().database.write() as connection:
        password = accounts.reset_password(connection, account_id)
    return render_template("admin/new_password.html", line=line, password=password)


@blueprint.route("/substitutions", methods=["GET", "POST"], endpoint="substitutions")
def substitutions_page() -> ResponseReturnValue:
    """One's own substitutions; all of them for administrators."""
    actor = current_actor()
    everybody = actor.has("admin.substitutions")
    form = SubstitutionForm()
    with services().database.read() as connection:
        colleagues = active_people(connection)
        lines = substitutions.list_substitutions(connection, concerning=None if everybody else actor.account_id)
    _offer(form, colleagues, everybody)
    if form.validate_on_submit():
        try:
            _create_substitution(form, everybody)
        except PeopleRefused as refused:
            _show(refused, form)
        else:
            flash("代理已登记，开始日期当天自动生效，结束日期过后自动失效。", "success")
            return redirect(url_for("admin.substitutions"))
    html = render_template(
        "admin/substitutions.html", form=form, lines=lines, everybody=everybody, today=services().today()
    )
    return html, 422 if form.is_submitted() else 200


def _offer(form: SubstitutionForm, colleagues: list[tuple[str, str]], everybody: bool) -> None:
    own = str(current_actor().account_id)
    if everybody:
        form.absent_id.choices = offered(colleagues)
    else:
        del form.absent_id  # one's own; whatever a request says, it is not read
    form.substitute_id.choices = offered(person for person in colleagues if everybody or person[0] != own)


def _create_substitution(form: SubstitutionForm, everybody: bool) -> None:
    actor = current_actor()
    with services().database.write() as connection:
        substitutions.create_substitution(
            connection,
            absent_id=_number(form.absent_id.data) if everybody else actor.account_id,
            substitute_id=_number(form.substitute_id.data),
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            reason=form.reason.data,
            created_by=actor.account_id,
            now=services().now(),
            today=services().today(),
        )


def _number(text: Any) -> int:
    return int(text) if str(text).isdigit() else 0


@blueprint.post("/substitutions/<int:substitution_id>/revoke")
def revoke_substitution(substitution_id: int) -> ResponseReturnValue:
    """End a substitution now. The absent person or an administrator may; the substitute may not."""
    actor = current_actor()
    with services().database.write() as connection:
        line = substitutions.find_substitution(connection, substitution_id)
        if line is None:
            abort(404)
        if line.absent_id != actor.account_id and not actor.has("admin.substitutions"):
            abort(403)
        substitutions.revoke_substitution(connection, substitution_id, services().now())
    flash("代理已撤销，立即失效。", "success")
    return redirect(url_for("admin.substitutions"))


@blueprint.get("/departments")
def departments() -> ResponseReturnValue:
    """All departments with their people."""
    with services().database.read() as connection:
        rows = departments_with_people(connection)
    return render_template("admin/departments.html", rows=rows, kinds=DEPARTMENT_KINDS)


@blueprint.get("/profile")
def profile() -> ResponseReturnValue:
    """What this bureau is called, and what is missing."""
    return render_template("admin/profile.html")


@blueprint.get("/personal-views")
def disclosures() -> ResponseReturnValue:
    """Who looked at whose personal data or took a file out, and what for."""
    query = ViewQuery(
        account_id=request.args.get("person", type=int),
        number=request.args.get("number", "").strip()[:60],
        since=request.args.get("since", type=date.fromisoformat),
        until=request.args.get("until", type=date.fromisoformat),
        page=max(1, min(LAST_PAGE, request.args.get("page", 1, type=int))),
    )
    with services().database.read() as connection:
        lines, total = list_views(connection, query)
        people = active_people(connection)
    given = {"person": query.account_id, "number": query.number, "since": query.since, "until": query.until}
    kept = {name: str(value) for name, value in given.items() if value}
    pages = page_count(total, VIEWS_ON_PAGE)
    return render_template(
        "admin/disclosures.html", lines=lines, total=total, pages=pages, page=query.page, kept=kept, people=people
    )
