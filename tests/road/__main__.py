"""`python -m tests.road`: the figures of one submit beside those of before; `--verbose` also lists the modules."""

from __future__ import annotations

import argparse

from tests.road.submit import follow_submit
from tests.road.trace import FLOORS, Figures, Road, floor_of

COMMIT = "d7837e5"
BEFORE = {"web": Figures(14, 14, 29), "whole": Figures(55, 27, 579)}
"""Measured at `COMMIT` with this tool."""
TITLES = {"web": "the web's half: functions of webapp, and those that it calls", "whole": "the whole road"}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="list the modules in the order of their visits")
    verbose = parser.parse_args().verbose
    tracer = follow_submit()
    print("one submit of a returned training plan, by changes of module    entered  climbs  returns")
    for name, road in (("web", tracer.web), ("whole", tracer.whole)):
        print(f"\n{TITLES[name]}")
        for when, figures in ((f"before ({COMMIT})", BEFORE[name]), ("now", road.figures())):
            print(f"  {when:<60}{figures.entered:>9}{figures.climbs:>8}{figures.returns:>9}")
        if verbose:
            print(listed(road))


def listed(road: Road) -> str:
    """The modules one below another, each on its floor."""
    return "\n".join(f"    {'    ' * (len(FLOORS) - 1 - floor_of(module))}{module}" for module in road.visits)


if __name__ == "__main__":
    main()
