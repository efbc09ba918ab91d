"""One mutant of what runs at import, in a process of its own: `python -m tests.mutation.fresh MODULE NAME TESTS...`."""

from __future__ import annotations

import sys

import hypothesis
import pytest

from tests.mutation.install import import_so
from tests.mutation.mutants import mutants, numbered
from tests.mutation.targets import source_path

OPTIONS = ("-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--assert=plain")


def main() -> int:
    """0 where the tests do not notice."""
    module, name, *tests = sys.argv[1:]
    source = source_path(module).read_text(encoding="utf-8")
    mutant = next(mutant for mutant in numbered(mutants(source)) if mutant.name == name)
    settle_hypothesis()
    import_so(module, mutant.build())
    return int(pytest.main([*OPTIONS, *tests]))


def settle_hypothesis() -> None:
    """Quick and the same each time."""
    # The first failing example is enough here; looking for the smallest one takes most of the time.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "mutation", phases=phases, max_examples=60, derandomize=True, database=None, deadline=None
    )
    hypothesis.settings.load_profile("mutation")


if __name__ == "__main__":
    sys.exit(main())
