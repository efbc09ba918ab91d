"""A letter is numbered and worded in the action that issues it, and made exactly once after it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import orjson
import pytest
from sqlalchemy import Row, delete, insert, select, text, update

from handlers.files.file_store import FileStore
from handlers.jobs.queue import JobContext
from handlers.letters import issuing
from handlers.letters.template import TemplateFailed
from handlers.people.profiles import install_profile, load_profile
from handlers.service_registry import HandlerContext, HandlerRefused
from handlers.store.counters import CounterTampered, next_value, seal, tampered_counters
from handlers.store.database import Database
from handlers.store.tables import (
    account,
    counter,
    definition,
    instance,
    letter,
    release_part,
    room_of,
    submission,
    task,
)
from handlers.time_source import ManualTime
from processes.engine.publishing.library import Library
from tests.integration.case_rows import MORNING, insert_case
from tests.support.jobs import NoEngine
from tests.support.statements import heard

KEY = b"a key for tests only, never for a bureau"
NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
INDEX = """
plan: {title: 培训方案, number_format: "{prefix}训〔{year}〕{number}号", goes_out: outcome, parameters: [outcome]}
"""
FORM = {
    "type": "default",
    "id": "plan_form",
    "components": [
        {"type": "textfield", "key": "name", "label": "名称"},
        {"type": "radio", "key": "kind", "label": "种类", "values": [{"label": "教育", "value": "education"}]},
        {"type": "textarea", "key": "note", "label": "备注"},
    ],
}


def word_file(*paragraphs: str) -> bytes:
    document, result = docx.Document(), BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(result)
    return result.getvalue()


PLAN = word_file(
    "{{ bureau.letter_head }} {{ number }} {{ case.number }} {{ labels.name }} {{ labels.kind }}{{ labels.note }}",
    "{% for a in approvals %}{{ a.step }} {{ a.name }} {{ a.decision_label }} {{ a.comment }} {{ a.on }};{% endfor %}",
    "{{ today }} {{ parameters.outcome }}",
)


class Office:
    """A case whose release has a letter, and what one does with it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.library = Library(database)
        self.context = JobContext(database, FileStore(folder / "files"), ManualTime(NOW), NoEngine())
        self.case = insert_case(database, facts={"name": "春季培训", "kind": "education"})
        with database.write() as connection:
            install_profile(connection, load_profile("binhai"))
        self.publish("form", "plan_form", orjson.dumps(FORM))
        self.publish("letter", "letters", INDEX.encode())
        self.publish("letter", "plan", PLAN)

    def publish(self, kind: str, key: str, content: bytes, *, number: int = 1, pin: bool = True) -> int:
        row = {"kind": kind, "key": key, "number": number, "sha256": f"{hash(content):064x}"[-64:], "content": content}
        more = {"author": "何文", "note": "-", "effective_on": date(2026, 3, 2), "published_at": MORNING}
        with self.database.write() as connection:
            new_id: int = connection.execute(
                insert(definition).values(row | more).returning(definition.c.id)
            ).scalar_one()
            if pin:
                connection.execute(insert(release_part).values(release_id=1, definition_id=new_id))
        return new_id

    def opinion(self, step: str, outcome: str, comment: str, *, day: int, form: str = "approval_decision") -> None:
        at = datetime(2026, 3, day, 2, 0, tzinfo=UTC)
        with self.database.write() as connection:
            columns = dict(connection.execute(select(task).where(task.c.id == 1)).mappings().one())
            columns |= {"name": step, "form": form, "outcome": outcome, "completed_at": at}
            del columns["id"]
            task_id = connection.execute(insert(task).values(columns).returning(task.c.id)).scalar_one()
            row = {"instance_id": 1, "task_id": task_id, "values": {"comment": comment}}
            connection.execute(insert(submission).values(row | {"submitted_by": 1, "submitted_at": at}))

    def issue(self, template: str = "plan", **parameters: Any) -> Mapping[str, Any]:
        with self.database.write() as connection:
            case = connection.execute(select(instance).where(instance.c.id == 1)).one()
            context = HandlerContext(
                connection=connection,
                now=NOW,
                instance_id=1,
                number=case.number,
                title=case.title,
                release_id=1,
                department="centre",
                started_by=1,
                facts=case.facts,
                seal_key=KEY,
                keep=lambda _facts: None,
                form=partial(self.library.form, 1),
            )
            return issuing.issue(context, template, **parameters)

    def letter(self, letter_id: int) -> Row[Any]:
        with self.database.read() as connection:
            return connection.execute(select(letter).where(letter.c.id == letter_id)).one()

    def text(self, letter_id: int) -> str:
        with self.context.files.open(self.letter(letter_id).sha256) as file:
            return "\n".join(paragraph.text for paragraph in docx.Document(file).paragraphs)

    def waiting_jobs(self) -> int:
        table = "workflow_status" if self.database.is_sqlite else "dbos.workflow_status"
        with self.database.read() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


