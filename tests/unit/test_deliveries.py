"""The service that records what a step has stated of a letter's delivery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert, select

from forms.form_file import FormFile
from handlers.letters.delivery import PROOF_LENGTH, delivered
from handlers.service_registry import HandlerContext, HandlerRefused
from handlers.store.tables import (
    account,
    definition,
    delivery,
    department,
    instance,
    letter,
    metadata,
    personal,
    release,
    task,
)

NOW = datetime(2026, 5, 6, 1, 30, tzinfo=UTC)
CASE, OTHER_CASE, CLERK = 1, 2, 7
DAY = date(2026, 5, 6)
STATED: dict[str, Any] = {
    "template": "reply",
    "recipient": "投诉人",
    "way": "phone",
    "delivered_on": "2026-05-06",
    "proof": "通话录音0506-01",
    "by": CLERK,
}


@pytest.fixture
def context() -> Iterator[HandlerContext]:
    engine = create_engine("sqlite://")
    metadata.create_all(
        engine, tables=[account, definition, delivery, department, instance, letter, personal, release, task]
    )
    with engine.begin() as connection:
        yield HandlerContext(
            connection=connection,
            now=NOW,
            instance_id=CASE,
            number="12315〔2026〕1号",
            title="投诉",
            release_id=1,
            department="centre",
            started_by=1,
            facts={},
            seal_key=b"k" * 32,
            keep=lambda _facts: None,
            form=dict[str, FormFile]().__getitem__,
        )
    engine.dispose()


def issue(connection: Connection, number: int, *, template: str = "reply", case: int = CASE) -> None:
    row = {"id": number, "instance_id": case, "definition_id": 1, "template": template, "title": "回复"}
    row |= {"number": f"{number}号", "context": {}, "state": "pending", "issued_at": NOW}
    connection.execute(insert(letter).values(row))


def kept(context: HandlerContext) -> list[tuple[Any, ...]]:
    columns = delivery.c.letter_id, delivery.c.recipient, delivery.c.way, delivery.c.delivered_on
    return [tuple(row) for row in context.connection.execute(select(*columns).order_by(delivery.c.id))]


def test_the_newest_letter_of_the_template_is_delivered_though_its_file_is_still_being_made(
    context: HandlerContext,
) -> None:
    issue(context.connection, 1)
    issue(context.connection, 2)
    issue(context.connection, 3, template="rejection")
    issue(context.connection, 4, case=OTHER_CASE)
    assert delivered(context, **STATED) == {"recorded": 1}
    assert kept(context) == [(2, "投诉人", "phone", DAY)]
    row = context.connection.execute(select(delivery)).one()
    assert (row.proof, row.recorded_by) == ("通话录音0506-01", CLERK)


def test_each_party_has_its_own_way_and_day(context: HandlerContext) -> None:
    issue(context.connection, 1)
    both = {
        "recipient": ["投诉人", "被投诉人"],
        "way": ["mail", "direct"],
        "delivered_on": ["2026-05-04", "2026-05-06"],
    }
    assert delivered(context, **STATED | both) == {"recorded": 2}
    assert kept(context) == [(1, "投诉人", "mail", date(2026, 5, 4)), (1, "被投诉人", "direct", DAY)]


def test_the_same_delivery_is_recorded_once_and_another_day_again(context: HandlerContext) -> None:
    issue(context.connection, 1)
    for day, recorded in (("2026-05-06", 1), ("2026-05-06", 0), ("2026-05-07", 1)):
        assert delivered(context, **STATED | {"delivered_on": day}) == {"recorded": recorded}
    assert len(kept(context)) == 2


def test_a_moment_counts_as_its_day_in_beijing(context: HandlerContext) -> None:
    issue(context.connection, 1)
    delivered(context, **STATED | {"delivered_on": "2026-05-05T17:00:00+00:00"})
    assert kept(context) == [(1, "投诉人", "phone", DAY)]


def test_nothing_is_recorded_where_nobody_was_reached_or_there_is_no_letter(context: HandlerContext) -> None:
    assert delivered(context, **STATED) == {"recorded": 0}
    issue(context.connection, 1)
    assert delivered(context, **STATED | {"way": "unreachable"}) == {"recorded": 0}
    assert kept(context) == []


def test_the_proof_is_masked_and_cut_as_on_the_case_page(context: HandlerContext) -> None:
    issue(context.connection, 1)
    held = {"instance_id": CASE, "field": "person_phone", "value": "13812345678", "masked": "138****5678"}
    context.connection.execute(insert(personal).values(held | {"changed_at": NOW}))
    delivered(context, **STATED | {"proof": " 拨打13812345678告知" + "。" * PROOF_LENGTH})
    proof = context.connection.execute(select(delivery.c.proof)).scalar_one()
    assert proof.startswith("拨打138****5678告知。")
    assert len(proof) == PROOF_LENGTH


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"way": "pigeon"}, "“pigeon”不认识"), ({"recipient": ["投诉人", "被投诉人"]}, "个数不一致")],
)
def test_a_diagram_that_passes_nonsense_is_refused(
    context: HandlerContext, changes: dict[str, Any], sentence: str
) -> None:
    issue(context.connection, 1)
    with pytest.raises(HandlerRefused, match=sentence):
        delivered(context, **STATED | changes)
