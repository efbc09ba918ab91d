"""The files that come with this installation, and what the installation knows: functions, roles, letter templates."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import forms
import processes
from handlers.letters.word_file import MAX_BYTES as MAX_LETTER_BYTES
from handlers.people.roles import ROLES
from handlers.service_registry import service_names
from processes.engine.diagrams.safe_xml import MAX_BYTES

SUFFIXES = (".bpmn", ".dmn", ".form")
LETTER = ".docx"
NAMED = (*SUFFIXES, LETTER)


@dataclass
class Gathered:
    """Files to check. `named` are the paths that were asked for; empty means the shipped set itself."""

    files: dict[str, bytes] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    unreadable: dict[str, str] = field(default_factory=dict)
    services: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    letters: dict[str, bytes] = field(default_factory=dict)
    letter_index: bytes | None = None


def gather(paths: Sequence[str]) -> Gathered:
    """The shipped set, with the files and folders named in `paths` laid over it."""
    gathered = Gathered(services=_services(), roles=frozenset(ROLES))
    gathered.letters = {os.path.relpath(path): path.read_bytes() for path in sorted(_below("*.docx"))}
    gathered.letter_index = next((path.read_bytes() for path in _below("letters.yaml")), None)
    for path in _shipped():
        gathered.files[os.path.relpath(path)] = path.read_bytes()
    for name in paths:
        path = Path(name)
        inside = sorted(p for p in path.rglob("*") if p.suffix in NAMED) if path.is_dir() else [path]
        if not inside:
            gathered.unreadable[name] = "文件夹里没有 .bpmn、.dmn、.form 或 .docx 文件"
        for member in inside:
            _lay_over(gathered, member)
    return gathered


def _lay_over(gathered: Gathered, path: Path) -> None:
    try:
        if path.stat().st_size > 2 * (MAX_LETTER_BYTES if path.suffix == LETTER else MAX_BYTES):
            gathered.unreadable[str(path)] = "文件太大，流程图和决策表不超过 2 MB，文书模板不超过 10 MB"
            return
        data = path.read_bytes()
    except (OSError, ValueError):
        gathered.unreadable[str(path)] = "文件不存在或不能读取，请检查路径和权限"
        return
    laid = gathered.letters if path.suffix == LETTER else gathered.files
    for shipped in [p for p in laid if p not in gathered.named and Path(p).name == path.name]:
        del laid[shipped]
    laid[str(path)] = data
    gathered.named.add(str(path))


def _shipped() -> Iterator[Path]:
    for package in (processes, forms):
        for root in package.__path__:
            yield from sorted(p for p in Path(root).rglob("*") if p.suffix in SUFFIXES)


def _below(pattern: str) -> Iterator[Path]:
    for root in forms.__path__:
        yield from Path(root).rglob(pattern)


def _services() -> frozenset[str]:
    """All registered functions. The import registers them; it is late, for only the command needs them."""
    importlib.import_module("handlers.services")
    return service_names()
