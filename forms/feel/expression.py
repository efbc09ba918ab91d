"""The language as its users call it: `read_expression`, `read_unary_tests`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from forms.feel.bounds import Budget
from forms.feel.closures import new_compiler
from forms.feel.cursor import FIRST_SLOT
from forms.feel.errors import FeelError
from forms.feel.evaluating import Run, new_frame
from forms.feel.expression_reader import ExpressionReader
from forms.feel.functions import STANDARD, Builtin
from forms.feel.kinds import Kind
from forms.feel.names import BoundName, Declared, Scope
from forms.feel.node_compiler import NodeCompiler
from forms.feel.node_facts import check_height
from forms.feel.tree import AnyTest, Node, Test
from forms.feel.unary import Checked, any_of, compile_test, none_of
from forms.feel.values import Value, from_python

Functions = Mapping[str, Callable[..., object]]
_NO_KINDS: Final[Mapping[str, Kind]] = {}


class Expression:
    """A read and compiled expression.

    `text` as written, `tree` for the check and the browser, `names` the variables and `calls` the built-ins it uses.
    """

    __slots__ = ("_run", "_slots", "_straight", "calls", "names", "text", "tree")

    def __init__(self, text: str, tree: Node, reader: ExpressionReader, compiler: NodeCompiler) -> None:
        self.text = text
        self.tree = tree
        self.names = frozenset(reader.scope.used)
        self.calls = frozenset(reader.calls)
        self._slots = reader.most_slots
        self._run: Run = compiler.compile(tree)
        # Nothing that repeats and no name of its own: there is nothing to count and nothing to keep.
        self._straight = not compiler.framed

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, variables: Mapping[str, Any], functions: Functions | None = None) -> Value:
        """The value over `variables` (name -> value of Python or of FEEL); what is declared and missing is null.

        `functions` gives what the late built-ins do here, by name.
        Raises: FeelError, for a bound that is exceeded, a late built-in that is not given, or a variable of a kind
        that FEEL does not have.
        """
        try:
            if self._straight:
                return self._run([variables, None])  # type: ignore[no-any-return]
            return self._run(new_frame(variables, Budget(functions), self._slots))  # type: ignore[no-any-return]
        except FeelError as error:
            error.text = error.text or self.text
            raise
        except ArithmeticError as error:
            raise FeelError("变量里有不是数的数字，无法计算。", text=self.text) from error


class UnaryTests:
    """A read and compiled cell of a decision table: what fits it. Attributes as in `Expression`.

    `negated` turns round what the `tests` say.
    """

    __slots__ = ("calls", "check", "names", "negated", "slots", "tests", "text")

    def __init__(
        self, text: str, tests: tuple[Test, ...], reader: ExpressionReader, *, negated: bool, check: Checked
    ) -> None:
        self.text = text
        self.tests = tests
        self.negated = negated
        self.names = frozenset(reader.scope.used)
        self.calls = frozenset(reader.calls)
        self.slots = reader.most_slots
        self.check = check
        """Whether a value fits, within a frame of at least `slots` places that holds the value in its first slot."""

    def __repr__(self) -> str:
        return f"UnaryTests({self.text!r})"

    @property
    def anything(self) -> bool:
        """Whether every value fits."""
        return isinstance(self.tests[0], AnyTest)

    def accepts(self, value: object, variables: Mapping[str, Any], functions: Functions | None = None) -> bool | None:
        """Whether a value fits; null if that cannot be told (an unlike kind, null against a limit).

        Raises: as `Expression.evaluate`.
        """
        frame = new_frame(variables, Budget(functions), self.slots)
        try:
            frame[FIRST_SLOT] = given = from_python(value)
            return self.check(given, frame)
        except FeelError as error:
            error.text = error.text or self.text
            raise
        except ArithmeticError as error:
            raise FeelError("变量里有不是数的数字，无法计算。", text=self.text) from error


def read_expression(
    text: str,
    names: Declared = None,
    *,
    functions: Mapping[str, Builtin] = STANDARD,
    kinds: Mapping[str, Kind] = _NO_KINDS,
) -> Expression:
    """Read and compile one expression.

    `names`: the variables that may be used, or name -> entries where those are known (a table's columns), or `Names` of
    these where many expressions share them; None allows every name of one word. `kinds`: the caller's own types for
    `instance of`.
    Raises: FeelError, with a Chinese sentence that names what is refused and says what to write.
    """
    return read_with(ExpressionReader(text, Scope(names), functions, kinds))


def read_with(reader: ExpressionReader) -> Expression:
    """Read and compile one expression with a reader that was made for it.

    Raises: FeelError, as `read_expression`.
    """
    tree = _read(reader, reader.whole)
    check_height(tree, reader.nodes)
    return Expression(reader.source, tree, reader, new_compiler(reader.functions))


def read_unary_tests(
    text: str,
    names: Declared = None,
    *,
    functions: Mapping[str, Builtin] = STANDARD,
    kinds: Mapping[str, Kind] = _NO_KINDS,
) -> UnaryTests:
    """Read and compile a cell: `-` or nothing (fits all), tests with commas between, or `not(…)` around them.

    Raises: FeelError, as `read_expression`.
    """
    reader = ExpressionReader(text, Scope(names), functions, kinds)
    slot = reader.slot()
    reader.scope.inner.append(BoundName("?", slot))
    tests, negated = _read(reader, lambda: _tests(reader))
    for test in tests:
        check_height(test, reader.nodes)
    compiler = new_compiler(functions)
    check = any_of(tuple(compile_test(compiler, test) for test in tests))
    check = none_of(check) if negated else check
    return UnaryTests(text, tests, reader, negated=negated, check=check)


def _read(reader: ExpressionReader, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except FeelError as error:
        error.text, error.place = reader.source, reader.token.start
        raise


def _tests(reader: ExpressionReader) -> tuple[tuple[Test, ...], bool]:
    if reader.token.kind == "end" or (reader.at("-") and reader.tokens[1].kind == "end"):
        return (AnyTest(),), False
    negated = reader.at("not") and reader.at("(", ahead=1) and _closes_last(reader)
    if negated:
        reader.position += 2
    tests = [reader.test(truth=True)]
    while reader.accept(","):
        tests.append(reader.test(truth=True))
    if negated:
        reader.expect(")")
    if reader.token.kind != "end":
        raise reader.unexpected()
    return tuple(tests), negated


def _closes_last(reader: ExpressionReader) -> bool:
    """Whether the bracket behind `not` is closed by the last token: `not(a) or b` is an expression."""
    depth = 0
    for place, token in enumerate(reader.tokens[1:-1], 1):
        if token.kind == "sign":
            depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            return place == len(reader.tokens) - 2
    return False
