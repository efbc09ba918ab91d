"""Keep the tree of a case as small as what is still open in it, however often it has gone round a loop.

What is finished is needed for two things only: the root; the split before an activity with boundary events, and the
other children of it, while one of them is open. History is not kept in the tree but in the event table.
"""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.util.task import TaskState

from processes.engine.kernel.shapes import KernelCase, KernelTask, KernelWorkflow
from processes.engine.kernel.specs import Split

UNFINISHED = TaskState.NOT_FINISHED_MASK


def compact(workflow: KernelCase) -> int:
    """Drop what is finished from a case and its sub-processes. The number of tasks dropped."""
    for key, inner in list(workflow.subprocesses.items()):
        owner = workflow.get_task_from_id(key)
        if owner is None or inner.completed or not owner._state & UNFINISHED:
            del workflow.subprocesses[key]
    return sum(_compact_one(part) for part in (workflow, *workflow.subprocesses.values()))


def _compact_one(workflow: KernelWorkflow) -> int:
    tasks = workflow.tasks
    kept = {workflow.task_tree.id}
    for task in tasks.values():
        if task._state & UNFINISHED:
            kept.add(task.id)
            parent = None if task._parent is None else tasks.get(task._parent)
            if parent is not None and isinstance(parent.task_spec, Split):
                kept.add(parent.id)
                kept.update(child for child in parent._children if not _is_over(tasks, child))
    dropped = len(tasks) - len(kept)
    if dropped:
        _splice(tasks, kept)
    return dropped


def _is_over(tasks: dict[int, KernelTask], task_id: int) -> bool:
    """Whether this is a boundary event that did not interrupt and of which nothing is left: there may be many."""
    task = tasks[task_id]
    if not isinstance(task.task_spec, BoundaryEvent) or task.task_spec.cancel_activity:
        return False
    pending = [task_id]
    while pending:
        below = tasks[pending.pop()]
        if below._state & UNFINISHED:
            return False
        pending += below._children
    return True


def _splice(tasks: dict[int, KernelTask], kept: set[int]) -> None:
    """Hang every kept task on its nearest kept ancestor, in the order of their ids, which is that of their making."""
    for task in tasks.values():
        if task.id in kept and task._parent is not None:
            parent: int | None = task._parent
            while parent is not None and parent not in kept:
                parent = tasks[parent]._parent
            task._parent = parent
    for task_id in [i for i in tasks if i not in kept]:
        del tasks[task_id]
    for task in tasks.values():
        task._children = []
    for task in tasks.values():
        if task._parent is not None:
            tasks[task._parent]._children.append(task.id)
