"""What an extension and a supervision are told of the case they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from forms.form_file import FormFile
from handlers.service_registry import HandlerContext, find_service
from handlers.store.database import Database
from handlers.store.tables import case_link, clock, instance, metadata
from tests.integration.case_rows import insert_case

NOW = datetime(2026, 3, 6, 2, tzinfo=UTC)
"""A Friday."""
PARENT, CHILD = 1, 2


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = Database(f"sqlite:///{tmp_path / 'banli.sqlite'}")
    with database.write() as opened:
        metadata.create_all(opened)
    insert_case(database)
    with database.write() as opened:
        row = opened.execute(instance.select().where(instance.c.id == PARENT)).one()
        opened.execute(insert(instance).values(row._asdict() | {"id": CHILD, "number": "督办〔2026〕1号"}))
        opened.execute(insert(case_link).values(parent_id=PARENT, child_id=CHILD, kind="supervision", linked_at=NOW))
        yield opened
    database.close()


def limit(connection: Connection, name: str, due_on: date, state: str = "running", case: int = PARENT) -> None:
    """A limit of 15 working days from Friday 27 February."""
    given = {"code": "accept", "name": name, "amount": 5, "unit": "WD", "basis": "", "token": name}
    moments = {"started_at": datetime(2026, 2, 27, 1, tzinfo=UTC), "due_on": due_on, "provisional": False}
    connection.execute(insert(clock).values(given | moments | {"state": state, "instance_id": case}))


def ask(connection: Connection, name: str, **given: Any) -> Mapping[str, Any]:
    context = HandlerContext(
        connection=connection,
        now=NOW,
        instance_id=CHILD,
        number="督办〔2026〕1号",
        title="督办",
        release_id=1,
        department="centre",
        started_by=1,
        facts={},
        seal_key=b"",
        keep=dict[str, Any]().update,
        form=dict[str, FormFile]().__getitem__,
    )
    return find_service(name)(context, **given)


def test_a_supervision_names_what_is_over_or_ends_within_two_working_days_and_still_runs(
    connection: Connection,
) -> None:
    limit(connection, "核查", date(2026, 3, 10))  # Tuesday: two working days
    limit(connection, "受理", date(2026, 3, 5))
    limit(connection, "调解", date(2026, 3, 11))
    limit(connection, "已办", date(2026, 3, 5), state="met")
    limit(connection, "别件", date(2026, 3, 5), case=CHILD)
    told = ask(connection, "supervision.prepare", role="unit_head", level=1)
    assert [line.partition("：")[0] for line in told["pressing"].splitlines()] == ["受理", "核查"]
    assert (told["answer_role"], told["answer_department"], told["notice_needed"]) == ("reviewer", "centre", "yes")


def test_an_extension_says_the_day_that_it_would_give(connection: Connection) -> None:
    limit(connection, "受理", date(2026, 3, 6))
    told = ask(connection, "limits.find", code="accept", days=2)
    assert told["limit_open"]
    assert (told["limit_amount"], told["limit_total"], told["extension_stage"]) == (5, 5, "first")
    assert (told["limit_due"], told["limit_new_due"]) == ("2026年3月6日", "2026年3月9日")  # Saturday 28 is worked
