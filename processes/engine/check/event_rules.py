"""Messages have names, timers have a moment that can be worked out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime

from processes.engine.check import scope
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.check.limit_codes import limit_codes
from processes.engine.diagrams.expression_places import written
from processes.engine.diagrams.model import Flow, Node
from processes.engine.language.decision_tables import LIMITS_TABLE
from processes.engine.language.expressions import CompiledExpression, ExpressionError

_MESSAGE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_DURATION = re.compile(r"P(?=.)(\d+W|(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?)")
_ZERO = re.compile(r"P[0WDTHMS]*")


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """All rules about message and timer events, and about `clock` wherever it is called."""
    for node in diagram.process.nodes.values():
        if node.event == "message":
            yield from _message(diagram, node)
        if node.event == "timer":
            yield from _timer(diagram, node)
    for use in scope.uses(diagram):
        expression = scope.compiled(use.text)
        if expression is not None and "clock" in expression.calls:
            yield from _clock(diagram, bundle, use.place, use.what, expression)


def _message(diagram: Diagram, node: Node) -> Iterator[Finding]:
    if not node.message:
        yield diagram.error(node, "message_name", "消息事件没有指定消息，请新建或选择一个有名称的消息")
    elif not _MESSAGE.fullmatch(node.message):
        sentence = f"消息名称「{node.message}」要用小写英文字母、数字和下划线，例如 odr_correction_received"
        yield diagram.error(node, "message_name", sentence)


def _timer(diagram: Diagram, node: Node) -> Iterator[Finding]:
    if not node.timer:
        sentence = "定时事件没有写时间，请填写日期（例如 clock('期限编号')）或时长（例如 'PT2H'）"
        yield diagram.error(node, "timer", sentence)
        return
    expression = scope.compiled(node.timer)
    if expression is None or not expression.constant:
        return
    try:
        value = expression.evaluate({})
    except ExpressionError as error:
        yield diagram.error(node, "timer", f"时间{error.sentence}")
        return
    if node.timer_kind == "timeDuration" and not _is_duration(value):
        sentence = f"时长 {written(node.timer)} 写法不对或为零，请写成 'PT2H'（2小时）、'P3D'（3天），不能用月和年"
        yield diagram.error(node, "timer", sentence)
    if node.timer_kind == "timeDate" and not _is_moment(value):
        sentence = (
            f"日期 {written(node.timer)} 写法不对，请用 clock('期限编号')，或带时区写成 '2026-03-11T00:00:00+08:00'"
        )
        yield diagram.error(node, "timer", sentence)


def _is_duration(value: object) -> bool:
    return isinstance(value, str) and bool(_DURATION.fullmatch(value)) and not _ZERO.fullmatch(value)


def _is_moment(value: object) -> bool:
    """With its offset: SpiffWorkflow reads a moment without one by the machine's own zone."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _clock_calls(expression: CompiledExpression) -> Iterator[ast.Call]:
    for node in ast.walk(expression.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "clock":
            yield node


def _clock(
    diagram: Diagram, bundle: Bundle, place: Node | Flow, what: str, expression: CompiledExpression
) -> Iterator[Finding]:
    if what != "时间":
        yield diagram.error(place, "clock_place", f"{what}里不能用 clock()，它会启动一个期限，只能用在定时事件里")
        return
    if not expression.clock_codes:
        yield diagram.error(place, "limit_unknown", "clock() 里要写定期限编号，例如 clock('odr_correction')")
    if any(len(call.args) > 2 for call in _clock_calls(expression)):
        yield diagram.error(
            place, "timer", "clock() 里只写期限编号和起算时间两项，例如 clock('mediation', accepted_at)"
        )
    if LIMITS_TABLE in bundle.broken:
        return
    for code in sorted(expression.clock_codes - limit_codes(bundle)):
        sentence = f"期限「{code}」不在期限表 {LIMITS_TABLE} 里，请先在表里加一行"
        yield diagram.error(place, "limit_unknown", sentence)
