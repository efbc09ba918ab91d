"""The engine: all commands on cases, each one transaction with the case's row locked.

The road of every command: lock the row, take the live instance (from memory, or decoded), let the kernel run to the
next wait, put new tasks on desks and take old ones off, append the history, write the row, commit. A step that fails
rolls all of it back; the case keeps its last good state and an incident that keeps the command, so that nothing a
person typed is lost and `retry` can carry it out after a repair.
"""

from __future__ import annotations

from processes.engine.case_commands import CaseCommands
from processes.engine.correcting import CorrectingCommands
from processes.engine.deadlines import DeadlineCommands
from processes.engine.desk_commands import DeskCommands
from processes.engine.file_commands import FileCommands
from processes.engine.repair_commands import RepairCommands


class Engine(RepairCommands, DeskCommands, CaseCommands, FileCommands, CorrectingCommands, DeadlineCommands):
    """Runs published procedures in one database. Safe to share between threads."""
