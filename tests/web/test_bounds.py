"""Who is there is asked before what was sent, and nobody sends more than they need."""

from __future__ import annotations

import pytest

from tests.web.conftest import Site

TOO_MUCH = "提交的内容过多"


KINDS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json")


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_stranger_sends_to_a_page_behind_the_sign_in_is_not_taken(site: Site, kind: str) -> None:
    answer = site.browser().client.post("/password", data=b"x" * 70_000, content_type=kind)
    assert answer.status_code == 302
    assert answer.location.startswith("/login")


@pytest.mark.parametrize("kind", KINDS)
def test_more_than_64_kb_before_the_sign_in_is_not_taken(site: Site, kind: str) -> None:
    answer = site.browser().client.post("/login", data=b"x" * (64 * 1024 + 1), content_type=kind)
    assert answer.status_code == 413
    assert TOO_MUCH in answer.get_data(as_text=True)


@pytest.mark.parametrize(("fields", "status"), [(20, 400), (21, 413)])
@pytest.mark.parametrize("kind", KINDS[:2])
def test_twenty_fields_before_the_sign_in(site: Site, fields: int, status: int, kind: str) -> None:
    data = {f"f{number}": "x" for number in range(fields)}
    options = {"content_type": "multipart/form-data"} if "multipart" in kind else {}
    assert site.browser().client.post("/login", data=data, **options).status_code == status


@pytest.mark.parametrize(("fields", "status"), [(999, 302), (1000, 413)])
def test_a_thousand_fields_after_it(site: Site, fields: int, status: int) -> None:
    answer = site.browser("chen.jing").post("/logout", {f"f{number}": "x" for number in range(fields)})
    assert answer.status_code == status
    assert (TOO_MUCH in answer.get_data(as_text=True)) == (status == 413)
