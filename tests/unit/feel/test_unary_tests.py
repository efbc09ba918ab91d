"""Cells of decision tables: what fits, what does not, and what cannot be told."""

from __future__ import annotations

import pytest

from forms.feel import FeelError, read_unary_tests

VARIABLES = {"limit": 3, "words": ["a", "b"], "empty": None}


@pytest.mark.parametrize(
    ("text", "fitting", "failing"),
    [
        ("-", [1, "a", None], []),
        ("", [1, "a", None], []),
        ('"a"', ["a"], ["b", None]),
        ('"a", "b"', ["a", "b"], ["c", None]),
        ('not("a", "b")', ["c", None], ["a", "b"]),
        ("5", [5, 5.0], [6, None]),
        ("-5", [-5], [5]),
        ("true", [True], [False, None]),
        ("null", [None], ["a"]),
        (">= 5", [5, 6], [4]),
        ("< limit", [2], [3]),
        ("!= 5", [4, None], [5]),
        ("[1..5)", [1, 4.9], [5, 0]),
        ("]1..5]", [5], [1]),
        ("> 9, [1..limit], 7", [10, 2, 7], [8]),
        ('@"2026-03-02"', [], []),
        ("words", ["a"], ["c"]),
        ('["a", "c"]', ["c"], ["b"]),
        ("limit", [3], [4]),
        ("limit + 1", [4], [3]),
        ("? > limit and ? < 9", [5], [3, 9]),
        ('contains(?, "b")', ["abc"], ["ac"]),
        ('starts with(?, "a") or ? = "z"', ["ab", "z"], ["b"]),
        ("not(? > 3)", [2], [4]),
        ("not(? > 3) or ? = 9", [2, 9], [4]),
        ("limit > 2", ["anything", None], []),
        ("limit > 5", [], ["anything", None]),
        ("count(words) = 2 and ? = 1", [1], [2]),
    ],
)
def test_a_cell_fits_what_it_says(text: str, fitting: list[object], failing: list[object]) -> None:
    cell = read_unary_tests(text, list(VARIABLES))
    assert [cell.accepts(value, VARIABLES) for value in fitting] == [True] * len(fitting)
    assert [cell.accepts(value, VARIABLES) for value in failing] == [False] * len(failing)


@pytest.mark.parametrize(
    ("text", "value"),
    [(">= 5", None), (">= 5", "5"), ('"a"', 5), ('not("a")', 5), ("[1..5]", None), ("? > 5", "x"), ("> empty", 5)],
)
def test_a_cell_cannot_tell_about_another_kind(text: str, value: object) -> None:
    assert read_unary_tests(text, list(VARIABLES)).accepts(value, VARIABLES) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"a",', "没有写完"),
        ("5 6", "“6”的位置不对"),
        ("not(5", "缺少“[)]”"),
        ("中文", "没有“中文”这个名称"),
        ("'a'", "英文双引号"),
        (">= 5，< 9", "中文标点"),
        ("=> 5", "“>”的位置不对"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused(text: str, words: str) -> None:
    with pytest.raises(FeelError, match=words):
        read_unary_tests(text, list(VARIABLES))


def test_a_cell_tells_what_it_reads() -> None:
    cell = read_unary_tests("? > limit, not(count(words) = 1)", list(VARIABLES))
    assert (cell.names, cell.calls, cell.anything) == (
        frozenset({"limit", "words"}),
        frozenset({"not", "count"}),
        False,
    )
    assert read_unary_tests("-").anything
