"""The engine: all commands on cases, each one transaction with the case's row locked.

The road of every command: lock the row, take the live instance (from memory, or decoded), let the kernel run to the
next wait, put new tasks on desks and take old ones off, append the history, write the row, commit. A step that fails
rolls all of it back; the case keeps its last good state and an incident that keeps the command, so that nothing a
person typed is lost and `retry` can carry it out after a repair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from handlers.clocks.calendar import Override
from handlers.clocks.holiday_notices import Notice
from handlers.people.actors import Actor
from handlers.store.database import Database
from handlers.time_source import TimeSource
from processes.engine.cases import case_row
from processes.engine.cases.work import Result
from processes.engine.commands import (
    acting,
    changing_limits,
    claiming,
    correcting,
    delivering,
    noting,
    recounting,
    repairing,
    starting,
    suspending,
    warning,
)
from processes.engine.commands.command import Act, Complete, FireDue, Message
from processes.engine.commands.firing import cases_due
from processes.engine.commands.noting import Delivery
from processes.engine.commands.recounting import CalendarPlan, MovedLimit
from processes.engine.commands.starting import Start
from processes.engine.commands.sweeping import for_each_case
from processes.engine.commands.transaction import Transactions
from processes.engine.diagrams.model import Node
from processes.engine.errors import NothingToDo
from processes.engine.kernel.live import LiveInstance
from processes.engine.kernel.waiting import Wait
from processes.engine.limits.running import Moved
from processes.engine.publishing.library import Library


class Engine:
    """Runs published procedures in one database. Safe to share between threads."""

    def __init__(
        self, database: Database, time: TimeSource, *, seal_key: bytes, library: Library | None = None
    ) -> None:
        self.database = database
        self.time = time
        self.library = library or Library(database)
        self.transactions = Transactions(database, time, self.library, seal_key)

    # --- starting and moving a case ----------------------------------------------------------------------------------

    def start(
        self, actor: Actor, process: str, values: Mapping[str, Any], *, parent: int | None = None, mark: str = ""
    ) -> Result:
        """Open a case of `process` with its entry form filled in: start and first task are one transaction.

        `parent`: the case it is started from, for a process that is linked to others (`banli:case linked`).
        `mark`: of the submit; whoever comes with the same one a second time gets the case that the first one started.
        Raises: NotFound, NotYours, Refused (also where the first automatic step fails: there is no case to keep yet).
        """
        return starting.start(self.transactions, actor, Start(process, values, parent, mark))

    def started(self, mark: str) -> Result | None:
        """What the submit with this mark has started, or None. Changes nothing."""
        return starting.started(self.database, mark)

    def complete(self, actor: Actor, task_id: int, values: Mapping[str, Any]) -> Result:
        """Submit a task's form and run the case to its next wait.

        Raises: NotFound, NotYours, AlreadyDone, Refused. A failing step afterwards is not raised: see `Result.held`.
        """
        return self.transactions.carry_out(Complete(task_id, actor.account_id, dict(values)), actor)

    def act(self, actor: Actor, instance_id: int, scope: str, node: str, values: Mapping[str, Any]) -> Result:
        """Let the message event `node` of process `scope` happen; the form's values are what the message brings.

        Raises: NotFound, NotYours, Refused (nobody waits for it any more, the case rests). A failing step afterwards is
        not raised: see `Result.held`.
        """
        return self.transactions.carry_out(Act(instance_id, actor.account_id, scope, node, dict(values)), actor)

    def actions(self, actor: Actor, instance_id: int) -> list[tuple[str, Node]]:
        """(process, event) of what `actor` could let happen to the case now. Nothing is changed."""
        with self.database.read() as connection:
            work = self.transactions.look(connection, instance_id)
            return acting.actions(work, actor) if work else []

    def waits(self, instance_ids: Iterable[int]) -> dict[int, list[Wait]]:
        """What these cases wait for by the events of their diagrams, by case; only those under way. One statement."""
        with self.database.read() as connection:
            rows = case_row.states(connection, instance_ids)
        return {row.id: LiveInstance.load(self.library.release(row.release_id), row.state).waits() for row in rows}

    def send_message(self, actor: Actor | None, instance_id: int, name: str, payload: Mapping[str, Any]) -> Result:
        """Give a case a message. One that nobody waits for yet is kept until somebody does.

        Raises: NotFound, Refused.
        """
        by = actor.account_id if actor else None
        return self.transactions.carry_out(Message(instance_id, by, name, dict(payload)), actor)

    # --- who has a task ----------------------------------------------------------------------------------------------

    def claim(self, actor: Actor, task_id: int) -> Result:
        """Take a task from the department's pool. Raises: NotFound, NotYours, AlreadyDone, Refused."""
        with self.transactions.on_case(task_id=task_id) as work:
            claiming.claim(work, actor, task_id)
        return work.result(task_id)

    def release_task(self, actor: Actor, task_id: int) -> Result:
        """Put a claimed task back into the pool. Raises: NotFound, NotYours, AlreadyDone, Refused."""
        with self.transactions.on_case(task_id=task_id) as work:
            claiming.release_task(work, actor, task_id)
        return work.result(task_id)

    def assign(self, actor: Actor, task_id: int, to: int, *, comment: str = "") -> Result:
        """Give a task to a person who may do it. For heads. Raises: NotFound, NotYours, AlreadyDone, Refused."""
        claiming.must_steer(actor)
        with self.transactions.on_case(task_id=task_id) as work:
            claiming.assign(work, actor, task_id, to, comment)
        return work.result(task_id)

    # --- the case as a whole -----------------------------------------------------------------------------------------

    def suspend(self, actor: Actor, instance_id: int, reason: str) -> Result:
        """Stop work on a case: its tasks stay where they are but cannot be completed, its timers do not fire.

        Raises: NotFound, NotYours, Refused.
        """
        suspending.must_steer(actor, reason)
        with self.transactions.on_case(instance_id=instance_id) as work:
            suspending.suspend(work, actor, reason)
        return work.result()

    def resume(self, actor: Actor, instance_id: int, reason: str) -> Result:
        """Go on with a suspended case. Timers that fell due meanwhile fire at the next sweep.

        Raises: NotFound, NotYours, Refused.
        """
        suspending.must_steer(actor, reason)
        with self.transactions.on_case(instance_id=instance_id) as work:
            suspending.resume(work, actor, reason)
        return work.result()

    def cancel(self, actor: Actor, instance_id: int, reason: str) -> Result:
        """End a case before its time. Nothing is deleted. Raises: NotFound, NotYours, Refused."""
        suspending.must_steer(actor, reason)
        with self.transactions.on_case(instance_id=instance_id) as work:
            suspending.cancel(work, actor, reason)
        return work.result()

    # --- the case's file ---------------------------------------------------------------------------------------------

    def note(self, actor: Actor, instance_id: int, text: str, files: Sequence[int] = ()) -> Result:
        """Keep a note 记事, with files that the person has uploaded. Also in a closed case: what comes late counts.

        Raises: NotFound, NotYours, Refused.
        """
        with self.transactions.on_case(instance_id=instance_id) as work:
            noting.note(work, actor, text, files)
        return work.result()

    def reveal(self, actor: Actor, instance_id: int, purpose: str) -> dict[str, str]:
        """The real personal data of a case as label to value, once; who saw what and why is written down.

        Raises: NotFound, NotYours, Refused.
        """
        with self.transactions.on_case(instance_id=instance_id) as work:
            shown = noting.reveal(work, actor, purpose)
        return shown

    def record_delivery(
        self,
        actor: Actor,
        instance_id: int,
        letter_id: int,
        *,
        way: str,
        delivered_on: date,
        recipient: str,
        proof: str,
    ) -> Result:
        """Record how and when a letter of the case reached somebody.

        Raises: NotFound, NotYours, Refused.
        """
        given = Delivery(letter_id, way, delivered_on, recipient, proof)
        with self.transactions.on_case(instance_id=instance_id) as work:
            noting.record_delivery(work, actor, given)
        return work.result()

    def correct(self, actor: Actor, instance_id: int, field: str, values: Mapping[str, Any], reason: str) -> Result:
        """Put another value in the place of `field`. `values` are those of the form it came from, filled in anew.

        Of them only the field's and those computed from others are taken. Steps already done are not done again.
        Raises: NotFound, NotYours, Refused.
        """
        with self.transactions.on_case(instance_id=instance_id) as work:
            correcting.correct(work, actor, field, values, reason)
        return work.result()

    # --- a case that stopped at a failed step ------------------------------------------------------------------------

    def retry(self, actor: Actor, instance_id: int) -> Result:
        """Carry out the command that failed once more, in the name of who gave it.

        Raises: NotFound, NotYours, Refused. If it fails again the incident stays open with one attempt more.
        """
        return repairing.retry(self.transactions, actor, instance_id)

    def give_back(self, actor: Actor, instance_id: int, reason: str) -> Result:
        """Close the incident without carrying its command out: who gave it may change what they filled in.

        For where not the system was wrong but what was submitted. The form is still there, as that person's draft.
        Raises: NotFound, NotYours, Refused.
        """
        repairing.must_repair(actor, reason)
        with self.transactions.on_case(instance_id=instance_id) as work:
            task_id = repairing.give_back(work, actor, reason.strip())
        return work.result(task_id)

    # --- legal limits and the calendar -------------------------------------------------------------------------------

    def change_limits(self, actor: Actor | None, instance_id: int, name: str, payload: Mapping[str, Any]) -> bool:
        """Apply `clock_suspended`, `clock_resumed` or `limit_extended` without a linked case; False: it was refused.

        The history says why. Raises: NotFound; NotYours; KeyError, for another name.
        """
        changing_limits.must_steer(actor)
        with self.transactions.on_case(instance_id=instance_id) as work:
            done = changing_limits.change_limits(work, actor, name, payload)
        return done

    def recount_limits(self, instance_id: int, reason: str, *, actor: Actor | None = None) -> Sequence[Moved]:
        """Work the case's limits out by the calendar now in force; those that moved. Raises NotFound."""
        with self.transactions.on_case(instance_id=instance_id) as work:
            moved = changing_limits.recount(work, reason, actor)
        return moved

    def plan_notice(self, notice: Notice) -> CalendarPlan:
        """What importing `notice` would do. Nothing is written."""
        return recounting.plan_notice(self.database, notice)

    def plan_override(self, override: Override) -> CalendarPlan:
        """What setting one day by hand would do. Nothing is written."""
        return recounting.plan_override(self.database, override)

    def plan_removal(self, day: date) -> CalendarPlan:
        """What leaving `day` to the notice again would do. Nothing is written."""
        return recounting.plan_removal(self.database, day)

    def import_notice(self, actor: Actor, notice: Notice) -> CalendarPlan:
        """Keep `notice` and move every limit that it moves; what was done. Raises NotYours."""
        return recounting.keep_notice(self.transactions, actor, notice)

    def set_day(self, actor: Actor, override: Override) -> CalendarPlan:
        """Set one day by hand and move the limits. Raises NotYours; ValueError (Chinese) without name or reason."""
        return recounting.set_day(self.transactions, actor, override)

    def unset_day(self, actor: Actor, day: date) -> CalendarPlan:
        """Let the notice decide about `day` again and move the limits. Raises NotYours."""
        return recounting.unset_day(self.transactions, actor, day)

    # --- what workers do ---------------------------------------------------------------------------------------------

    def deliver(self, post_id: int) -> None:
        """Deliver a post, after those that the same case sent before it. Nothing happens where that has been done.

        Safe to call at once in several processes, and again after any crash.
        """
        delivering.deliver(self.transactions, post_id)

    def fire_due(self, instance_id: int) -> Result | None:
        """Fire the timers of a case that are due now; None if there was nothing to do.

        Called by any number of workers for the same case: whoever gets the row's lock second finds the timer gone. Each
        timer fires once, however long the workers were down.
        """
        try:
            return self.transactions.carry_out(FireDue(instance_id), None)
        except NothingToDo:
            return None

    def fire_all_due(self, now: datetime) -> int:
        """Fire the timers of every active case that has one due at `now`; in how many cases that went well.

        Any number of workers may sweep at once. A case that fails does not stop the others.
        """
        return len(for_each_case("timer", cases_due(self.database, now), self.fire_due))

    def sweep_deadlines(self, now: datetime) -> int:
        """Raise every level of warning that a running limit has reached and that was not raised before; how many.

        The newest published table `warning_levels` decides. Of several levels passed while nobody looked, only the
        newest is raised. Any number of workers may sweep at once. A case that fails does not stop the others.
        """
        self.settle_calendar()
        return warning.sweep_deadlines(self.transactions, now)

    def settle_calendar(self) -> tuple[MovedLimit, ...]:
        """Move whatever does not agree with the calendar in force yet; what moved. Nothing, where that was done."""
        return recounting.settle_calendar(self.transactions)
