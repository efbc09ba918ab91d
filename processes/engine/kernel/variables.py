"""Where a case's variables live: one frame for each called process, and one for each instance of a multi-instance.

SpiffWorkflow copies all data from task to task and merges the copies at joins, where the slower branch overwrites the
faster one's values with stale copies and lists lose entries. Here tasks carry nothing. A process and the sub-processes
drawn inside it share `workflow.data` of that process; a called process has its own; an instance of a multi-instance
keeps what it sets in its own `task.data` until it is gathered.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

import orjson

from processes.engine.kernel.shapes import Frame, KernelTask, KernelWorkflow

EVERYWHERE = frozenset({"initiator", "rule_set"})
"""Set by the engine when a case starts, and known in called processes too: the account id of whoever started it, and
the rule set of its limits."""


def frames(task: KernelTask) -> list[Frame]:
    """The frames that `task` sees, innermost first; the last is that of its process."""
    seen: list[Frame] = []
    while True:
        if getattr(task.task_spec, "framed", False):
            seen.append(task.data)
        workflow = task.workflow
        owner = owner_of(workflow)
        if owner is None or owner.task_spec.isolated:
            seen.append(workflow.data)
            return seen
        task = owner


def owner_of(workflow: KernelWorkflow) -> KernelTask | None:
    """The task whose sub-process or called process `workflow` is; None for the case itself."""
    if workflow.parent_task_id is None:
        return None
    return workflow.top_workflow.get_task_from_id(workflow.parent_task_id)


def visible(task: KernelTask) -> Mapping[str, Any]:
    """All variables that `task` sees. To be read only."""
    seen = frames(task)
    return seen[0] if len(seen) == 1 else ChainMap(*seen)


def write(task: KernelTask, values: Mapping[str, object]) -> None:
    """Set variables in the innermost frame of `task`."""
    if values:
        frames(task)[0].update(plain(values))


def write_outside(task: KernelTask, values: Mapping[str, object]) -> None:
    """Set variables in the frame around the frame that `task`, an instance of a multi-instance, opens."""
    if values:
        frames(task)[1].update(plain(values))


def plain(values: Mapping[str, object]) -> Frame:
    """A private copy that looks the same before and after saving: dates become ISO text, tuples become lists.

    Raises: TypeError, for a value that cannot be saved.
    """
    copy: Frame = orjson.loads(orjson.dumps(dict(values)))
    return copy
