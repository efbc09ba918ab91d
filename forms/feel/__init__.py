"""FEEL, the one expression language of forms, diagrams and tables: see README.md beside this file."""

from __future__ import annotations

from forms.feel.errors import FeelError
from forms.feel.expression import Expression, UnaryTests, read_expression, read_unary_tests
from forms.feel.functions import NOW, STANDARD, Builtin, late
from forms.feel.names import Names
from forms.feel.values import from_python, to_plain

__all__ = [
    "NOW",
    "STANDARD",
    "Builtin",
    "Expression",
    "FeelError",
    "Names",
    "UnaryTests",
    "from_python",
    "late",
    "read_expression",
    "read_unary_tests",
    "to_plain",
]
