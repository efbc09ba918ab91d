"""FEEL on a form's page: what it means, what it refuses, and that the browser means the same."""

from __future__ import annotations

import json
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.feel import FeelError
from forms.feel.page import read_page_expression as parse

SCRIPT = Path(__file__).parents[3] / "webapp" / "assets" / "forms.js"
ANSWERS: dict[str, Any] = {
    "kind": "other",
    "empty": None,
    "blank": "",
    "amount": Decimal("12.50"),
    "urgent": True,
    "ways": ["phone", "letter"],
    "courses": [{"hours": Decimal(2)}, {"hours": Decimal("1.5")}, {"hours": None}],
    "start_on": "2026-03-02",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('=kind = "other"', True),
        ('kind != "other"', False),
        ('=kind = "a" or kind = "other"', True),
        ("=amount > 12 and amount <= 12.5", True),
        ("=amount >= 12.51", False),
        ("=urgent = true", True),
        ("=urgent", True),
        ("=not(urgent)", False),
        ("=empty = null", True),
        ("=blank = null", True),
        ("=empty != null", False),
        ('=blank = ""', True),
        ('=empty = ""', True),
        ('=kind != ""', True),
        ("=unknown = null", True),
        ("=empty > 3", None),
        ('=amount = "12.50"', None),
        ("=not(empty)", None),
        ("=empty and false", False),
        ("=empty or true", True),
        ("=empty and true", None),
        ('=list contains(ways, "letter")', True),
        ('=list contains(empty, "letter")', False),
        ("=count(courses) = 3", True),
        ("=count(empty) = 0", True),
        ("=sum(courses.hours)", Decimal("3.5")),
        ("=sum(empty)", Decimal(0)),
        ("=1 + 2 * 3", Decimal(7)),
        ("=(1 + 2) * 3", Decimal(9)),
        ("=-amount + 1", Decimal("-11.50")),
        ("=amount / 0", None),
        ("=amount - empty", None),
        ('=start_on < "2026-03-10"', True),
        ('="说\\"好\\"" = "说\\"好\\""', True),
        ('=true or kind = "x" and false', True),
        ('=kind + "s"', "others"),
        ('="a" + empty', None),
        ("=kind = 3", None),
        ("=kind != 3", None),
        ("=ways = ways", True),
        ("=ways != courses.hours", True),
        ("=sum(ways)", Decimal(0)),
        ("=count(kind) = 0", True),
    ],
)
def test_an_expression_means_what_feel_says(source: str, expected: object) -> None:
    assert parse(source).value(ANSWERS) == expected


def test_only_a_plain_true_holds() -> None:
    assert parse("=urgent").holds(ANSWERS)
    assert not parse("=empty > 3").holds(ANSWERS)
    assert not parse("=amount").holds(ANSWERS)


def test_names_are_the_fields_that_are_mentioned() -> None:
    assert parse('=kind = "x" and sum(courses.hours) > 1 or not(urgent)').names == {"kind", "courses", "urgent"}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "空的"),
        ("=", "空的"),
        ("=kind = 'x'", "不能识别"),
        ('=kind == "x"', "位置不对"),
        ("=kind =", "没有写完"),
        ("=(kind", "缺少“)”"),
        ("=kind other", "“other”的位置不对"),
        ("=and kind", "前面缺少"),
        ("=today()", "函数“today”不能用"),
        ("=__import__(kind)", "不能用"),
        ("=list contains(ways)", "请写成 list contains(list, element)"),
        ("=courses.", "要写表格中的字段"),
        ("=kind; 1", "不能识别"),
        ("=" + "(" * 60 + "1" + ")" * 60, "层数太多"),
        ("=" + "not(" * 60 + "true" + ")" * 60, "层数太多"),
        ("=" + "-" * 200 + "1", "嵌套太深"),
        ("=amount between 1 and 2", "范围（between）"),
        ("=amount in [1, 2]", "在其中”（in）"),
        ("=if urgent then 1 else 2", "如果”（if）"),
        ('=start_on < @"2026-03-10"', "日期和时间（@）"),
        ("=floor(amount)", "可以用的是 not、count、sum、list contains"),
        ("=count(courses[hours > 1])", r"筛选（\[\]）"),
        ("=courses.hours.more", "多层取值"),
        ("=amount ** 2", r"乘方（\*\*）"),
        ("=" + "1+" * 400 + "1", "太长"),
    ],
)
def test_a_mistake_is_refused_with_its_place(source: str, words: str) -> None:
    with pytest.raises(FeelError, match=words.replace("(", r"\(").replace(")", r"\)")):
        parse(source)


# Whole numbers and halves only: Decimal and double agree on them.
_NUMBERS = st.integers(-50, 50).map(lambda number: number / 2)
_VALUES = st.one_of(_NUMBERS, st.sampled_from(["", "a", "b", "乙", "😀", "\uffee"]), st.booleans(), st.none())
_LEAVES = st.one_of(
    _VALUES.map(lambda value: json.dumps(value, ensure_ascii=False)),
    st.sampled_from(["a", "b", "rows", "ways", "missing", "rows.n"]),
)


def _written(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["and", "or", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*"])
    return st.one_of(
        st.tuples(st.sampled_from(["not", "count", "sum"]), parts).map("{0[0]}({0[1]})".format),
        st.tuples(parts, parts).map("list contains({0[0]}, {0[1]})".format),
        st.tuples(parts, signs, parts).map("({0[0]}) {0[1]} ({0[2]})".format),
        parts.map("-({})".format),
    )


_TEXTS = st.recursive(_LEAVES, _written, max_leaves=6)
_ANSWERS = st.fixed_dictionaries(
    {
        "a": _VALUES,
        "b": _VALUES,
        "rows": st.one_of(
            st.none(), st.lists(st.fixed_dictionaries({"n": st.one_of(_NUMBERS, st.none())}), max_size=3)
        ),
        "ways": st.lists(st.sampled_from(["a", "b"]), max_size=2),
    }
)


def _as_json(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    return [_as_json(item) for item in value] if isinstance(value, list) else value


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not on the path")
@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(_TEXTS, _ANSWERS), min_size=60, max_size=120))
def test_the_browser_evaluates_every_tree_to_the_same_value(written: list[tuple[str, Any]]) -> None:
    ours = []
    cases = [(parse(text), answers) for text, answers in written]
    for expression, answers in cases:
        result = _as_json(expression.value(answers))
        ours.append("list" if isinstance(result, list) else result)
    program = (
        f"import {{ evaluate }} from {json.dumps(SCRIPT.as_uri())};"
        "let text = ''; for await (const part of process.stdin) text += part;"
        "const out = JSON.parse(text).map(([tree, answers]) => evaluate(tree, answers));"
        "console.log(JSON.stringify(out.map((v) => (Array.isArray(v) ? 'list' : v))));"
    )
    run = subprocess.run(
        [str(shutil.which("node")), "--input-type=module", "-e", program],
        input=json.dumps([(expression.tree, answers) for expression, answers in cases]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(run.stdout) == ours
