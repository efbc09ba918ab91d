"""Overrides, imported notices and open clocks in the database, on both kinds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, insert

from handlers.clocks.calendar import Override
from handlers.clocks.calendar_store import (
    CalendarCache,
    load_calendar,
    remove_override,
    save_notice,
    save_override,
)
from handlers.clocks.holiday_notices import parse_notice
from handlers.store.database import Database
from handlers.store.tables import clock
from tests.integration.case_rows import insert_case

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
CLOSED = Override(date(2026, 12, 10), working=False, name="停工", reason="供暖故障")
NOTICE = parse_notice(
    {
        "year": 2027,
        "notice": "示例",
        "issued": "2026-11-25",
        "off": [
            {"name": name, "start": f"2027-{first}", "end": f"2027-{last}"}
            for name, first, last in (
                ("元旦", "01-01", "01-03"), ("春节", "02-05", "02-11"), ("清明节", "04-03", "04-05"),
                ("劳动节", "05-01", "05-05"), ("端午节", "06-09", "06-09"), ("中秋节", "09-15", "09-15"),
                ("国庆节", "10-01", "10-07"),
            )
        ],
        "work": [],
    }
)  # fmt: skip


def add_clock(connection: Connection, number: int, started_at: datetime, **values: object) -> None:
    row = {
        "id": number, "instance_id": 1, "code": "mediation", "name": "调解", "started_at": started_at, "amount": 60,
        "unit": "CD", "due_on": date(2027, 2, 9), "provisional": True, "state": "running", "basis": "",
    } | values  # fmt: skip
    connection.execute(insert(clock).values(**row))


def test_an_override_is_kept_replaced_and_removed_and_says_what_it_changed(database: Database) -> None:
    insert_case(database)
    with database.write() as connection:
        change = save_override(connection, CLOSED, set_by=1, set_at=NOW)
        assert [(day.day, day.after.working) for day in change.days] == [(CLOSED.day, False)]
        again = Override(CLOSED.day, working=True, name="照常", reason="修好了")
        save_override(connection, again, set_by=1, set_at=NOW)
    with database.write() as connection:
        assert load_calendar(connection).day_kind(CLOSED.day).source == "单日调整：修好了"
        change = remove_override(connection, CLOSED.day)
        assert [day.after.name for day in change.days] == ["工作日"]
    with database.read() as connection:
        assert load_calendar(connection).is_working(CLOSED.day)


def test_an_override_without_a_reason_is_refused(database: Database) -> None:
    with database.write() as connection, pytest.raises(ValueError, match="理由"):
        save_override(connection, Override(CLOSED.day, False, "停工", " "), set_by=1, set_at=NOW)


def test_the_cache_sees_every_change_and_otherwise_gives_the_same_calendar(database: Database) -> None:
    insert_case(database)
    cache = CalendarCache()
    with database.write() as connection:
        first = cache.get(connection)
        assert cache.get(connection) is first
        save_override(connection, CLOSED, set_by=1, set_at=NOW)
        assert not cache.get(connection).is_working(CLOSED.day)
        save_notice(connection, NOTICE)
        assert cache.get(connection).has_notice(2027)
    with database.read() as connection:
        assert cache.get(connection).has_notice(2027)
        assert not load_calendar(connection).day_kind(date(2027, 2, 9)).provisional
