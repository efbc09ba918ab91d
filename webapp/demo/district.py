"""A district of two months: letters come in, and everybody does their part as fast as they are.

Everything happens in the order of time: the heap holds, for each case, the moment when somebody turns to it next. Each
morning the timers that ran out overnight fire, and limits that end are warned of, as a worker would do.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, select

from forms.model import FormFile
from handlers import posts
from handlers.calendar import shipped_calendar
from handlers.cases import OPEN_STATES
from handlers.people import Actor, load_actor, may_do
from handlers.profiles import load_profile
from handlers.records import account, case_link, instance, task
from handlers.sweeps import fire_due_timers
from handlers.time_source import BEIJING, beijing_date
from processes.engine.running import entry_node
from webapp.demo.answers import Turn, wishes
from webapp.demo.bureau import DemoBureau
from webapp.demo.filling import Sheet, fill_in
from webapp.demo.mail import SEED, Letter, letters

DAYS = 60
OPENS, CLOSES = 8.5, 17.5
WEEKEND_SHARE = 0.35
SLOW, STUCK = 0.12, 0.06
"""Shares of the cases that somebody is slow with, and that somebody forgets for a while."""
PACE: dict[str, tuple[float, float]] = {
    "initial_review": (0.05, 0.5),
    "dispatch": (0.02, 0.2),
    "first_contact": (0.3, 1.4),
    "accept_review": (0.5, 4),
    "mediation_notice": (0.3, 1.5),
    "mediation_record": (2, 8),
    "verification_result": (1, 6),
    "archive_file": (3, 14),
    "archive_store": (0.5, 3),
    "penalty_decision": (15, 45),
    "suspension_progress": (0.5, 2),
}
"""Working days from when a form lies on the desk, where it is not `USUAL`."""
USUAL = (0.1, 0.9)
INTAKE = "intake"
REGISTRAR = "he.min"
FORGOTTEN_DAYS = (4.0, 9.0)


@dataclass
class Walk:
    """One letter on its way. `pace` multiplies all waiting."""

    letter: Letter
    chance: random.Random
    pace: float
    forgets: bool
    case: int = 0
    begun: set[str] = field(default_factory=set)


class District:
    """Lets `count` letters of the last two months arrive and be handled."""

    def __init__(self, bureau: DemoBureau, profile: str, count: int, say: Callable[[str], None]) -> None:
        self._bureau = bureau
        self._say = say
        self._count = count
        self._streets = load_profile(profile).streets
        self._calendar = shipped_calendar()
        self._people: list[int] = []
        self._actors: tuple[date | None, list[Actor]] = (None, [])
        self._heap: list[tuple[datetime, int, Walk | None]] = []

    def live(self) -> None:
        """All of it, up to now."""
        chance = random.Random(SEED)  # noqa: S311 - a story, not a secret
        moments = sorted(self._arrivals(chance))
        for letter in letters(moments, self._streets):
            slow, forgets = letter.chance.random() < SLOW, letter.chance.random() < STUCK
            walk = Walk(
                letter, letter.chance, letter.chance.uniform(2, 4) if slow else letter.chance.uniform(0.6, 1.2), forgets
            )
            self._push(self._after(letter.received_at, letter.chance.uniform(0.01, 0.3)), walk)
        for morning in self._mornings():
            heapq.heappush(self._heap, (morning, 0, None))
        self._run()

    def _run(self) -> None:
        arrived = 0
        while self._heap and self._heap[0][0] <= self._bureau.now:
            moment, _, walk = heapq.heappop(self._heap)
            self._bureau.time.move_to(moment)
            if walk is None:
                self._morning(moment)
                continue
            if not walk.case:
                arrived += 1
                if arrived % 50 == 0:
                    self._say(f"  示范来件 letters: {arrived}/{self._count}")
            self._turn(walk, moment)
            self._deliver()
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

    def _push(self, moment: datetime, walk: Walk) -> None:
        heapq.heappush(self._heap, (moment, walk.letter.number, walk))

    # --- what happens -------------------------------------------------------------------------------------------------

    def _morning(self, moment: datetime) -> None:
        fire_due_timers(self._bureau.database, self._bureau.engine.fire_due, moment)
        self._bureau.engine.sweep_deadlines(moment)
        self._deliver()

    def _deliver(self) -> None:
        """Messages between cases; what they start may send others."""
        while True:
            with self._bureau.database.read() as connection:
                waiting = posts.on_their_way(connection)
            if not waiting:
                return
            for post_id in waiting:
                self._bureau.engine.deliver(post_id)

    def _turn(self, walk: Walk, moment: datetime) -> None:
        if not walk.case:
            self._register(walk, moment)
        else:
            row = next(iter(self._tasks(walk.case)), None)
            if row is not None:
                self._do(walk, row, moment)
        if not self._is_over(walk.case):
            self._push(self._next_moment(walk, moment), walk)

    def _next_moment(self, walk: Walk, moment: datetime) -> datetime:
        row = next(iter(self._tasks(walk.case)), None)
        if row is None:
            return self._after(moment, 1)
        wait = walk.chance.uniform(*PACE.get(row.form, USUAL)) * walk.pace
        if walk.forgets and row.form not in ("initial_review", "dispatch") and walk.chance.random() < 0.3:
            walk.forgets = False
            wait += walk.chance.uniform(*FORGOTTEN_DAYS)
        return self._after(moment, wait)

    def _register(self, walk: Walk, moment: datetime) -> None:
        clerk = self._bureau.actor(REGISTRAR)
        form = self._entry_form(beijing_date(moment))
        sheet = Sheet(form, {}, clerk, moment.astimezone(BEIJING), walk.chance)
        values = fill_in(self._bureau, sheet, walk.letter.answers)
        walk.case = self._bureau.engine.start(clerk, INTAKE, values).instance_id

    def _entry_form(self, today: date) -> FormFile:
        library = self._bureau.engine.library
        chosen = next(one for one in library.startable(today) if one.process.id == INTAKE)
        first = entry_node(chosen.process)
        return library.form(chosen.release_id, first.task.form if first.task else "")

    def _do(self, walk: Walk, row: Row[Any], moment: datetime) -> None:
        able = [actor for actor in self._everybody(moment) if may_do(actor, row)]
        if not able:
            return
        actor = walk.chance.choice(able)
        with self._bureau.database.read() as connection:
            case = connection.execute(select(instance).where(instance.c.id == row.instance_id)).one()
        form = self._bureau.engine.library.form(case.release_id, row.form)
        turn = Turn(walk.letter, case.facts, moment.astimezone(BEIJING), walk.chance)
        values = fill_in(self._bureau, Sheet(form, case.facts, actor, turn.now, walk.chance), wishes(row.form, turn))
        self._bureau.engine.complete(actor, row.id, values)

    def _everybody(self, moment: datetime) -> list[Actor]:
        """All people as they are that day."""
        today = beijing_date(moment)
        if self._actors[0] != today:
            with self._bureau.database.read() as connection:
                self._people = self._people or list(connection.scalars(select(account.c.id).order_by(account.c.id)))
                found = [load_actor(connection, account_id, today) for account_id in self._people]
            self._actors = today, [actor for actor in found if actor is not None]
        return self._actors[1]

    def _family(self, case: int) -> list[int]:
        """The case and all that came from it."""
        found, pending = [case], [case]
        with self._bureau.database.read() as connection:
            while pending:
                children = select(case_link.c.child_id).where(case_link.c.parent_id.in_(pending))
                pending = [one for one in connection.scalars(children) if one not in found]
                found += pending
        return found

    def _tasks(self, case: int) -> list[Row[Any]]:
        wanted = select(task).where(task.c.instance_id.in_(self._family(case)), task.c.state == "open")
        with self._bureau.database.read() as connection:
            return list(connection.execute(wanted.order_by(task.c.created_at, task.c.id)))

    def _is_over(self, case: int) -> bool:
        wanted = select(instance.c.id).where(instance.c.id.in_(self._family(case)), instance.c.status.in_(OPEN_STATES))
        with self._bureau.database.read() as connection:
            return connection.execute(wanted).first() is None
