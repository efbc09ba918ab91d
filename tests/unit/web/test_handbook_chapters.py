"""The chapters of the handbook: Chinese, true to the names on screens and of commands, with links that lead on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import webapp.handbook
from handlers.people.profiles import load_profile
from handlers.register.import_sources import read_mapping, shipped
from tests.support.screen_names import screen_names
from webapp import config
from webapp.cli.main import main
from webapp.handbook.chapters import Chapter, in_words_of, read_all, read_chapter, source_of
from webapp.handbook.contents import ORDER, PARTS, READERS
from webapp.handbook.markdown import CHAPTER_LINK, UI_NAME
from webapp.layout import ADMIN_MENU, MENU

FOLDER = Path(webapp.handbook.__file__).parent / "chapters"
ROOT = FOLDER.parents[2]
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\]\(([^)]*)\)")
COMMAND = re.compile(r"^\s*(banli .*)$|`(banli [^`]*)`", re.MULTILINE)
MOST_LATIN = 0.2
"""Share of Latin letters in Chinese prose about ODR, CSV and Word files; an English page has more than nine tenths."""


def prose(source: str) -> str:
    """The chapter without code and without the targets of links."""
    return LINK.sub("]", CODE.sub("", source))


def latin_share(source: str) -> float:
    """How much of the letters of the prose are Latin."""
    letters = [letter for letter in prose(source) if letter.isalpha()]
    return sum(letter.isascii() for letter in letters) / max(1, len(letters))


def unknown_names(source: str) -> list[str]:
    """Names of buttons, menus and fields that stand on no page."""
    named = (re.sub(r"\s", "", name) for name in UI_NAME.findall(CODE.sub("", source)))
    return [name for name in named if name not in screen_names()]


def dead_links(chapter: Chapter, source: str, chapters: dict[str, Chapter]) -> list[str]:
    """Links to no chapter, to no heading, or out of the handbook."""
    return [link for link in LINK.findall(CODE.sub("", source)) if not _leads_on(link, chapter, chapters)]


def _leads_on(link: str, chapter: Chapter, chapters: dict[str, Chapter]) -> bool:
    parts = CHAPTER_LINK.fullmatch(link)
    target = chapters.get(parts["chapter"]) if parts else chapter if link.startswith("#") else None
    anchor = link.partition("#")[2]
    return target is not None and (not anchor or anchor in {section.anchor for section in target.sections})


def commands(source: str) -> Iterator[list[str]]:
    """Every `banli …` of a chapter as words."""
    for in_block, in_line in COMMAND.findall(source):
        yield shlex.split((in_block or in_line), comments=True)


def command_problem(words: list[str]) -> str:
    """What of a command the program does not know."""
    command: click.Command = main
    rest = words[1:]
    while isinstance(command, click.Group) and rest:
        found = command.commands.get(rest[0])
        if found is None:
            return f"no command {' '.join(words)}"
        command, rest = found, rest[1:]
    options = {option for part in command.params for option in part.opts}
    unknown = [word for word in rest if word.startswith("--") and word not in options]
    return f"{' '.join(words)} has no {unknown}" if unknown else ""


@pytest.fixture(scope="module")
def chapters() -> dict[str, Chapter]:
    return dict(read_all(lambda text: text, lambda name: f"/help/{name}"))


def test_every_chapter_has_its_place_and_every_place_its_chapter() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted(ORDER)
    assert len(ORDER) == len(set(ORDER))
    assert {name for reader in READERS for name in reader.chapters} <= set(ORDER)
    assert [reader.title for reader in READERS] == ["经办人", "领导", "流程负责人", "系统管理员"]


@pytest.mark.parametrize("name", ORDER)
def test_a_chapter_begins_with_its_title_and_says_in_a_paragraph_what_it_is_about(
    name: str, chapters: dict[str, Chapter]
) -> None:
    lines = source_of(name).splitlines()
    assert lines[0].startswith("# ")
    assert [line for line in lines[1:] if line.startswith("# ")] == []
    assert 8 <= len(chapters[name].summary) <= 120
    anchors = [section.anchor for section in chapters[name].sections]
    assert len(anchors) == len(set(anchors))


@pytest.mark.parametrize("name", ORDER)
def test_a_chapter_is_chinese(name: str) -> None:
    assert latin_share(source_of(name)) < MOST_LATIN


def test_an_english_chapter_is_noticed() -> None:
    assert latin_share("# Inbox\n\nPress `提交` to send the form. 【提交】") > MOST_LATIN


@pytest.mark.parametrize("name", ORDER)
def test_a_chapter_names_only_what_stands_on_a_page(name: str) -> None:
    assert unknown_names(source_of(name)) == []


def test_a_button_that_does_not_exist_is_noticed() -> None:
    assert unknown_names("按【提交】，再按【立即送审】，`【不算】`。") == ["立即送审"]


def test_the_handbook_names_every_menu_entry() -> None:
    named = {name for chapter in ORDER for name in UI_NAME.findall(source_of(chapter))}
    assert {item.label for item in (*MENU, *ADMIN_MENU)} <= named


@pytest.mark.parametrize("name", ORDER)
def test_links_of_a_chapter_lead_to_a_chapter_and_a_heading_of_it(name: str, chapters: dict[str, Chapter]) -> None:
    assert dead_links(chapters[name], source_of(name), chapters) == []


@pytest.mark.parametrize("profile", config.PROFILES)
def test_links_lead_on_in_the_words_of_every_bureau(profile: str) -> None:
    worded = load_profile(profile).worded
    chapters = dict(read_all(worded, str))
    dead = [dead_links(chapters[name], in_words_of(worded, source_of(name)), chapters) for name in ORDER]
    assert [link for links in dead for link in links] == []


def test_dead_links_are_noticed(chapters: dict[str, Chapter]) -> None:
    source = "[一](inbox.md) [二](no-such.md) [三](inbox.md#没有) [四](#没有) [五](https://example.org) [六](/inbox)"
    links = dead_links(chapters["inbox"], source, chapters)
    assert links == ["no-such.md", "inbox.md#没有", "#没有", "https://example.org", "/inbox"]


@pytest.mark.parametrize("name", ORDER)
def test_commands_of_a_chapter_are_commands_of_the_program(name: str) -> None:
    assert [problem for words in commands(source_of(name)) if (problem := command_problem(words))] == []


def test_a_command_that_does_not_exist_is_noticed() -> None:
    known = list(commands("`banli publish` 或者\n\n    banli letters --again  # 再来\n\n`banli audit verify --json`"))
    assert [bool(command_problem(words)) for words in known] == [True, True, False]


def test_the_chapter_on_settings_names_every_variable_and_no_other() -> None:
    variable = re.compile(r"BANLI_[A-Z_]+[A-Z]")
    read = set(variable.findall(Path(config.__file__).read_text(encoding="utf-8")))
    assert set(variable.findall(source_of("settings"))) == read
    assert {word for name in ORDER for word in variable.findall(source_of(name))} <= read


def test_the_chapter_on_many_machines_shows_the_commands_of_the_tried_script() -> None:
    script = (ROOT / "tests" / "deploy" / "postgres_example.sh").read_text(encoding="utf-8")
    lines = [line.strip().removeprefix("exec ") for line in script.splitlines()]
    shown = [line for line in lines if line.startswith(("banli ", "gunicorn "))]
    assert len(shown) == 7
    assert [command for command in shown if command not in source_of("several-machines")] == []


def test_the_mapping_that_the_chapter_on_importing_shows_is_one_that_the_import_takes() -> None:
    [shown] = re.findall(r"```json\n(.*?)```", source_of("importing"), re.DOTALL)
    source = read_mapping("district_mayor", shown.encode(), None)
    known = shipped()["platform"]
    assert source.columns.keys() <= known.columns.keys()
    assert source.fixed.keys() <= known.fixed.keys() | known.columns.keys()


def test_raw_html_of_a_chapter_is_shown_and_not_obeyed() -> None:
    source = '# 题\n\n<b onclick="x">一</b>\n\n<script>1</script>\n\n[二](javascript:alert(1)) 【<i>】'
    html = read_chapter("x", source, str).html
    assert "<b onclick" not in html
    assert "<script" not in html
    assert "href" not in html
    assert '<b class="ui-name">&lt;i&gt;</b>' in html


def test_a_chinese_line_that_was_broken_has_no_gap_and_latin_words_keep_theirs() -> None:
    assert "<p>上午和下午，two\nwords</p>" in read_chapter("x", "# 题\n\n上午\n和下午，two\nwords", str).html


def test_aligned_columns_bring_no_inline_style() -> None:
    assert "style=" not in read_chapter("x", "# 题\n\n说明。\n\n| 一 | 二 |\n|:-:|--:|\n| 1 | 2 |", str).html


def test_a_chapter_speaks_in_the_words_of_the_bureau_except_of_what_stands_on_screens_and_in_code() -> None:
    source = "中心负责人在【中心核对答复】里看 `中心`\n\n```\n中心\n```\n中心"
    expected = "消保股负责人在【中心核对答复】里看 `中心`\n\n```\n中心\n```\n消保股"
    assert in_words_of(lambda text: text.replace("中心", "消保股"), source) == expected


def test_all_parts_have_chapters() -> None:
    assert all(part.chapters for part in (*PARTS, *READERS))
