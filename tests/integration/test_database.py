"""Transactions, and what becomes of connections."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, QueuePool, bindparam, func, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from handlers.store import database as module
from handlers.store.database import IDLE_LIMIT, Database
from handlers.store.prepared import Prepared
from handlers.store.tables import setting
from tests.support.postgres import Postgres

ADD = Prepared(insert(setting).values(name=bindparam("name"), value=bindparam("value")))
REFUSED = "readonly database|read-only transaction"
COUNT = Prepared(select(func.count().label("n")).select_from(setting))
AFTERWARDS = select(setting.c.value).where(setting.c.name == "afterwards")
KILL_THE_OTHERS = text(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
"""Waits until each is gone, ten seconds at most."""


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
@pytest.mark.parametrize("kind", ["read", "snapshot"])
def test_a_look_cannot_write(ready_database: Database, kind: str, through_sqlalchemy: bool) -> None:
    def write(connection: Connection) -> None:
        if through_sqlalchemy:
            connection.execute(insert(setting), {"name": "seen", "value": 1})
        else:
            ADD.run(connection, {"name": "seen", "value": 1})

    before = count(ready_database)
    with pytest.raises(DBAPIError, match=REFUSED), getattr(ready_database, kind)() as connection:
        write(connection)
    assert count(ready_database) == before


@pytest.mark.parametrize("kind", ["read", "snapshot"])
def test_a_look_cannot_change_the_tables_either(ready_database: Database, kind: str) -> None:
    with pytest.raises(DBAPIError, match=REFUSED), getattr(ready_database, kind)() as connection:
        connection.execute(text("CREATE TABLE seen (id integer)"))


def test_what_was_forbidden_to_looks_is_allowed_to_the_write_after_them(ready_database: Database) -> None:
    before = count(ready_database)
    with suppress(DBAPIError), ready_database.read() as connection:
        ADD.run(connection, {"name": "seen", "value": 1})
    with ready_database.write() as connection:
        ADD.run(connection, {"name": "seen", "value": 1})
    assert count(ready_database) == before + 1


def test_the_statements_of_a_snapshot_agree_whatever_is_written_meanwhile(ready_database: Database) -> None:
    with ready_database.snapshot() as connection:
        before = COUNT.one(connection, {}).n
        with ready_database.write() as writing:
            ADD.run(writing, {"name": "meanwhile", "value": 1})
        assert COUNT.one(connection, {}).n == connection.scalar(select(func.count()).select_from(setting)) == before
    assert count(ready_database) == before + 1


def prepared_on(database: Database) -> set[str]:
    """What the server has parsed and keeps for the connection that a look is given."""
    with database.read() as connection:
        return set(connection.scalars(text("SELECT statement FROM pg_prepared_statements")))


def test_what_postgres_has_prepared_outlives_looks_snapshots_and_writes(
    postgres_server: Postgres, migrated_postgres: str
) -> None:
    with postgres_server.database(migrated_postgres) as url, closing(Database(url)) as database:
        for _ in range(6):  # psycopg prepares what is said a sixth time
            count(database)
        assert any("FROM setting" in statement for statement in prepared_on(database))
        with database.snapshot() as connection:
            connection.scalar(select(1))
        with database.write() as connection:
            ADD.run(connection, {"name": "kept", "value": 1})
        assert any("FROM setting" in statement for statement in prepared_on(database))


def driver_of(connection: Connection) -> object:
    return connection.connection.dbapi_connection


@pytest.mark.parametrize("kind", ["read", "write"])
def test_one_connection_serves_blocks_after_one_another(ready_database: Database, kind: str) -> None:
    with getattr(ready_database, kind)() as connection:
        first = driver_of(connection)
    with getattr(ready_database, kind)() as connection:
        assert driver_of(connection) is first


def test_on_postgres_looks_and_writes_share_their_connections(
    postgres_server: Postgres, migrated_postgres: str
) -> None:
    with postgres_server.database(migrated_postgres) as url, closing(Database(url)) as database:
        with database.read() as connection:
            first = driver_of(connection)
        with database.write() as connection:
            assert driver_of(connection) is first


def test_blocks_within_one_another_have_connections_of_their_own(ready_database: Database) -> None:
    with ready_database.read() as outer, ready_database.write() as inner:
        assert driver_of(outer) is not driver_of(inner)


def test_only_so_many_connections_are_kept(ready_database: Database) -> None:
    with ExitStack() as looking:
        for _ in range(IDLE_LIMIT + 2):
            looking.enter_context(ready_database.read())
    pool = ready_database.looks.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedin() == IDLE_LIMIT
    ready_database.close()
    assert isinstance(ready_database.looks.pool, QueuePool)
    assert ready_database.looks.pool.checkedin() == 0


def end_all_others(url: str) -> None:
    """As the server's restart does: every other connection to this database is gone when it returns."""
    with closing(Database(url)) as administrator, administrator.write() as connection:
        connection.execute(KILL_THE_OTHERS)


