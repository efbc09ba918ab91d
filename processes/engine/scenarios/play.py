"""Playing a scenario: every step through a fresh engine, so that each one loads what the one before has saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from handlers.cases import posts
from handlers.people.actors import Actor, may_do
from handlers.people.task import Task
from handlers.store.tables import event, instance
from handlers.time_source import beijing_date
from processes.engine.cases.work import Result
from processes.engine.commands.starting import entry_node
from processes.engine.errors import CommandRefused
from processes.engine.publishing.library import Startable
from processes.engine.scenarios import compare
from processes.engine.scenarios.book import Book, Scenario, ScenarioError, ScenarioStep
from processes.engine.scenarios.stage import FormRefused, Stage


@dataclass
class Report:
    """What came of a scenario: what was not as expected, and what was walked on the way."""

    book: str
    title: str
    failures: list[str] = field(default_factory=list)
    nodes: set[tuple[str, str]] = field(default_factory=set)
    flows: set[tuple[str, str]] = field(default_factory=set)
    rows: set[tuple[str, int]] = field(default_factory=set)

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.failures


class _Stop(Exception):
    pass


def play(book: Book, scenario: Scenario, stage: Stage) -> Report:
    """Play `scenario` on an empty stage."""
    report = Report(book.filename, scenario.title)
    try:
        _Player(book, scenario, stage, report).run()
    except (ScenarioError, _Stop) as error:
        report.failures.append(str(error))
    return report


class _Player:
    def __init__(self, book: Book, scenario: Scenario, stage: Stage, report: Report) -> None:
        self._book = book
        self._scenario = scenario
        self._stage = stage
        self._report = report
        self._case = 0

    def run(self) -> None:
        given = self._scenario.given
        for other in given.get("earlier") or ():
            self._stage.move_to(other["at"])
            self._start(other)
        self._stage.move_to(given["at"])
        self._stage.change_people(given.get("people") or {})
        if given.get("change"):
            self._stage.change_table(given["change"])
        if not self._start(given):
            return
        self._let_pass()
        for step in self._scenario.steps:
            self._play_step(step)
        self._collect()
        expect = self._scenario.expect
        self._fail(compare.end(self._stage, self._case, expect))
        for process, end in (expect.get("cases") or {}).items():
            self._fail(
                f"{process}：{difference}" for difference in compare.end(self._stage, self._newest(process), end or {})
            )

    def _start(self, given: Mapping[str, Any]) -> bool:
        engine, actor = self._stage.engine(), self._stage.actor(given["who"])
        in_force = engine.library.startable(beijing_date(self._stage.time.now()))
        chosen = next((startable for startable in in_force if startable.process.id == self._book.procedure), None)
        if chosen is None:
            raise ScenarioError(f"没有可以发起的流程“{self._book.procedure}”")
        values = self._entry_values(chosen, given.get("values"), actor)
        try:
            self._case = engine.start(actor, self._book.procedure, values).instance_id
        except CommandRefused as refused:
            self._expect_refusal(given.get("refused", False), str(refused), "发起")
            return False
        if given.get("refused"):
            raise _Stop("发起：应当被拒绝，却成功了")
        return True

    def _entry_values(
        self, chosen: Startable, own: Mapping[str, Any] | None, actor: Actor, facts: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        first = entry_node(chosen.process)
        form = self._stage.engine().library.form(chosen.release_id, first.task.form if first.task else "")
        return self._stage.fill_in(form, self._values(first.id, own), actor, facts)

    def _values(self, node: str, own: Mapping[str, Any] | None) -> dict[str, Any]:
        return {**self._book.values.get(node, {}), **(own or {})}

    # --- steps -------------------------------------------------------------------------------------------------------

    def _play_step(self, step: ScenarioStep) -> None:
        when = step.wait_until or step.at
        if when is not None:
            self._stage.move_to(when)
            self._let_pass()
        case = self._newest(step.case) if step.case else self._case
        deed = step.does or step.gives_back or step.acts or step.opens
        where = f"{step.label} {step.who} {deed}" if deed else step.label
        if step.gives_back:
            row = self._find(case, step.gives_back, where)[0]
            self._stage.engine().release_task(self._stage.actor(step.who), row.id)
        elif deed:
            carry_out = self._do if step.does else self._act if step.acts else self._open
            try:
                carry_out(case, step, where)
            except FormRefused as refused:
                self._expect_refusal(step.refused, str(refused), where)
        self._let_pass()
        if step.open is not None:
            self._fail(compare.desks(self._stage, case, step.open, step.label))
        self._fail(compare.clocks(self._stage, case, step.clocks, step.label))

    def _let_pass(self) -> None:
        """Everything that happens by itself by now, in all cases: limits warn, messages arrive, timers fire."""
        engine = self._stage.engine()
        while True:
            warned = engine.sweep_deadlines(self._stage.time.now())
            with self._stage.database.read() as connection:
                waiting = posts.on_their_way(connection)
            for post_id in waiting:
                engine.deliver(post_id)
            fired = [engine.fire_due(case) for case in self._cases()]
            if not warned and not waiting and not any(fired):
                return

    def _do(self, case: int, step: ScenarioStep, where: str) -> None:
        engine, actor = self._stage.engine(), self._stage.actor(step.who)
        rows = self._find(case, step.does, where)
        row = next((row for row in rows if may_do(actor, Task.of(row))), rows[0])
        release_id = self._release_id(case)
        settings = engine.library.release(release_id).node(row.scope, row.node).task
        form = engine.library.form(release_id, row.form)
        outcome = settings.outcome if settings else ""
        values = self._stage.fill_in(
            form, self._values(step.does, step.values), actor, self._stage.facts(case), outcome
        )
        self._try(step, where, lambda: engine.complete(actor, row.id, values))

    def _act(self, case: int, step: ScenarioStep, where: str) -> None:
        engine, actor = self._stage.engine(), self._stage.actor(step.who)
        release_id = self._release_id(case)
        processes = engine.library.release(release_id).processes.values()
        node = next((node for process in processes for node in process.actions if node.id == step.acts), None)
        if node is None or node.task is None:
            raise ScenarioError(f"{where}：流程图里没有由人办理的消息事件“{step.acts}”")
        form = engine.library.form(release_id, node.task.form)
        values = self._stage.fill_in(form, self._values(step.acts, step.values), actor, self._stage.facts(case))
        self._try(step, where, lambda: engine.act(actor, case, node.process, node.id, values))

    def _open(self, case: int, step: ScenarioStep, where: str) -> None:
        engine, actor = self._stage.engine(), self._stage.actor(step.who)
        in_force = engine.library.in_force(beijing_date(self._stage.time.now()))
        chosen = next((startable for startable in in_force if startable.process.id == step.opens), None)
        if chosen is None:
            raise ScenarioError(f"{where}：没有流程“{step.opens}”")
        values = self._entry_values(chosen, step.values, actor, self._stage.facts(case))
        self._try(step, where, lambda: engine.start(actor, step.opens, values, parent=case))

    def _try(self, step: ScenarioStep, where: str, command: Callable[[], Result]) -> None:
        try:
            result = command()
        except CommandRefused as refused:
            self._expect_refusal(step.refused, str(refused), where)
            return
        if result.held:
            self._expect_refusal(step.refused, result.held, where)
        elif step.refused:
            raise _Stop(f"{where}：应当被拒绝，却办成了")

    @staticmethod
    def _expect_refusal(expected: str | bool, sentence: str, where: str) -> None:
        if not expected or (isinstance(expected, str) and expected not in sentence):
            raise _Stop(f"{where}：被拒绝：{sentence}")

    # --- cases -------------------------------------------------------------------------------------------------------

    def _find(self, case: int, node: str, where: str) -> list[Row[Any]]:
        rows = [row for row in self._stage.open_tasks(case) if row.node == node]
        if not rows:
            raise _Stop(f"{where}：桌上没有这个任务，现有：{compare.desk_names(self._stage, case)}")
        return rows

    def _cases(self, process: str = "") -> list[int]:
        """All cases of the scenario, oldest first; those of one process if given."""
        statement = select(instance.c.id).order_by(instance.c.id)
        if process:
            statement = statement.where(instance.c.process == process)
        with self._stage.database.read() as connection:
            return list(connection.scalars(statement))

    def _newest(self, process: str) -> int:
        cases = self._cases(process)
        if not cases:
            raise _Stop(f"还没有流程“{process}”的事项")
        return cases[-1]

    def _release_id(self, case: int) -> int:
        with self._stage.database.read() as connection:
            return int(connection.scalars(select(instance.c.release_id).where(instance.c.id == case)).one())

    def _fail(self, sentences: Iterable[str]) -> None:
        self._report.failures.extend(sentences)

    def _collect(self) -> None:
        """What was walked, by all cases together."""
        with self._stage.database.read() as connection:
            for detail in connection.execute(select(event.c.detail)).scalars():
                self._report.nodes |= {(scope, node) for scope, node, _ in detail.get("path", ())}
                self._report.flows |= {(scope, flow) for scope, flow in detail.get("flows", ())}
                self._report.rows |= {(item["table"], item["row"]) for item in detail.get("decisions", ())}
