"""The README's map of the house, and the READMEs of its folders, agree with the tree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = {"processes", "forms", "handlers", "webapp", "tests"}
WITH_README = ("processes", "processes/engine", "handlers", "forms", "webapp", "tests")
README_BYTES = 14 * 1024
SCREENS_LINES = 2 * 45


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def folders(where: str) -> set[str]:
    inside = (ROOT / where).iterdir()
    return {path.name for path in inside if path.is_dir() and path.name.isidentifier() and any(path.rglob("*.py"))} - {
        "__pycache__"
    }


def test_the_map_names_every_folder_at_the_top_and_the_two_inside_processes_that_hold_python() -> None:
    drawn = readme().split("## Where things are")[1].split("```")[1]
    named = re.findall(r"^( *)([a-z]+)/ ", drawn, re.MULTILINE)
    assert {name for indent, name in named if not indent} >= TOP
    assert {name for indent, name in named if indent} == {"engine", "importing"}
    assert {name for indent, name in named if indent} == {
        path.name for path in (ROOT / "processes").iterdir() if any(path.glob("*.py"))
    }
    assert [name for indent, name in named if not indent and not (ROOT / name).is_dir()] == []


@pytest.mark.parametrize("where", ["handlers", "processes/engine"])
def test_a_floors_readme_names_each_of_its_groups_from_the_top_down(where: str) -> None:
    text = (ROOT / where / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([a-z_]+)/`", text, re.MULTILINE)
    assert sorted(named) == sorted(folders(where))
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(c["layers"] for c in contracts["contracts"] if c.get("containers") == [where.replace("/", ".")])
    floor = {name.strip(): number for number, layer in enumerate(layers) for name in layer.split("|")}
    assert [floor[name] for name in named] == sorted(floor[name] for name in named)


def test_the_readmes_are_doors_and_not_books() -> None:
    assert len(readme().encode()) <= README_BYTES
    lines = {where: (ROOT / where / "README.md").read_text(encoding="utf-8").count("\n") for where in WITH_README}
    assert {where: count for where, count in lines.items() if count > SCREENS_LINES} == {}


def test_every_path_that_a_readme_names_is_there() -> None:
    missing = []
    for where in (".", *WITH_README):
        text = (ROOT / where / "README.md").read_text(encoding="utf-8")
        for name in re.findall(r"\]\(([^)#:]+)", text):
            if not (ROOT / where / name).exists():
                missing.append((where, name))
        for name in re.findall(r"`((?:webapp|handlers|processes|forms|tests)/[\w/]+\.\w+)`", text):
            if not (ROOT / name).exists():
                missing.append((where, name))
    assert missing == []
