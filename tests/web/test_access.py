"""Every route by every role. The walk replaces the views, so it sees only what the access table lets through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from handlers.people.accounts import create_account
from handlers.people.actors import Actor
from handlers.people.roles import PERMISSIONS as NAMED
from handlers.people.roles import ROLES
from tests.web.conftest import MONDAY, Browser, Site
from webapp.access import TABLE, AccessTableError, allows, merge, protect
from webapp.permission import PUBLIC, SIGNED_IN

OPEN_TO_ALL = {"static", "health", "auth.login", "handbook.sign_in"}
ADMINISTRATORS_ONLY = {
    "admin.people",
    "admin.new_person",
    "admin.person",
    "admin.disable",
    "admin.enable",
    "admin.unlock",
    "admin.reset_password",
    "admin.departments",
    "admin.disclosures",
}


@pytest.fixture
def stubbed(site: Site) -> Site:
    """The site with every view replaced by one that says it was reached."""
    for endpoint in site.app.view_functions:
        if endpoint not in ("auth.login", "auth.password"):
            site.app.view_functions[endpoint] = lambda **_: "reached"
    return site


def address(rule: Rule) -> str:
    """Some address that the rule answers."""
    values = {name: 1 if isinstance(rule._converters[name], IntegerConverter) else "x" for name in rule.arguments}
    built = rule.build(values)
    assert built is not None
    return built[1]


def requests(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of everything the application answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule.endpoint, method, address(rule)


def expected(endpoint: str, role: str | None) -> bool:
    """Whether the table lets the role pass; said here a second time, in other words."""
    permission = TABLE[endpoint]
    if permission == PUBLIC or (permission == SIGNED_IN and role is not None):
        return True
    allowed = permission if isinstance(permission, frozenset) else NAMED.get(permission, frozenset())
    return role in allowed


def differences(browser: Browser, app: Flask, role: str | None) -> list[str]:
    """Where the application answers otherwise than the table says."""
    wrong = []
    token = browser.token()
    for endpoint, method, where in requests(app):
        if endpoint == "auth.login":
            continue
        answer = browser.client.open(where, method=method, headers={"X-CSRFToken": token})
        refused = answer.status_code == 403 or "/login" in (answer.location or "")
        if refused == expected(endpoint, role) or answer.status_code in (400, 500):
            wrong.append(f"{role} {method} {where}: {answer.status_code}")
    return wrong


def test_signed_out_people_reach_only_what_is_open_to_all(stubbed: Site) -> None:
    assert differences(stubbed.browser(), stubbed.app, None) == []
    assert {endpoint for endpoint, permission in TABLE.items() if permission == PUBLIC} == OPEN_TO_ALL


@pytest.mark.parametrize("role", list(ROLES))
def test_each_role_reaches_exactly_what_the_table_says(stubbed: Site, role: str) -> None:
    with stubbed.database.write() as connection:
        create_account(
            connection,
            username="walker",
            name="行走",
            password="banli-demo-2026",
            grants=[(role, "centre")],
            now=MONDAY,
        )
    assert differences(stubbed.browser("walker"), stubbed.app, role) == []


def test_every_route_has_a_permission_and_every_permission_a_route(site: Site) -> None:
    assert {rule.endpoint for rule in site.app.url_map.iter_rules()} == set(TABLE)


def test_managing_people_is_for_administrators_only() -> None:
    assert {endpoint for endpoint in TABLE if TABLE[endpoint] in NAMED and _roles(endpoint) == {"administrator"}} == (
        ADMINISTRATORS_ONLY
    )


def _roles(endpoint: str) -> frozenset[str]:
    return NAMED[str(TABLE[endpoint])]


def test_a_permission_of_some_roles_lets_in_these_and_no_other() -> None:
    clerk = Actor(1, "陈静", "chen", frozenset({("centre_clerk", "centre")}))
    assert allows(frozenset({"centre_clerk", "admin"}), clerk)
    assert not allows(frozenset({"admin"}), clerk)


def test_an_endpoint_without_a_permission_stops_the_start(site: Site) -> None:
    app = Flask("forgotten")
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    with pytest.raises(AccessTableError, match="forgotten"):
        protect(app)


def test_an_endpoint_in_two_areas_stops_the_start() -> None:
    with pytest.raises(AccessTableError, match="two permissions"):
        merge({"a.b": PUBLIC}, {"a.b": SIGNED_IN})


@pytest.mark.parametrize("permission", ["admin.peeple", frozenset({"administrater"}), ""])
def test_a_misspelt_permission_stops_the_start(permission: str | frozenset[str]) -> None:
    with pytest.raises(AccessTableError, match="unknown"):
        merge({"a.b": permission})


def test_a_page_that_does_not_exist_tells_nothing_about_who_may_see_it(site: Site) -> None:
    assert site.browser().get("/admin/no-such-page").status_code == 404
    assert site.browser("admin").get("/admin/no-such-page").status_code == 404


def test_rights_of_an_absent_administrator_do_not_open_pages(site: Site) -> None:
    administrator = site.browser("admin")
    data = {
        "absent_id": site.account_id("admin"),
        "substitute_id": site.account_id("chen.jing"),
        "starts_on": site.today,
        "ends_on": site.today,
        "reason": "出差",
    }
    assert administrator.post("/admin/substitutions", data).status_code == 302
    browser = site.browser("chen.jing")
    assert "您正在代理" in browser.get("/admin/substitutions").get_data(as_text=True)
    assert browser.get("/admin/people").status_code == 403
