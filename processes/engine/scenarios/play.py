"""Playing a scenario: every step through a fresh engine, so that each one loads what the one before has saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from handlers.people import may_do
from handlers.records import event, letter
from handlers.time_source import beijing_date
from processes.engine.errors import CommandRefused
from processes.engine.running import entry_node
from processes.engine.scenarios.book import Book, Scenario, ScenarioError, Step
from processes.engine.scenarios.stage import Stage


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
        self._stage.move_to(given["at"])
        self._stage.change_people(given.get("people") or {})
        if given.get("change"):
            self._stage.change_table(given["change"])
        if not self._start(given):
            return
        for number, step in enumerate(self._scenario.steps, 1):
            self._play_step(step, f"第{number}步")
        self._collect()
        self._compare_end()

    def _start(self, given: Mapping[str, Any]) -> bool:
        engine, actor = self._stage.engine(), self._stage.actor(given["who"])
        today = beijing_date(self._stage.time.now())
        chosen = next((s for s in engine.library.startable(today) if s.process.id == self._book.procedure), None)
        if chosen is None:
            raise ScenarioError(f"没有可以发起的流程“{self._book.procedure}”")
        first = entry_node(chosen.process)
        form = engine.library.form(chosen.release_id, first.task.form if first.task else "")
        values = self._stage.fill_in(form, self._values(first.id, given.get("values")), actor)
        try:
            self._case = engine.start(actor, self._book.procedure, values).instance_id
        except CommandRefused as refused:
            self._expect_refusal(given.get("refused", False), str(refused), "发起")
            return False
        if given.get("refused"):
            raise _Stop("发起：应当被拒绝，却成功了")
        return True

    def _values(self, node: str, own: Mapping[str, Any] | None) -> dict[str, Any]:
        return {**self._book.values.get(node, {}), **(own or {})}

    def _play_step(self, step: Step, where: str) -> None:
        when = step.wait_until or step.at
        if when is not None:
            self._stage.move_to(when)
        while self._stage.engine().fire_due(self._case):
            pass
        if step.gives_back:
            row = self._find(step.gives_back, where)[0]
            self._stage.engine().release_task(self._stage.actor(step.who), row.id)
        if step.does:
            self._do(step, f"{where} {step.who} {step.does}")
        if step.open is not None:
            self._compare_open(step.open, where)

    def _do(self, step: Step, where: str) -> None:
        engine, actor = self._stage.engine(), self._stage.actor(step.who)
        rows = self._find(step.does, where)
        row = next((row for row in rows if may_do(actor, row)), rows[0])
        with self._stage.database.read() as connection:
            release_id = connection.execute(
                select(event.c.detail).where(event.c.instance_id == self._case, event.c.position == 1)
            ).scalar_one()["release_id"]
        form = engine.library.form(release_id, row.form)
        values = self._stage.fill_in(form, self._values(step.does, step.values), actor, self._stage.facts(self._case))
        try:
            result = engine.complete(actor, row.id, values)
        except CommandRefused as refused:
            self._expect_refusal(step.refused, str(refused), where)
            return
        if result.held:
            self._expect_refusal(step.refused, result.held, where)
        elif step.refused:
            raise _Stop(f"{where}：应当被拒绝，却办成了")

    def _find(self, node: str, where: str) -> list[Row[Any]]:
        rows = [row for row in self._stage.open_tasks(self._case) if row.node == node]
        if not rows:
            raise _Stop(f"{where}：桌上没有这个任务，现有：{self._desks()}")
        return rows

    @staticmethod
    def _expect_refusal(expected: str | bool, sentence: str, where: str) -> None:
        if not expected or (isinstance(expected, str) and expected not in sentence):
            raise _Stop(f"{where}：被拒绝：{sentence}")

    def _desks(self) -> str:
        return "、".join(row.name for row in self._stage.open_tasks(self._case)) or "无"

    # --- comparing ---------------------------------------------------------------------------------------------------

    def _compare_open(self, expected: Sequence[Mapping[str, Any]], where: str) -> None:
        rows = self._stage.open_tasks(self._case)
        if sorted(row.name for row in rows) != sorted(str(item["task"]) for item in expected):
            wanted = "、".join(str(item["task"]) for item in expected) or "无"
            self._fail(f"{where} 之后桌上应当有：{wanted}；实际：{self._desks()}")
            return
        left = list(rows)
        for item in expected:
            match = next((row for row in left if not list(self._differences(row, item))), None)
            if match is not None:
                left.remove(match)
                continue
            closest = next(row for row in left if row.name == item["task"])
            for difference in self._differences(closest, item):
                self._fail(f"{where} 之后“{item['task']}”{difference}")

    def _differences(self, row: Row[Any], item: Mapping[str, Any]) -> Iterator[str]:
        if row.name != item["task"]:
            yield f"是“{row.name}”"
        if "may" in item and self._stage.able(row) != sorted(item["may"]):
            yield f"应由 {sorted(item['may'])} 办理，实际 {self._stage.able(row)}"
        if "due" in item and str(row.due_on) != str(item["due"]):
            yield f"应于 {item['due']} 到期，实际 {row.due_on}"

    def _compare_end(self) -> None:
        expect = self._scenario.expect
        case = self._stage.engine()
        with self._stage.database.read() as connection:
            events = connection.execute(
                select(event).where(event.c.instance_id == self._case).order_by(event.c.position)
            ).all()
            letters = connection.execute(
                select(letter.c.template).where(letter.c.instance_id == self._case).order_by(letter.c.id)
            )
            templates = list(letters.scalars())
        release = case.library.release(events[0].detail["release_id"])
        if "path" in expect:
            self._same("走过的步骤", expect["path"], list(_path(events, release)))
        ended = [row.outcome for row in events if row.kind == "ended"]
        self._same("办理结果", expect.get("outcome"), ended[0] if ended else None)
        if "letters" in expect:
            self._same("文书", expect["letters"], templates)
        self._compare_history(expect.get("history") or [], events)

    def _compare_history(self, expected: Sequence[str], events: Sequence[Row[Any]]) -> None:
        lines = iter([" ".join(filter(None, (row.actor_name, row.node_name, row.outcome))) for row in events])
        for wanted in expected:
            # Membership in an iterator consumes it, so the lines must come in this order.
            if wanted not in lines:
                self._fail(f"经过里没有依次出现“{wanted}”")
                return

    def _same(self, what: str, expected: Any, found: Any) -> None:
        if expected != found:
            self._fail(f"{what}应为 {expected}，实际 {found}")

    def _fail(self, sentence: str) -> None:
        self._report.failures.append(sentence)

    def _collect(self) -> None:
        with self._stage.database.read() as connection:
            details = connection.execute(select(event.c.detail).where(event.c.instance_id == self._case)).scalars()
            for detail in details:
                self._report.nodes |= {(scope, node) for scope, node, _ in detail.get("path", ())}
                self._report.flows |= {(scope, flow) for scope, flow in detail.get("flows", ())}
                self._report.rows |= {(item["table"], item["row"]) for item in detail.get("decisions", ())}


def _path(events: Sequence[Row[Any]], release: Any) -> Iterator[str]:
    for row in events:
        if row.kind == "completed":
            yield row.node
        for scope, node_id, _ in row.detail.get("path", ()):
            node = release.node(scope, node_id)
            timer = node.event == "timer" and node.kind in ("boundaryEvent", "intermediateCatchEvent")
            if timer or (node.kind == "endEvent" and scope == release.process and not node.parent):
                yield node_id
