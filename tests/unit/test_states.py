"""Which change of state is allowed stands in one table; here it is drawn, so that a change of it is seen."""

from __future__ import annotations

import pytest

from handlers.cases.case_file import STATES
from handlers.store.states import (
    CASE_CHANGES,
    TASK_CHANGES,
    CaseStatus,
    ChangeForbidden,
    EventKind,
    TaskState,
    state_after,
    status_after,
)
from webapp.cases.words import EVENT_ICONS, SENTENCES

CASES = """
active     --ended-->      completed
active     --incident-->   incident
active     --suspended-->  suspended
active     --cancelled-->  cancelled
incident   --cancelled-->  cancelled
incident   --given_back--> active
incident   --retried-->    active
suspended  --cancelled-->  cancelled
suspended  --resumed-->    active
"""
TASKS = """
held -> cancelled
held -> open
open -> cancelled
open -> done
open -> held
"""


def test_a_case_changes_only_as_drawn() -> None:
    drawn = {
        f"{before:<10} {f'--{kind}-->':<15} {change.after}"
        for kind, change in CASE_CHANGES.items()
        for before in change.before
    }
    assert drawn == set(CASES.strip().splitlines())


def test_a_task_changes_only_as_drawn() -> None:
    drawn = {f"{before} -> {after}" for before, follows in TASK_CHANGES.items() for after in follows}
    assert drawn == set(TASKS.strip().splitlines())


def test_the_end_of_a_case_or_task_is_for_good() -> None:
    ended = {CaseStatus.COMPLETED, CaseStatus.CANCELLED}
    assert not any(ended & change.before for change in CASE_CHANGES.values())
    assert not TASK_CHANGES[TaskState.DONE] | TASK_CHANGES[TaskState.CANCELLED]


def test_a_change_that_is_not_drawn_raises() -> None:
    with pytest.raises(ChangeForbidden):
        status_after(CaseStatus.COMPLETED, EventKind.SUSPENDED)
    with pytest.raises(ChangeForbidden):
        state_after("done", TaskState.OPEN)
    assert status_after(CaseStatus.ACTIVE, EventKind.INCIDENT) is CaseStatus.INCIDENT
    assert state_after("open", TaskState.DONE) is TaskState.DONE


def test_every_status_task_state_and_kind_of_event_has_its_words() -> None:
    assert set(STATES) == set(CaseStatus)
    assert set(TASK_CHANGES) == set(TaskState)
    assert set(EVENT_ICONS) == set(EventKind)
    assert set(SENTENCES) == set(EventKind)
