"""A word of the owners' files that code reads cannot be renamed in silence."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from handlers.owners_words import WordKind, reliances
from processes.engine.check import Finding, check_bundle
from processes.engine.check.shipped import gather


@cache
def shipped() -> dict[str, bytes]:
    return gather([]).files


def findings(changes: dict[str, tuple[str, str]]) -> list[Finding]:
    """What the rule says of the shipped set where, in each file named, the pattern gives way to the text."""
    gathered = gather([])
    files = dict(shipped())
    for name, (pattern, text) in changes.items():
        path = next(path for path in files if Path(path).name == name)
        changed = re.sub(pattern, text, files[path].decode())
        assert changed.encode() != files[path], f"{name} has no {pattern}"
        files[path] = changed.encode()
    every = check_bundle(files, forms={}, services=gathered.services, roles=gathered.roles)
    return [finding for finding in every if finding.code == "owners_word"]


RENAMED = [
    ("extension.bpmn", r'id="extended" name="已延期"', 'id="extended" name="已批准延期"', "已延期", "第几次延期"),
    ("intake.bpmn", r"\bsign_in\b", "taken_in", "sign_in", "退回"),
    ("suspension.bpmn", r"\bclock_resumed\b", "clock_goes_on", "clock_resumed", "期限的扣除"),
    ("suspension.bpmn", r"\bclock_suspended\b", "clock_rests", "clock_suspended", "期限的扣除"),
    ("extension.bpmn", r"\blimit_extended\b", "limit_longer", "limit_extended", "延长"),
    ("supervision.bpmn", r'name="deadline_warning"', 'name="deadline_near"', "deadline_warning", "预警"),
    ("warning_levels.dmn", r'name="level"', 'name="degree"', "level", "预警"),
    ("approval_decision.form", r'"refuse"', '"deny"', "refuse", "审批链"),
    ("sign_in.form", r'"not_territory"', '"elsewhere"', "not_territory", "退回"),
    ("sign_in.form", r'"return_note"', '"remarks"', "return_note", "退回"),
    ("case_register.form", r"\bno_contact\b", "without_contact", "no_contact", "推定"),
    ("case_register.form", r'"order_no"', '"order"', "order_no", "疑似重复"),
    ("case_register.form", r'"respondent_code"', '"credit_code"', "respondent_code", "登记册"),
    ("case_register.form", r"\bwants_compensation\b", "is_complaint", "wants_compensation", "批量导入"),
    ("case_register.form", r'"value": "id_card"', '"value": "identity_card"', "id_card", "推定"),
]


@pytest.mark.parametrize(("file", "pattern", "text", "word", "reader"), RENAMED)
def test_a_word_that_code_reads_cannot_be_renamed(file: str, pattern: str, text: str, word: str, reader: str) -> None:
    told = [f for f in findings({file: (pattern, text)}) if f"「{word}」" in f.sentence]
    assert len(told) == 1, "one finding per word"
    assert told[0].is_error
    assert Path(told[0].file).name == file
    assert reader in told[0].sentence


def test_a_fact_that_code_reads_cannot_be_renamed_even_where_form_and_diagram_agree() -> None:
    renamed = r"\bextension_code\b", "which_limit"
    told = findings({"extension.bpmn": renamed, "extension_request.form": renamed})
    assert ["「extension_code」" in finding.sentence for finding in told] == [True]


def test_the_shipped_set_has_every_word_and_every_holder_of_one() -> None:
    names = {Path(path).name for path in shipped()}
    suffix = {WordKind.KEY: "form", WordKind.CHOICE: "form", WordKind.COLUMN: "dmn"}
    words = [reliance.word for reliance in reliances()]
    assert {word for word in words if f"{word.holder}.{suffix.get(word.kind, 'bpmn')}" not in names} == set()
    gathered = gather([])
    every = check_bundle(shipped(), forms={}, services=gathered.services, roles=gathered.roles)
    assert [finding for finding in every if finding.code == "owners_word"] == []
