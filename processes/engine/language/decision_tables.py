"""Decision tables: read DMN files, in FEEL where they declare it, else in the older notation."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from processes.engine.diagrams.expression_places import says_feel
from processes.engine.diagrams.safe_xml import parse_xml
from processes.engine.language.compiled_expression import CompiledExpression
from processes.engine.language.expressions import ExpressionError
from processes.engine.language.table_model import (
    Decision,
    DecisionError,
    DecisionTable,
    InputColumn,
    OutputColumn,
    Rule,
    TableError,
    TableProblem,
)
from processes.engine.language.table_notations import FEEL, OLDER
from processes.engine.language.unary_tests import Cell, CellError, Literal

__all__ = [
    "LIMITS_TABLE",
    "RULE_SETS_TABLE",
    "Decision",
    "DecisionError",
    "DecisionTable",
    "InputColumn",
    "OutputColumn",
    "Rule",
    "TableError",
    "TableProblem",
    "read_dmn",
]

NAMESPACES = (
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20180521/MODEL/",
)
LIMITS_TABLE = "time_limits"
"""The table of legal and internal limits, one row per code. Looked up by code, never by a decision task."""
RULE_SETS_TABLE = "rule_set"
"""Goes with the limits: which of their rule sets a case follows, by the day of its receipt."""
MAX_RULES = 500


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
        self.notation = FEEL if says_feel(root) else OLDER

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
        table = DecisionTable(key, name, policy, inputs, outputs, tuple(read), tables[0].get("aggregation", ""))
        return table if self.problems else self.notation.table(table)

    def _hit_policy(self, table: etree._Element, key: str, name: str) -> str:
        policy = str(table.get("hitPolicy", "UNIQUE"))
        if policy not in self.notation.policies:
            self._report(key, name, f"命中策略 {policy} 不支持，请改为「唯一」「首个」或「收集」")
        if table.get("aggregation") and not self._sums_up(table, policy):
            self._report(key, name, f"收集时不支持汇总（{table.get('aggregation')}），请去掉汇总方式")
        return policy

    def _sums_up(self, table: etree._Element, policy: str) -> bool:
        single = len(self._all(table, "output")) == 1
        return single and policy == "COLLECT" and table.get("aggregation") in self.notation.aggregations

    def _input(self, element: etree._Element, number: int) -> InputColumn:
        id_, label = element.get("id", ""), element.get("label", "")
        place = f"第 {number} 个输入列「{label}」"
        expressions = self._all(element, "inputExpression")
        text = self._text(expressions[0]) if expressions else ""
        values: tuple[Literal, ...] = ()
        for allowed in self._all(element, "inputValues"):
            values = self._values(allowed, id_, place)
        type_ = expressions[0].get("typeRef", "") if expressions else ""
        return InputColumn(id_, label, self._expression(text, id_, place), type_, values)

    def _output(self, element: etree._Element, number: int) -> OutputColumn:
        name, label = element.get("name", ""), element.get("label", "")
        if not name.isidentifier() or name.startswith("_"):
            self._report(element.get("id", ""), f"第 {number} 个输出列「{label}」", "的变量名要用英文字母和下划线")
        values: tuple[Literal, ...] = ()
        for allowed in self._all(element, "outputValues") if self.notation.aggregations else ():
            values = self._values(allowed, element.get("id", ""), f"第 {number} 个输出列「{label}」")
        return OutputColumn(name, label, element.get("typeRef", ""), values)

    def _values(self, allowed: etree._Element, id_: str, place: str) -> tuple[Literal, ...]:
        try:
            return self.notation.values(self._text(allowed))
        except CellError as error:
            self._report(id_, place, f"的可选值{error}")
            return ()

    def _rule(self, element: etree._Element, row: int, inputs: int, outputs: int) -> Rule:
        id_ = element.get("id", "")
        cells = self._all(element, "inputEntry")
        results = self._all(element, "outputEntry")
        if len(cells) != inputs or len(results) != outputs:
            self._report(id_, f"第 {row} 行", "的格数与列数不一致，请用决策表编辑器重新保存")
        read = tuple(self._cell(e, f"第 {row} 行第 {n} 个输入格") for n, e in enumerate(cells, 1))
        given = tuple(
            self._expression(self.notation.output(self._text(e)), e.get("id", id_), f"第 {row} 行第 {n} 个输出格")
            for n, e in enumerate(results, 1)
        )
        return Rule(row, id_, read, given, self._annotation(element))

    def _annotation(self, rule: etree._Element) -> str:
        """The editors write it as the rule's description; DMN 1.3 also knows annotation columns."""
        described = [(d.text or "").strip() for d in self._all(rule, "description")]
        annotated = [self._text(entry) for entry in self._all(rule, "annotationEntry")]
        return " ".join(text for text in (*described, *annotated) if text)

    def _cell(self, element: etree._Element, place: str) -> Cell:
        try:
            return self.notation.cell(self._text(element))
        except CellError as error:
            self._report(element.get("id", ""), place, str(error))
            return Cell("")

    def _expression(self, text: str, id_: str, place: str) -> CompiledExpression:
        try:
            return self.notation.expression(text)
        except ExpressionError as error:
            self._report(id_, place, f"的{error}")
            return self.notation.expression(self.notation.null)

    def _all(self, element: etree._Element, name: str) -> list[etree._Element]:
        return list(element.iterfind(f"{{{self.namespace}}}{name}"))

    def _text(self, element: etree._Element) -> str:
        child = element.find(f"{{{self.namespace}}}text")
        return "" if child is None else str(child.text or "").strip()

    def _report(self, id_: str, name: str, sentence: str) -> None:
        self.problems.append(TableProblem(id_, name, sentence))
