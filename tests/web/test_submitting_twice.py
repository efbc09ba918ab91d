"""The same page submitted twice, as a double click does where there is no JavaScript: it starts one case."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from handlers.store.tables import case_link, instance
from tests.support.answers import plan_form
from tests.support.bureau import Bureau
from tests.support.linked import publish_linked, start_letter
from tests.support.office import Office, text, upload
from tests.web.conftest import Browser

TOLD = "没有重复发起"


@pytest.fixture
def office(bureau: Bureau, tmp_path: Path) -> Office:
    publish_linked(bureau)
    return Office(bureau, tmp_path)


def page_of(browser: Browser, address: str) -> dict[str, Any]:
    """What the page sends beside the answers."""
    found = re.search(r'name="_page" value="([^"]+)"', text(browser.get(address)))
    assert found is not None
    return {"_page": found[1]}


def counted(office: Office, *conditions: Any) -> int:
    with office.bureau.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(instance).where(*conditions)).scalar_one())


def test_the_second_of_two_submits_leads_to_the_case_that_the_first_one_started(office: Office) -> None:
    browser, address = office.browser("chen.jing"), "/cases/new/training"
    form = plan_form() | page_of(browser, address)
    first, second = browser.post(address, form), browser.post(address, form)
    assert (first.status_code, second.status_code) == (302, 302)
    assert second.headers["Location"] == first.headers["Location"]
    assert TOLD in text(browser.get(second.headers["Location"]))
    assert counted(office) == 1


def test_a_file_sent_with_it_does_not_hide_that_it_is_the_same_submit(office: Office) -> None:
    browser, address = office.browser("chen.jing"), "/cases/new/training"
    wrong = browser.post(address, plan_form() | {"people_count": "", "upload:plan_files": upload("一.pdf")})
    form = plan_form() | {
        "plan_files": "1",
        "_page": re.findall(r'name="_page" value="([^"]+)"', text(wrong))[0],
    }
    answers = [browser.post(address, form | {"upload:plan_files": upload("二.pdf")}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert counted(office) == 1


def test_other_answers_or_a_page_opened_anew_start_another_case(office: Office) -> None:
    browser, address = office.browser("chen.jing"), "/cases/new/training"
    form = plan_form() | page_of(browser, address)
    browser.post(address, form)
    browser.post(address, form | {"people_count": "41"})
    browser.post(address, plan_form() | page_of(browser, address))
    assert counted(office) == 3


def test_a_linked_case_is_started_once_and_linked_once(office: Office) -> None:
    letter = start_letter(office.bureau)
    browser, address = office.browser("chen.jing"), f"/cases/{letter}/open/filed"
    form = {"clue": "线索乙"} | page_of(browser, address)
    browser.post(address, form)
    second = browser.post(address, form)
    page = text(browser.get(second.headers["Location"]))
    assert TOLD in page
    assert counted(office, instance.c.process == "filed") == 1
    with office.bureau.database.read() as connection:
        assert len(connection.execute(select(case_link)).all()) == 1


@pytest.mark.parametrize("linked", [False, True])
def test_of_two_submits_at_the_same_moment_one_starts_the_case_and_both_lead_to_it(
    office: Office, linked: bool
) -> None:
    letter = start_letter(office.bureau) if linked else 0
    address = f"/cases/{letter}/open/filed" if linked else "/cases/new/training"
    browsers = [office.browser("chen.jing") for _ in range(2)]
    answers = {"clue": "线索乙"} if linked else plan_form()
    form = answers | page_of(browsers[0], address)
    tokens, ready = [browser.token() for browser in browsers], Barrier(2)

    def send(number: int) -> str:
        ready.wait(30)
        answer = browsers[number].client.post(address, data=form | {"csrf_token": tokens[number]})
        return answer.headers.get("Location", text(answer))

    with ThreadPoolExecutor(2) as pool:
        places = list(pool.map(send, range(2)))
    assert places[0] == places[1]
    assert counted(office, instance.c.process == ("filed" if linked else "training")) == 1
