"""What the check says: the cause and not what follows from it, once, and with a way on."""

from __future__ import annotations

from typing import Any

import pytest

from processes.engine.check.finding import ERROR, Finding
from processes.engine.check.report import as_json, as_text
from tests.support.linked import FORMS as LINKED_FORMS
from tests.support.linked import filed, letter, rest
from tests.unit.check.drawing import FORMS, NAMESPACES, between, check, element, end, line, process, table, user

SAME = [Finding("a.bpmn", f"n{n}", "", "basis_missing", ERROR, "没有写依据条款") for n in range(3)]
OTHER = Finding("a.bpmn", "n9", "审核", "lane_missing", ERROR, "不在任何泳道里")


def test_the_same_sentence_over_many_elements_is_one_line_with_a_count() -> None:
    lines = as_text([*SAME, OTHER], 1).splitlines()
    assert lines[1] == "  错误 (n0)、(n1)、(n2)（3 处）：没有写依据条款 [basis_missing]"
    assert lines[2] == "  错误 「审核」(n9)：不在任何泳道里 [lane_missing]"
    assert "4 处错误" in lines[-1]


def test_the_json_keeps_every_finding_by_itself() -> None:
    assert as_json([*SAME, OTHER], 1).count("basis_missing") == 3


def of_file(data: bytes) -> list[Finding]:
    return [finding for finding in check(data) if finding.file == "sample.bpmn"]


def test_a_file_without_a_process_says_what_to_do() -> None:
    (finding,) = of_file(f'<bpmn:definitions {NAMESPACES} id="d" targetNamespace="t"/>'.encode())
    assert "没有流程" in finding.sentence
    assert "新建流程" in finding.sentence


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ('<bpmn:process id="other" name="对方"/>', "其中「对方」一步也没有，请在流程设计器里删除它的泳池"),
        ('<bpmn:process id="other" name="对方"><bpmn:startEvent id="s2"/></bpmn:process>', "各存成一个文件"),
    ],
)
def test_of_two_processes_it_is_said_which_and_what_to_do(second: str, words: str) -> None:
    both = between(user("middle")).replace(b"</bpmn:process>", f"</bpmn:process>{second}".encode())
    (finding,) = [one for one in of_file(both) if one.code == "one_process"]
    assert "「样例」、「对方」" in finding.sentence
    assert words in finding.sentence


def test_a_declared_encoding_that_is_not_the_files_is_told_from_one_that_is() -> None:
    plain = between(user("middle")).decode()
    declared = plain.replace('encoding="UTF-8"', 'encoding="GBK"')
    (wrong,) = of_file(declared.encode())
    assert '文件实际是 UTF-8，请把第一行改成 encoding="UTF-8"' in wrong.sentence
    (right,) = of_file(declared.encode("gbk"))
    assert "另存为 UTF-8" in right.sentence
    (silent,) = of_file(plain.encode("gbk"))
    assert "可能是 GBK" in silent.sentence


@pytest.mark.parametrize(
    ("broken", "changed"),
    [
        ("decide.form", {"forms": FORMS | {"decide": b"{"}}),
        ("sample.form", {"forms": FORMS | {"sample": b"[]"}}),
        ("levels.dmn", {"levels_dmn": b"<x"}),
        ("other.bpmn", {"other": b"<x"}),
    ],
)
def test_of_a_file_that_cannot_be_read_only_that_is_said(broken: str, changed: dict[str, bytes]) -> None:
    rule = element("businessRuleTask", "rule", "", '<banli:decision key="levels"/>')
    call = element("callActivity", "call", calledElement="other")
    steps = line("fill", "middle", "rule", "call", "end")
    sample = process(user("middle"), rule, call, end(), steps)
    whole = {"levels_dmn": table([['"a"', '"x"'], ['"b"', '"y"']])}
    named: dict[str, Any] = whole | {"other": b"<x"} | changed
    found = [one for one in check(sample, **named) if one.is_error]
    assert {one.file for one in found} <= {broken, "other.bpmn"}
    assert broken in {one.file for one in found}


def test_while_a_diagram_cannot_be_read_nothing_is_said_of_what_it_may_start_feed_or_take() -> None:
    for key in ("letter", "filed", "rest"):
        files = {"letter": letter(), "filed": filed(), "rest": rest()} | {key: b"<x"}
        found = check(**files, forms=LINKED_FORMS)
        assert {one.file for one in found if one.is_error} == {f"{key}.bpmn"}
