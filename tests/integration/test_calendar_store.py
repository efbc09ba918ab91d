"""Overrides, imported notices and open clocks in the database, on both kinds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Connection, insert, select

from handlers.calendar import Override
from handlers.calendar_store import (
    CalendarCache,
    load_calendar,
    recompute_open_clocks,
    remove_override,
    save_notice,
    save_override,
)
from handlers.clocks import Suspension
from handlers.database import Database
from handlers.notices import parse_notice
from handlers.records import clock
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
        assert not load_calendar(connection).is_provisional(date(2027, 2, 9))


def test_a_new_notice_moves_the_open_clocks_only_and_lists_them(database: Database) -> None:
    insert_case(database)
    december = datetime(2026, 12, 7, 1, tzinfo=UTC)
    with database.write() as connection:
        add_clock(connection, 1, december)
        add_clock(connection, 2, december, state="met")
        add_clock(connection, 3, datetime(2026, 9, 1, 1, tzinfo=UTC), due_on=date(2026, 11, 2), provisional=False)
        add_clock(connection, 4, december, state="paused")
        calendar = save_notice(connection, NOTICE).calendar
        moved = recompute_open_clocks(connection, calendar, {4: [Suspension(date(2026, 12, 20))]})
        assert [(m.id, m.was_on, m.due.on) for m in moved] == [
            (1, date(2027, 2, 9), date(2027, 2, 12)), (4, date(2027, 2, 9), None),
        ]  # fmt: skip
    with database.read() as connection:
        rows = connection.execute(select(clock.c.id, clock.c.due_on, clock.c.provisional).order_by(clock.c.id))
        assert [tuple(row) for row in rows] == [
            (1, date(2027, 2, 12), False), (2, date(2027, 2, 9), True), (3, date(2026, 11, 2), False), (4, None, False),
        ]  # fmt: skip
