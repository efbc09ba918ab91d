"""What is mutated, and which tests must notice: whoever moves a module changes a line here."""

from __future__ import annotations

import importlib.util
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Area:
    """Modules (`package.*`: all of a package) and the test files or folders that are there for them."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    remembers: bool = False
    """Whether the code keeps what it has worked out, so that a test may not ask a mutant at all."""

    def module_names(self) -> Iterator[str]:
        """The modules by name. Raises: ModuleNotFoundError, where one has been moved."""
        for name in self.modules:
            package = name.removesuffix(".*")
            spec = importlib.util.find_spec(package)
            if spec is None:
                raise ModuleNotFoundError(package)
            if package == name:
                yield name
                continue
            for found in pkgutil.iter_modules(spec.submodule_search_locations):
                yield f"{package}.{found.name}"


AREAS = {
    "clocks": Area(
        (
            "handlers.clocks.holiday_notices",
            "handlers.clocks.calendar",
            "handlers.clocks.counting",
            "handlers.clocks.urgency",
        ),
        ("tests/unit/clocks",),
        remembers=True,
    ),
    "people": Area(
        ("handlers.people.actors", "handlers.people.roles", "handlers.people.substitutions", "webapp.access"),
        (
            "tests/unit/people",
            "tests/unit/test_worklist.py",
            "tests/commands/test_desks.py",
            "tests/web/test_access.py",
            "tests/web/test_admin.py",
            "tests/web/test_sign_in.py",
            "tests/web/test_strangers.py",
        ),
    ),
    "commands": Area(("processes.engine.commands.*", "processes.engine.cases.desk_sync"), ("tests/commands",)),
    "personal": Area(
        ("handlers.personal.*",),
        (
            "tests/commands/test_personal.py",
            "tests/commands/test_correcting.py",
            "tests/commands/test_links.py",
            "tests/unit/people/test_masks.py",
            "tests/unit/forms/test_personal.py",
            "tests/web/test_case_file.py",
            "tests/web/test_register_pages.py",
        ),
    ),
    "letters": Area(
        ("handlers.letters.issuing", "handlers.store.counters"),
        ("tests/integration/test_letters.py", "tests/commands/test_completing.py", "tests/commands/test_history.py"),
        remembers=True,
    ),
    "limits": Area(
        ("processes.engine.limits.*", "handlers.services.extension_and_supervision"),
        (
            "tests/commands/test_limits.py",
            "tests/commands/test_what_limits_leave.py",
            "tests/commands/test_correcting_limits.py",
            "tests/commands/test_calendar_commands.py",
            "tests/commands/test_deadlines.py",
            "tests/commands/test_timers.py",
            "tests/unit/test_extendable_limits.py",
            "tests/unit/test_extension_and_supervision.py",
            "tests/scenarios/test_linked.py",
        ),
    ),
}


def source_path(module: str) -> Path:
    """Where a module's text is."""
    return ROOT / f"{module.replace('.', '/')}.py"
