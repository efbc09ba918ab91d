"""Decision tables: a row for every case, no two rows at once where only one may fit, no row that never fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from processes.engine.check import domains, scope
from processes.engine.check.bundle import Bundle
from processes.engine.check.finding import ERROR, NOTICE, Finding
from processes.engine.check.gateways import describe
from processes.engine.language.decision_tables import LIMITS_TABLE, DecisionTable, InputColumn, Rule
from processes.engine.language.expressions import ExpressionError
from processes.engine.language.unary_tests import Cell, Literal

MAX_STATES = 5_000
_ASK = "请在最后加一行「其他情况」（条件都写 -）"


@dataclass(frozen=True, slots=True)
class _Column:
    """An input column with a representative of every case its cells tell apart. `doubtful` rows cannot be judged."""

    input: InputColumn
    points: list[Literal]
    doubtful: frozenset[int]

    @property
    def label(self) -> str:
        return self.input.label or self.input.expression.text


def check(path: str, table: DecisionTable, bundle: Bundle) -> Iterator[Finding]:
    """All rules about one table."""
    if not table.rules:
        yield Finding(path, table.key, table.name, "table_gap", ERROR, "决策表没有任何一行，请至少写一行")
        return
    for rule in table.rules:
        yield from _outputs(path, table, rule)
    columns = [_column(table, number, bundle) for number in range(len(table.inputs))]
    if table.hit_policy == "UNIQUE":
        yield from _overlaps(path, table, columns)
    if not _all_read(table, bundle):
        return  # a value that only the unread file rules out would look like a gap
    masks = _masks(table, columns)
    if not table.gathers and table.key != LIMITS_TABLE:
        yield from _gap(path, table, masks)
    if masks is not None:
        yield from _idle_rows(path, table, columns, masks)


def _all_read(table: DecisionTable, bundle: Bundle) -> bool:
    """Whether everything that gives the table its values could be read."""
    users = (
        diagram
        for diagram in bundle.diagrams.values()
        if any(node.decision == table.key for node in diagram.process.nodes.values())
    )
    return not bundle.broken or (
        not bundle.lacks_diagrams and all(scope.complete_knowledge(diagram, bundle) for diagram in users)
    )


def _outputs(path: str, table: DecisionTable, rule: Rule) -> Iterator[Finding]:
    """A constant is worked out now: a text times a number would else fail in front of a citizen."""
    for output, expression in zip(table.outputs, rule.outputs, strict=True):
        if expression.constant:
            try:
                expression.evaluate({})
            except ExpressionError as error:
                sentence = f"第 {rule.row} 行的输出「{output.label or output.name}」{error.sentence}"
                yield Finding(path, rule.id, f"第 {rule.row} 行", "table_cell", ERROR, sentence)


def _column(table: DecisionTable, number: int, bundle: Bundle) -> _Column:
    column = table.inputs[number]
    mentioned: list[Literal] = []
    doubtful = set()
    for index, rule in enumerate(table.rules):
        try:
            mentioned += domains.cell_constants(rule.cells[number])
        except domains.Undecidable:
            doubtful.add(index)
    points = list(column.values) or _known_values(table, column, bundle)
    return _Column(column, points or domains.representatives(mentioned, column.type), frozenset(doubtful))


def _known_values(table: DecisionTable, column: InputColumn, bundle: Bundle) -> list[Literal]:
    """The few values that forms and tables can give this column, if that is so in every diagram that uses it."""
    if column.expression.text not in column.expression.names:
        return []
    known: list[Literal] = []
    for diagram in bundle.diagrams.values():
        if any(node.decision == table.key for node in diagram.process.nodes.values()):
            values = scope.values_of(diagram, bundle, column.expression.text)
            if not values:
                return []
            known += [value for value in values if value not in known or isinstance(value, bool)]
    return known


def _accepts(cell: Cell, point: Literal) -> bool:
    try:
        return cell.accepts(point, {})
    except ExpressionError:
        return False


def _masks(table: DecisionTable, columns: Sequence[_Column]) -> dict[int, dict[str, Literal]] | None:
    """Every set of rows that can fit together (as bits), each with a case that shows it. None if there are too many.

    Rows that cannot be judged count as not fitting: a gap is then reported rather than overlooked.
    """
    doubtful = frozenset().union(*(column.doubtful for column in columns))
    judged = sum(1 << index for index in range(len(table.rules)) if index not in doubtful)
    states: dict[int, dict[str, Literal]] = {judged: {}}
    for number, column in enumerate(columns):
        # Of values that the rows treat alike one is enough; the first is kept, for it reads best in a message.
        fits = {_fitting(table.rules, number, point): point for point in reversed(column.points)}
        following: dict[int, dict[str, Literal]] = {}
        for mask, case in states.items():
            for bits, point in fits.items():
                if mask & bits not in following:
                    following[mask & bits] = {**case, column.label: point}
        states = following
        if len(states) > MAX_STATES:
            return None
    return states


def _fitting(rules: Sequence[Rule], column: int, point: Literal) -> int:
    return sum(1 << index for index, rule in enumerate(rules) if _accepts(rule.cells[column], point))


def _gap(path: str, table: DecisionTable, masks: dict[int, dict[str, Literal]] | None) -> Iterator[Finding]:
    if all(cell.anything for cell in table.rules[-1].cells):
        return
    if masks is None:
        sentence = f"行列太多，无法确定是否包括所有情况，{_ASK}"
        yield Finding(path, table.key, table.name, "table_gap", ERROR, sentence)
    elif 0 in masks:
        sentence = f"{describe(masks[0])}时没有一行命中，{_ASK}"
        yield Finding(path, table.key, table.name, "table_gap", ERROR, sentence)


def _overlaps(path: str, table: DecisionTable, columns: Sequence[_Column]) -> Iterator[Finding]:
    """Pair by pair: two rows overlap if in every column something fits both."""
    for index, first in enumerate(table.rules):
        for later, second in enumerate(table.rules[index + 1 :], index + 1):
            case = _common(first, second, {index, later}, columns)
            if case is not None:
                rows = f"第 {first.row} 行和第 {second.row} 行"
                sentence = f"{describe(case)}时{rows}同时命中，请修改条件，或把命中策略改为「首个」"
                yield Finding(path, second.id, f"第 {second.row} 行", "table_overlap", ERROR, sentence)
                break


def _common(first: Rule, second: Rule, pair: set[int], columns: Sequence[_Column]) -> dict[str, Literal] | None:
    case: dict[str, Literal] = {}
    for number, column in enumerate(columns):
        if pair & column.doubtful:
            # Cannot be judged: counted as fitting, so that an overlap is reported rather than overlooked.
            continue
        cells = (first.cells[number], second.cells[number])
        both = [point for point in column.points if all(_accepts(cell, point) for cell in cells)]
        if not both:
            return None
        case[column.label] = both[0]
    return case


def _idle_rows(
    path: str, table: DecisionTable, columns: Sequence[_Column], masks: dict[int, dict[str, Literal]]
) -> Iterator[Finding]:
    doubtful = frozenset().union(*(column.doubtful for column in columns))
    first_only = table.hit_policy == "FIRST" and not doubtful
    used = 0
    for mask in masks:
        used |= (mask & -mask) if first_only else mask
    for index, rule in enumerate(table.rules):
        if index not in doubtful and not used >> index & 1:
            why = "前面的行已经包括了它的全部情况" if first_only else "它的条件不可能满足"
            sentence = f"第 {rule.row} 行永远不会命中，{why}，请检查条件或顺序"
            yield Finding(path, rule.id, f"第 {rule.row} 行", "row_never_fits", NOTICE, sentence)
