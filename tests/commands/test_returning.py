"""A step that comes back goes to the desk it came from, but only to a person who still may do it."""

from __future__ import annotations

import pytest

from handlers.people.accounts import set_grants
from processes.engine.errors import NotYours
from processes.engine.publishing.publish import Source
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training
from tests.unit.check.drawing import ENTRY, diagram, end, flow, form, gateway, line, start, user

ANEW = {"type": "checkbox", "key": "anew", "label": "换人重拟"}


def publish_round(bureau: Bureau) -> None:
    """拟稿 and 核稿 in a circle; with `anew` whoever drafted before must stay out of the next draft."""
    drawn = diagram(
        start(),
        user("fill", ENTRY.replace('"sample"', '"round_form"')),
        gateway("merge"),
        user("draft", '<banli:task form="round_form" exclude="[draft_by] if anew else []"/>'),
        user("check", '<banli:task form="round_form"/>'),
        gateway("again", default="again_end"),
        end(),
        line("start", "fill", "merge", "draft", "check", "again"),
        flow("again", "merge", "anew"),
        flow("again", "end", name="否"),
        key="round",
        case='<banli:case title="\'拟稿\'" prefix="拟"/>',
    )
    bureau.publish(Source("process", "round", drawn), Source("form", "round_form", form("round_form", ANEW)))


def test_a_returned_step_goes_to_the_pool_if_its_drafter_has_moved_to_another_office(bureau: Bureau) -> None:
    case = start_training(bureau, "zhao.lei")
    zhao = bureau.actor("zhao.lei")
    with bureau.database.write() as connection:
        set_grants(connection, zhao.account_id, [(role, "office") for role, _ in zhao.grants])
    decide(bureau, case, "wang.jianguo", "return", "请补充")
    assert bureau.open_task(case).assignee_id is None
    bureau.engine.claim(bureau.actor("chen.jing"), bureau.open_task(case).id)


def test_a_returned_step_goes_to_the_pool_if_its_drafter_must_stay_out_of_it_now(bureau: Bureau) -> None:
    publish_round(bureau)
    chen, zhao = bureau.actor("chen.jing"), bureau.actor("zhao.lei")
    case = bureau.engine.start(chen, "round", {"anew": False}).instance_id
    bureau.engine.complete(zhao, bureau.open_task(case).id, {"anew": False})
    bureau.engine.complete(chen, bureau.open_task(case).id, {"anew": True})
    again = bureau.open_task(case)
    assert (again.node, again.assignee_id, again.excluded) == ("draft", None, [zhao.account_id])
    with pytest.raises(NotYours):
        bureau.engine.claim(zhao, again.id)
    bureau.engine.claim(chen, again.id)
