"""Transactions, and what becomes of connections."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, bindparam, func, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from handlers.store import database as module
from handlers.store.database import IDLE_LIMIT, Database
from handlers.store.prepared import Prepared
from handlers.store.tables import setting
from tests.support.postgres import Postgres

ADD = Prepared(insert(setting).values(name=bindparam("name"), value=bindparam("value")))
COUNT = Prepared(select(func.count().label("n")).select_from(setting))
KILL_THE_OTHERS = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


def count(database: Database) -> int:
    with database.read() as connection:
        return int(COUNT.one(connection, {}).n)


@pytest.mark.parametrize("through_sqlalchemy", [False, True], ids=["prepared", "sqlalchemy"])
def test_a_write_is_kept_whole_or_not_at_all(ready_database: Database, through_sqlalchemy: bool) -> None:
    def add(name: str) -> None:
        with ready_database.write() as connection:
            if through_sqlalchemy:
                connection.execute(insert(setting), {"name": name, "value": 1})
            else:
                ADD.run(connection, {"name": name, "value": 1})
            if name == "broken":
                raise KeyError(name)

    before = count(ready_database)
    with suppress(KeyError):
        add("broken")
    assert count(ready_database) == before
    add("sound")
    assert count(ready_database) == before + 1


@pytest.mark.parametrize("through_sqlalchemy", [False, True], ids=["prepared", "sqlalchemy"])
def test_what_a_look_writes_is_rolled_back(ready_database: Database, through_sqlalchemy: bool) -> None:
    before = count(ready_database)
    with ready_database.read() as connection:
        if through_sqlalchemy:
            connection.execute(insert(setting), {"name": "seen", "value": 1})
        else:
            ADD.run(connection, {"name": "seen", "value": 1})
    assert count(ready_database) == before


def test_one_connection_serves_transactions_after_one_another(ready_database: Database) -> None:
    with ready_database.read() as first:
        pass
    with ready_database.write() as second:
        pass
    assert first is second


def test_blocks_within_one_another_have_connections_of_their_own(ready_database: Database) -> None:
    with ready_database.read() as outer, ready_database.write() as inner:
        assert outer is not inner


def test_only_so_many_connections_are_kept(ready_database: Database) -> None:
    all_in, done = threading.Barrier(IDLE_LIMIT + 3), threading.Event()
    taken = []

    def look() -> None:
        with ready_database.read() as connection:
            taken.append(connection)
            all_in.wait(30)
            done.wait(30)

    threads = [threading.Thread(target=look) for _ in range(IDLE_LIMIT + 2)]
    for thread in threads:
        thread.start()
    all_in.wait(30)
    done.set()
    for thread in threads:
        thread.join()
    assert sum(not connection.closed for connection in taken) == IDLE_LIMIT
    ready_database.close()
    assert all(connection.closed for connection in taken)


class _TakenMeanwhile(list[Connection]):
    """Idle connections of which another thread takes the last as soon as this one has seen that there is one."""

    def __bool__(self) -> bool:
        there = len(self) > 0
        self.clear()
        return there


def test_two_threads_may_close_the_idle_connections_at_once(
    ready_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ready_database.read() as connection:
        pass
    monkeypatch.setattr(ready_database, "_idle", _TakenMeanwhile(ready_database._idle))
    ready_database.close()
    connection.close()


@pytest.mark.parametrize(
    "look",
    [lambda connection: COUNT.one(connection, {}), lambda connection: connection.scalar(select(1))],
    ids=["prepared", "sqlalchemy"],
)
def test_after_the_server_has_gone_one_block_fails_and_the_next_are_served(
    postgres_server: Postgres, migrated_postgres: str, look: Callable[[Connection], object]
) -> None:
    with postgres_server.database(migrated_postgres) as url:
        database, administrator = Database(url), Database(url)
        with database.read(), database.read():  # two connections that rest afterwards
            pass
        with administrator.write() as connection:
            connection.execute(KILL_THE_OTHERS)
        with pytest.raises(DBAPIError), database.read() as connection:
            look(connection)
        with database.read() as one, database.read() as other:
            assert COUNT.one(one, {}) == COUNT.one(other, {})
        assert count(database) == count(administrator)
        for used in (database, administrator):
            used.close()


def test_a_writer_that_waited_too_long_is_told_so_as_by_sqlalchemy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 1)
    database = Database(f"sqlite:///{tmp_path}/banli.sqlite")
    with (
        database.write() as connection,
        pytest.raises(OperationalError, match="locked"),
        database.write(),
    ):
        pytest.fail("two writers at once")
    assert not connection.closed
    database.close()


def test_a_forked_process_leaves_its_parents_connections_alone(ready_database: Database) -> None:
    with ready_database.read() as parents:
        pass
    ready_database.after_fork()
    with ready_database.read() as own:
        assert own is not parents
    ready_database.close()
    assert not parents.closed
    with parents.begin():
        assert parents.scalar(select(1)) == 1
    parents.close()


def test_a_statement_that_fails_is_told_as_by_sqlalchemy(ready_database: Database) -> None:
    with ready_database.write() as connection:
        ADD.run(connection, {"name": "once", "value": 1})
    with pytest.raises(DBAPIError) as caught, ready_database.write() as connection:
        ADD.run(connection, {"name": "once", "value": 2})
    assert isinstance(caught.value.orig, sqlite3.Error) == ready_database.is_sqlite
