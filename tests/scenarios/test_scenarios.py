"""Every shipped scenario holds, on both databases, and together they walk everything that ships."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from handlers.store.database import Database
from processes.engine.scenarios.book import Book, Scenario, ScenarioError, read_book
from processes.engine.scenarios.play import Report, play
from processes.engine.scenarios.run import (
    check_rows,
    coverage,
    play_all,
    prepare,
    shipped_books,
    shipped_parts,
    sqlite_stages,
)
from processes.engine.scenarios.stage import Stage
from tests.support.postgres import Postgres

BOOKS = list(shipped_books())
SCENARIOS = [
    pytest.param(book, scenario, id=f"{book.filename.split('.')[0]}-{number}")
    for book in BOOKS
    for number, scenario in enumerate(book.scenarios, 1)
]


@pytest.fixture(scope="module")
def fresh_sqlite() -> Iterator[Callable[[], Database]]:
    with sqlite_stages() as fresh:
        yield fresh


@pytest.fixture(scope="module")
def fresh_postgres(postgres_server: Postgres) -> Callable[[], Database]:
    template = postgres_server.create()
    database = Database(template)
    prepare(database)
    database.close()
    stage = Database(postgres_server.create(template))  # one for all: the statements it has compiled serve them all

    def fresh() -> Database:
        postgres_server.put_back(stage.url, template)
        return stage

    return fresh


@pytest.mark.parametrize(("book", "scenario"), SCENARIOS)
def test_the_scenario_goes_as_it_says_on_postgresql(
    book: Book, scenario: Scenario, fresh_postgres: Callable[[], Database]
) -> None:
    database = fresh_postgres()
    try:
        assert play(book, scenario, Stage(database)).failures == []
    finally:
        database.close()


def test_every_row_named_in_a_scenario_file_is_hit() -> None:
    assert check_rows(BOOKS, shipped_parts()[1])[0] == []


@pytest.mark.slow
def test_all_go_as_they_say_on_sqlite_and_together_walk_every_flow_boundary_event_and_table_row(
    fresh_sqlite: Callable[[], Database],
) -> None:
    # One test and not one per scenario: what was walked is known only where all were played.
    reports: list[Report] = list(play_all(BOOKS, fresh_sqlite))
    assert {(report.book, report.title): report.failures for report in reports if report.failures} == {}
    assert [gap.place for gap in coverage(BOOKS, reports)] == []


def test_a_scenario_with_a_wrong_expectation_fails_and_says_where(fresh_sqlite: Callable[[], Database]) -> None:
    book = next(book for book in BOOKS if book.procedure == "training" and book.filename.startswith("training"))
    story = book.scenarios[0]
    wrong = Scenario(story.title, story.given, story.steps, {**story.expect, "outcome": "未获批准", "letters": []})
    database = fresh_sqlite()
    failures = play(book, wrong, Stage(database)).failures
    database.close()
    assert [f.partition("应为")[0] for f in failures] == ["办理结果", "文书"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "YAML"),
        ("values: {}", "procedure"),
        ("procedure: training\nscenarios:\n  - {title: 甲, given: {at: 2026-03-02 09:30}, steps: [{on: x}]}", "引号"),
        ("procedure: training\nscenarios:\n  - {title: 甲, given: {}, steps: [{who: chen.jing}]}", "wait_until"),
        ("procedure: training\nscenario: []", "scenario"),
        (
            "procedure: training\nscenarios:\n  - {title: 甲, shows: R1, given: {at: 2026-03-02 09:30, who: a}}",
            "要求编号",
        ),
        (
            "procedure: training\nscenarios:\n  - {title: 甲, shows: [R1], given: {at: 2026-03-02 09:30, who: a}}",
            "R001",
        ),
        (
            "procedure: training\nscenarios:\n  - {title: 甲, given: {at: 2026-03-02, who: a, earlier: [{day: 1}]}}",
            "earlier",
        ),
    ],
)
def test_a_scenario_file_that_cannot_be_used_says_why(text: str, sentence: str) -> None:
    with pytest.raises(ScenarioError, match=sentence):
        read_book(text.encode(), "x.scenarios.yaml")


def test_a_scenario_may_name_the_requirements_it_shows() -> None:
    text = (
        "procedure: training\nscenarios:\n  - {title: 甲, shows: [R001, R013], given: {at: 2026-03-02 09:30, who: a}}"
    )
    assert read_book(text.encode(), "x.scenarios.yaml").scenarios[0].shows == ("R001", "R013")
