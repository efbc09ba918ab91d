"""The procedures in force, as menus and cards show them."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.case_list import newest_releases
from handlers.people import Actor
from processes.engine.model import Node, Process
from processes.engine.running import entry_node
from webapp.extensions import services


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure with the release that a new case would run."""

    release_id: int
    process: Process
    entry: Node

    def may_start(self, actor: Actor) -> bool:
        """Whether the person holds the role of the first step."""
        return self.entry.role in actor.roles


def procedures() -> dict[str, Procedure]:
    """All procedures in force today, by key."""
    found = services()
    with found.database.read() as connection:
        rows = newest_releases(connection, found.today())
    result = {}
    for key, release_id in rows:
        process = found.engine.library.release(release_id).processes[key]
        result[key] = Procedure(release_id, process, entry_node(process))
    return result


def procedure_names() -> dict[str, str]:
    """Names of the procedures in force, by key."""
    return {key: procedure.process.name for key, procedure in procedures().items()}
