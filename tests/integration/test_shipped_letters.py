"""The shipped letters, made by the shipped procedures: every word in its place, in under three seconds."""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path

import docx
import pytest
from sqlalchemy import select

from handlers.files.file_store import FileStore
from handlers.jobs.queue import JobContext
from handlers.letters import issuing
from handlers.store.tables import letter
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training
from tests.support.jobs import NoEngine

RENDER_SECONDS = 3.0


def all_text(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.fixture
def plan(bureau: Bureau, tmp_path: Path) -> bytes:
    """The training plan with its approvals, of a case with a return on the way."""
    case = start_training(bureau, purpose="提高办理质量\n规范录入 A&B <c>")
    decide(bureau, case, "wang.jianguo", "return", "补充课程")
    row = bureau.open_task(case)
    with bureau.database.read() as connection:
        facts = bureau.case(case).facts
        assert connection.scalar(select(letter.c.id)) is None
    bureau.engine.complete(bureau.actor("chen.jing"), row.id, facts)
    decide(bureau, case, "sun.yue", "agree")
    decide(bureau, case, "li.guoqiang", "agree", "请抓好落实")
    with bureau.database.read() as connection:
        letter_id = connection.scalars(select(letter.c.id)).one()
    context = JobContext(bureau.database, FileStore(tmp_path / "files"), bureau.time, NoEngine())
    begun = time.perf_counter()
    issuing.render(context, letter_id)
    assert time.perf_counter() - begun < RENDER_SECONDS
    with bureau.database.read() as connection:
        made = connection.execute(select(letter)).one()
    assert (made.error, made.state) == (None, "ready")
    return context.files.open(made.sha256).read()


def test_the_training_plan_says_what_was_entered_and_who_agreed(plan: bytes) -> None:
    text = all_text(plan)
    for words in (
        "津滨市监训〔2026〕1号",
        "12315平台操作培训",
        "规范录入 A&B <c>",
        "由12315投诉举报中心主办",
        "2026年3月20日 9:00",
        "平台登记与分派",
        "共40人",
        "不使用经费",
        "孙悦",
        "李国强",
        "请抓好落实",
        "2026年3月2日",
    ):
        assert words in text
    assert "补充课程" not in text, "the opinion of an earlier round is not part of the paper"
    assert "{" not in text
