"""What the codes in the register are called: the words of the forms in force, which a process owner may change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from handlers.cases.case_list import newest_releases
from handlers.people.actors import department_names
from handlers.register.listing import TYPES
from processes.importing.registration import PROCESS
from webapp.extensions import services

CODED = ("case_type", "channel", "category")


def labels(connection: Connection) -> dict[str, Mapping[str, str]]:
    """Code to word, by field: case_type, channel, category, unit. Empty tables before the procedure is published."""
    releases = dict(newest_releases(connection, services().today()))
    of_forms = _of_release(services().engine.library, releases[PROCESS]) if PROCESS in releases else {}
    words: dict[str, Mapping[str, str]] = {name: of_forms.get(name, {}) for name in CODED}
    return {**words, "case_type": {**TYPES, **words["case_type"]}, "unit": department_names(connection)}


@lru_cache(maxsize=8)
def _of_release(library: Any, release_id: int) -> dict[str, dict[str, str]]:
    # A release never changes; the forms of all its steps are read, because the type is asked for by a later one.
    release = library.release(release_id)
    keys = {node.task.form for process in release.processes.values() for node in process.nodes.values() if node.task}
    words: dict[str, dict[str, str]] = {}
    for key in sorted(keys):
        for name, item in library.form(release_id, key).answers().items():
            if name in CODED:
                words.setdefault(name, {}).update({choice.value: choice.label for choice in item.choices})
    return words
