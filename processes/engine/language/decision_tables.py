"""Decision tables: read DMN files and decide by them, saying which row decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from processes.engine.diagrams.safe_xml import parse_xml
from processes.engine.language.expressions import ExpressionError, PythonExpression, compile_expression
from processes.engine.language.unary_tests import CELL_VALUE, Cell, CellError, Literal, read_cell, read_values

NAMESPACES = (
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20180521/MODEL/",
)
LIMITS_TABLE = "time_limits"
"""The table of legal and internal limits, one row per code. Looked up by code, never by a decision task."""
RULE_SETS_TABLE = "rule_set"
"""Goes with the limits: which of their rule sets a case follows, by the day of its receipt."""
HIT_POLICIES = ("UNIQUE", "FIRST", "COLLECT")
MAX_RULES = 500
_WORDS: Mapping[str, str] = {"true": "True", "false": "False", "null": "None", "": "None", "-": "None"}


@dataclass(frozen=True, slots=True)
class TableProblem:
    """Something wrong in a table: the XML id and a readable name of the place, and a Chinese sentence."""

    element_id: str
    element_name: str
    sentence: str


class TableError(Exception):
    """A table that cannot be used; `problems` holds everything found."""

    def __init__(self, filename: str, problems: list[TableProblem]) -> None:
        super().__init__(f"{filename}：" + "；".join(f"{p.element_name}{p.sentence}" for p in problems))
        self.filename = filename
        self.problems = tuple(problems)
        self.sentence = problems[0].sentence


class DecisionError(Exception):
    """A table that could not decide on these values; `sentence` is Chinese."""

    def __init__(self, table: str, sentence: str) -> None:
        super().__init__(f"决策表「{table}」：{sentence}")
        self.table = table
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class InputColumn:
    """An input column. `values` are the allowed values if the column lists them."""

    id: str
    label: str
    expression: PythonExpression
    type: str = ""
    values: tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """An output column; `name` is the variable it sets."""

    name: str
    label: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row, counted from 1 as people count."""

    row: int
    id: str
    cells: tuple[Cell, ...]
    outputs: tuple[PythonExpression, ...]
    annotation: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a table decided and by which row: the answer to "why is this on my desk".

    For COLLECT `rows` are all matching rows, `row` the first (0 if none) and each output is a list.
    """

    table: str
    row: int
    label: str
    inputs: Mapping[str, object]
    outputs: Mapping[str, object]
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table, ready to decide."""

    key: str
    name: str
    hit_policy: str
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rules: tuple[Rule, ...]

    @property
    def variables(self) -> frozenset[str]:
        """Every variable the table reads: in inputs, in cells with a formula, in outputs."""
        expressions = [column.expression for column in self.inputs]
        for rule in self.rules:
            expressions += [cell.formula for cell in rule.cells if cell.formula is not None]
            expressions += rule.outputs
        return frozenset().union(*(e.names for e in expressions)) - {CELL_VALUE}

    def decide(self, variables: Mapping[str, object]) -> Decision | None:
        """The decision over `variables`, or None if no row fits.

        Raises: DecisionError, if rows of a UNIQUE table overlap; ExpressionError, from an expression.
        """
        values = [column.expression.evaluate(variables) for column in self.inputs]
        matching = self._matching(values, variables)
        if self.hit_policy == "UNIQUE" and len(matching) > 1:
            rows = "、".join(str(rule.row) for rule in matching)
            raise DecisionError(self.key, f"第 {rows} 行同时命中，命中策略为「唯一」时只能有一行，请修改条件")
        inputs = {c.label or c.expression.text: v for c, v in zip(self.inputs, values, strict=True)}
        if self.hit_policy == "COLLECT":
            return self._collected(matching, inputs, variables)
        if not matching:
            return None
        rule = matching[0]
        outputs = {o.name: e.evaluate(variables) for o, e in zip(self.outputs, rule.outputs, strict=True)}
        return Decision(self.key, rule.row, rule.annotation, inputs, outputs, (rule.row,))

    def _matching(self, values: list[object], variables: Mapping[str, object]) -> list[Rule]:
        hits = []
        for rule in self.rules:
            if all(cell.accepts(value, variables) for cell, value in zip(rule.cells, values, strict=True)):
                hits.append(rule)
                if self.hit_policy == "FIRST":
                    break
        return hits

    def _collected(
        self, matching: list[Rule], inputs: Mapping[str, object], variables: Mapping[str, object]
    ) -> Decision:
        outputs = {
            output.name: [rule.outputs[column].evaluate(variables) for rule in matching]
            for column, output in enumerate(self.outputs)
        }
        label = "；".join(rule.annotation for rule in matching if rule.annotation)
        rows = tuple(rule.row for rule in matching)
        return Decision(self.key, rows[0] if rows else 0, label, inputs, outputs, rows)


@lru_cache(maxsize=256)
def read_dmn(data: bytes, filename: str) -> DecisionTable:
    """The one decision table of a DMN 1.2 or 1.3 file. Kept by content: all releases of a set read the same.

    Raises: HostileXml, for what is not XML; TableError, with every problem found.
    """
    root = parse_xml(data, filename)
    reader = _TableReader(root, filename)
    table = reader.read()
    if reader.problems:
        raise TableError(filename, reader.problems)
    return table


