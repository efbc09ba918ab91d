"""Looking something up in the handbook."""

from __future__ import annotations

import pytest

from webapp.handbook.chapters import Chapter, read_all, read_chapter
from webapp.handbook.searching import LIMIT, excerpt, search


@pytest.fixture(scope="module")
def chapters() -> list[Chapter]:
    return list(read_all(lambda text: text, lambda name: f"/help/{name}").values())


def found(chapters: list[Chapter], wanted: str) -> list[tuple[str, str]]:
    """Chapter and heading of every hit."""
    return [(hit.section.chapter, hit.section.heading) for hit in search(chapters, wanted)]


@pytest.mark.parametrize(
    ("wanted", "chapter", "heading"),
    [
        ("改派", "steering", "改派"),
        ("扣除", "limits", "扣除"),
        ("草稿", "task", "草稿"),
        ("代理", "substitutes", "代理"),
        ("备份", "backup", "备份和恢复"),
        ("BANLI_FILES", "settings", "设置"),
        ("banli_files", "settings", "设置"),
    ],
)
def test_two_characters_or_a_name_are_found_and_their_own_section_comes_among_the_first(
    chapters: list[Chapter], wanted: str, chapter: str, heading: str
) -> None:
    assert (chapter, heading) in found(chapters, wanted)[:4]


def test_all_words_must_stand_in_the_section(chapters: list[Chapter]) -> None:
    hits = search(chapters, "扣除　审批")
    assert hits
    assert all("扣除" in hit.section.text + hit.section.heading for hit in hits)
    assert len(hits) < len(search(chapters, "扣除"))


def test_a_whole_question_finds_the_sections_that_hold_most_of_it(chapters: list[Chapter]) -> None:
    assert "steering" in {chapter for chapter, _ in found(chapters, "怎样改派任务给别人")}


def test_what_stands_nowhere_finds_nothing(chapters: list[Chapter]) -> None:
    assert found(chapters, "鲸鱼鲨鱼") == []
    assert found(chapters, "   ") == []


def test_no_more_hits_than_somebody_reads(chapters: list[Chapter]) -> None:
    assert len(search(chapters, "的")) == LIMIT


def test_the_excerpt_marks_the_words_and_shows_markup_as_text() -> None:
    text = "前" * 80 + "<b>改派</b>给谁" + "后" * 200
    shown = excerpt(text, ["改派"])
    assert "&lt;b&gt;<mark>改派</mark>&lt;/b&gt;给谁" in shown
    assert shown.startswith("…前")
    assert shown.endswith("后…")


def test_a_word_in_a_heading_alone_is_found_with_the_beginning_of_its_section() -> None:
    chapter = read_chapter("x", "# 题\n\n说明。\n\n## 卡住的件\n\n找负责人。", str)
    [hit] = search([chapter], "卡住")
    assert (hit.section.anchor, str(hit.excerpt)) == ("卡住的件", "找负责人。")
