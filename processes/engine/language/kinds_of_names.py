"""What kind of value a variable holds, as far as forms and tables say: `boolean`, `string`, `number` or `list`."""

from __future__ import annotations

from typing import Final

BOOLEAN, STRING, NUMBER, LIST = "boolean", "string", "number", "list"
FILLED: Final = {
    BOOLEAN: "{0} = true",
    STRING: '{0} != null and {0} != ""',
    NUMBER: "{0} != null and {0} != 0",
    LIST: "{0} != null and {0} != []",
}
"""How FEEL asks what the older notation asked by a bare name: whether there is anything in it."""
