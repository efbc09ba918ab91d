"""The file cover of a penalty case, S2:42: its class and retention are those of cases, and the unit has its name."""

from __future__ import annotations

from sqlalchemy import select

from handlers.store.tables import instance, letter
from processes.engine.scenarios.play import play
from processes.engine.scenarios.run import shipped_books, sqlite_stages
from processes.engine.scenarios.stage import Stage


def test_the_file_of_a_penalty_case_is_kept_as_a_case_and_names_its_unit() -> None:
    book = next(book for book in shipped_books() if book.filename == "report.scenarios.yaml")
    scenario = next(item for item in book.scenarios if item.title == "处罚决定书存档后，处罚案件归档")
    with sqlite_stages() as fresh:
        database = fresh()
        assert play(book, scenario, Stage(database)).failures == []
        covers = (
            select(letter.c.context)
            .join(instance, instance.c.id == letter.c.instance_id)
            .where(instance.c.process == "filed_case", letter.c.template == "archive_file")
        )
        with database.read() as connection:
            said = connection.execute(covers).scalar_one()
        database.close()
    assert (said["parameters"]["archive_class"], said["parameters"]["retention"]) == ("案件类", "长期")
    assert said["labels"]["unit"] == "塘沽市场监督管理所（演示）"
