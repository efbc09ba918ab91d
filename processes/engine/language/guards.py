"""The operations an expression may carry out, each bounded, so that no text makes a worker slow or fills its memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

MAX_INTEGER = 10**15
MAX_TEXT = 10_000
MAX_ITEMS = 1_000
MAX_TOTAL = 20_000
"""Items and characters of a whole result: `levels = [levels, levels]` in a loop would double at each round."""

TEXT_TOO_LONG = f"得到的文字超过 {MAX_TEXT} 个字符"
_SHOWN = 80


class ExpressionError(Exception):
    """An expression that is not allowed, or whose evaluation failed. `sentence` is Chinese, `text` the expression."""

    def __init__(self, sentence: str, text: str) -> None:
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        super().__init__(f"表达式「{shown}」：{sentence}")
        self.sentence = sentence
        self.text = text


class _NotComputable(Exception):
    """Raised by a guard; becomes an ExpressionError that knows the whole text."""


FAULTS = (_NotComputable, TypeError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError)
_KINDS: Mapping[type, str] = {
    str: "文字",
    int: "数字",
    float: "数字",
    bool: "是否",
    list: "列表",
    tuple: "列表",
    dict: "字典",
    type(None): "空值",
}


def sentence(error: BaseException) -> str:
    """What went wrong in an evaluation, in Chinese."""
    if isinstance(error, _NotComputable):
        return str(error)
    if isinstance(error, ZeroDivisionError):
        return "除数是零"
    if isinstance(error, TypeError):
        return "两边的类型不一致，不能这样比较或计算"
    if isinstance(error, LookupError):
        return "没有这一项"
    return "无法计算"


def check_size(value: object, text: str) -> None:
    """Refuse a result too large to store.

    Raises: ExpressionError.
    """
    total = 0
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            total += len(item)
        elif isinstance(item, dict):
            pending.extend(item.values())
        elif isinstance(item, (list, tuple)):
            pending.extend(item)
        total += 1
        if total + len(pending) > MAX_TOTAL:
            raise ExpressionError(f"得到的内容超过 {MAX_TOTAL} 项", text)


def kind(value: object) -> str:
    """The Chinese word for the kind of a value."""
    return _KINDS.get(type(value), "其他内容")


def _number(value: object, doing: str) -> float:
    if not isinstance(value, (int, float)):
        raise _NotComputable(f"{kind(value)}不能{doing}")
    return value


def _bounded(value: float) -> float:
    if isinstance(value, float) and not math.isfinite(value):
        raise _NotComputable("结果不是一个有限的数")
    if abs(value) > MAX_INTEGER:
        raise _NotComputable("结果太大")
    return value


def add(left: object, right: object) -> object:
    """Numbers, two texts or two lists."""
    if isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > MAX_TEXT:
            raise _NotComputable(TEXT_TOO_LONG)
        return left + right
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        if len(left) + len(right) > MAX_ITEMS:
            raise _NotComputable(f"得到的列表超过 {MAX_ITEMS} 项")
        return [*left, *right]
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return _bounded(_bounded(left) + _bounded(right))
    raise _NotComputable(f"{kind(left)}与{kind(right)}不能相加")


def subtract(left: object, right: object) -> object:
    """Numbers only."""
    return _bounded(_bounded(_number(left, "相减")) - _bounded(_number(right, "相减")))


def multiply(left: object, right: object) -> object:
    """Numbers only: repeating a text would let ten characters fill the memory."""
    return _bounded(_bounded(_number(left, "相乘")) * _bounded(_number(right, "相乘")))


def divide(left: object, right: object) -> object:
    """Numbers only."""
    return _bounded(_bounded(_number(left, "相除")) / _bounded(_number(right, "相除")))


def floor_divide(left: object, right: object) -> object:
    """Numbers only."""
    return _bounded(_bounded(_number(left, "相除")) // _bounded(_number(right, "相除")))


def modulo(left: object, right: object) -> object:
    """Numbers only: on text it would be formatting."""
    return _bounded(_bounded(_number(left, "求余")) % _bounded(_number(right, "求余")))


def negate(value: object) -> object:
    """A number."""
    return -_bounded(_number(value, "取负"))


def positive(value: object) -> object:
    """A number."""
    return _bounded(_number(value, "取正"))


def item(container: object, index: object) -> object:
    """One entry of a list, text or dict."""
    if isinstance(container, dict):
        if not isinstance(index, (str, int, float)) or index not in container:
            raise _NotComputable(f"里面没有「{str(index)[:_SHOWN]}」")
        return container[index]
    if not isinstance(container, (list, tuple, str)):
        raise _NotComputable(f"{kind(container)}里不能取一项")
    if not isinstance(index, int) or not -len(container) <= index < len(container):
        raise _NotComputable(f"没有第「{str(index)[:_SHOWN]}」项")
    return container[index]


def length(value: object) -> int:
    """Of a text, list or dict."""
    if not isinstance(value, (str, list, tuple, dict)):
        raise _NotComputable(f"{kind(value)}没有长度")
    return len(value)


def _choices(values: tuple[object, ...]) -> list[object]:
    chosen = values[0] if len(values) == 1 else values
    if not isinstance(chosen, (list, tuple)) or not chosen:
        raise _NotComputable("要在至少一项里选择，给的是空的或不是列表")
    return list(chosen)


def smallest(*values: object) -> object:
    """Of several values, or of one list."""
    return min(_choices(values))  # type: ignore[type-var]


def largest(*values: object) -> object:
    """Of several values, or of one list."""
    return max(_choices(values))  # type: ignore[type-var]


def total(*values: object) -> object:
    """The sum of one list of numbers."""
    if len(values) != 1 or not isinstance(values[0], (list, tuple)):
        raise _NotComputable("sum() 里要写一个数字列表")
    result: float = 0
    for value in values[0]:
        result = _bounded(result + _bounded(_number(value, "求和")))
    return result


def rounded(*values: object) -> object:
    """A number, to whole or to the given places."""
    places = values[1] if len(values) == 2 else 0
    if len(values) > 2 or not isinstance(places, int) or not 0 <= places <= 10:
        raise _NotComputable("round() 里写一个数，可再写保留几位小数（0 至 10）")
    number = _bounded(_number(values[0], "取整"))
    return round(number, places) if places else round(number)


GUARDS: Mapping[str, Callable[..., object]] = {
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divide": divide,
    "floor_divide": floor_divide,
    "modulo": modulo,
    "negate": negate,
    "positive": positive,
    "item": item,
    "len": length,
    "min": smallest,
    "max": largest,
    "sum": total,
    "round": rounded,
}
