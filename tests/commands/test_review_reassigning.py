"""Where all leaders must agree, one leader cannot agree for two."""

from __future__ import annotations

import pytest

from processes.engine.errors import Refused
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training


def test_a_leader_cannot_be_given_a_colleagues_opinion_beside_their_own(bureau: Bureau) -> None:
    instance_id = start_training(bureau, training_kind="education")
    decide(bureau, instance_id, "wang.jianguo", "agree")
    zhou = bureau.actor("zhou.min").account_id
    theirs = next(row for row in bureau.open_tasks(instance_id) if row.assignee_id != zhou)
    with pytest.raises(Refused):
        bureau.engine.assign(bureau.actor("admin"), theirs.id, zhou)
    decide(bureau, instance_id, "zhou.min", "agree")
    with pytest.raises(Refused):
        bureau.engine.assign(bureau.actor("admin"), theirs.id, zhou)
