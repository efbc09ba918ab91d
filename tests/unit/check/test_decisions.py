"""Decision tables: gaps, overlaps and idle rows, found by trying a representative of every case."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from processes.engine.check import Finding
from tests.unit.check.drawing import LIMITS, between, check, element, errors, places, table

RULE = element("businessRuleTask", "middle", "", '<banli:decision key="levels"/>')


def found(
    rows: Sequence[Sequence[str]],
    *inputs: str,
    policy: str = "UNIQUE",
    types: Sequence[str] = (),
    values: str = "",
) -> list[Finding]:
    """Findings for a table that nothing uses."""
    columns = inputs or ("free",)
    return check(levels_dmn=table(rows, columns, policy=policy, types=types, values=values))


def rows_of(*cells: str) -> list[list[str]]:
    """One row per input cell."""
    return [[cell, "1"] for cell in cells]


@pytest.mark.parametrize(
    "cells",
    [
        ["-"],
        ['"a"', 'not("a")'],
        ['"a","b"', 'not("a","b")'],
        ["< 5", ">= 5"],
        ["< 1", "[1..5)", "5", "> 5"],
        ["? < 5", "? >= 5"],
        ["true", "false"],
    ],
    ids=" | ".join,
)
def test_a_unique_table_that_covers_everything_once_is_fine(cells: list[str]) -> None:
    kind = "boolean" if "true" in cells else "number" if "5" in "".join(cells) else "string"
    assert errors(found(rows_of(*cells), types=[kind])) == []


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (['"a"', '"b"'], "string"),
        (['not("a")'], "string"),
        (["< 5", "> 5"], "number"),
        (["[1..5]"], "number"),
        (["true"], "boolean"),
        (["? < 5", "? > 6"], "number"),
    ],
)
def test_a_table_that_leaves_a_case_out_needs_an_otherwise_row(cells: list[str], kind: str) -> None:
    assert places(found(rows_of(*cells), policy="FIRST", types=[kind]), "table_gap") == ["levels"]
    assert errors(found(rows_of(*cells, "-"), policy="FIRST", types=[kind])) == []


def test_a_gap_is_shown_by_an_example() -> None:
    findings = found(
        [['"a"', "> 5", "1"], ['"a"', "<= 5", "1"], ['not("a")', "> 5", "1"]], "free", "sum", types=["string", "number"]
    )
    assert [f.code for f in findings] == ["table_gap"]
    assert "free 为其他值" in findings[0].sentence
    assert "sum 为" in findings[0].sentence


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (['"a"', '"a","b"', 'not("a","b")'], "string"),
        (["<= 5", ">= 5"], "number"),
        (["[1..5]", "[3..9]", "-"], "number"),
        (["true", "true", "false"], "boolean"),
        (["? > other", "> 5", "<= 5"], "number"),
    ],
)
def test_rows_of_a_unique_table_that_overlap_are_refused(cells: list[str], kind: str) -> None:
    assert "table_overlap" in errors(found(rows_of(*cells), types=[kind]))


def test_rows_that_differ_in_any_column_do_not_overlap() -> None:
    rows = [['"a"', "> 5", "1"], ['"a"', "<= 5", "2"], ['not("a")', "-", "3"]]
    assert errors(found(rows, "free", "sum", types=["string", "number"])) == []


def test_listed_values_of_a_column_are_all_there_are() -> None:
    assert errors(found(rows_of('"a"', '"b"'), values='"a","b"')) == []
    assert places(found(rows_of('"a"', '"c"', "-"), values='"a","b"', policy="FIRST"), "row_never_fits") == ["r2"]


def test_the_choices_of_the_form_before_it_are_all_there_are() -> None:
    levels = table(rows_of('"a"', '"b"'))
    assert errors(check(between(RULE), levels_dmn=levels)) == []
    assert errors(check(between(RULE), levels_dmn=table(rows_of('"a"')))) == ["table_gap"]


def test_a_row_behind_an_otherwise_row_never_fits() -> None:
    findings = found(rows_of('"a"', "-", '"b"'), policy="FIRST")
    assert places(findings, "row_never_fits") == ["r3"]
    assert errors(findings) == []


def test_a_row_covered_by_several_rows_before_it_never_fits() -> None:
    findings = found(rows_of("< 5", ">= 5", "7", "-"), policy="FIRST", types=["number"])
    assert places(findings, "row_never_fits") == ["r3", "r4"]


def test_a_table_that_collects_may_match_any_number_of_rows() -> None:
    assert errors(found(rows_of('"a"', '"a","b"'), policy="COLLECT")) == []


def test_the_table_of_limits_needs_no_otherwise_row_because_codes_are_checked_where_they_are_used() -> None:
    assert errors(check(time_limits_dmn=LIMITS)) == []


@pytest.mark.parametrize("policy", ["ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER"])
def test_other_hit_policies_are_refused(policy: str) -> None:
    assert errors(found(rows_of("-"), policy=policy)) == ["table_cell"]


@pytest.mark.parametrize("cell", ["a", "“a”", "[1..", "5..6", "not(a)", ">", "? in", '"a",', "[9..1]", "date(1)"])
def test_a_cell_that_cannot_be_read_is_named(cell: str) -> None:
    findings = found(rows_of('"b"', cell))
    assert places(findings, "table_cell") == ["c2_0"]
    assert "第 2 行第 1 个输入格" in findings[0].sentence


@pytest.mark.parametrize("output", ["a b", "x.y", "__import__('os')", "'a' * 9", "1 / 0"])
def test_an_output_that_cannot_be_worked_out_is_named(output: str) -> None:
    assert len(places(found([["-", output]]), "table_cell")) == 1


def test_all_bad_cells_are_named_at_once() -> None:
    assert places(found(rows_of("a", "b", "-")), "table_cell") == ["c1_0", "c2_0"]


def test_an_empty_table_is_refused() -> None:
    assert errors(found([])) == ["table_gap"]


def test_a_table_that_is_not_named_like_its_file_is_refused() -> None:
    assert errors(check(other_dmn=table(rows_of("-")))) == ["file_name"]


def test_a_table_of_another_dmn_version_is_refused_and_the_older_namespace_is_read() -> None:
    assert errors(check(levels_dmn=table(rows_of("-"), namespace="http://www.omg.org/spec/DMN/20180521/MODEL/"))) == []
    assert errors(check(levels_dmn=table(rows_of("-"), namespace="http://example.org/"))) == ["table_cell"]


def test_two_decisions_in_one_file_are_refused() -> None:
    data = table(rows_of("-")).replace(b"</definitions>", b'<decision id="x" name="x"/></definitions>')
    assert errors(check(levels_dmn=data)) == ["table_cell"]


def test_a_wide_table_is_judged_quickly_or_asked_for_an_otherwise_row() -> None:
    names = [f"x{n}" for n in range(12)]
    rows = [[f"> {r + c}" if (r + c) % 3 else "-" for c in range(12)] + ["1"] for r in range(200)]
    began = time.process_time()
    findings = found(rows, *names, policy="FIRST", types=["number"] * 12)
    assert places(findings, "table_gap") == ["levels"]
    assert time.process_time() - began < 20


@pytest.mark.parametrize("cell", [">= 10,000", "10,000", "[1,000..2,000]", "not(1,234,567)", "1,500"])
def test_a_comma_inside_a_number_is_refused_for_it_would_be_two_values(cell: str) -> None:
    rows = [[cell, "1"], ["-", "2"]]
    data = table(rows, inputs=("amount",), types=("number",), policy="FIRST")
    told = [one.sentence for one in check(between(RULE), levels_dmn=data) if one.code == "table_cell"]
    assert len(told) == 1
    assert "逗号表示几个值" in told[0]


@pytest.mark.parametrize("cell", ["1, 500", "10, 20", "1,50", '"1,000"', "1000"])
def test_several_numbers_and_texts_with_commas_are_taken(cell: str) -> None:
    rows = [[cell, "1"], ["-", "2"]]
    data = table(rows, inputs=("amount",), types=("number",), policy="FIRST")
    assert "table_cell" not in [one.code for one in check(between(RULE), levels_dmn=data)]
