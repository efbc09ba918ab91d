"""What a case knows: the answers that become its facts, and its row in the register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handlers.register import keeping
from handlers.service_registry import HandlerRefused
from processes.engine.cases.case_row import Case
from processes.engine.cases.work import Work
from processes.engine.diagrams.model import Node
from processes.engine.errors import Refused
from processes.engine.kernel.release import Release


def keep_facts(work: Work, node: Node, values: Mapping[str, Any]) -> None:
    """Make the answers given at `node` facts of the case, where its diagram says so. Raises Refused."""
    # Some answers are none of the case's facts: one of several answers to one question, and what a person says for
    # themselves, which must not stand under another's decision.
    if node.task and node.task.facts:
        form = work.form(node.task.form)
        said = form.keys() - form.facts()
        work.case.facts = {**work.case.facts, **{key: value for key, value in values.items() if key not in said}}
        # Before the case moves on: a step that looks for duplicates reads the case's own row.
        register(work)


def register(work: Work) -> None:
    """The row in the register of a case whose diagram asks for one. Raises Refused: its number is taken."""
    keep_register(work.connection, work.shared.seal_key, work.case, work.release, work.now)


def keep_register(connection: Connection, seal_key: bytes, case: Case, release: Release, now: datetime) -> None:
    """The same for a case that has not run yet. Raises Refused: its number is taken."""
    if release.processes[release.process].register:
        try:
            keeping.keep(connection, seal_key, case.id, case.facts, now)
        except HandlerRefused as refused:
            raise Refused(str(refused)) from refused
