"""The older notation in FEEL: every shipped expression, and that both say the same of the same data."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.feel import read_expression, read_unary_tests, to_plain
from processes.engine.diagrams.expression_places import FEEL, places, says_feel
from processes.engine.diagrams.safe_xml import HostileXml, parse_xml
from processes.engine.language.decision_tables import read_dmn
from processes.engine.language.expressions import ExpressionError, compile_expression
from processes.engine.language.feel_text import feel_cell, feel_output, feel_text
from processes.engine.language.own_functions import FUNCTIONS
from processes.engine.language.unary_tests import read_cell
from processes.engine.publishing.publish import shipped_sources
from processes.engine.publishing.translating import TranslationRefused, kinds_of, translate
from webapp.cli.main import main

SOURCES = list(shipped_sources(files("processes"), files("forms")))
DIAGRAMS = [source for source in SOURCES if source.kind == "process"]
TABLES = [source for source in SOURCES if source.kind == "table"]
KINDS = kinds_of(SOURCES)
BY_KIND: dict[str, list[object]] = {
    "boolean": [True, False, None],
    "number": [0, 1, 7, 60, None],
    "list": [["甲"], ["甲", "乙"], [], None],
    "string": ["其他", "", None],
}

LISTS_OF_SERVICES = {"duplicate_numbers": "list", "stops": "list"}

SAME = [
    ("a == 'x'", 'a = "x"'),
    ("a != None and a != ''", 'a != null and a != ""'),
    ("a in ['x', 'y']", 'a in ("x", "y")'),
    ("a not in ('x',)", 'not(a in ("x"))'),
    ("a in ['x', a]", 'list contains(["x", a], a)'),
    ("1 < n <= 5", "1 < n and n <= 5"),
    ("not (a == 'x' or n > 1)", 'not(a = "x" or n > 1)'),
    ("(a == 'x' or n > 1) and flag", '(a = "x" or n > 1) and flag = true'),
    ("'是' if flag else '否'", 'if flag = true then "是" else "否"'),
    ("a or '未写'", 'if a != null and a != "" then a else "未写"'),
    ("('甲' if flag else '乙') + a", '(if flag = true then "甲" else "乙") + a'),
    ("n - (2 - n)", "n - (2 - n)"),
    ("n // 2 + n % 3 - -n", "floor(n / 2) + modulo(n, 3) - -n"),
    ("people[0]", "people[1]"),
    ("people[-1]", "people[-1]"),
    ("len(people) > 0", "count(people) > 0"),
    ("len(a)", "string length(a)"),
    ("people + ['丙']", 'concatenate(people, ["丙"])'),
    ("round(n / 3, 2)", "decimal(n / 3, 2)"),
    ("round(n / 3)", "decimal(n / 3, 0)"),
    ("{'step': a, 'days': 3}['step']", '{"step": a, "days": 3}.step'),
    ("[True, None, 1.5]", "[true, null, 1.5]"),
    ("min(people)", "min(people)"),
]
SAMPLE_KINDS = {"a": "string", "n": "number", "flag": "boolean", "people": "list"}


@pytest.mark.parametrize(("old", "new"), SAME)
def test_an_expression_is_written_in_feel_and_gives_the_same(old: str, new: str) -> None:
    assert feel_text(old, SAMPLE_KINDS) == new
    for a in ("x", "其他", ""):
        for n in (0, 1, 4, 7):
            for flag in (True, False):
                case = {"a": a, "n": n, "flag": flag, "people": ["甲", "乙"]}
                assert to_plain(read_expression(new).evaluate(case)) == compile_expression(old).evaluate(case)


@pytest.mark.parametrize(
    ("old", "instead"),
    [
        ("unknown", "unknown == True"),
        ("not unknown", "unknown != None"),
        ("a + 'x'", "不是判断"),
        ("'是' if a + 'x' else '否'", "写出比较"),
        ("people[n] == 'x'", "方括号"),
        ("{1: 'x'} == None", "字典的键"),
        ("a ==", "写法不对"),
    ],
)
def test_what_is_not_the_same_in_feel_is_refused_with_what_to_write(old: str, instead: str) -> None:
    with pytest.raises(ExpressionError, match=instead.replace("(", r"\(")):
        feel_text(old, SAMPLE_KINDS, condition=True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'a', 'b'", '"a", "b"'),
        ("not('a')", 'not("a")'),
        ("-", "-"),
        (">= 5", ">= 5"),
        ("? == 'a' or n > ?", '? = "a" or n > ?'),
        ("? in ['a', 'b']", '? in ("a", "b")'),
        ('"it\'s"', '"it\'s"'),
    ],
)
def test_a_cell_is_written_in_feel_and_fits_the_same(old: str, new: str) -> None:
    assert feel_cell(old, {}) == new
    for value in ("a", "b", "c", "it's") if ">= 5" not in old and "n >" not in old else (3, 5, 8):
        before = read_cell(old).accepts(value, {"n": 4})
        assert (read_unary_tests(new, functions=FUNCTIONS).accepts(value, {"n": 4}) is True) is before


def test_an_empty_output_is_null() -> None:
    assert [feel_output(text, {}) for text in ("", "-", "true", "'甲'", "None")] == [
        *("null", "null", "true", '"甲"', "null"),
    ]


@pytest.mark.parametrize("source", [*DIAGRAMS, *TABLES], ids=lambda source: source.key)
def test_every_shipped_file_is_translated_and_only_expressions_change(source: object) -> None:
    ending = {"process": "bpmn", "table": "dmn"}[source.kind]  # type: ignore[attr-defined]
    before = source.content  # type: ignore[attr-defined]
    after = translate(before, f"{source.key}.{ending}", KINDS)  # type: ignore[attr-defined]
    assert says_feel(parse_xml(after, "x"))
    assert translate(after, "x", KINDS) == after
    assert before.count(b"\n") == after.count(b"\n") or b"<text>[" in before
    assert [p.attribute for p in places(parse_xml(before, "x"))] == [p.attribute for p in places(parse_xml(after, "x"))]


def _shipped() -> Iterator[tuple[str, bool]]:
    for source in DIAGRAMS:
        yield from ((p.text, p.kind == "condition") for p in places(parse_xml(source.content, source.key)))
    for source in TABLES:
        table = read_dmn(source.content, source.key)
        yield from ((column.expression.text, False) for column in table.inputs)
        yield from ((output.text, False) for rule in table.rules for output in rule.outputs)


@pytest.mark.parametrize(("old", "condition"), sorted(set(_shipped())))
def test_a_shipped_expression_says_the_same_in_both(old: str, condition: bool) -> None:
    before = compile_expression(old)
    after = read_expression(feel_text(old, KINDS, condition=condition), functions=FUNCTIONS)
    draw = random.Random(old)
    clock = {"clock": lambda code, start=None: f"{code} {start}"}
    for _ in range(60):
        case = {name: draw.choice(_values(name, before.tree)) for name in sorted(before.names)}
        try:
            expected = before.evaluate(case, clock)
        except ExpressionError:
            continue  # the older notation could not say; FEEL says null
        got = to_plain(after.evaluate(case, clock))
        assert (got is True, case) == (bool(expected), case) if condition else (got, case) == (expected, case)


def _values(name: str, tree: ast.AST) -> list[object]:
    kind = {**KINDS, **LISTS_OF_SERVICES}.get(name, "string")
    written = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [*BY_KIND.get(kind, BY_KIND["string"]), *(written if kind == "string" else [])]


@pytest.mark.parametrize("source", TABLES, ids=lambda source: source.key)
def test_a_shipped_cell_fits_the_same_in_both(source: object) -> None:
    table = read_dmn(source.content, source.key)  # type: ignore[attr-defined]
    for number, column in enumerate(table.inputs):
        written = {c.value for rule in table.rules for c in rule.cells[number].choices if hasattr(c, "value")}
        for rule in table.rules:
            cell = rule.cells[number]
            if cell.formula is not None and cell.formula.names - {"cell_value"}:
                continue
            after = read_unary_tests(feel_cell(cell.text, KINDS), functions=FUNCTIONS)
            for value in (*written, *((1, 9, 60) if column.type == "number" else ())):
                assert (after.accepts(value, {}) is True) == cell.accepts(value, {}), (cell.text, value)


def test_a_file_with_one_untranslatable_expression_stays_and_says_where(tmp_path: Path) -> None:
    source = next(source for source in DIAGRAMS if b"conditionExpression" in source.content)
    target = tmp_path / f"{source.key}.bpmn"
    target.write_bytes(re.sub(rb"(<bpmn:conditionExpression[^>]*>)[^<]*", rb"\1nobody_knows", source.content, count=1))
    before = target.read_bytes()
    with pytest.raises(TranslationRefused) as refused:
        translate(before, target.name, KINDS)
    assert all(problem.line > 1 and problem.element_id for problem in refused.value.problems)
    run = CliRunner().invoke(main, ["translate", str(target)])
    assert run.exit_code == 1
    assert f"{target.name}：第" in run.output
    assert target.read_bytes() == before


def test_the_command_writes_where_it_is_told(tmp_path: Path) -> None:
    source = TABLES[0]
    original = tmp_path / f"{source.key}.dmn"
    original.write_bytes(source.content)
    assert CliRunner().invoke(main, ["translate", str(original), "--to", str(tmp_path / "new")]).exit_code == 0
    assert original.read_bytes() == source.content
    assert FEEL.encode() in (tmp_path / "new" / original.name).read_bytes()
    assert CliRunner().invoke(main, ["translate", str(original)]).exit_code == 0
    assert FEEL.encode() in original.read_bytes()


def test_what_is_no_diagram_is_refused() -> None:
    with pytest.raises(HostileXml, match="无法改写"):
        translate(b"<a/>", "a.bpmn", {})
