"""No two modules and no two classes bear one name in different senses."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("forms", "handlers", "processes", "webapp")
IN_EVERY_AREA = frozenset({"access", "area", "forms", "reading", "views"})
"""Modules that areas of the web app have under one name, each for the same part of its area."""

_PARSED = "the parser of one kind of node bears the name of the class that it makes"
SAME_CLASS: Mapping[str, str] = dict.fromkeys(
    ("Boundary", "CalledProcess", "Catch", "End", "FirstEvent", "SubProcess", "Throw"), _PARSED
)
"""Classes that share a name, private ones included, and why they are the same thing."""

SAME_MODULE: Mapping[str, tuple[frozenset[str], str]] = {
    "calendar": (frozenset({"handlers/clocks", "webapp/cli"}), "the calendar of working days, and its command line"),
    "correcting": (frozenset({"processes/engine/commands", "webapp/cases"}), "the command 更正, and its pages"),
    "engine": (frozenset({"processes/engine", "webapp"}), "the engine, and the one that the web app holds"),
    "errors": (frozenset({"forms/feel", "processes/engine"}), "the exceptions of a package"),
    "importing": (frozenset({"webapp/cli", "webapp/register"}), "导入 from the command line, and by its pages"),
    "listing": (frozenset({"handlers/register", "webapp/register"}), "the list of the register, and its page"),
    "posts": (frozenset({"handlers/cases", "webapp/cli"}), "messages on their way, and their command line"),
    "requirements": (frozenset({"processes/engine/scenarios", "webapp/cli"}), "the duties, and their command line"),
    "starting": (
        frozenset({"processes/engine/commands", "webapp/cases"}),
        "the command that starts a case, and its page",
    ),
    "waiting": (frozenset({"processes/engine/kernel", "webapp/cases"}), "what a case waits for, and the same in words"),
}
"""Modules that share a name: the folders they are in, and why they are about the same thing."""


def sources() -> Iterator[Path]:
    for floor in FLOORS:
        yield from sorted((ROOT / floor).rglob("*.py"))


def shared_classes() -> dict[str, list[str]]:
    """Class -> the files that define it, where there are several."""
    files: dict[str, list[str]] = defaultdict(list)
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                files[node.name.lstrip("_")].append(path.relative_to(ROOT).as_posix())
    return {name: where for name, where in files.items() if len(where) > 1}


def shared_modules() -> dict[str, frozenset[str]]:
    """Module -> the folders that hold one of that name, where there are several."""
    folders: dict[str, set[str]] = defaultdict(set)
    for path in sources():
        if path.name != "__init__.py":
            folders[path.stem].add(path.parent.relative_to(ROOT).as_posix())
    return {name: frozenset(where) for name, where in folders.items() if len(where) > 1}


def test_classes_of_one_name_are_the_same_thing() -> None:
    shared = shared_classes()
    assert {name: where for name, where in shared.items() if name not in SAME_CLASS} == {}
    assert sorted(SAME_CLASS) == sorted(shared), "a pair that is gone leaves the list"
    kernel = "processes/engine/kernel/"
    assert {name: where for name, where in shared.items() if len(where) != 2 or kernel + "parser.py" not in where} == {}


def test_modules_of_one_name_are_about_the_same_thing() -> None:
    shared = shared_modules()
    expected = {name: where for name, (where, _why) in SAME_MODULE.items()}
    assert {name: where for name, where in shared.items() if name not in IN_EVERY_AREA} == expected


def test_modules_that_every_area_has_are_found_in_the_web_app_alone() -> None:
    shared = shared_modules()
    assert set(shared) >= IN_EVERY_AREA
    outside = [(name, where) for name in IN_EVERY_AREA for where in shared[name] if where.split("/")[0] != "webapp"]
    assert outside == []
