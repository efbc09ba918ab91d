"""Clauses on screens: without the line marks that serve those who check a diagram."""

from __future__ import annotations

import pytest

from webapp.layout import clause_words


@pytest.mark.parametrize("mark", ["（S1:230）", "（S1:226-230）", "（S1:77、81）", "（S1:24、S1:30）"])
def test_a_clause_is_shown_without_its_line_marks(mark: str) -> None:
    assert clause_words(f"信息表1.1 责任事项{mark}：分拨（文书3）") == "信息表1.1 责任事项：分拨（文书3）"
