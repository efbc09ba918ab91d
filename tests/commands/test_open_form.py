"""A form as it lies before somebody: what it knows of its case, its release, the lists and the files."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from forms.answer_field import Attachment
from processes.engine.cases.open_form import OpenForm, OpenForms
from tests.support.answers import training_plan
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training

FILE = Attachment(17, "计划.pdf", 900)


@pytest.fixture
def forms(bureau: Bureau) -> OpenForms:
    return OpenForms(bureau.database, bureau.engine.library, bureau.time)


def returned_plan(bureau: Bureau, forms: OpenForms) -> tuple[int, OpenForm]:
    case = start_training(bureau)
    decide(bureau, case, "wang.jianguo", "return", "请补充")
    opened = forms.task_form(bureau.actor("chen.jing"), bureau.open_task(case).id)
    assert opened is not None
    return case, opened[1]


def plan_files(form: OpenForm, *uploaded: Attachment) -> tuple[Any, list[str]]:
    filled = form.fill(MultiDict({"plan_files": ["17"]}), uploaded)
    filled.validate()
    return filled.values()["plan_files"], filled["plan_files"].errors


def test_a_task_that_does_not_exist_has_no_form(bureau: Bureau, forms: OpenForms) -> None:
    assert forms.task_form(bureau.actor("chen.jing"), 999) is None
    assert forms.task(bureau.actor("chen.jing"), 999) is None


def test_a_tasks_form_knows_its_case_and_the_release_that_the_case_runs(bureau: Bureau, forms: OpenForms) -> None:
    case, form = returned_plan(bureau, forms)
    assert (form.instance_id, form.release_id) == (case, bureau.case(case).release_id)
    assert form.fill(None).values()["place"] == training_plan()["place"]
    assert form.opened_at == bureau.time.now()


def test_a_file_that_came_along_may_be_named_and_one_of_nobody_may_not(bureau: Bureau, forms: OpenForms) -> None:
    _, form = returned_plan(bureau, forms)
    assert plan_files(form, FILE) == ([17], [])
    _, refusals = plan_files(form)
    assert refusals


def test_a_case_that_comes_out_of_another_takes_its_facts_along_and_not_its_files(
    bureau: Bureau, forms: OpenForms
) -> None:
    case = bureau.case(start_training(bureau))
    known = {"place": "局三楼会议室", "plan_files": [17], "no such field": 1}
    form = forms.start_form(bureau.actor("chen.jing"), case.release_id, "training_plan", known)
    assert (form.instance_id, form.facts) == (None, {"place": "局三楼会议室"})


def test_who_neither_sees_the_case_nor_could_ever_do_the_task_may_not_know_of_it(
    bureau: Bureau, forms: OpenForms
) -> None:
    task_id = bureau.open_task(start_training(bureau)).id
    may_know = {}
    for username in ("wang.jianguo", "chen.jing", "liu.fang", "zhao.lei"):
        view = forms.task(bureau.actor(username), task_id)
        assert view is not None
        may_know[username] = (view.may_know, view.can_fill)
    assert may_know == {
        "wang.jianguo": (True, True),
        "chen.jing": (True, False),
        "liu.fang": (True, False),
        "zhao.lei": (False, False),
    }
