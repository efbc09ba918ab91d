"""The engine: all commands on cases, each one transaction with the case's row locked.

The road of every command: lock the row, take the live instance (from memory, or decoded), let the kernel run to the
next wait, put new tasks on desks and take old ones off, append the history, write the row, commit. A step that fails
rolls all of it back; the case keeps its last good state and an incident that keeps the command, so that nothing a
person typed is lost and `retry` can carry it out after a repair.
"""

from __future__ import annotations

from processes.engine.commands.claiming import DeskCommands
from processes.engine.commands.correcting import CorrectingCommands
from processes.engine.commands.noting import FileCommands
from processes.engine.commands.repairing import RepairCommands
from processes.engine.commands.suspending import CaseCommands
from processes.engine.commands.warning import DeadlineCommands


class Engine(RepairCommands, DeskCommands, CaseCommands, FileCommands, CorrectingCommands, DeadlineCommands):
    """Runs published procedures in one database. Safe to share between threads."""
