"""A case as bytes: its state only, the specs belong to the release.

Layout: one version byte, then zstd over JSON. Never put it where keys may be reordered. Of finished tasks only their
place in the tree is kept.
"""

from __future__ import annotations

import threading
from typing import Any

import orjson
import zstandard
from SpiffWorkflow.util.task import TaskState

from processes.engine.kernel.events import Catching
from processes.engine.kernel.script import CaseScript
from processes.engine.kernel.shapes import KernelTask, KernelWorkflow
from processes.engine.kernel.specs import Join
from processes.engine.kernel.workflow import CaseSubWorkflow, CaseTask, CaseWorkflow

VERSION, BEFORE = b"\x02", b"\x01"
"""What is written, and what is read as well. A process of before must not run a state without what lay ahead."""
LEVEL = 3
_local = threading.local()  # zstd contexts are quick to use, slow to make, and not to be shared by threads


def dump(workflow: CaseWorkflow) -> bytes:
    """Encode. What waits in the ready queue would be lost, so call it only between commands."""
    state = [
        workflow.last_id,
        workflow.changes,
        workflow.outcome,
        _state(workflow),
        [[key, _state(inner)] for key, inner in workflow.subprocesses.items()],
    ]
    return VERSION + _tools()[0].compress(orjson.dumps(state))


def load(script: CaseScript, data: bytes) -> CaseWorkflow:
    """Decode over the shared specs of a release. Raises ValueError, if this is not a state of a known version."""
    if data[:1] not in (VERSION, BEFORE):
        raise ValueError(f"unknown version of a case's state: {data[:1]!r}")
    workflow = CaseWorkflow(script, new=False)
    try:
        _restore(workflow, orjson.loads(_tools()[1].decompress(data[1:])))
    except (zstandard.ZstdError, ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        raise ValueError("damaged, or not a state of a case of this release") from error
    if data[:1] == BEFORE:
        _forget_resting_joins(workflow)
    return workflow


def _forget_resting_joins(workflow: CaseWorkflow) -> None:
    # A join below an event that had not interrupted its activity used to wait there; now it ends at once.
    for part in (workflow, *workflow.subprocesses.values()):
        for task in part.tasks.values():
            if task._state == TaskState.WAITING and isinstance(task.task_spec, Join):
                task._state = TaskState.CANCELLED


def _restore(workflow: CaseWorkflow, saved: list[Any]) -> None:
    last_id, changes, outcome, state, inners = saved
    _fill(workflow, state, workflow)
    for key, inner_state in inners:
        owner: Any = workflow.get_task_from_id(key)
        inner = CaseSubWorkflow(workflow.subprocess_specs[owner.task_spec.spec], key, workflow, new=False)
        _fill(inner, inner_state, workflow)
        inner.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
        workflow.subprocesses[key] = inner
    workflow.last_id, workflow.changes, workflow.outcome = last_id, changes, outcome


def _tools() -> tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor]:
    try:
        tools: tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor] = _local.tools
    except AttributeError:
        tools = zstandard.ZstdCompressor(level=LEVEL), zstandard.ZstdDecompressor()
        _local.tools = tools
    return tools


def _state(workflow: KernelWorkflow) -> list[Any]:
    return [1 if workflow.completed else 0, workflow.data, [_row(task) for task in workflow.tasks.values()]]


def _row(task: KernelTask) -> list[Any]:
    row = [task.id, task._parent or 0, task._state, task.task_spec.name, task.last_state_change]
    if not task._state & TaskState.FINISHED_MASK:
        rest = [1 if task.triggered else 0, task.internal_data or 0, task.data or 0]
        while rest and not rest[-1]:
            rest.pop()
        row += rest
    return row


def _fill(workflow: KernelWorkflow, state: list[Any], top: CaseWorkflow) -> None:
    completed, workflow.data, rows = state
    workflow.completed = completed == 1
    specs = workflow.spec.task_specs
    tasks = workflow.tasks
    manager = top.event_manager
    for id_, parent, code, name, change, *rest in rows:
        task = CaseTask.__new__(CaseTask)
        spec = specs[name]
        task.__dict__ = {
            "id": id_,
            "workflow": workflow,
            "_parent": parent or None,
            "_children": [],
            "_state": code,
            "triggered": bool(rest and rest[0]),
            "task_spec": spec,
            "thread_id": 0,
            "data": (rest[2] or {}) if len(rest) > 2 else {},
            "internal_data": (rest[1] or {}) if len(rest) > 1 else {},
            "last_state_change": change,
        }
        tasks[id_] = task
        if parent:
            tasks[parent]._children.append(id_)
        if code == TaskState.WAITING and isinstance(spec, Catching):
            manager.add_task(task)
        elif code == TaskState.READY and not spec.manual:
            top.ready.append(task)
    workflow.task_tree = next(iter(tasks.values()))
