"""What one person says never stands under another's decision: forms open without it, and no fact keeps it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy import update

from forms.form_reader import read_form
from handlers.store.tables import instance
from processes.engine.cases.open_form import OpenForms
from processes.engine.cases.repeated_opinions import repeated_opinions
from processes.engine.publishing.publish import BEGINNING, Source, shipped_sources
from processes.engine.scenarios.stage import Stage
from tests.support.answers import training_plan
from tests.support.bureau import Bureau
from tests.support.cases import start_training
from tests.unit.check.drawing import ENTRY, diagram, end, form, line, start, user

SUBJECT = {"type": "textfield", "key": "subject", "label": "事由"}
VERDICT = {
    "type": "radio",
    "key": "verdict",
    "label": "意见",
    "values": [{"value": "agree", "label": "同意"}, {"value": "return", "label": "退回"}],
    "properties": {"opinion": "true"},
}
WORDS = {"type": "textarea", "key": "legal_comment", "label": "批示", "properties": {"opinion": "true"}}
PRINTED = {"type": "textarea", "key": "guidance", "label": "指导意见", "properties": {"opinion": "kept"}}
SHOWN = {"type": "textfield", "key": "subject", "label": "事由", "readonly": True}


def reviewed(bureau: Bureau) -> int:
    """A case that is on its second reviewer's desk, after the first one agreed in words."""
    review = '<banli:task form="reviewed_form" outcome="verdict"/>'
    drawn = diagram(
        start(),
        user("fill", ENTRY.replace('form="sample"', 'form="reviewed_entry"')),
        user("first", review),
        user("second", review),
        end(),
        line("start", "fill", "first", "second", "end"),
        key="reviewed",
    )
    bureau.publish(
        Source("process", "reviewed", drawn),
        Source("form", "reviewed_entry", form("reviewed_entry", SUBJECT)),
        Source("form", "reviewed_form", form("reviewed_form", SHOWN, VERDICT, WORDS, PRINTED)),
        effective_on=BEGINNING,
    )
    case = bureau.engine.start(bureau.actor("chen.jing"), "reviewed", {"subject": "饮水机漏电"}).instance_id
    said = {"verdict": "agree", "legal_comment": "证据链断裂", "guidance": "先约谈"}
    bureau.engine.complete(bureau.actor("chen.jing"), bureau.open_task(case).id, said)
    return case


def test_the_form_of_the_next_person_opens_without_what_the_one_before_said(bureau: Bureau) -> None:
    case = reviewed(bureau)
    opened = OpenForms(bureau.database, bureau.engine.library, bureau.time).task_form(
        bureau.actor("chen.jing"), bureau.open_task(case).id
    )
    assert opened is not None
    assert opened[1].fill(None).values() == {
        "subject": "饮水机漏电",
        "verdict": None,
        "legal_comment": "",
        "guidance": "",
    }
    assert opened[1].facts["subject"] == "饮水机漏电"


def test_an_opinion_is_no_fact_but_where_something_reads_it(bureau: Bureau) -> None:
    facts = bureau.case(reviewed(bureau)).facts
    assert {"verdict", "legal_comment"}.isdisjoint(facts)
    assert (facts["subject"], facts["guidance"]) == ("饮水机漏电", "先约谈")


def test_what_older_versions_left_among_the_facts_is_not_shown_either(bureau: Bureau) -> None:
    case = reviewed(bureau)
    with bureau.database.write() as connection:
        facts = bureau.case(case).facts | {"legal_comment": "证据链断裂", "comment": "同意"}
        connection.execute(update(instance).where(instance.c.id == case).values(facts=facts))
    form_file = bureau.engine.library.form(bureau.case(case).release_id, "reviewed_form")
    assert form_file.begun(bureau.case(case).facts) == {"subject": "饮水机漏电"}


def test_a_scenario_fills_in_forms_as_people_find_them(bureau: Bureau) -> None:
    case = reviewed(bureau)
    stage = Stage(bureau.database)
    form_file = bureau.engine.library.form(bureau.case(case).release_id, "reviewed_form")
    facts = bureau.case(case).facts | {"legal_comment": "证据链断裂"}
    filled = stage.fill_in(form_file, {"verdict": "agree"}, bureau.actor("chen.jing"), facts)
    assert filled == {"subject": "饮水机漏电", "verdict": "agree", "legal_comment": "", "guidance": ""}


SHIPPED_FORMS = [source for source in shipped_sources(files("forms")) if source.kind == "form"]


@pytest.mark.parametrize("source", SHIPPED_FORMS, ids=lambda source: source.key)
def test_no_shipped_form_begins_with_an_opinion(source: Source) -> None:
    read = read_form(source.content, f"{source.key}.form")
    said = {key for key, field in read.answers().items() if field.opinion in ("true", "kept")}
    begun = read.begun(dict.fromkeys(read.keys(), "先前的话"))
    assert said.isdisjoint(begun)
    assert {key for key in read.keys() - said if key != "comment"} <= begun.keys()


# --- what earlier versions left in histories --------------------------------------------------------------------------


def say(bureau: Bureau, case: int, who: str, **values: Any) -> None:
    actor = bureau.actor(who)
    row = next(row for row in bureau.open_tasks(case) if row.assignee_id in (None, actor.account_id))
    bureau.engine.complete(actor, row.id, values)


def test_an_opinion_that_repeats_somebody_elses_is_listed_with_both_names(bureau: Bureau) -> None:
    case, other = start_training(bureau), start_training(bureau)
    say(bureau, other, "wang.jianguo", decision="agree", comment="预算已核")
    say(bureau, case, "wang.jianguo", decision="return", comment="预算偏高")
    say(bureau, case, "chen.jing", **training_plan())
    say(bureau, case, "wang.jianguo", decision="agree", comment="预算偏高")  # their own words again
    say(bureau, case, "li.guoqiang", decision="agree", comment=" 预算偏高")
    with bureau.database.read() as connection:
        (found,) = repeated_opinions(connection)
    assert (found.number, found.by, found.earlier_by, found.comment) == (
        bureau.case(case).number,
        bureau.actor("li.guoqiang").name,
        "王建国",
        "预算偏高",
    )
    assert "意见相同：预算偏高" in found.sentence
