"""What goes into the file of a case, what is missing from it, and its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert

from forms.form_file import FormFile
from handlers.service_registry import HandlerContext, HandlerRefused
from handlers.services.archive import MISSING_LENGTH, contents, number
from handlers.services.complaint import accept
from handlers.store.tables import (
    account,
    attachment,
    counter,
    definition,
    department,
    instance,
    letter,
    metadata,
    release,
    task,
)

NOW = datetime(2026, 5, 6, 16, 30, tzinfo=UTC)
"""Already 7 May in Beijing."""
CASE, OTHER_CASE = 1, 2
AGREEMENT = {"letter": "agreement", "fields": ["agreement_files"], "paper": "双方签名的调解书"}
RECEIPT = {"letter": "termination", "fields": ["receipt_files", "platform_files"], "paper": "送达凭证"}


@pytest.fixture
def context() -> Iterator[HandlerContext]:
    engine = create_engine("sqlite://")
    tables = [account, attachment, counter, definition, department, instance, letter, release, task]
    metadata.create_all(engine, tables=tables)
    with engine.begin() as connection:
        connection.execute(insert(department).values(code="unit_1", name="塘沽所", kind="unit", position=1))
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
            keep=lambda values: None,
            form=dict[str, FormFile]().__getitem__,
        )
    engine.dispose()


def issue(connection: Connection, template: str, *, case: int = CASE) -> None:
    connection.execute(
        insert(letter).values(
            instance_id=case,
            definition_id=1,
            template=template,
            title=f"文书{template}",
            number=f"{template}〔2026〕{case}号",
            context={"bureau": {"bureau": "区局"}},
            state="ready",
            issued_at=NOW,
        )
    )


def attach(connection: Connection, filename: str, *, case: int = CASE) -> None:
    values: dict[str, Any] = {"field": "evidence", "media_type": "image/png", "size": 1, "sha256": "0" * 64}
    connection.execute(
        insert(attachment).values(instance_id=case, filename=filename, uploaded_by=1, uploaded_at=NOW, **values)
    )


def test_the_contents_list_letters_in_order_of_issue_then_attachments_of_this_case_alone(
    context: HandlerContext,
) -> None:
    for template in ("acceptance", "agreement"):
        issue(context.connection, template)
    attach(context.connection, "小票.jpg")
    issue(context.connection, "reply", case=OTHER_CASE)
    attach(context.connection, "别的.jpg", case=OTHER_CASE)
    rows = contents(context, papers=[])["contents"]
    assert [(row["position"], row["title"]) for row in rows] == [
        ("1", "文书acceptance"),
        ("2", "文书agreement"),
        ("3", "附件：小票.jpg"),
    ]
    assert rows[0] == {
        "position": "1",
        "number": "acceptance〔2026〕1号",
        "author": "区局",
        "title": "文书acceptance",
        "date": "2026年5月7日",
        "pages": "1份",
    }


def test_a_paper_is_missing_only_where_its_letter_was_issued_and_no_scan_is_there(context: HandlerContext) -> None:
    papers = [AGREEMENT, RECEIPT]
    assert contents(context, papers)["papers_complete"] == "yes"
    issue(context.connection, "agreement")
    issue(context.connection, "termination")
    found = contents(context, papers)
    assert (found["papers_complete"], found["missing"]) == ("no", "双方签名的调解书、送达凭证")
    half = contents(replace(context, facts={"agreement_files": [1], "receipt_files": []}), papers)
    assert half["missing"] == "送达凭证"


def test_any_of_a_papers_fields_will_do(context: HandlerContext) -> None:
    issue(context.connection, "termination")
    assert contents(replace(context, facts={"platform_files": [7]}), [RECEIPT])["papers_complete"] == "yes"


def test_papers_that_never_come_are_explained_and_the_file_is_then_complete(context: HandlerContext) -> None:
    issue(context.connection, "agreement")
    found = contents(replace(context, facts={"papers_absent": "商店已歇业"}), [AGREEMENT])
    assert (found["papers_complete"], found["missing"]) == ("yes", "")


def test_a_long_list_of_missing_papers_still_fits_the_title_of_a_task(context: HandlerContext) -> None:
    issue(context.connection, "agreement")
    missing = contents(context, [AGREEMENT] * 30)["missing"]
    assert len(missing) < MISSING_LENGTH
    assert missing.endswith("等")


def test_archive_numbers_run_by_unit_year_and_class_without_gaps(context: HandlerContext) -> None:
    first = [number(context, "unit_1", "TS")["archive_no"] for _ in range(2)]
    assert first == ["塘沽所-2026-TS-0001", "塘沽所-2026-TS-0002"]
    assert number(context, "unit_1", "JB")["archive_no"] == "塘沽所-2026-JB-0001"
    later = replace(context, now=NOW + timedelta(days=365))
    assert number(later, "unit_1", "TS")["archive_no"] == "塘沽所-2027-TS-0001"


def test_without_a_class_there_is_no_archive_number(context: HandlerContext) -> None:
    with pytest.raises(HandlerRefused, match="归档类别表"):
        number(context, "unit_1", "")


def test_acceptance_is_the_moment_of_the_command_in_beijing_time(context: HandlerContext) -> None:
    kept: dict[str, Any] = {}
    given = accept(replace(context, keep=kept.update))
    assert given == {"accepted_at": "2026-05-07T00:30:00+08:00"}
    assert kept == given
