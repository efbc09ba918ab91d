"""The built-ins of FEEL that a diagram may call: those of the standard, and `clock`, which is ours.

`clock("code", from)` starts the limit `code` at a moment (without `from`: now) and gives the moment it ends; it stands
in timer events only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forms.feel import STANDARD, Builtin, late
from processes.engine.language.compiled_expression import CLOCK

FUNCTIONS: Final[Mapping[str, Builtin]] = {**STANDARD, CLOCK: late(CLOCK, "code", "from?")}
