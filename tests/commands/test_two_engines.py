"""Two web processes on one database, doing anything in any order: rows, live instances and saved state always agree."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers.people.accounts import set_grants
from handlers.store.tables import clock, incident, instance, release, task
from processes.engine.cases import history
from processes.engine.engine import Engine
from processes.engine.errors import CommandRefused
from processes.engine.kernel.live import LiveInstance
from tests.support.answers import CONDITIONS, odr_application, odr_review, training_plan
from tests.support.bureau import SEAL_KEY, Bureau

PEOPLE = ("chen.jing", "zhao.lei", "liu.fang", "wang.jianguo", "sun.yue", "li.guoqiang", "zhou.min", "admin", "owner")
STARTERS: dict[str, dict[str, Any]] = {"training": training_plan(), "odr_application": odr_application()}
LEADERS = ("li.guoqiang", "zhou.min")


class Model:
    """Random commands on random cases through two engines."""

    def __init__(self, bureau: Bureau, seed: int) -> None:
        self.bureau, self.random = bureau, random.Random(seed)
        self.engines = [bureau.new_engine(), bureau.new_engine()]
        self.cases: list[int] = []
        self.log: list[str] = []
        self.leaders_there = True

    def step(self) -> None:
        choose = self.random.choice
        engine, actor = choose(self.engines), self.bureau.actor(choose(PEOPLE))
        if not self.cases or (len(self.cases) < 6 and self.random.random() < 0.1):
            process = choose(sorted(STARTERS))
            self.run("start", lambda: self.start(engine, process))
            return
        case = choose(self.cases)
        commands: list[tuple[str, Callable[[], Any]]] = [
            ("fire", lambda: engine.fire_due(case)),
            ("message", lambda: engine.send_message(actor, case, "nobody_waits", {"x": 1})),
            ("suspend", lambda: engine.suspend(self.bureau.actor("admin"), case, "试")),
            ("resume", lambda: engine.resume(self.bureau.actor("admin"), case, "试")),
            ("resume", lambda: engine.resume(self.bureau.actor("admin"), case, "试")),
            ("retry", lambda: engine.retry(self.bureau.actor("owner"), case)),
            ("retry", lambda: engine.retry(self.bureau.actor("owner"), case)),
            ("leaders", self.leaders),
            ("wait", lambda: self.bureau.time.advance(timedelta(days=self.random.choice((0, 1, 4))))),
        ]
        if self.random.random() < 0.1:
            commands.append(("cancel", lambda: engine.cancel(self.bureau.actor("admin"), case, "试")))
        with self.bureau.database.read() as connection:
            rows = connection.execute(select(task).where(task.c.instance_id == case).order_by(task.c.id)).all()
        if rows:
            row = choose(rows[-3:])
            people = [self.bureau.actor(name) for name in PEOPLE]
            commands += [
                ("claim", lambda: engine.claim(choose(people), row.id)),
                ("release", lambda: engine.release_task(choose(people), row.id)),
                ("assign", lambda: engine.assign(self.bureau.actor("admin"), row.id, choose(people).account_id)),
            ]
            live_rows = [one for one in rows if one.state in ("open", "held")] or rows[-1:]
            chosen = choose(live_rows)
            commands += [("complete", lambda: self.complete_by_anybody(engine, people, chosen))] * 14
        name, command = choose(commands)
        self.run(f"{name} case {case}", command)

    def run(self, name: str, command: Callable[[], Any]) -> None:
        try:
            result = command()
            self.log.append(f"{name}: {getattr(result, 'held', '') or 'ok'}")
        except CommandRefused as refused:
            self.log.append(f"{name}: {refused}")

    def start(self, engine: Engine, process: str) -> None:
        who = self.random.choice(("chen.jing", "zhao.lei"))
        self.cases.append(engine.start(self.bureau.actor(who), process, STARTERS[process]).instance_id)

    def leaders(self) -> None:
        self.leaders_there = not self.leaders_there
        role = "bureau_leader" if self.leaders_there else "observer"
        with self.bureau.database.write() as connection:
            for name in LEADERS:
                set_grants(connection, self.bureau.actor(name).account_id, [(role, "leaders")])

    def complete_by_anybody(self, engine: Engine, people: list[Any], row: Any) -> Any:
        values = self.values(row.form)
        for actor in self.random.sample(people, len(people)):
            try:
                return engine.complete(actor, row.id, values)
            except CommandRefused as refused:
                last = refused
        raise last

    def values(self, form: str) -> dict[str, Any]:
        choose = self.random.choice
        if form == "approval_decision":
            return {"decision": choose(("agree", "agree", "agree", "return", "refuse")), "comment": "意见"}
        if form == "odr_material_review":
            return odr_review() | {key: choose(("yes", "yes", "yes", "yes", "no")) for key in CONDITIONS}
        if form == "odr_opinion":
            return {"opinion": choose(("admit", "refuse")), "opinion_reason": "符合"}
        if form == "odr_correction_overdue":
            return {"late_correction": choose(("received", "missing"))}
        return {"training_plan": training_plan(), "odr_registration": odr_application()}.get(form, {"note": "写好"})

    def check(self) -> None:
        with self.bureau.database.read() as connection:
            for case in self.cases:
                row = connection.execute(
                    select(instance, release.c.process.label("root")).join(release).where(instance.c.id == case)
                ).one()
                self._check_case(connection, case, row)
            assert list(history.verify(connection, SEAL_KEY)) == []

    def _check_case(self, connection: Any, case: int, row: Any) -> None:
        fresh = LiveInstance.load(self.engines[0].library.release(row.release_id), row.state)
        on_desks = connection.execute(
            select(task.c.token).where(task.c.instance_id == case, task.c.state.in_(("open", "held")))
        ).scalars()
        context = f"case {case} {row.status}: " + " | ".join(self.log[-8:])
        assert sorted(on_desks) == sorted(opened.token for opened in fresh.open_tasks()), context
        assert row.next_due_at == fresh.next_due(), context
        assert fresh.completed == (row.status in ("completed", "cancelled")), context
        assert (row.ended_at is not None) == fresh.completed, context
        open_incidents = connection.execute(
            select(incident.c.id).where(incident.c.instance_id == case, incident.c.resolved_at.is_(None))
        ).all()
        assert len(open_incidents) == (row.status == "incident"), context
        if fresh.completed:
            running = connection.execute(
                select(clock.c.id).where(clock.c.instance_id == case, clock.c.state.in_(("running", "paused")))
            ).all()
            assert running == [], context


@pytest.mark.parametrize("seed", range(2))
def test_rows_memory_and_saved_state_agree_after_every_command_of_two_engines(
    bureau_on_both: Bureau, seed: int
) -> None:
    model = Model(bureau_on_both, seed)
    for _ in range(70):
        model.step()
        model.check()
    assert sum("complete" in line and line.endswith(": ok") for line in model.log) > 5
