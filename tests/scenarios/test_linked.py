"""Scenarios over several cases that belong together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from processes.engine.diagrams.reader import read_bpmn
from processes.engine.scenarios.book import Book, ScenarioError, read_book
from processes.engine.scenarios.coverage import gaps
from processes.engine.scenarios.play import Report, play
from processes.engine.scenarios.run import shipped_books
from processes.engine.scenarios.stage import Stage
from tests.support.bureau import Bureau
from tests.support.linked import filed, letter, publish_linked, rest

BOOK = """
procedure: letter
values:
  receive: {subject: 一封信, place: 塘沽}
  decide: {filed: 立1}
openings:
  有线索:
    given: {at: 2026-03-02 09:30, who: chen.jing}
    steps:
      - {who: chen.jing, does: handle, values: {clue: 线索甲}, open: []}
scenarios:
  - title: 线索立案后告知
    given: {opening: 有线索}
    steps:
      - case: filed
        who: zhao.lei
        does: decide
        open: []
      - {who: zhao.lei, does: look, values: {seen: 看过}}
    expect:
      path: [receive, handle, wait, look, over]
      outcome: 办结
      history: ["系统 移交线索", "赵磊 立案：立1"]
      cases:
        filed: {path: [decide, tell_back], outcome: 已告知, letters: [], history: ["系统 已告知"]}
  - title: 由本件发起，不能重复撤诉
    given: {opening: 有线索, at: 2026-03-03 09:30}
    steps:
      - {who: liu.fang, opens: rest, values: {clue: 鉴定}, refused: 中心经办人}
      - {who: chen.jing, opens: rest, values: {clue: 鉴定}}
      - {case: rest, who: chen.jing, does: again}
      - {who: zhao.lei, acts: withdraw, values: {withdraw_reason: 和解}, open: []}
      - {who: zhao.lei, acts: withdraw, values: {withdraw_reason: 和解}, refused: 已办结}
    expect:
      outcome: 撤诉办结
      cases:
        rest: {outcome: 无人接收}
        filed: {path: []}
"""


def book(text: str = BOOK) -> Book:
    return read_book(text.encode(), "linked.scenarios.yaml")


def played(bureau: Bureau, number: int, text: str = BOOK) -> Report:
    publish_linked(bureau)
    read = book(text)
    return play(read, read.scenarios[number], Stage(bureau.database))


@pytest.mark.parametrize("number", [0, 1])
def test_a_scenario_goes_through_all_its_cases(bureau_on_both: Bureau, number: int) -> None:
    bureau_on_both.time.move_to(datetime(2026, 1, 5, tzinfo=UTC))
    assert played(bureau_on_both, number).failures == []


def test_what_becomes_of_a_linked_case_is_compared_too(bureau: Bureau) -> None:
    wrong = BOOK.replace("outcome: 已告知", "outcome: 未告知").replace(
        "does: look, ", "does: look, open: [{task: 甲}], "
    )
    failures = played(bureau, 0, wrong).failures
    assert [sentence.partition("，实际")[0] for sentence in failures] == [
        "第2步 之后桌上应当有：甲；实际：无",
        "filed：办理结果应为 未告知",
    ]


def test_clocks_are_compared_by_the_newest_of_each_code(bureau: Bureau) -> None:
    (shipped,) = (one for one in shipped_books() if one.procedure == "odr_application")
    story = next(one for one in shipped.scenarios if any(step.clocks for step in one.steps))
    wrong = {"code": "odr_correction", "due": "2026-03-09", "state": "met"}
    steps = [replace(step, clocks=[wrong, {"code": "nothing"}]) if step.clocks else step for step in story.steps[:2]]
    failures = play(shipped, replace(story, steps=tuple(steps), expect={}), Stage(bureau.database)).failures
    assert failures == [
        "第2步 之后期限“odr_correction”应于 2026-03-09 届满，实际 2026-03-10",
        "第2步 之后期限“odr_correction”应为 met，实际 running",
        "第2步 之后应有期限“nothing”；实际：odr_correction",
    ]


def test_a_case_that_is_not_there_and_an_unknown_action_are_named(bureau: Bureau) -> None:
    assert played(bureau, 0, BOOK.replace("case: filed", "case: nothing")).failures == ["还没有流程“nothing”的事项"]
    missing = BOOK.replace("acts: withdraw", "acts: forgive")
    assert "没有由人办理的消息事件“forgive”" in played(bureau, 1, missing).failures[0]


def test_coverage_counts_what_all_cases_walked_and_lists_message_starts(bureau: Bureau) -> None:
    def left(report: Report) -> set[tuple[str, str, str]]:
        return {(gap.kind, gap.scope, gap.element) for gap in gaps(processes, [], [report], {})}

    processes = [read_bpmn(data, "x.bpmn").processes[0] for data in (letter(), filed(), rest())]
    everything = left(Report("x", "y"))
    walked = everything - left(played(bureau, 0))
    assert ("start", "filed", "by_clue") in walked
    assert ("flow", "filed", "merge_decide") in walked
    assert {("boundary", "letter", "withdraw"), ("flow", "filed", "start_apply")} <= everything - walked


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("opening: 有线索}", "opening: 没有}", "没有开头“没有”"),
        ("who: chen.jing}\n    steps", "values: {}}\n    steps", "缺少 at"),
        ("filed: {path", "filed: {paths", "不认识“paths”"),
        ("{who: chen.jing, opens: rest", "{who: chen.jing, does: x, opens: rest", "之一"),
    ],
)
def test_mistakes_in_the_new_keys_are_refused(old: str, new: str, sentence: str) -> None:
    assert old in BOOK
    with pytest.raises(ScenarioError, match=sentence):
        book(BOOK.replace(old, new))
