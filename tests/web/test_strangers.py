"""Nobody learns of a case that is not theirs to see by sending something to one of its tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.answers import COMPANY
from tests.support.bureau import Bureau
from tests.support.odr import waiting_for_correction
from tests.support.office import Office, text

TITLE = COMPANY


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


@pytest.mark.parametrize(("command", "to_who_may"), [("complete", 422), ("claim", 302), ("release", 302)])
def test_a_command_on_a_strangers_task_tells_nothing_of_its_case(office: Office, command: str, to_who_may: int) -> None:
    bureau = office.bureau
    instance_id = waiting_for_correction(bureau)
    address = f"/tasks/{bureau.open_task(instance_id).id}/{command}"
    stranger = office.browser("wang.jianguo")
    answers = [stranger.post(address, {"note": "x"})]
    assert office.browser("chen.jing").post(address, {"note": "x"}).status_code == to_who_may
    bureau.engine.cancel(bureau.actor("admin"), instance_id, "企业撤回")
    answers.append(stranger.post(address, {"note": "x"}))
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not any(TITLE in text(answer) for answer in answers)
