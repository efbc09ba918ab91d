"""The demo bureau at work: its people act by the commands that people use, each at a time in the past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import Row, select

from forms.beijing import BEIJING
from handlers.clocks.calendar import shipped_calendar
from handlers.files.file_store import FileStore, attach
from handlers.people.actors import Actor, load_actor
from handlers.people.profiles import load_profile
from handlers.store.database import Database
from handlers.store.states import TaskState
from handlers.store.tables import account, task
from handlers.time_source import ManualTime, beijing_date
from webapp.config import Settings
from webapp.engine import make_engine


class DemoBureau:
    """Acts as the demo's people, each step at a time of a working day in the past."""

    def __init__(self, settings: Settings, database: Database, now: datetime) -> None:
        self.database = database
        self.profile = load_profile(settings.profile)
        self._files = FileStore(settings.files)
        self._today = beijing_date(now)
        self.now = now
        self.time = ManualTime(now)
        self.engine = make_engine(database, self.time, settings)
        self._minute = 0

    def day(self, working_days_ago: int) -> date:
        """The date so many working days before today."""
        calendar, day = shipped_calendar(), self._today
        while working_days_ago > 0 or not calendar.is_working(day):
            working_days_ago -= calendar.is_working(day)
            day -= timedelta(days=1)
        return day

    def at(self, working_days_ago: int, hour: int = 9) -> None:
        """Move the clock there; a little later for every step, and never past the real present."""
        self._minute = (self._minute + 7) % 60
        moment = datetime.combine(self.day(working_days_ago), time(hour, self._minute), BEIJING)
        self.time.move_to(min(moment, self.now))

    def actor(self, username: str) -> Actor:
        """The person with this user name."""
        with self.database.read() as connection:
            account_id = connection.execute(select(account.c.id).where(account.c.username == username)).scalar_one()
            actor = load_actor(connection, account_id, beijing_date(self.time.now()))
        assert actor is not None  # noqa: S101 - the demo's people were installed just before
        return actor

    def start(self, who: str, process: str, values: Mapping[str, Any]) -> int:
        """Open a case; its id."""
        return self.engine.start(self.actor(who), process, values).instance_id

    def do(self, case: int, who: str, values: Mapping[str, Any], *, node: str = "") -> None:
        """Complete a task of the case: the one at `node`, or the only one on this person's desk."""
        actor = self.actor(who)
        row = next(row for row in self.tasks(case) if (not node or row.node == node) and _free_for(row, actor))
        self.engine.complete(actor, row.id, values)

    def claim(self, case: int, who: str) -> None:
        """Take the case's open task from the pool."""
        self.engine.claim(self.actor(who), self.tasks(case)[0].id)

    def suspend(self, case: int, reason: str) -> None:
        """Let the head of the centre suspend the case."""
        self.engine.suspend(self.actor("liu.fang"), case, reason)

    def tasks(self, case: int) -> list[Row[Any]]:
        """The case's open tasks, oldest first."""
        open_tasks = select(task).where(task.c.instance_id == case, task.c.state == TaskState.OPEN).order_by(task.c.id)
        with self.database.read() as connection:
            return list(connection.execute(open_tasks))

    def text_file(self, by: Actor, field: str, filename: str, text: str) -> list[int]:
        """Upload a small text file; its id as a form holds it."""
        stored = self._files.receive(BytesIO(text.encode()), filename)
        with self.database.write() as connection:
            new_id = attach(connection, stored, field=field, uploaded_by=by.account_id, now=self.time.now())
        return [new_id]

    def moment(self, working_days_ahead: int, hour: int) -> str:
        """A date and hour in the future, as a form holds it."""
        day = self._today + timedelta(days=working_days_ahead)
        return datetime.combine(shipped_calendar().working_day_on_or_after(day), time(hour), BEIJING).isoformat()

    def on(self) -> str:
        """The demo's present day, as a form holds it."""
        return beijing_date(self.time.now()).isoformat()


def _free_for(row: Row[Any], actor: Actor) -> bool:
    return row.assignee_id in (None, actor.account_id)
