"""The demo's letters are believable, made up, and the same every time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from forms.beijing import BEIJING
from forms.validators import CHECKS
from handlers.people.profiles import load_profile
from webapp.demo.mail import KINDS, Letter, letters, words

MOMENTS = [datetime(2026, 3, 2, 9, tzinfo=BEIJING) + timedelta(hours=7 * n) for n in range(120)]


@pytest.fixture(scope="module")
def written() -> list[Letter]:
    return list(letters(MOMENTS, load_profile("binhai")))


def test_the_same_letters_arrive_every_time(written: list[Letter]) -> None:
    again = letters(MOMENTS, load_profile("binhai"))
    assert [(one.kind, one.answers) for one in again] == [(one.kind, one.answers) for one in written]


def test_letters_of_every_kind_come_in(written: list[Letter]) -> None:
    assert {one.kind for one in written} == set(KINDS)


@pytest.mark.parametrize(
    ("key", "check"),
    [("respondent_code", "credit_code"), ("person_phone", "phone"), ("platform_no", "platform_number")],
)
def test_numbers_pass_the_checks_of_the_forms(written: list[Letter], key: str, check: str) -> None:
    numbers = [one.answers[key] for one in written if one.answers.get(key)]
    assert numbers
    assert numbers == [CHECKS[check](number, date(2026, 4, 1)) for number in numbers]


def test_nothing_has_happened_after_the_letter_arrived(written: list[Letter]) -> None:
    days = [
        (one.answers["bought_on"], one.received_at.date().isoformat()) for one in written if "bought_on" in one.answers
    ]
    assert all(happened < received for happened, received in days)


def test_no_placeholder_is_left_in_what_people_write(written: list[Letter]) -> None:
    texts = [str(one.answers.get("facts_text") or one.answers.get("question")) for one in written]
    assert not [text for text in texts if "{" in text or "None" in text]


def test_the_other_bureau_s_letters_and_words_know_nothing_of_tianjin() -> None:
    zengdu = load_profile("zengdu")
    written = list(letters(MOMENTS, zengdu))
    assert {one.answers["street"] for one in written if one.answers.get("street")} == set(zengdu.streets)
    said = f"{[one.answers for one in written]} {words('zengdu')}"
    assert not [
        word for word in ("天津", "滨海", "津滨", "津市监", "022-", "120116", "{city}", "{phone}") if word in said
    ]
    assert "随州市产品质量监督检测技术研究院" in said
