"""Every page that can be looked at without a case: valid, titled, labelled, and free of inline code."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from tests.web.conftest import Site

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "use",
        "path",
    ]
)
CONTROLS = {"input", "select", "textarea"}


class Page(HTMLParser):
    """Collects what the checks below ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.pointed_at: set[str] = set()
        self.problems: list[str] = []
        self.title = ""
        self.headings = 0
        self._open: list[str] = []
        self._labelled: set[str] = set()
        self._controls: list[dict[str, str | None]] = []
        self.feed(text)
        if self._open:
            self.problems.append(f"never closed: {self._open}")
        for attributes in self._controls:
            if attributes.get("id") not in self._labelled and not attributes.get("aria-label"):
                self.problems.append(f"control without a label: {attributes}")

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag not in VOID:
            self._open.append(tag)
        if identity := found.get("id"):
            self.ids.append(identity)
        self._check(tag, found)
        self.headings += tag == "h1"
        if tag == "label":
            self._labelled.add(found.get("for") or "")
        if tag in CONTROLS and found.get("type") not in ("hidden", "submit"):
            self._controls.append(found)
        for name in ("for", "aria-describedby", "aria-controls", "aria-labelledby"):
            self.pointed_at.update((found.get(name) or "").split())

    def _check(self, tag: str, found: dict[str, str | None]) -> None:
        if "style" in found or tag == "style":
            self.problems.append(f"inline style on {tag}")
        if any(name.startswith("on") for name in found):
            self.problems.append(f"inline handler on {tag}")
        if tag == "script" and not found.get("src"):
            self.problems.append("inline script")
        if (found.get("href") or "").startswith(("http:", "https:", "javascript:")):
            self.problems.append(f"address outside: {found['href']}")
        if tag == "form" and found.get("method") == "post" and "action" in found and not found["action"]:
            self.problems.append("form without an action")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"wrongly closed: {tag} at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title":
            self.title += data


PAGES = [
    ("", "/login"),
    ("chen.jing", "/password"),
    ("chen.jing", "/admin/substitutions"),
    ("chen.jing", "/no-such-page"),
    ("chen.jing", "/admin/people"),
    ("admin", "/admin/people"),
    ("admin", "/admin/people?q=陈"),
    ("admin", "/admin/people?q=nobody-at-all"),
    ("admin", "/admin/people/new"),
    ("admin", "/admin/people/1"),
    ("admin", "/admin/substitutions"),
    ("admin", "/admin/departments"),
    ("admin", "/admin/profile"),
]


@pytest.mark.parametrize(("username", "address"), PAGES)
def test_every_page_is_well_formed(site: Site, username: str, address: str) -> None:
    answer = site.browser(username).get(address)
    page = Page(answer.get_data(as_text=True))
    assert page.problems == []
    assert "办理平台" in page.title
    assert len(page.title) > len(" · 滨海新区局办理平台")
    assert page.headings == 1
    assert len(page.ids) == len(set(page.ids))
    assert page.pointed_at <= set(page.ids)


def test_the_checks_find_what_they_look_for() -> None:
    page = Page('<p style="x" onclick="y"><script>1</script><input id="a"><b></p>')
    assert len(page.problems) >= 5


def test_the_frame_shows_bureau_person_roles_and_supervision_channel(site: Site) -> None:
    text = site.browser("li.guoqiang").get("/password").get_data(as_text=True)
    for expected in ("天津市滨海新区市场监督管理局", "李国强", "局领导、分管局长", "65305090", "跳到正文"):
        assert expected in text


def test_the_menu_shows_only_what_the_person_may_open(site: Site) -> None:
    assert ">管理<" not in site.browser("chen.jing").get("/password").get_data(as_text=True)
    assert ">管理<" in site.browser("admin").get("/password").get_data(as_text=True)
