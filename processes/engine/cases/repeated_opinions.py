"""Opinions that stand in a history twice: under one person's decision, and earlier under another's.

Forms used to open with the opinion of the round before in them, so that one person's words could be submitted under
another's decision. Histories are never changed; this names the places, for people to judge: two may have meant the
same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from handlers.store.states import EventKind
from handlers.store.tables import event, instance


@dataclass(frozen=True, slots=True)
class RepeatedOpinion:
    """An opinion of the case `number` at `position` of its history, and the earlier one that it repeats."""

    number: str
    position: int
    by: str
    step: str
    comment: str
    earlier_position: int
    earlier_by: str
    earlier_step: str

    @property
    def sentence(self) -> str:
        """In words: 第7条 唐伟（审批立案）与第5条 叶婷（法规审核）的意见相同：证据链断裂."""
        later = f"第{self.position}条 {self.by}（{self.step}）"
        earlier = f"第{self.earlier_position}条 {self.earlier_by}（{self.earlier_step}）"
        return f"{later}与{earlier}的意见相同：{self.comment}"


def repeated_opinions(connection: Connection) -> Iterator[RepeatedOpinion]:
    """Every opinion that repeats an earlier one of somebody else in the same case, case by case. One statement."""
    columns = ("instance_id", "position", "actor_id", "actor_name", "node_name", "comment")
    opinions = (
        select(instance.c.number, *(event.c[name] for name in columns))
        .join(instance, instance.c.id == event.c.instance_id)
        .where(event.c.kind == EventKind.COMPLETED, event.c.comment.is_not(None), event.c.comment != "")
        .order_by(event.c.instance_id, event.c.position)
    )
    case, said = None, dict[str, Row[Any]]()
    for row in connection.execute(opinions):
        if row.instance_id != case:
            case, said = row.instance_id, {}
        earlier = said.setdefault(row.comment.strip(), row)
        if earlier.actor_id != row.actor_id:
            yield RepeatedOpinion(
                row.number,
                row.position,
                row.actor_name,
                row.node_name or "",
                row.comment.strip(),
                earlier.position,
                earlier.actor_name,
                earlier.node_name or "",
            )
