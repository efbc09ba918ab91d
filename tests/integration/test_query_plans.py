"""No statement of what is done all day reads a table that grows from end to end: in the third year that is a lock."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Table, func, select

from forms.form_file import FormFile
from handlers.letters import issuing
from handlers.letters.snapshot import done_steps
from handlers.service_registry import HandlerContext
from handlers.services.intake import signed
from handlers.store.database import Database
from handlers.store.tables import instance, letter, submission, task
from tests.integration.case_rows import MORNING, insert_case
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training
from tests.support.query_plans import read_whole
from tests.support.statements import Heard, heard


def offenders(database: Database, spoken: Heard) -> list[tuple[set[str], str]]:
    """Statements that read a growing table whole, with those tables."""
    asked = [(said, bound) for said, bound in spoken.said if said.startswith(("SELECT", "UPDATE", "DELETE"))]
    assert asked
    return [(tables, said) for said, bound in asked if (tables := read_whole(database, said, bound))]


def context_of(connection: Connection, instance_id: int) -> HandlerContext:
    return HandlerContext(
        connection=connection,
        now=MORNING,
        instance_id=instance_id,
        number="培训〔2026〕1号",
        title="春季培训",
        release_id=1,
        department="centre",
        started_by=1,
        facts={},
        seal_key=b"",
        keep=lambda facts: None,
        form=dict[str, FormFile]().__getitem__,
    )


@pytest.mark.parametrize("table", [submission, task, letter], ids=str)
def test_a_statement_that_reads_a_whole_table_is_noticed(ready_database: Database, table: Table) -> None:
    with heard(ready_database) as spoken, ready_database.read() as connection:
        connection.execute(select(func.count()).select_from(table.join(instance)))
    assert [tables for tables, _ in offenders(ready_database, spoken)]


def test_the_steps_that_a_letter_tells_are_found_by_its_case(ready_database: Database) -> None:
    case = insert_case(ready_database)
    with heard(ready_database) as spoken, ready_database.read() as connection:
        assert len(done_steps(connection, case.instance_id)) == 1
    assert offenders(ready_database, spoken) == []


def test_earlier_returns_are_found_by_their_case(ready_database: Database) -> None:
    case = insert_case(ready_database)
    with heard(ready_database) as spoken, ready_database.read() as connection:
        signed(context_of(connection, case.instance_id), "accept")
    assert offenders(ready_database, spoken) == []


def test_letters_that_nobody_made_are_found_without_reading_all_letters(ready_database: Database) -> None:
    insert_case(ready_database)
    with heard(ready_database) as spoken:
        assert issuing.requeue_stuck(ready_database, MORNING) == 0
    assert offenders(ready_database, spoken) == []


def test_a_whole_case_reads_no_table_that_grows(bureau_on_both: Bureau) -> None:
    with heard(bureau_on_both.database) as spoken:
        case = start_training(bureau_on_both)
        decide(bureau_on_both, case, "wang.jianguo", "agree")
        decide(bureau_on_both, case, "li.guoqiang", "agree")
    assert any(said.startswith("INSERT INTO letter") for said in spoken.texts)
    assert offenders(bureau_on_both.database, spoken) == []
