"""Nobody learns of a case that is not theirs to see by sending something to one of its tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bureau import Bureau
from tests.support.odr import APPLICATION, waiting_for_correction
from tests.support.office import Office, text

TITLE = APPLICATION["company_name"]


@pytest.fixture
def office(bureau: Bureau, tmp_path: Path) -> Office:
    return Office(bureau, tmp_path)


def test_saving_a_draft_on_a_strangers_task_tells_nothing_of_its_case(office: Office) -> None:
    task_id = office.bureau.open_task(waiting_for_correction(office.bureau)).id
    stranger = office.browser("wang.jianguo")
    assert stranger.get(f"/tasks/{task_id}").status_code == 404
    answer = stranger.post(f"/tasks/{task_id}/draft", {"note": "x"})
    page = stranger.get(f"/tasks/{task_id}")
    assert (answer.status_code, page.status_code) == (404, 404)
    assert TITLE not in text(page)


@pytest.mark.parametrize("command", ["complete", "claim", "release"])
def test_a_command_on_a_strangers_task_tells_nothing_of_its_case(office: Office, command: str) -> None:
    bureau = office.bureau
    instance_id = waiting_for_correction(bureau)
    task_id = bureau.open_task(instance_id).id
    stranger = office.browser("wang.jianguo")
    assert TITLE not in text(stranger.post(f"/tasks/{task_id}/{command}", {"note": "x"}))
    bureau.engine.cancel(bureau.actor("admin"), instance_id, "企业撤回")
    assert TITLE not in text(stranger.post(f"/tasks/{task_id}/{command}", {"note": "x"}))
