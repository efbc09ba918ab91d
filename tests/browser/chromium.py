"""Where the browser is, and the loud closing line of a run that had none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterable
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "Chromium is not installed"
"""What a test says that is skipped for want of a browser; the closing line counts these."""
INSTALL = "apt-get install chromium fonts-noto-cjk"
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
)


def find_chromium() -> str | None:
    """The program: the one in BANLI_CHROMIUM, or the first known name on PATH."""
    wanted = os.environ.get("BANLI_CHROMIUM")
    return shutil.which(wanted) if wanted else next(filter(None, map(shutil.which, NAMES)), None)


def is_required() -> bool:
    """Whether a run without a browser counts as failed."""
    return os.environ.get("BANLI_BROWSER_REQUIRED", "") == "1"


def skipped_tests(reports: Iterable[Any]) -> int:
    """How many of these skipped tests wanted a browser."""
    return sum(MISSING in str(report.longrepr) for report in reports)


def _count(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")  # workers of xdist have none
    return skipped_tests(reporter.stats.get("skipped", ())) if reporter is not None else 0


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run that was told to need a browser."""
    if is_required() and _count(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> Generator[None, object, object]:
    """One line that nobody overlooks, below everything else."""
    result = yield
    if count := _count(config):
        verdict = "FAILED, because BANLI_BROWSER_REQUIRED=1" if is_required() else "SKIPPED"
        line = f"!!! {count} browser tests {verdict}: no Chromium found. Install it with: {INSTALL}"
        terminalreporter.write_line(line, red=True, bold=True)
    return result
