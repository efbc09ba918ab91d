"""Posts that did not reach anybody: what is wrong with them, and how they are sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers.cases import posts
from handlers.store.tables import instance, post
from processes.engine.commands import new_case
from processes.engine.errors import Refused
from tests.support.bureau import Bureau
from tests.support.linked import do, publish_linked, start_letter


def the_post(bureau: Bureau) -> Any:
    with bureau.database.read() as connection:
        return connection.execute(select(post)).one()


def test_a_case_that_may_not_be_started_is_the_posts_problem_until_it_is_sent_again(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_linked(bureau)
    letter = start_letter(bureau)
    do(bureau, letter, "handle", clue="线索甲")

    def refuse(*_: object) -> None:
        raise Refused("编号已经登记")

    with monkeypatch.context() as patch:
        patch.setattr(new_case, "keep_register", refuse)
        bureau.engine.deliver(the_post(bureau).id)
    assert "编号已经登记" in the_post(bureau).problem
    with bureau.database.write() as connection:
        (row,) = posts.stranded(connection, bureau.time.now())
        posts.resend(connection, row.id)
    bureau.engine.deliver(row.id)
    assert (the_post(bureau).problem, the_post(bureau).delivered_at) == (None, bureau.time.now())
    with bureau.database.write() as connection:
        posts.resend(connection, row.id)
        assert connection.scalar(select(instance.c.id).where(instance.c.process == "filed")) is not None
    assert the_post(bureau).delivered_at is not None


def test_a_late_post_is_listed_and_one_that_is_on_its_way_is_not(bureau: Bureau) -> None:
    publish_linked(bureau)
    do(bureau, start_letter(bureau), "handle", clue="线索甲")
    now = bureau.time.now()
    with bureau.database.read() as connection:
        assert posts.stranded(connection, now) == []
        (late,) = posts.stranded(connection, now + posts.STUCK_AFTER + timedelta(seconds=1))
    assert (late.name, late.problem) == ("clue_found", None)
