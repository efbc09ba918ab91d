"""The tables that migrations make are the tables that the program knows, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Table, delete, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from handlers.store import schema
from handlers.store.database import Database
from handlers.store.tables import event, metadata, pause, submission
from tests.integration.case_rows import insert_case


def differences(database: Database) -> list[object]:
    with database.read() as connection:
        options = {"compare_type": schema.is_own_type, "include_name": schema.include_name}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def shape(database: Database) -> dict[str, object]:
    """What an empty comparison could still hide: comments apart, every column, key and index as the database has it."""
    found: dict[str, object] = {}
    inspector = inspect(database.engine)
    for table in sorted(metadata.tables):
        columns = [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)]
        indexes = sorted((str(i["name"]), tuple(i["column_names"]), i["unique"]) for i in inspector.get_indexes(table))
        keys = sorted(str(key["constrained_columns"]) for key in inspector.get_foreign_keys(table))
        uniques = sorted(str(item["column_names"]) for item in inspector.get_unique_constraints(table))
        found[table] = (columns, indexes, keys, uniques, inspector.get_pk_constraint(table)["constrained_columns"])
    return found


def test_the_migrated_tables_are_the_tables_of_the_records(empty_database: Database) -> None:
    schema.upgrade(empty_database)
    assert differences(empty_database) == []
    migrated = shape(empty_database)
    with empty_database.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert shape(empty_database) == migrated


def test_head_is_the_newest_step(empty_database: Database) -> None:
    with empty_database.read() as connection:
        scripts = ScriptDirectory.from_config(schema.alembic_config(connection))
    assert scripts.get_heads() == [schema.HEAD]


def test_a_second_upgrade_has_nothing_to_do(empty_database: Database) -> None:
    assert schema.upgrade(empty_database)
    assert not schema.upgrade(empty_database)
    assert schema.revision(empty_database) == schema.HEAD


def test_of_two_upgrades_at_once_one_does_the_work(empty_database: Database) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: schema.upgrade(empty_database), range(2)))
    assert sorted(done) == [False, True]


def test_a_database_of_a_newer_release_is_refused(empty_database: Database) -> None:
    schema.upgrade(empty_database)
    with empty_database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.SchemaTooNew, match="9999"):
        schema.upgrade(empty_database)


@pytest.mark.parametrize("table", [event, submission], ids=["event", "submission"])
@pytest.mark.parametrize("change", [update, delete])
def test_what_was_done_and_said_cannot_be_changed_by_any_statement(
    empty_database: Database, table: Table, change: Callable[..., Any]
) -> None:
    schema.upgrade(empty_database)
    case = insert_case(empty_database)
    statement = change(table).where(table.c.instance_id == case.instance_id)
    if change is update:
        statement = statement.values(instance_id=case.instance_id)
    with pytest.raises(DBAPIError, match=f"{table.name} is append-only"), empty_database.write() as connection:
        connection.execute(statement)


def test_the_pauses_of_an_older_installation_are_there_after_the_upgrade_and_new_ones_follow(
    empty_database: Database,
) -> None:
    schema.upgrade(empty_database)
    case = insert_case(empty_database)
    told = {
        "instance_id": case.instance_id,
        "reason": "检测",
        "stops": ["mediation"],
        "document": "",
        "approved_by": "郑红",
    }
    moment = datetime(2026, 3, 2, 1, tzinfo=UTC)
    with empty_database.write() as connection:
        step = import_module("handlers.store.migrations.versions.0005_pause")
        connection.execute(insert(pause).values(**told, starts_on=date(2026, 3, 2), recorded_at=moment))
        connection.execute(text(f"CREATE TABLE suspension AS SELECT {step.COLUMNS} FROM pause"))  # noqa: S608 - a constant
        connection.execute(text("DROP TABLE pause"))
        with Operations.context(MigrationContext.configure(connection)):
            step.upgrade()
        connection.execute(insert(pause).values(**told, starts_on=date(2026, 4, 1), recorded_at=moment))
        rows = connection.execute(select(pause.c.id, pause.c.starts_on, pause.c.stops).order_by(pause.c.id)).all()
    assert rows == [(1, date(2026, 3, 2), ["mediation"]), (2, date(2026, 4, 1), ["mediation"])]
    assert differences(empty_database) == []
