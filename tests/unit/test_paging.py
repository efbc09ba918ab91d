"""Lists a page at a time."""

from __future__ import annotations

from handlers.cases.inbox import InboxQuery
from handlers.register.listing import RegisterQuery
from handlers.store.paging import ListQuery, Paged


def test_an_empty_list_has_one_page_and_a_full_page_no_second_one() -> None:
    assert [Paged(ListQuery(size=20), total, ()).pages for total in (0, 1, 20, 21, 40, 41)] == [1, 1, 1, 2, 2, 3]


def test_order_page_and_tab_leave_nothing_out_and_are_no_filters() -> None:
    assert not InboxQuery(tab="pool", sort="newest", page=3, size=50).filtered
    assert InboxQuery(tab="pool", urgency="soon").filtered


def test_the_filters_that_are_set_are_named() -> None:
    query = RegisterQuery(q="万家", type="complaint", page=2)
    assert query.filters() == {"q": "万家", "type": "complaint"}
