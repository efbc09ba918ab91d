"""A task as far as it decides who may do it, whatever row or page it was read for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self


class TaskColumns(Protocol):
    """The columns of table `task` that a `Task` is made of."""

    id: int
    scope: str
    node: str
    name: str
    role: str
    department: str | None
    assignee_id: int | None
    excluded: Sequence[int]


@dataclass(frozen=True, slots=True)
class Task:
    """Identity and rights of a task.

    `role`, `department` (None: the whole bureau): whose it is; `assignee_id`: who has it, if anybody; `excluded`:
    accounts that may not do it. `id` is None where it is no row yet, or any task of that desk is meant.
    """

    role: str
    department: str | None
    assignee_id: int | None = None
    excluded: frozenset[int] = frozenset()
    id: int | None = None
    scope: str = ""
    node: str = ""
    name: str = ""

    @classmethod
    def of(cls, row: TaskColumns) -> Self:
        """The task of a row."""
        return cls(
            role=row.role,
            department=row.department,
            assignee_id=row.assignee_id,
            excluded=frozenset(row.excluded),
            id=row.id,
            scope=row.scope,
            node=row.node,
            name=row.name,
        )

    @classmethod
    def to_be(cls, values: Mapping[str, Any]) -> Self:
        """The task that these values of a row are about to become."""
        return cls(
            role=values["role"],
            department=values["department"],
            assignee_id=values["assignee_id"],
            excluded=frozenset(values["excluded"]),
            scope=values["scope"],
            node=values["node"],
            name=values["name"],
        )

    def in_pool(self) -> Self:
        """The task as if nobody had it yet."""
        return replace(self, assignee_id=None)