class _TableReader:
    """Reads a table and gathers what is wrong, so that the owner sees all of it at once."""

    def __init__(self, root: etree._Element, filename: str) -> None:
        self.root = root
        self.filename = filename
        self.problems: list[TableProblem] = []
        tag = etree.QName(root)
        if tag.localname != "definitions" or tag.namespace not in NAMESPACES:
            raise TableError(
                filename, [TableProblem("", "", "文件不是 DMN 1.3 决策表，请用决策表编辑器保存为 .dmn 文件")]
            )
        self.namespace = tag.namespace

    def read(self) -> DecisionTable:
        decisions = self._all(self.root, "decision")
        if len(decisions) != 1:
            sentence = f"一个文件只能有一个决策，这里有 {len(decisions)} 个，请分成多个文件"
            raise TableError(self.filename, [TableProblem("", "", sentence)])
        decision = decisions[0]
        key, name = decision.get("id", ""), decision.get("name", "")
        tables = self._all(decision, "decisionTable")
        if len(tables) != 1:
            sentence = "决策里没有决策表，只支持决策表，不支持文字表达式等其他形式"
            raise TableError(self.filename, [TableProblem(key, name, sentence)])
        policy = self._hit_policy(tables[0], key, name)
        inputs = tuple(self._input(e, n) for n, e in enumerate(self._all(tables[0], "input"), 1))
        outputs = tuple(self._output(e, n) for n, e in enumerate(self._all(tables[0], "output"), 1))
        if not inputs or not outputs:
            self._report(key, name, "决策表至少要有一个输入列和一个输出列")
        if len({o.name for o in outputs}) < len(outputs):
            self._report(key, name, "两个输出列的变量名相同，请改成不同的名称")
        rules = self._all(tables[0], "rule")
        if len(rules) > MAX_RULES:
            sentence = f"决策表有 {len(rules)} 行，超过 {MAX_RULES} 行的上限"
            raise TableError(self.filename, [TableProblem(key, name, sentence)])
        read = (self._rule(e, n, len(inputs), len(outputs)) for n, e in enumerate(rules, 1))
        return DecisionTable(key, name, policy, inputs, outputs, tuple(read))

    def _hit_policy(self, table: etree._Element, key: str, name: str) -> str:
        policy = str(table.get("hitPolicy", "UNIQUE"))
        if policy not in HIT_POLICIES:
            self._report(key, name, f"命中策略 {policy} 不支持，请改为「唯一」「首个」或「收集」")
        if table.get("aggregation"):
            self._report(key, name, f"收集时不支持汇总（{table.get('aggregation')}），请去掉汇总方式")
        return policy

    def _input(self, element: etree._Element, number: int) -> InputColumn:
        id_, label = element.get("id", ""), element.get("label", "")
        place = f"第 {number} 个输入列「{label}」"
        expressions = self._all(element, "inputExpression")
        text = self._text(expressions[0]) if expressions else ""
        values: tuple[Literal, ...] = ()
        for allowed in self._all(element, "inputValues"):
            try:
                values = read_values(self._text(allowed))
            except CellError as error:
                self._report(id_, place, f"的可选值{error}")
        type_ = expressions[0].get("typeRef", "") if expressions else ""
        return InputColumn(id_, label, self._expression(text, id_, place), type_, values)

    def _output(self, element: etree._Element, number: int) -> OutputColumn:
        name, label = element.get("name", ""), element.get("label", "")
        if not name.isidentifier() or name.startswith("_"):
            self._report(element.get("id", ""), f"第 {number} 个输出列「{label}」", "的变量名要用英文字母和下划线")
        return OutputColumn(name, label, element.get("typeRef", ""))

    def _rule(self, element: etree._Element, row: int, inputs: int, outputs: int) -> Rule:
        id_ = element.get("id", "")
        cells = self._all(element, "inputEntry")
        results = self._all(element, "outputEntry")
        if len(cells) != inputs or len(results) != outputs:
            self._report(id_, f"第 {row} 行", "的格数与列数不一致，请用决策表编辑器重新保存")
        read = tuple(self._cell(e, f"第 {row} 行第 {n} 个输入格") for n, e in enumerate(cells, 1))
        given = tuple(
            self._expression(_WORDS.get(text, text), e.get("id", id_), f"第 {row} 行第 {n} 个输出格")
            for n, e in enumerate(results, 1)
            for text in [self._text(e)]
        )
        return Rule(row, id_, read, given, self._annotation(element))

    def _annotation(self, rule: etree._Element) -> str:
        """The editors write it as the rule's description; DMN 1.3 also knows annotation columns."""
        described = [(d.text or "").strip() for d in self._all(rule, "description")]
        annotated = [self._text(entry) for entry in self._all(rule, "annotationEntry")]
        return " ".join(text for text in (*described, *annotated) if text)

    def _cell(self, element: etree._Element, place: str) -> Cell:
        try:
            return read_cell(self._text(element))
        except CellError as error:
            self._report(element.get("id", ""), place, str(error))
            return Cell("")

    def _expression(self, text: str, id_: str, place: str) -> PythonExpression:
        try:
            return compile_expression(text)
        except ExpressionError as error:
            self._report(id_, place, f"的{error}")
            return compile_expression("None")

    def _all(self, element: etree._Element, name: str) -> list[etree._Element]:
        return list(element.iterfind(f"{{{self.namespace}}}{name}"))

    def _text(self, element: etree._Element) -> str:
        child = element.find(f"{{{self.namespace}}}text")
        return "" if child is None else str(child.text or "").strip()

    def _report(self, id_: str, name: str, sentence: str) -> None:
        self.problems.append(TableProblem(id_, name, sentence))
