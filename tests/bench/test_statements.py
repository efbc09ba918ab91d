"""How much one completion asks of the database."""

from __future__ import annotations

from pathlib import Path

from tests.bench import procedure
from tests.bench.in_process import Browser, make_app
from tests.bench.statements import MOST_STATEMENTS, count
from tests.support.bureau import Bureau
from tests.support.cases import start_training
from tests.support.statements import heard


def test_a_completion_takes_twelve_statements_at_most_and_one_commit(bureau: Bureau, tmp_path: Path) -> None:
    with bureau.database.write() as connection:
        procedure.install(connection, bureau.time.now())
    for action in count(bureau, tmp_path):
        assert action.commits == 1, f"{action.node}: {action.listed}"
        assert action.statements <= MOST_STATEMENTS, f"{action.node}: {action.listed}"


def test_a_completion_that_issues_a_letter_has_one_commit_too(bureau: Bureau, tmp_path: Path) -> None:
    app = make_app(bureau, tmp_path)
    case = start_training(bureau)
    for username in ("wang.jianguo", "li.guoqiang"):
        browser = Browser(app, bureau, username)
        address = f"/tasks/{bureau.open_task(case).id}/complete"
        with heard(bureau.database) as seen:
            browser.post(address, {"decision": "agree", "comment": ""})
        assert seen.commits == 1, seen.listed()
    assert any(text.startswith("INSERT INTO letter") for text in seen.texts), seen.listed()
