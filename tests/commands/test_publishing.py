"""Publishing: immutable versions, closures pinned as releases, and running cases that keep theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import docx
import orjson
import pytest
from sqlalchemy import func, select, tuple_

from handlers.cases.case_file import places
from handlers.people.profiles import install_profile, load_profile
from handlers.store.tables import definition, release
from handlers.time_source import beijing_date
from processes.engine.publishing.publish import PublishError, Source, publish, publish_shipped
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training

FOREIGN_TO_ZENGDU = re.compile("(?<!市局12315投诉举报)中心|科室|法规科|滨党|天津|属地管辖：[^<]*(塘沽|汉沽|大港|泰达)")
"""What belongs to 滨海新区 alone. The table of streets has those of both bureaus, in cells that nobody is shown."""


def republish(bureau: Bureau, *sources: Source, effective_on: date | None = None) -> Any:
    now = bureau.time.now()
    with bureau.database.write() as connection:
        return publish(
            connection,
            sources,
            author="何文",
            note="测试",
            effective_on=effective_on or beijing_date(now),
            now=now,
        )


def shipped(bureau: Bureau, kind: str, key: str) -> bytes:
    with bureau.database.read() as connection:
        wanted = select(definition.c.content).where(definition.c.kind == kind, definition.c.key == key)
        return bytes(connection.execute(wanted).scalar_one())


def test_publishing_the_same_set_again_adds_nothing(bureau: Bureau) -> None:
    with bureau.database.write() as connection:
        again = publish_shipped(connection, bureau.time.now())
    assert (again.versions, again.releases) == ((), ())


def test_a_changed_table_makes_a_new_release_of_every_procedure_that_uses_it(bureau: Bureau) -> None:
    table = shipped(bureau, "table", "approval_chain").replace(b'"days": 3', b'"days": 5')
    published = republish(bureau, Source("table", "approval_chain", table))
    assert published.versions == (("table", "approval_chain", 2),)
    assert {process for process, _ in published.releases} == {"training", "odr_application"}


def test_a_running_case_keeps_the_versions_it_was_started_with(bureau: Bureau) -> None:
    old = start_training(bureau)
    table = shipped(bureau, "table", "approval_chain").replace(b'"days": 3', b'"days": 5')
    republish(bureau, Source("table", "approval_chain", table))
    new = start_training(bureau)
    assert bureau.open_task(new).due_on == date(2026, 3, 9)
    decide(bureau, old, "wang.jianguo", "agree")
    assert bureau.open_task(old).due_on == date(2026, 3, 5)


def test_a_release_is_used_from_its_effective_date_on(bureau: Bureau) -> None:
    table = shipped(bureau, "table", "approval_chain").replace(b'"days": 3', b'"days": 5')
    republish(bureau, Source("table", "approval_chain", table), effective_on=date(2026, 3, 10))
    assert bureau.open_task(start_training(bureau)).due_on == date(2026, 3, 5)
    bureau.time.move_to(bureau.time.now().replace(day=10))
    assert bureau.open_task(start_training(bureau)).due_on == date(2026, 3, 17)


def test_a_closure_with_a_missing_part_is_refused_and_nothing_is_kept(bureau: Bureau) -> None:
    diagram = shipped(bureau, "process", "training").replace(b'form="training_notice"', b'form="no_such_form"')
    with pytest.raises(PublishError, match="no_such_form"):
        republish(bureau, Source("process", "training", diagram))
    with bureau.database.read() as connection:
        assert connection.execute(select(func.max(definition.c.number))).scalar() == 1
        assert connection.execute(select(func.max(release.c.number))).scalar() == 1


def test_what_the_checker_refuses_is_never_published(bureau: Bureau) -> None:
    chain = shipped(bureau, "process", "approval_chain").replace(b"decision != 'agree'", b"no_such_variable != 'agree'")
    with pytest.raises(PublishError, match="no_such_variable"):
        republish(bureau, Source("process", "approval_chain", chain))
    with bureau.database.read() as connection:
        assert connection.execute(select(func.max(definition.c.number))).scalar() == 1


def test_switching_odr_approval_between_two_and_three_levels_is_one_cell_of_one_row(bureau: Bureau) -> None:
    text = shipped(bureau, "table", "approval_chain").decode()
    assert text.count('"centre_only"</text>') == 1
    switched = text.replace('"centre_only"</text>', "-</text>")
    published = republish(bureau, Source("table", "approval_chain", switched.encode()))
    assert ("odr_application", 2) in published.releases


def test_the_shipped_set_is_published_in_the_words_of_the_bureau(bureau: Bureau) -> None:
    with bureau.database.write() as connection:
        install_profile(connection, load_profile("zengdu"))
        published = publish_shipped(connection, bureau.time.now())
    assert ("process", "training", 2) in published.versions
    with bureau.database.read() as connection:
        newest = select(definition.c.kind, definition.c.key, func.max(definition.c.number))
        newest = newest.where(definition.c.kind != "letter").group_by(definition.c.kind, definition.c.key)
        wanted = tuple_(definition.c.kind, definition.c.key, definition.c.number).in_(newest)
        texts = {row.key: row.content.decode() for row in connection.execute(select(definition).where(wanted))}
    strange = [(key, found[0]) for key, text in texts.items() for found in FOREIGN_TO_ZENGDU.finditer(text)]
    assert strange == []
    assert 'name="消保股审核员"' in texts["intake"]


def test_a_desk_is_named_in_the_words_of_the_bureau(bureau: Bureau) -> None:
    case = start_training(bureau)
    with bureau.database.write() as connection:
        install_profile(connection, load_profile("zengdu"))
    for who in ("wang.jianguo", "li.guoqiang"):
        decide(bureau, case, who, "agree")
    with bureau.database.read() as connection:
        (place,) = places(connection, [case])[case]
    assert place.people == "消费者权益保护股·消保股经办人（待领）"


def components(form: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every component of a form file, those of groups and tables too."""
    for component in form.get("components", ()):
        yield component
        yield from components(component)


def test_a_choice_taken_away_that_something_still_looks_at_is_said_to_whoever_publishes(bureau: Bureau) -> None:
    content = shipped(bureau, "form", "case_register")
    form = orjson.loads(content)
    (field,) = [one for one in components(form) if one.get("key") == "category"]
    taken = field["values"].pop()
    published = republish(bureau, Source("form", "case_register", orjson.dumps(form)))
    (sentence,) = published.notices
    assert f"少了选项{taken['label']}（{taken['value']}）" in sentence
    assert "在办事项按开始时的版本办完" in sentence


def test_a_choice_taken_away_that_nothing_looks_at_is_nobodys_matter(bureau: Bureau) -> None:
    content = shipped(bureau, "form", "first_contact")
    form = orjson.loads(content)
    (field,) = [one for one in components(form) if one.get("key") == "contact_way"]
    field["values"].pop()
    assert republish(bureau, Source("form", "first_contact", orjson.dumps(form))).notices == ()


def test_a_letter_that_cannot_be_filled_in_is_not_published(bureau: Bureau) -> None:
    document = docx.Document()
    document.add_paragraph("{{ case.numbr }}")
    made = BytesIO()
    document.save(made)
    with pytest.raises(PublishError, match=r"reply\.docx：占位符里的「case\.numbr」不存在"):
        republish(bureau, Source("letter", "reply", made.getvalue()))
