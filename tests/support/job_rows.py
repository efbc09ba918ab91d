"""What DBOS's own table says about the jobs that wait."""

from __future__ import annotations

from sqlalchemy import text

from handlers.store.database import Database


def turns(database: Database, job: str) -> list[int]:
    """The priority of each job of this name, those of people first: 0, or `jobs.BULK`."""
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    wanted = text(f"SELECT priority FROM {table} WHERE name = :job ORDER BY priority")  # noqa: S608
    with database.read() as connection:
        return list(connection.execute(wanted, {"job": job}).scalars())
