"""The runner of the compatibility kit, over a kit of one model: what it counts as passed, refused, wrong, left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tck.__main__ import outcomes

MODEL = """<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="n">
  <itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>
  <inputData name="amount"><variable name="amount" typeRef="number"/></inputData>
  <inputData name="level"><variable name="level" typeRef="string"/></inputData>
  {decisions}
  <decision name="needs">
    <variable name="needs"/><informationRequirement><requiredDecision href="#x"/></informationRequirement>
    <literalExpression><text>1</text></literalExpression>
  </decision>
  <decision name="rule" id="rule">
    <variable name="rule" typeRef="string"/>
    <decisionTable hitPolicy="FIRST">
      <input><inputExpression typeRef="number"><text>amount</text></inputExpression></input>
      <output/>
      <rule><inputEntry><text>&gt; 5</text></inputEntry><outputEntry><text>"high"</text></outputEntry></rule>
      <rule><inputEntry><text>-</text></inputEntry><outputEntry><text>"low"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""
TESTS = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <modelName>m.dmn</modelName>
  <testCase id="1"><inputNode name="amount"><value xsi:type="xsd:decimal">{amount}</value></inputNode>
    {results}
  </testCase></testCases>"""


def words(folder: Path, literals: dict[str, tuple[str, str]], amount: str = "7") -> dict[str, tuple[str, str]]:
    """Decision -> (kind, word) of a suite whose literal decisions are name -> (text, wanted value or empty)."""
    cases = folder / "TestCases" / "compliance-level-2" / "0001-own"
    cases.mkdir(parents=True)
    decisions = "".join(
        f'<decision name="{name}"><variable name="{name}" typeRef="{name.partition("_")[0]}"/>'
        f"<literalExpression><text>{text}</text></literalExpression></decision>"
        for name, (text, _) in literals.items()
    )
    wanted = {name: value for name, (_, value) in literals.items()} | {"needs": "<value/>", "rule": _text("high")}
    results = "".join(
        f'<resultNode name="{name}" errorResult="{str(not value).lower()}"><expected>{value}</expected></resultNode>'
        for name, value in wanted.items()
    )
    (cases / "m.dmn").write_text(MODEL.format(decisions=decisions), encoding="utf-8")
    (cases / "m-test-01.xml").write_text(TESTS.format(amount=amount, results=results), encoding="utf-8")
    return {outcome.case.partition(" ")[2]: (outcome.kind, outcome.word) for outcome in outcomes(folder)}


def _number(value: str) -> str:
    return f'<value xsi:type="xsd:decimal">{value}</value>'


def _text(value: str) -> str:
    return f'<value xsi:type="xsd:string">{value}</value>'


def test_each_case_is_passed_refused_wrong_or_left_out(tmp_path: Path) -> None:
    assert words(
        tmp_path,
        {
            "number": ("amount + 1", _number("8.000000001")),
            "number_b": ("amount + 1", _number("9")),
            "number_null": ('"a" * amount', ""),
            "number_list": ("[amount]", _number("7")),
            "string": ("amount", ""),
            "tNumbers": ("[1, 2]", f"<list><item>{_number('1')}</item><item>{_number('2')}</item></list>"),
            "number_function": ("(function(a) a)(amount)", _number("7")),
            "number_syntax": ("amount +", ""),
        },
    ) == {
        "number": ("literal", "passed"),
        "number_b": ("literal", "wrong"),
        "number_null": ("literal", "passed"),
        "number_list": ("literal", "passed"),
        "string": ("literal", "passed"),
        "tNumbers": ("literal", "passed"),
        "number_function": ("literal", "refused"),
        "number_syntax": ("literal", "wrong"),
        "needs": ("literal", "left out"),
        "rule": ("table", "passed"),
    }


def test_a_table_that_decides_otherwise_is_wrong(tmp_path: Path) -> None:
    assert words(tmp_path, {}, amount="5")["rule"] == ("table", "wrong")


@pytest.mark.parametrize(("wanted", "code"), [("8", 0), ("9", 1)])
def test_the_program_prints_the_counts_and_fails_if_anything_is_wrong(tmp_path: Path, wanted: str, code: int) -> None:
    words(tmp_path, {"number": ("amount + 1", _number(wanted))})
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-m", "tests.tck", str(tmp_path)], capture_output=True, text=True, cwd=root)
    assert run.returncode == code
    assert "compliance-level-2" in run.stdout
    assert "0001-own" in run.stdout


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-m", "tests.tck", str(tmp_path)], capture_output=True, text=True, cwd=root)
    assert run.returncode == 2
    assert "give a checkout" in run.stderr
