"""A district of two months: letters come in, and everybody does their part as fast as they are.

Everything happens in the order of time: the heap holds, for each letter and each task, the moment when somebody turns
to it. Each morning the timers that ran out overnight fire, and limits that end are warned of, as a worker would do.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, bindparam, func, select

from forms.beijing import BEIJING
from forms.form_file import FormFile
from handlers.cases import posts
from handlers.clocks.calendar import shipped_calendar
from handlers.people.actors import Actor, load_actor, may_do
from handlers.people.task import Task
from handlers.store.states import TaskState
from handlers.store.tables import account, case_link, instance, task
from handlers.time_source import beijing_date
from processes.engine.commands.starting import entry_node
from webapp.demo.answers import Turn, wishes
from webapp.demo.bureau import DemoBureau
from webapp.demo.filling import FormToFill, fill_in
from webapp.demo.mail import SEED, Letter, letters

DAYS = 60
OPENS, CLOSES = 8.5, 17.5
WEEKEND_SHARE = 0.35
SLOW, STUCK = 0.12, 0.06
"""Shares of the cases that somebody is slow with, and that somebody forgets for a while."""
PACE: dict[str, tuple[float, float]] = {
    "initial_review": (0.02, 0.2),
    "deputy_approval": (0.03, 0.3),
    "dispatch": (0.01, 0.1),
    "sign_in": (0.05, 0.5),
    "first_contact": (0.2, 1.0),
    "accept_review": (0.5, 3),
    "enquiry_answer": (0.05, 0.4),
    "enquiry_reply": (0.05, 0.4),
    "reply": (0.05, 0.5),
    "report_notice": (0.05, 0.5),
    "platform_entry": (0.05, 0.4),
    "mediation_notice": (0.1, 0.5),
    "mediation_record": (2, 7),
    "verification_assign": (0.1, 0.5),
    "verification_result": (0.5, 3),
    "archive_file": (3, 12),
    "archive_store": (0.5, 3),
    "penalty_decision": (15, 45),
    "suspension_progress": (0.5, 2),
}
"""Working days from when a form lies on the desk, where it is not `USUAL`."""
USUAL = (0.1, 0.9)
INTAKE = "intake"
REGISTRAR = "he.min"
FORGETTING, FORGOTTEN_DAYS = 0.3, (4.0, 9.0)
"""How likely a forgetful case is forgotten at each step, and for how many working days, once."""
HANDLER, ARRANGED = "unit_clerk", "mediation_notice"


@dataclass
class Walk:
    """One letter on its way. `pace` multiplies all waiting."""

    letter: Letter
    chance: random.Random
    pace: float
    forgets: bool


class District:
    """Lets `count` letters of the last two months arrive and be handled."""

    def __init__(self, bureau: DemoBureau, count: int, say: Callable[[str], None]) -> None:
        self._bureau = bureau
        self._say = say
        self._count = count
        self._calendar = shipped_calendar()
        self._people: list[int] = []
        self._actors: tuple[date | None, list[Actor]] = (None, [])
        self._heap: list[tuple[datetime, int, Walk | None, int]] = []
        self._walks: dict[int, Walk | None] = {}
        self._newest_task = self._newest()
        self._order = itertools.count()

    def live(self) -> None:
        """All of it, up to now."""
        chance = random.Random(SEED)  # noqa: S311 - a story, not a secret
        moments = sorted(self._arrivals(chance))
        for letter in letters(moments, self._bureau.profile):
            slow, forgets = letter.chance.random() < SLOW, letter.chance.random() < STUCK
            walk = Walk(
                letter, letter.chance, letter.chance.uniform(2, 4) if slow else letter.chance.uniform(0.6, 1.2), forgets
            )
            registered_at = self._after(letter.received_at, letter.chance.uniform(0.01, 0.3))
            self._push(min(registered_at, self._bureau.now), walk)  # what is there today is registered today
        for morning in self._mornings():
            self._push(morning, None)
        self._run()

    def _run(self) -> None:
        arrived = 0
        while self._heap and self._heap[0][0] <= self._bureau.now:
            moment, _, walk, task_id = heapq.heappop(self._heap)
            self._bureau.time.move_to(moment)
            if walk is None:
                self._morning(moment)
            elif task_id:
                self._do(walk, task_id, moment)
            else:
                self._register(walk, moment)
                arrived += 1
                if arrived % 50 == 0:
                    self._say(f"  示范来件 letters: {arrived}/{self._count}")
            self._deliver()
            self._notice_tasks(moment)
        self._bureau.time.move_to(self._bureau.now)

    # --- time ---------------------------------------------------------------------------------------------------------

    def _arrivals(self, chance: random.Random) -> Iterator[datetime]:
        first = beijing_date(self._bureau.now) - timedelta(days=DAYS)
        days = [first + timedelta(days=n) for n in range(DAYS + 1)]
        weights = [1.0 if self._calendar.is_working(day) else WEEKEND_SHARE for day in days]
        for day in chance.choices(days, weights, k=self._count):
            moment = datetime.combine(day, time(8), BEIJING) + timedelta(minutes=chance.randint(0, 660))
            yield min(moment, self._bureau.now.astimezone(BEIJING) - timedelta(minutes=chance.randint(1, 90)))

    def _mornings(self) -> Iterator[datetime]:
        today = beijing_date(self._bureau.now)
        for ago in range(DAYS, -1, -1):
            yield datetime.combine(today - timedelta(days=ago), time(8, 5), BEIJING)

    def _after(self, moment: datetime, working_days: float) -> datetime:
        """The moment so many working days later, within office hours."""
        local = moment.astimezone(BEIJING)
        hour = local.hour + local.minute / 60
        day = local.date()
        if not self._calendar.is_working(day) or hour >= CLOSES:
            day, hour = self._next_working(day), OPENS
        hour = max(hour, OPENS) + working_days % 1 * (CLOSES - OPENS)
        whole = int(working_days) + (1 if hour >= CLOSES else 0)
        hour = hour if hour < CLOSES else hour - (CLOSES - OPENS)
        for _ in range(whole):
            day = self._next_working(day)
        return datetime.combine(day, time(), BEIJING) + timedelta(hours=hour)

    def _next_working(self, day: date) -> date:
        return self._calendar.working_day_on_or_after(day + timedelta(days=1))

    def _push(self, moment: datetime, walk: Walk | None, task_id: int = 0) -> None:
        heapq.heappush(self._heap, (moment, next(self._order), walk, task_id))

    # --- what happens -------------------------------------------------------------------------------------------------

    def _morning(self, moment: datetime) -> None:
        self._bureau.engine.fire_all_due(moment)
        self._bureau.engine.sweep_deadlines(moment)

    def _deliver(self) -> None:
        """Messages between cases; what they start may send others."""
        while True:
            with self._bureau.database.read() as connection:
                waiting = posts.on_their_way(connection)
            if not waiting:
                return
            for post_id in waiting:
                self._bureau.engine.deliver(post_id)

    def _notice_tasks(self, moment: datetime) -> None:
        """Whoever has something new on the desk turns to it after a while."""
        with self._bureau.database.read() as connection:
            rows = connection.execute(_NEW_TASKS, {"newest": self._newest_task}).all()
            for row in rows:
                walk = self._walk_of(connection, row.instance_id)
                if walk is not None:
                    self._push(self._after(moment, self._wait(walk, row.form)), walk, row.id)
        self._newest_task = rows[-1].id if rows else self._newest_task

    def _walk_of(self, connection: Connection, case: int) -> Walk | None:
        """The letter that the case, or the case that it came from, began with."""
        if case not in self._walks:
            parent = connection.execute(_PARENT, {"case_id": case}).scalar()
            self._walks[case] = None if parent is None else self._walk_of(connection, parent)
        return self._walks[case]

    def _newest(self) -> int:
        with self._bureau.database.read() as connection:
            return connection.scalar(select(func.max(task.c.id))) or 0

    def _wait(self, walk: Walk, form: str) -> float:
        """Working days until somebody turns to this form."""
        wait = walk.chance.uniform(*PACE.get(form, USUAL)) * walk.pace
        if walk.forgets and form not in ("initial_review", "dispatch") and walk.chance.random() < FORGETTING:
            walk.forgets = False
            wait += walk.chance.uniform(*FORGOTTEN_DAYS)
        return wait

    def _register(self, walk: Walk, moment: datetime) -> None:
        clerk = self._bureau.actor(REGISTRAR)
        form = self._entry_form(INTAKE, beijing_date(moment))
        to_fill = FormToFill(form, {}, clerk, moment.astimezone(BEIJING), walk.chance)
        values = fill_in(self._bureau, to_fill, walk.letter.answers)
        self._walks[self._bureau.engine.start(clerk, INTAKE, values).instance_id] = walk

    def _entry_form(self, process: str, today: date) -> FormFile:
        library = self._bureau.engine.library
        chosen = next(item for item in library.in_force(today) if item.process.id == process)
        first = entry_node(chosen.process)
        return library.form(chosen.release_id, first.task.form if first.task else "")

    def _do(self, walk: Walk, task_id: int, moment: datetime) -> None:
        with self._bureau.database.read() as connection:
            row = connection.execute(_TASK, {"task_id": task_id}).one_or_none()
        able = [actor for actor in self._everybody(moment) if row is not None and may_do(actor, Task.of(row))]
        if row is None or not able:
            return
        actor = walk.chance.choice(able)
        form = self._bureau.engine.library.form(row.release_id, row.form)
        turn = Turn(walk.letter, row.facts, moment.astimezone(BEIJING), walk.chance, self._staffed(moment))
        to_fill = FormToFill(form, row.facts, actor, turn.now, walk.chance)
        self._bureau.engine.complete(actor, row.id, fill_in(self._bureau, to_fill, wishes(row.form, turn)))
        if row.form == ARRANGED and (HANDLER, row.facts.get("unit")) in actor.grants:
            self._ask_for_time(turn, actor, row.instance_id)

    def _ask_for_time(self, turn: Turn, actor: Actor, case: int) -> None:
        """Now and then something has to be tested, or takes longer."""
        process = turn.one_of(suspension=8, extension=8, nothing=84)
        if process == "nothing":
            return
        form = self._entry_form(process, beijing_date(turn.now))
        to_fill = FormToFill(form, {}, actor, turn.now, turn.chance)
        values = fill_in(self._bureau, to_fill, wishes(form.key, turn))
        self._bureau.engine.start(actor, process, values, parent=case)

    def _staffed(self, moment: datetime) -> Mapping[str, int]:
        """How many people handle cases in each department."""
        grants = (grant for actor in self._everybody(moment) for grant in actor.grants)
        return Counter(department for role, department in grants if role == HANDLER)

    def _everybody(self, moment: datetime) -> list[Actor]:
        """All people as they are that day."""
        today = beijing_date(moment)
        if self._actors[0] != today:
            with self._bureau.database.read() as connection:
                self._people = self._people or list(connection.scalars(select(account.c.id).order_by(account.c.id)))
                actors = [load_actor(connection, account_id, today) for account_id in self._people]
            self._actors = today, [actor for actor in actors if actor is not None]
        return self._actors[1]


# Written once: SQLAlchemy's work on a statement costs more than SQLite's.
_NEW_TASKS = (
    select(task.c.id, task.c.form, task.c.instance_id)
    .where(task.c.id > bindparam("newest"), task.c.state == TaskState.OPEN)
    .order_by(task.c.id)
)
_PARENT = select(case_link.c.parent_id).where(case_link.c.child_id == bindparam("case_id"))
_TASK = (
    select(task, instance.c.facts, instance.c.release_id)
    .join(instance, instance.c.id == task.c.instance_id)
    .where(task.c.id == bindparam("task_id"), task.c.state == TaskState.OPEN)
)
