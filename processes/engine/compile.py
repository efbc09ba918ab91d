"""Turn a release's diagrams and tables into something that runs, once, shared by all its instances and all threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.exceptions import SpiffWorkflowException

from handlers.limits import Limit, limit_from_row
from handlers.records import instance, room_of
from processes.engine.activities import Call, MultiInstance, SubProcess
from processes.engine.errors import CompileError, StepFailed
from processes.engine.expressions import Expression, ExpressionError, compile_expression
from processes.engine.model import CATCHING, THROWING, Node, Process
from processes.engine.parser import DiagramParser
from processes.engine.reader import read_bpmn
from processes.engine.safe_xml import HostileXml
from processes.engine.specs import Lean
from processes.engine.tables import LIMITS_TABLE, DecisionTable, TableError, read_dmn


@dataclass(frozen=True)
class Parts:
    """What a release is made of, by key: diagrams, decision tables, and the names of the forms there are."""

    processes: Mapping[str, bytes]
    tables: Mapping[str, bytes]
    forms: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Release:
    """A compiled process with everything it calls. Never changed once made, but for what it has worked out."""

    process: str
    processes: Mapping[str, Process]
    tables: Mapping[str, DecisionTable]
    variables: frozenset[str]
    """Every name that an expression, a binding, a decision or a multi-instance of the release mentions."""
    own_variables: frozenset[str]
    """The same of the process alone, without those it calls."""
    caught_messages: frozenset[str]
    """Messages that some event of the process, or of one it calls, can wait for."""
    thrown_messages: frozenset[str]
    """Messages that one of them can send."""
    expressions: Mapping[str, Expression] = field(repr=False)
    main_ends: frozenset[str] = field(repr=False)
    """End events of the process that are reached without a non-interrupting boundary event."""
    limited: bool
    """Whether limits run with any of its activities."""
    spec: Any = field(repr=False)
    subprocess_specs: Mapping[str, Any] = field(repr=False)
    _limits: dict[tuple[str, str], Limit] = field(default_factory=dict, init=False, repr=False)

    def node(self, scope: str, node_id: str) -> Node:
        """The node `node_id` of process `scope`. Raises KeyError."""
        return self.processes[scope].nodes[node_id]

    def message_event(self, message: str, *, thrown: bool) -> Node | None:
        """The event that throws, or waits for, `message`; the first if there are several."""
        kinds = THROWING if thrown else CATCHING
        events = (node for one in self.processes.values() for node in one.of_kind(*kinds))
        return next((node for node in events if node.event == "message" and node.message == message), None)

    def case_title(self, facts: Mapping[str, Any]) -> str:
        """What people call a case, by the diagram's title expression; the procedure's name if that gives nothing."""
        process = self.processes[self.process]
        try:
            title = str(compile_expression(process.title).evaluate(facts) or "") if process.title else ""
        except ExpressionError:
            title = ""
        return (title or process.name)[: room_of(instance.c.title)]

    def limit(self, code: str, rule_set: str) -> Limit:
        """The limit `code` by its own table, looked up once: every case asks for the same few. Raises StepFailed."""
        key = code, rule_set
        if key not in self._limits:
            self._limits[key] = self._limit(code, rule_set)
        return self._limits[key]

    def _limit(self, code: str, rule_set: str) -> Limit:
        table = self.tables.get(LIMITS_TABLE)
        decided = table.decide({"code": code, "rule_set": rule_set}) if table else None
        if decided is None or not decided.outputs.get("amount"):
            reason = f"期限表中没有“{code}”这一行，请流程负责人在 {LIMITS_TABLE} 表中补上"
            raise StepFailed(self.process, "", code, reason)
        try:
            return limit_from_row(code, {**decided.outputs, "rule_set": rule_set})
        except ValueError as error:
            raise StepFailed(self.process, "", code, str(error)) from error


def compile_release(process: str, parts: Parts, parser: type[DiagramParser] = DiagramParser) -> Release:
    """Compile `process`, the processes it calls and the tables they use. Takes tens of milliseconds: keep the result.

    Raises: CompileError, with a Chinese sentence.
    """
    try:
        return _Compiler(parts, parser).compile(process)
    except (HostileXml, TableError, ExpressionError) as error:
        raise CompileError(str(error)) from error
    except SpiffWorkflowException as error:
        raise CompileError(f"流程图 {process} 无法运行：{error}，请先运行检查并按提示修改") from error
    except RecursionError as error:
        raise CompileError(f"流程图 {process} 的节点连成的链太长，请拆成几个被调用的流程") from error


class _Compiler:
    """Gathers the closure of one process."""

    def __init__(self, parts: Parts, parser: type[DiagramParser]) -> None:
        self.parts = parts
        self.parser = parser
        self.processes: dict[str, Process] = {}
        self.specs: dict[str, Any] = {}

    def compile(self, process: str) -> Release:
        self._add(process, ())
        tables = {key: self._table(key) for key in sorted(self._decisions() | set(self.parts.tables))}
        texts = {text for one in self.processes.values() for text in _texts(one)}
        expressions = {text: compile_expression(text) for text in sorted(texts)}
        names = {key: _variables(one, tables) for key, one in self.processes.items()}
        return Release(
            process=process,
            processes=self.processes,
            tables=tables,
            variables=frozenset().union(*names.values()),
            own_variables=names[process],
            caught_messages=frozenset(m for one in self.processes.values() for m in one.caught_messages),
            thrown_messages=frozenset(m for one in self.processes.values() for m in one.thrown_messages),
            expressions=expressions,
            main_ends=_main_ends(self.processes[process]),
            limited=any(node.limits for one in self.processes.values() for node in one.nodes.values()),
            spec=self.specs[process],
            subprocess_specs={key: spec for key, spec in self.specs.items() if key != process},
        )

    def _add(self, key: str, callers: tuple[str, ...]) -> None:
        if key in callers:
            raise CompileError(f"流程调用成环：{' → '.join([*callers, key])}，请去掉其中一处调用")
        if key in self.processes:
            return
        if key not in self.parts.processes:
            raise CompileError(f"没有流程“{key}”，请先发布它，或改正调用活动里的流程标识")
        filename = f"{key}.bpmn"
        file = read_bpmn(self.parts.processes[key], filename)
        found = next((one for one in file.processes if one.id == key), None)
        if found is None:
            raise CompileError(f"文件 {filename} 里没有标识为“{key}”的流程")
        self.processes[key] = found
        for inner, spec in self.parser().process(file.root, filename, key).items():
            self.specs[key if inner == key else f"{key}/{inner}"] = spec
            _link(spec, found)
        for node in found.of_kind("callActivity"):
            self._add(node.called, (*callers, key))

    def _decisions(self) -> set[str]:
        nodes = (node for one in self.processes.values() for node in one.of_kind("businessRuleTask"))
        return {node.decision for node in nodes}

    def _table(self, key: str) -> DecisionTable:
        if key not in self.parts.tables:
            raise CompileError(f"没有决策表“{key}”，请先发布它，或改正决策任务里的表名")
        return read_dmn(self.parts.tables[key], f"{key}.dmn")


def _link(spec: Any, process: Process) -> None:
    """Give every spec its node and its flows, and connect multi-instances with their instances."""
    for task_spec in spec.task_specs.values():
        if task_spec.bpmn_id is not None:
            task_spec.node = process.nodes[task_spec.bpmn_id]
        flows = task_spec.__dict__.get("drawn_flows", ())
        task_spec.flow_of = {name: flow for flow, name in flows}
        if isinstance(task_spec, Lean):
            # Of a multi-instance the whole has the limit, not each of its instances.
            task_spec.limits = task_spec.node.limits if task_spec.node and not task_spec.framed else ()
        if isinstance(task_spec, SubProcess) and not isinstance(task_spec, Call):
            task_spec.spec = f"{process.id}/{task_spec.spec}"
    for task_spec in list(spec.task_specs.values()):
        if isinstance(task_spec, MultiInstance):
            spec.task_specs[task_spec.task_spec].completed_event.connect(task_spec.merge_child)
        if hasattr(task_spec, "freeze"):
            task_spec.freeze()


def _main_ends(process: Process) -> frozenset[str]:
    pending = [node.id for node in process.of_kind("startEvent")]
    seen = set(pending)
    while pending:
        reached = pending.pop()
        following = [flow.target for flow in process.outgoing(reached)]
        following += [n.id for n in process.of_kind("boundaryEvent") if n.attached_to == reached and n.interrupting]
        following = [node for node in following if node not in seen]
        seen.update(following)
        pending += following
    return frozenset(node.id for node in process.of_kind("endEvent") if node.id in seen)


def _expressions(node: Node) -> Iterator[str]:
    """Every expression of a node except conditions on flows."""
    texts = [node.timer, node.multi_instance, node.completion_condition]
    texts += [binding.value for binding in node.inputs]
    texts += [limit.start for limit in node.limits]
    texts += [limit.code[1:] for limit in node.limits if limit.code.startswith("=")]
    if node.task:
        texts += [node.task.title, node.task.role, node.task.department, node.task.assignee, node.task.exclude]
        texts += [node.task.limit.removeprefix("=")] if node.task.limit.startswith("=") else []
    return (text for text in texts if text)


def _texts(one: Process) -> set[str]:
    """Every expression of a process, conditions on flows included."""
    texts = {text for node in one.nodes.values() for text in _expressions(node)}
    return texts | {flow.condition for flow in one.flows.values() if flow.condition}


def _variables(one: Process, tables: Mapping[str, DecisionTable]) -> frozenset[str]:
    """Every name that an expression, a binding, a decision or a multi-instance of a process mentions."""
    names = {name for text in _texts(one) for name in compile_expression(text).names}
    used = [tables[node.decision] for node in one.of_kind("businessRuleTask")]
    names |= {name for table in used for name in table.variables}
    names |= {output.name for table in used for output in table.outputs}
    return frozenset(names | {name for node in one.nodes.values() for name in _names(node)})


def _names(node: Node) -> Iterator[str]:
    """Variables that a node mentions outside expressions."""
    names = [node.item, node.collected, node.output_item, *(b.name for b in node.outputs)]
    if node.kind == "callActivity":
        names += [name for b in (*node.inputs, *node.outputs) for name in (b.name, b.value) if name.isidentifier()]
    return (name for name in names if name)
