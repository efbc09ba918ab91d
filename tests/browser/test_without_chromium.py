"""A run without a browser says so in one line that nobody overlooks, and fails where a browser was required."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.chromium import INSTALL, find_chromium

ROOT = Path(__file__).parents[2]
WANTING = ("tests/browser/test_keyboard.py", "tests/unit/forms/test_form_script.py")


def run_without_chromium(*more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BANLI_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *more, *WANTING],
        cwd=ROOT,
        env={**kept, "PATH": "/nowhere", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def loud_lines(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("!!!")]


def test_skipped_browser_tests_are_counted_in_one_line_with_the_remedy() -> None:
    result = run_without_chromium()
    (line,) = loud_lines(result.stdout)
    skipped = re.search(r"(\d+) skipped", result.stdout)
    assert skipped is not None
    assert line == f"!!! {skipped[1]} browser tests SKIPPED: no Chromium found. Install it with: {INSTALL}"
    assert "passed" not in result.stdout
    assert result.returncode == 0


def test_where_a_browser_is_required_the_run_fails() -> None:
    result = run_without_chromium(BANLI_BROWSER_REQUIRED="1")
    (line,) = loud_lines(result.stdout)
    assert "FAILED, because BANLI_BROWSER_REQUIRED=1" in line
    assert result.returncode == 1


def test_workers_of_xdist_leave_the_line_to_the_main_process() -> None:
    result = run_without_chromium("-n", "1", "--dist", "loadgroup", BANLI_BROWSER_REQUIRED="1")
    assert len(loud_lines(result.stdout)) == 1
    assert result.returncode == 1


def test_a_browser_that_is_named_but_missing_is_not_replaced_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANLI_CHROMIUM", "/nowhere/chromium")
    assert find_chromium() is None
    monkeypatch.setenv("BANLI_CHROMIUM", sys.executable)
    assert find_chromium() == sys.executable
