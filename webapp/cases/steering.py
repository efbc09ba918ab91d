"""What heads and administrators do to a case: suspend, resume, cancel, reassign a task, try again."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from handlers.cases.case_file import may_see
from handlers.people.actors import Actor
from processes.engine.engine import Engine
from processes.engine.errors import CommandRefused
from webapp.cases.area import blueprint
from webapp.extensions import current_actor, services

MAX_REASON = 500
Steering = Callable[[Engine, Actor, int, str], object]


@blueprint.post("/cases/<int:instance_id>/suspend")
def suspend(instance_id: int) -> ResponseReturnValue:
    """Stop work on the case for a while."""
    return _steer(instance_id, Engine.suspend, "事项已中止，恢复之前不能办理。")


@blueprint.post("/cases/<int:instance_id>/resume")
def resume(instance_id: int) -> ResponseReturnValue:
    """Go on with it."""
    return _steer(instance_id, Engine.resume, "事项已恢复办理。")


@blueprint.post("/cases/<int:instance_id>/cancel")
def cancel(instance_id: int) -> ResponseReturnValue:
    """End it before its time."""
    return _steer(instance_id, Engine.cancel, "事项已撤销，全部记录仍然保留。")


@blueprint.post("/cases/<int:instance_id>/tasks/<int:task_id>/assign")
def assign(instance_id: int, task_id: int) -> ResponseReturnValue:
    """Give a task to another person who may do it."""
    _must_see(instance_id)
    to, reason = request.form.get("to", ""), request.form.get("reason", "").strip()[:MAX_REASON]
    if not to.isdecimal() or not reason:
        return _answer(instance_id, "请选择改派给谁，并写明理由。", "warning")
    try:
        services().engine.assign(current_actor(), task_id, int(to), comment=reason)
    except CommandRefused as refused:
        return _answer(instance_id, str(refused), "warning")
    return _answer(instance_id, "已改派。", "success")


@blueprint.post("/cases/<int:instance_id>/retry")
def retry(instance_id: int) -> ResponseReturnValue:
    """Carry out once more what failed."""
    _must_see(instance_id)
    try:
        result = services().engine.retry(current_actor(), instance_id)
    except CommandRefused as refused:
        return _answer(instance_id, str(refused), "warning")
    if result.held:
        return _answer(instance_id, f"{result.held}。请先排除原因再重试。", "error")
    return _answer(instance_id, "重试成功，事项继续办理。", "success")


@blueprint.post("/cases/<int:instance_id>/give-back")
def give_back(instance_id: int) -> ResponseReturnValue:
    """Let the person who submitted change what they filled in, instead of trying the same again."""
    return _steer(instance_id, Engine.give_back, "已退回原办理人，其填写的内容保存在草稿里，修改后可以重新提交。")


def _steer(instance_id: int, command: Steering, success: str) -> ResponseReturnValue:
    _must_see(instance_id)
    reason = request.form.get("reason", "").strip()[:MAX_REASON]
    try:
        command(services().engine, current_actor(), instance_id, reason)
    except CommandRefused as refused:
        return _answer(instance_id, str(refused), "warning")
    return _answer(instance_id, success, "success")


def _must_see(instance_id: int) -> None:
    with services().database.read() as connection:
        if not may_see(connection, current_actor(), instance_id):
            abort(404)


def _answer(instance_id: int, text: str, kind: str) -> ResponseReturnValue:
    flash(text, kind)
    return redirect(url_for("cases.show", instance_id=instance_id))
