"""帮助 in the browser: every page leads to its chapter, and every chapter is a page."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from flask import Flask

from tests.web.conftest import Site
from tests.web.test_pages import Page
from webapp.handbook.chapter_of_page import CHAPTER_OF, CHAPTERS, NO_PAGE
from webapp.handbook.contents import ORDER, READERS, SIGN_IN


def without_chapter(app: Flask) -> set[str]:
    """Endpoints that answer with a page and have no chapter."""
    return {rule.endpoint for rule in app.url_map.iter_rules()} - CHAPTER_OF.keys() - NO_PAGE


def test_every_page_has_a_chapter(site: Site) -> None:
    assert without_chapter(site.app) == set()


def test_a_new_page_without_a_chapter_is_noticed(site: Site) -> None:
    app = Flask("another")
    app.add_url_rule("/board", "board.index", lambda: "")
    assert without_chapter(app) == {"board.index"}


def test_the_table_of_chapters_names_pages_and_chapters_that_exist(site: Site) -> None:
    endpoints = {rule.endpoint for rule in site.app.url_map.iter_rules()}
    assert CHAPTER_OF.keys() | NO_PAGE == endpoints
    assert not CHAPTER_OF.keys() & NO_PAGE
    assert len(CHAPTER_OF) == sum(map(len, CHAPTERS.values()))
    assert CHAPTERS.keys() <= set(ORDER)


def test_what_is_said_to_be_no_page_answers_with_none(site: Site) -> None:
    browser = site.browser("admin")
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint in NO_PAGE and not rule.endpoint.startswith("handbook.") and not rule.arguments:
            assert 'id="main"' not in browser.get(str(rule)).get_data(as_text=True)


@pytest.mark.parametrize(
    ("username", "address", "chapter"),
    [
        ("chen.jing", "/inbox", "inbox"),
        ("chen.jing", "/cases", "cases"),
        ("chen.jing", "/cases/999", "case"),
        ("chen.jing", "/register", "register"),
        ("chen.jing", "/password", SIGN_IN),
        ("chen.jing", "/admin/people", "people"),
        ("admin", "/admin/holidays", "holidays"),
        ("admin", "/admin/personal-views", "personal"),
        ("", "/login", SIGN_IN),
    ],
)
def test_a_page_links_to_its_own_chapter(site: Site, username: str, address: str, chapter: str) -> None:
    text = site.browser(username).get(address).get_data(as_text=True)
    assert re.search(rf'href="/help/{chapter}"[^>]*>.*帮助', text)


def test_an_address_that_does_not_exist_links_to_the_contents(site: Site) -> None:
    assert 'href="/help"' in site.browser("chen.jing").get("/no-such-page").get_data(as_text=True)


@pytest.mark.parametrize("address", ["/help", "/help/search", "/help/search?q=期限", "/help/search?q=<b>没有这个"])
def test_contents_and_search_are_well_formed(site: Site, address: str) -> None:
    text = site.browser("chen.jing").get(address).get_data(as_text=True)
    _assert_well_formed(text)
    assert "<b>没有" not in text


def test_every_chapter_is_well_formed_and_its_links_answer(site: Site) -> None:
    browser = site.browser("chen.jing")
    texts = {f"/help/{name}": browser.get(f"/help/{name}").get_data(as_text=True) for name in ORDER}
    ids = {address: _assert_well_formed(text) for address, text in texts.items()}
    for text in texts.values():
        for address, anchor in re.findall(r'href="(/help/(?!search)[a-z-]+)(?:#([^"]+))?"', text):
            assert not anchor or unquote(anchor) in ids[address]


def test_the_pages_turn_from_the_first_chapter_to_the_last(site: Site) -> None:
    browser, name, turned = site.browser("chen.jing"), ORDER[0], [ORDER[0]]
    while following := re.search(r'rel="next" href="/help/([a-z-]+)"', browser.get(f"/help/{name}").text):
        name = following[1]
        turned.append(name)
    assert tuple(turned) == ORDER


def test_the_contents_show_each_kind_of_reader_where_to_begin(site: Site) -> None:
    text = site.browser("chen.jing").get("/help").get_data(as_text=True)
    for reader in READERS:
        assert f">{reader.title}</h2>" in text
        assert f'href="/help/{reader.chapters[0]}"' in text


def test_a_hit_leads_to_the_heading_in_its_chapter(site: Site) -> None:
    browser = site.browser("chen.jing")
    assert 'href="/help/steering#改派"' in browser.get("/help/search?q=改派").get_data(as_text=True)
    assert '<h2 id="改派">' in browser.get("/help/steering").get_data(as_text=True)


def test_only_the_chapter_on_signing_in_is_open_to_people_who_are_not_signed_in(site: Site) -> None:
    browser = site.browser()
    _assert_well_formed(browser.get(f"/help/{SIGN_IN}").get_data(as_text=True))
    for address in ("/help", "/help/inbox", "/help/search?q=密码"):
        assert "/login" in (browser.get(address).location or "")


def test_a_chapter_that_does_not_exist_is_an_ordinary_missing_page(site: Site) -> None:
    assert site.browser("chen.jing").get("/help/no-such-chapter").status_code == 404
    assert site.browser("chen.jing").get("/help/../settings").status_code == 404


def _assert_well_formed(text: str) -> set[str]:
    page = Page(text)
    assert page.problems == []
    assert "帮助" in page.title
    assert page.headings == 1
    assert len(page.ids) == len(set(page.ids))
    assert page.pointed_at <= set(page.ids)
    return set(page.ids)
