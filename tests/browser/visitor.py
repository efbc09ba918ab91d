"""A person at the screen: what they press, fill in and read, by the words that are on the page."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import BrowserContext, FilePayload, Locator, Page, expect

from handlers.time_source import SystemTime, beijing_date

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def paper(name: str, content: bytes = PDF) -> FilePayload:
    """A file as the file chooser hands it over."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def day(ahead: int = 0) -> str:
    """A Beijing date as a date field takes it."""
    return (beijing_date(SystemTime().now()) + timedelta(days=ahead)).isoformat()


class Visitor:
    """One person's browser window."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def without_drawings(self) -> Visitor:
        """Leave the diagrams out: they are half of the work of a case's page, and test_diagram.py looks at them."""
        self.page.route("**/diagram-*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        return self

    @property
    def context(self) -> BrowserContext:
        """The browser this window belongs to."""
        return self.page.context

    def go(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.address + path)

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """Press the button with exactly this name."""
        (within or self.page).get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Follow the link with this name."""
        (within or self.page).get_by_role("link", name=name, exact=isinstance(name, str)).click()

    def fill(self, **answers: str) -> None:
        """Answer text, number and date fields, by the key that the form file gives them."""
        for key, text in answers.items():
            self.field(key).fill(text)

    def field(self, key: str) -> Locator:
        """The input with this key, e.g. `courses-0-course_content`."""
        return self.page.locator(f"#f-{key}")

    def choose(self, *labels: str, of: str = "") -> None:
        """Tick the boxes with these labels, of the question `of` if the page has several alike."""
        where = self.page.get_by_role("group", name=of).or_(self.page.get_by_role("radiogroup", name=of))
        for label in labels:
            (where if of else self.page).get_by_label(label, exact=True).check()

    def heading(self, text: str) -> None:
        """Expect this at the top of the page."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text)

    def sees(self, *texts: str) -> None:
        """Expect all of these somewhere on the page."""
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def submit(self, step: str) -> None:
        """Hand the form in and see it accepted."""
        self.press("提交")
        self.heading(f"已提交：{step}")

    def take_from_list(self, tab: str, title: str) -> None:
        """Find a case in the inbox and open its task."""
        self.go("/inbox")
        self.follow(re.compile(f"^{tab}"), within=self.page.get_by_role("list", name="待办分类"))
        self.page.get_by_role("searchbox", name="搜索").fill(title)
        self.press("筛选")
        self.follow(title)

    def open_step(self, step: str) -> None:
        """From the page after a submit: look at the case and open its task at `step`."""
        self.follow("查看事项")
        self.open_place(step)

    def open_place(self, step: str) -> None:
        """From the page of a case: open its task at `step`."""
        place = self.page.get_by_role("region", name="现在在哪里").locator(".list-group-item", has_text=step)
        place.get_by_role("link").click()
        self.heading(step)
