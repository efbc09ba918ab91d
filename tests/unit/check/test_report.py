"""What the check prints, and that everything shipped passes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from processes.engine.check import check_paths, main
from processes.engine.check.finding import ERROR, NOTICE, Finding
from processes.engine.check.report import as_json, as_text
from tests.unit.check.drawing import between, element

FINDINGS = [
    Finding("b.bpmn", "n1", "审核", "flow_label", NOTICE, "没有文字，请写上"),
    Finding("b.bpmn", "n2", "", "element", ERROR, "不支持，请删除"),
    Finding("a.dmn", "", "", "unreadable", ERROR, "文件是空的"),
]


def test_everything_shipped_passes_the_check() -> None:
    findings, checked = check_paths([])
    assert [finding for finding in findings if finding.is_error] == []
    assert checked > 10


def test_findings_are_grouped_by_file_errors_first() -> None:
    lines = as_text(FINDINGS, 2).split("\n")
    assert lines[0] == "a.dmn"
    assert lines[2] == "b.bpmn"
    assert "错误 (n2)：不支持，请删除" in lines[3]
    assert "提示 「审核」(n1)：没有文字，请写上" in lines[4]
    assert lines[-1] == "检查了 2 个文件：2 处错误，1 处提示，不能发布"


def test_the_json_carries_every_finding() -> None:
    content = json.loads(as_json(FINDINGS, 2))
    assert content["ok"] is False
    assert content["findings"][1] == {
        "file": "b.bpmn",
        "element_id": "n2",
        "element_name": "",
        "code": "element",
        "severity": "error",
        "sentence": "不支持，请删除",
    }
    assert json.loads(as_json(FINDINGS[:1], 1))["ok"] is True


def test_an_error_makes_the_exit_code_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sample.bpmn"
    path.write_bytes(between(element("scriptTask", "middle", name="算一算")))
    assert main([str(path)], as_json=False) == 1
    printed = capsys.readouterr().out
    assert str(path) in printed
    assert "「算一算」(middle)" in printed
    assert "不能发布" in printed
