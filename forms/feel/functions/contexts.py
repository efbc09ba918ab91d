"""Built-ins over contexts."""

from __future__ import annotations

from typing import Any

from forms.feel.bounds import measure
from forms.feel.functions.registry import Theme, as_list
from forms.feel.values import Value

CONTEXTS = Theme()


@CONTEXTS.function("get value", "m", "key")
@CONTEXTS.function("get value", "context", "keys")
def get_value(context: Any, key: Any) -> Value:
    """The entry of a key, or along a list of keys."""
    keys = as_list(key)
    if not keys or not all(isinstance(part, str) for part in keys):
        return None
    for part in keys:
        context = context.get(part) if isinstance(context, dict) else None
    return context  # type: ignore[no-any-return]


@CONTEXTS.function("get entries", "m")
def get_entries(context: Any) -> Value:
    """A list of contexts with `key` and `value`."""
    if not isinstance(context, dict):
        return None
    return [{"key": key, "value": value} for key, value in context.items()]


@CONTEXTS.function("context", "entries")
def context_of(entries: Any) -> Value:
    """Made of contexts with `key` and `value`; null if a key comes twice."""
    made: dict[str, Any] = {}
    items = as_list(entries)
    for item in items or ():
        key = item.get("key") if isinstance(item, dict) else None
        if not isinstance(key, str) or key in made or "value" not in item:
            return None
        made[key] = item["value"]
    return None if items is None else _made(made)


@CONTEXTS.function("context put", "context", "keys", "value")
def context_put(context: Any, key: Any, value: Any) -> Value:
    """A copy with one entry set, also deep inside along a list of keys."""
    keys = key if isinstance(key, list) else [key]
    if not isinstance(context, dict) or not keys or not all(isinstance(part, str) for part in keys):
        return None
    top = dict(context)
    inner = top
    for part in keys[:-1]:
        below = inner.get(part)
        if not isinstance(below, dict):
            return None
        inner[part] = dict(below)
        inner = inner[part]
    inner[keys[-1]] = value
    return _made(top)


@CONTEXTS.function("context put", "context", "key", "value")
def context_put_one(context: Any, key: Any, value: Any) -> Value:
    """A copy with one entry set."""
    return context_put(context, key, value) if isinstance(key, str) else None


@CONTEXTS.function("context merge", "contexts")
def context_merge(contexts: Any) -> Value:
    """Several contexts as one; the later entry wins."""
    items = as_list(contexts)
    if items is None or not all(isinstance(item, dict) for item in items):
        return None
    return _made({key: value for item in items for key, value in item.items()})


def _made(context: dict[str, Any]) -> dict[str, Any]:
    measure(context)
    return context