@pytest.fixture
def office(ready_database: Database, tmp_path: Path) -> Office:
    return Office(ready_database, tmp_path)


def test_an_issued_letter_has_its_number_and_title_at_once_and_its_file_after_the_job(office: Office) -> None:
    result = office.issue(outcome="admit")
    waiting = office.letter(result["letter"])
    assert (waiting.state, waiting.title, waiting.number) == ("pending", "培训方案", "津滨市监训〔2026〕1号")
    assert result["letter_number"] == waiting.number
    assert waiting.context["goes_out"] is True
    assert office.letter(office.issue(outcome="")["letter"]).context["goes_out"] is False
    assert office.waiting_jobs() == 2
    issuing.render(office.context, result["letter"])
    made = office.letter(result["letter"])
    assert (made.state, made.error, made.rendered_at) == ("ready", None, NOW)
    lines = office.text(result["letter"]).splitlines()
    assert lines[0] == "天津市滨海新区市场监督管理局 津滨市监训〔2026〕1号 培训〔2026〕1号 春季培训 教育"
    assert lines[2] == "2026年3月12日 admit"


def test_an_action_that_is_rolled_back_takes_neither_number_nor_letter(office: Office) -> None:
    with pytest.raises(HandlerRefused):
        office.issue("no_such_template")
    assert office.issue()["letter_number"] == "津滨市监训〔2026〕1号"
    assert office.issue()["letter_number"] == "津滨市监训〔2026〕2号"


def test_a_form_of_the_release_that_cannot_be_read_refuses_the_letter_and_names_the_form(office: Office) -> None:
    office.publish("form", "torn_form", b'{"components": [')
    with pytest.raises(HandlerRefused, match=r"torn_form.*流程负责人"):
        office.issue(outcome="admit")


def test_a_long_title_is_cut_and_a_number_without_room_is_refused_with_a_sentence(office: Office) -> None:
    made = office.issue(title="长" * 200)
    assert office.letter(made["letter"]).title == "长" * room_of(letter.c.title)
    long = INDEX.replace("训〔", "训" * room_of(letter.c.number) + "〔")
    with office.database.write() as connection:
        changed = {"content": long.encode(), "sha256": "0" * 64}
        connection.execute(update(definition).where(definition.c.key == "letters").values(changed))
    with pytest.raises(HandlerRefused, match="太长"):
        office.issue()


def test_issuing_costs_eight_statements(office: Office) -> None:
    office.issue()
    with heard(office.database) as spoken:
        office.issue()
    own = [statement for statement in spoken.texts if not statement.startswith(("BEGIN", "SELECT instance"))]
    assert len(own) == 8


def test_a_letter_carries_the_opinions_of_the_last_round_only(office: Office) -> None:
    office.opinion("办公室审核", "退回修改", "补充预算", day=3)
    office.opinion("修改方案", "", "", day=4, form="training_plan")
    office.opinion("办公室审核", "同意", "", day=5)
    office.opinion("领导审批", "同意", "抓好落实", day=6)
    office.opinion("发布通知", "", "", day=9, form="training_notice")
    letter_id = office.issue(outcome="")["letter"]
    issuing.render(office.context, letter_id)
    assert office.text(letter_id).splitlines()[1] == (
        "办公室审核 陈静 同意  2026年3月5日;领导审批 陈静 同意 抓好落实 2026年3月6日;"
    )


def test_an_opinion_given_for_an_absent_person_names_both(office: Office) -> None:
    office.opinion("领导审批", "同意", "", day=6)
    person = {"username": "zhou.min", "name": "周敏", "password_hash": "-", "active": True, "created_at": MORNING}
    with office.database.write() as connection:
        absent = connection.execute(
            insert(account).values(id=2, session_epoch=0, failed_logins=0, **person).returning(account.c.id)
        ).scalar_one()
        connection.execute(update(task).where(task.c.name == "领导审批").values(on_behalf_of=absent))
    (approval,) = office.letter(office.issue()["letter"]).context["approvals"]
    assert approval["name"] == "陈静（代周敏）"


def test_rendering_twice_changes_nothing(office: Office) -> None:
    letter_id = office.issue(outcome="")["letter"]
    issuing.render(office.context, letter_id)
    first = office.letter(letter_id)
    issuing.render(office.context, letter_id)
    assert office.letter(letter_id) == first


