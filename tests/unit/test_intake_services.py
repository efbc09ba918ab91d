"""Intake's own services: who enters a case in the platform, how often units sent it back, whom it is passed to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert

from forms.form_file import FormFile
from forms.form_reader import read_form
from handlers.people.profiles import load_profile
from handlers.service_registry import HandlerContext, HandlerRefused, find_service
from handlers.services.intake import RETURN_REASONS
from handlers.store.tables import (
    account,
    definition,
    department,
    instance,
    membership,
    metadata,
    release,
    setting,
    submission,
    task,
)

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # 3 March, one o'clock in the night, in Beijing
CASE, HE_MIN, MA_HUI = 1, 1, 2
DEPARTMENTS = [("centre", "投诉举报中心"), ("unit_1", "塘沽所"), ("unit_2", "汉沽所")]


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    tables = [account, department, definition, release, instance, membership, task, submission, setting]
    metadata.create_all(engine, tables=tables)
    with engine.begin() as open_connection:
        for position, (code, name) in enumerate(DEPARTMENTS):
            open_connection.execute(insert(department).values(code=code, name=name, kind="unit", position=position))
        hire(open_connection, HE_MIN, "receiver", "centre")
        hire(open_connection, MA_HUI, "unit_clerk", "unit_1")
        yield open_connection
    engine.dispose()


def hire(connection: Connection, account_id: int, role: str, code: str) -> None:
    person = {"username": f"person.{account_id}", "name": f"职工{account_id}", "password_hash": "", "active": True}
    counts = {"session_epoch": 1, "failed_logins": 0, "created_at": NOW}
    connection.execute(insert(account).values(id=account_id, **person, **counts))
    connection.execute(insert(membership).values(account_id=account_id, department=code, role=role))


def answered(connection: Connection, number: int, unit: str, instance_id: int = CASE, **answers: Any) -> None:
    """A finished sign-in, the `number`-th of its case, an hour after the one before."""
    at = NOW - timedelta(hours=10 - number)
    columns = {
        "instance_id": instance_id,
        "token": str(number),
        "scope": "intake",
        "node": "sign_in",
        "name": "承办签收",
    }
    columns |= {"role": "unit_clerk", "department": unit, "excluded": [], "form": "sign_in", "state": "done", "why": {}}
    columns |= {"created_at": at, "completed_at": at, "completed_by": MA_HUI}
    task_id = connection.execute(insert(task).values(columns).returning(task.c.id)).scalar_one()
    row = {"instance_id": instance_id, "task_id": task_id, "values": answers}
    connection.execute(insert(submission).values(row | {"submitted_by": MA_HUI, "submitted_at": at}))


def call(connection: Connection, name: str, started_by: int = HE_MIN, **given: Any) -> tuple[Mapping[str, Any], Any]:
    """What the service gives, and what it made facts."""
    kept: dict[str, Any] = {}
    context = HandlerContext(
        connection=connection,
        now=NOW,
        instance_id=CASE,
        number="12315〔2026〕1号",
        title="某店：水壶",
        release_id=1,
        department="centre",
        started_by=started_by,
        facts={},
        seal_key=b"",
        keep=kept.update,
        form=dict[str, FormFile]().__getitem__,
    )
    return find_service(name)(context, **given), kept


def test_who_received_a_case_enters_it(connection: Connection) -> None:
    assert call(connection, "intake.receiver") == ({"receiver": HE_MIN}, {})


def test_a_case_that_somebody_else_started_is_entered_by_any_receiver(connection: Connection) -> None:
    assert call(connection, "intake.receiver", started_by=MA_HUI) == ({"receiver": None}, {})


def test_signing_in_notes_the_moment(connection: Connection) -> None:
    answered(connection, 1, "unit_1", sign_decision="accept")
    given, kept = call(connection, "intake.signed", decision="accept")
    assert given == {"moment": NOW.isoformat(), "bounces": 0}
    assert kept == {"signed_at": NOW.isoformat()}


def test_returns_are_counted_and_told_with_beijing_days_units_and_reasons(connection: Connection) -> None:
    answered(connection, 1, "unit_1", sign_decision="return", return_reason="not_territory", return_note="已迁址。")
    answered(connection, 2, "unit_2", sign_decision="return", return_reason="other", return_note="无法核实。")
    answered(connection, 3, "unit_1", instance_id=2, sign_decision="return", return_reason="other", return_note="")
    given, kept = call(connection, "intake.signed", decision="return")
    assert given["bounces"] == 2
    assert kept["return_log"].splitlines() == [
        "第1次退回（2026-03-02，塘沽所）：不属本辖区。已迁址。",
        "第2次退回（2026-03-02，汉沽所）：其他。无法核实。",
    ]


def test_an_earlier_return_still_counts_when_the_next_unit_signs_in(connection: Connection) -> None:
    answered(connection, 1, "unit_1", sign_decision="return", return_reason="other", return_note="")
    answered(connection, 2, "unit_2", sign_decision="accept")
    assert call(connection, "intake.signed", decision="accept")[0]["bounces"] == 1


def test_the_list_of_returns_says_the_words_of_the_form() -> None:
    form = read_form((Path(__file__).parents[2] / "forms/intake/sign_in.form").read_bytes(), "sign_in.form")
    words = {choice.value: choice.label for choice in form.answers()["return_reason"].choices}
    assert words == RETURN_REASONS


def test_an_authority_is_named_with_its_telephone(connection: Connection) -> None:
    connection.execute(insert(setting).values(name="profile", value="binhai"))
    housing = next(one for one in load_profile("binhai").authorities if one.code == "housing")
    given, _ = call(connection, "intake.authority", code="housing")
    assert given == {"name": housing.name, "phone": housing.phone}
    assert given["phone"] == "12329"


@pytest.mark.parametrize("installed", [True, False])
def test_an_unknown_authority_is_refused_with_what_to_do(connection: Connection, installed: bool) -> None:
    if installed:
        connection.execute(insert(setting).values(name="profile", value="binhai"))
    with pytest.raises(HandlerRefused, match="没有代码为“nowhere”的部门"):
        call(connection, "intake.authority", code="nowhere")


def test_what_a_diagram_notes_becomes_facts_and_is_given_back(connection: Connection) -> None:
    given, kept = call(connection, "facts.keep", unit="unit_2", split="no")
    assert given == kept == {"unit": "unit_2", "split": "no"}