def _lose_the_server(connection: Connection, url: str, look: Callable[[Connection], int]) -> None:
    look(connection)
    end_all_others(url)
    look(connection)


LOOKS = {
    "prepared": lambda connection: COUNT.one(connection, {}).n,
    "sqlalchemy": lambda connection: connection.scalar(select(func.count()).select_from(setting)),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("kind", ["read", "snapshot", "write"])
def test_a_connection_that_died_while_it_rested_costs_nobody_a_request(
    postgres_server: Postgres, migrated_postgres: str, kind: str, look: Callable[[Connection], int]
) -> None:
    with postgres_server.database(migrated_postgres) as url, closing(Database(url)) as database:
        with database.read(), database.read():  # two connections that rest afterwards
            pass
        end_all_others(url)
        with getattr(database, kind)() as connection, database.read() as other:
            assert look(connection) == look(other)
            if kind == "write":
                ADD.run(connection, {"name": "afterwards", "value": 1})
        with database.read() as connection:
            assert (kind == "write") == (connection.scalar(AFTERWARDS) is not None)


def test_one_that_the_network_forgot_in_silence_is_found_when_it_has_rested_for_long(
    postgres_server: Postgres, migrated_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres_server.database(migrated_postgres) as url, closing(Database(url)) as database:
        before = count(database)
        end_all_others(url)
        monkeypatch.setattr(module, "_has_hung_up", lambda connection: False)  # nothing has arrived
        monkeypatch.setattr(module, "RESTED_SECONDS", -1)
        assert count(database) == before


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_when_the_server_goes_in_the_middle_that_block_fails_and_the_next_are_served(
    postgres_server: Postgres, migrated_postgres: str, kind: str, look: Callable[[Connection], int]
) -> None:
    with postgres_server.database(migrated_postgres) as url, closing(Database(url)) as database:
        before = count(database)
        with pytest.raises(DBAPIError), getattr(database, kind)() as connection:
            _lose_the_server(connection, url, look)
        with database.read() as one, database.write() as other:
            assert look(one) == look(other) == before


def test_while_the_server_is_away_a_block_fails_and_afterwards_it_does_not(
    postgres_server: Postgres, migrated_postgres: str
) -> None:
    with postgres_server.database(migrated_postgres) as url, closing(Database(url)) as database:
        before = count(database)
        postgres_server.drop(url)
        for kind in ("read", "write"):
            with pytest.raises(DBAPIError), getattr(database, kind)():
                pytest.fail("begun without a database")
        postgres_server.put_back(url, migrated_postgres)
        assert count(database) == before


def test_a_writer_that_waited_too_long_is_told_so_as_by_sqlalchemy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 1)
    database = Database(f"sqlite:///{tmp_path}/banli.sqlite")
    with (
        database.write(),
        pytest.raises(OperationalError, match="locked"),
        database.write(),
    ):
        pytest.fail("two writers at once")
    with database.write() as connection:
        assert connection.scalar(select(1)) == 1
    database.close()


@pytest.mark.parametrize("kind", ["read", "write"])
def test_a_forked_process_leaves_its_parents_connections_alone(ready_database: Database, kind: str) -> None:
    with getattr(ready_database, kind)() as connection:
        parents: Any = driver_of(connection)
    ready_database.after_fork()
    with getattr(ready_database, kind)() as connection:
        assert driver_of(connection) is not parents
    ready_database.close()
    gc.collect()
    assert parents.execute("SELECT 1").fetchone() == (1,)
    parents.close()


def test_a_statement_that_fails_is_told_as_by_sqlalchemy(ready_database: Database) -> None:
    with ready_database.write() as connection:
        ADD.run(connection, {"name": "once", "value": 1})
    with pytest.raises(DBAPIError) as caught, ready_database.write() as connection:
        ADD.run(connection, {"name": "once", "value": 2})
    assert isinstance(caught.value.orig, sqlite3.Error) == ready_database.is_sqlite