def test_a_job_that_fails_after_another_has_made_the_letter_leaves_it_ready(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter_id = office.issue(outcome="")["letter"]
    made: list[Row[Any]] = []

    def overtaken(*_: object) -> bytes:
        monkeypatch.undo()
        issuing.render(office.context, letter_id)  # the second job, which has been quicker
        made.append(office.letter(letter_id))
        raise TemplateFailed("模板坏了")

    monkeypatch.setattr(issuing, "render_docx", overtaken)
    issuing.render(office.context, letter_id)
    assert [row.state for row in made] == ["ready"]
    assert office.letter(letter_id) == made[0]


def test_a_letter_says_what_held_when_it_was_issued(office: Office) -> None:
    letter_id = office.issue(outcome="")["letter"]
    with office.database.write() as connection:
        connection.execute(update(instance).values(facts={"name": "改过的名称"}))
    issuing.render(office.context, letter_id)
    assert "春季培训" in office.text(letter_id)


def test_a_broken_template_fails_with_a_sentence_and_the_letter_can_be_made_after_its_repair(office: Office) -> None:
    letter_id = office.issue()["letter"]  # the template wants parameters.outcome
    issuing.render(office.context, letter_id)
    failed = office.letter(letter_id)
    assert failed.state == "failed"
    assert "没有值" in failed.error
    assert "outcome" in failed.error
    mended = office.publish("letter", "plan", word_file("{{ number }}"), number=2, pin=False)
    with office.database.write() as connection:
        assert issuing.retry(connection, letter_id)
        assert not issuing.retry(connection, letter_id)
    issuing.render(office.context, letter_id)
    made = office.letter(letter_id)
    assert (made.state, made.error, made.definition_id) == ("ready", None, mended)
    assert office.text(letter_id) == failed.number


def test_a_letter_that_is_not_there_cannot_be_tried_again(office: Office) -> None:
    with office.database.write() as connection:
        assert not issuing.retry(connection, 999)
    assert office.waiting_jobs() == 0


def test_a_letter_of_a_release_without_an_index_is_called_by_its_key_and_numbered_all_the_same(office: Office) -> None:
    with office.database.write() as connection:
        connection.execute(
            delete(release_part).where(
                release_part.c.definition_id.in_(select(definition.c.id).where(definition.c.key == issuing.INDEX))
            )
        )
    made = office.letter(office.issue()["letter"])
    assert made.title == "plan"
    assert "1" in made.number


def test_a_letter_has_lost_its_job_after_ten_minutes_and_not_before(office: Office) -> None:
    office.issue()
    assert issuing.requeue_stuck(office.database, NOW + timedelta(minutes=10)) == 0
    assert issuing.requeue_stuck(office.database, NOW + timedelta(minutes=10, seconds=1)) == 1


def test_a_letter_that_lost_its_job_gets_one_again_but_not_every_minute(office: Office) -> None:
    office.issue()
    assert issuing.requeue_stuck(office.database, NOW + timedelta(minutes=5)) == 0
    late = NOW + timedelta(minutes=15)
    assert issuing.requeue_stuck(office.database, late) == 1
    assert issuing.requeue_stuck(office.database, late + timedelta(minutes=1)) == 1
    assert office.waiting_jobs() == 2


def test_numbers_taken_at_the_same_time_have_neither_gaps_nor_doubles(ready_database: Database) -> None:
    def take(number: int) -> int | None:
        try:
            with ready_database.write() as connection:
                value = next_value(connection, KEY, "letter:训")
                if number % 3 == 0:
                    raise ZeroDivisionError
                return value
        except ZeroDivisionError:
            return None

    with ThreadPoolExecutor(4) as pool:
        taken = [value for value in pool.map(take, range(30)) if value is not None]
    assert sorted(taken) == list(range(1, 21))
    with ready_database.read() as connection:
        assert list(tampered_counters(connection, KEY)) == []


def test_a_seal_is_made_as_it_always_was_so_that_counters_of_before_are_still_sound() -> None:
    kept = "c9b8a3876dfbed56ef606c2e8ee30bd9381f262f99b26437f4434f7951ad8579"
    assert seal(KEY, "counter", "letter:训", 7) == kept
    assert len({seal(KEY, *parts) for parts in (("ab", "c"), ("a", "bc"), ("abc",))}) == 3


def test_a_counter_set_by_hand_is_noticed(ready_database: Database) -> None:
    with ready_database.write() as connection:
        next_value(connection, KEY, "letter:训")
        connection.execute(update(counter).values(value=7))
    with ready_database.read() as connection:
        assert list(tampered_counters(connection, KEY)) == ["letter:训"]
    with pytest.raises(CounterTampered, match="改动"), ready_database.write() as connection:
        next_value(connection, KEY, "letter:训")


def test_a_letter_that_would_print_a_code_is_refused_in_the_action_that_issues_it(office: Office) -> None:
    index = '{plan: {title: 培训方案, number_format: "{number}", facts: [kind], parameters: [outcome]}}'
    office.publish("letter", "letters", index.encode(), number=2)
    with office.database.write() as connection:
        first = select(definition.c.id).where(definition.c.key == "letters", definition.c.number == 1)
        connection.execute(delete(release_part).where(release_part.c.definition_id.in_(first)))
        connection.execute(update(instance).values(facts={"name": "春季培训", "kind": "unit_1"}))
    with pytest.raises(HandlerRefused, match=r"种类.*unit_1.*不予签发"):
        office.issue(outcome="admit")
