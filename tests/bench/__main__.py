"""`make bench`: measures the figures of tests/bench/README.md and prints one table; exit 1 if a target is missed."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.bench.figures import Figure

FULL_ACTIONS, QUICK_ACTIONS = 600, 60
FULL_ROUNDS, QUICK_ROUNDS = 200, 20
FULL_TRIES, QUICK_TRIES = 200, 20
FULL_CHAOS, QUICK_CHAOS = (200, 20), (30, 3)


def _engine(quick: bool) -> list[Figure]:
    from tests.bench.engine_cpu import run

    return run(QUICK_ACTIONS if quick else FULL_ACTIONS)


def _language(quick: bool) -> list[Figure]:
    from tests.bench.language import run

    return run(QUICK_ROUNDS if quick else FULL_ROUNDS)


def _http(quick: bool) -> list[Figure]:
    from tests.bench.http_action import run

    return run(QUICK_ACTIONS if quick else FULL_ACTIONS)


def _statements(_quick: bool) -> list[Figure]:
    from tests.bench.statements import run

    return run()


def _race(quick: bool) -> list[Figure]:
    from tests.bench.races import run

    return run(QUICK_TRIES if quick else FULL_TRIES)


def _chaos(quick: bool) -> list[Figure]:
    from tests.bench.disasters import run

    return run(*QUICK_CHAOS, kinds=("sqlite",)) if quick else run(*FULL_CHAOS)


BENCHES: Mapping[str, Callable[[bool], list[Figure]]] = {
    "engine": _engine,
    "language": _language,
    "http": _http,
    "statements": _statements,
    "race": _race,
    "chaos": _chaos,
}


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table, for people and for the README beside this file."""
    lines = ["| figure | must reach | measured | | how |", "|---|---|---|---|---|"]
    for figure in figures:
        value = f"{figure.value:.0f}" if figure.value == int(figure.value) else f"{figure.value:.2f}"
        verdict = {True: "ok", False: "MISSED", None: ""}[figure.ok]
        lines.append(f"| {figure.name} | {figure.target} | {value} {figure.unit} | {verdict} | {figure.how} |")
    return "\n".join(lines)


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=BENCHES, action="append", help="this group of figures; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: shows that it runs, proves little")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="only compare with the build in this folder")
    chosen = parser.parse_args()
    # As for Ctrl-C: what was started is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures = (
        _against(chosen.against, chosen.quick) if chosen.against else _groups(chosen.only or BENCHES, chosen.quick)
    )
    print(table(figures))
    missed = [figure.name for figure in figures if figure.ok is False]
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


def _against(other: Path, quick: bool) -> list[Figure]:
    from tests.bench.against import PAIRS, run

    return run(other.resolve(), PAIRS // 10 if quick else PAIRS)


def _groups(names: Iterable[str], quick: bool) -> list[Figure]:
    figures: list[Figure] = []
    for name in names:
        print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
        begin = time.monotonic()
        figures += BENCHES[name](quick)
        print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
