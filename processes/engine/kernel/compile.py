"""Turn a release's diagrams and tables into something that runs, once, shared by all its instances and all threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.exceptions import SpiffWorkflowException

from processes.engine.diagrams.model import Node, Process
from processes.engine.diagrams.reader import read_bpmn
from processes.engine.diagrams.safe_xml import HostileXml
from processes.engine.errors import CompileError
from processes.engine.kernel.activities import CalledProcess, MultiInstance, SubProcess
from processes.engine.kernel.parser import DiagramParser
from processes.engine.kernel.release import Parts, Release
from processes.engine.kernel.shapes import ProcessShape
from processes.engine.kernel.specs import Lean
from processes.engine.language.decision_tables import DecisionTable, TableError, read_dmn
from processes.engine.language.expressions import ExpressionError, compile_expression


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
        texts = {text for definition in self.processes.values() for text in _texts(definition)}
        expressions = {text: compile_expression(text) for text in sorted(texts)}
        names = {key: _variables(definition, tables) for key, definition in self.processes.items()}
        return Release(
            process=process,
            processes=self.processes,
            tables=tables,
            variables=frozenset().union(*names.values()),
            own_variables=names[process],
            caught_messages=frozenset(m for definition in self.processes.values() for m in definition.caught_messages),
            thrown_messages=frozenset(m for definition in self.processes.values() for m in definition.thrown_messages),
            expressions=expressions,
            main_ends=_main_ends(self.processes[process]),
            limited=any(node.limits for definition in self.processes.values() for node in definition.nodes.values()),
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
        process = next((process for process in file.processes if process.id == key), None)
        if process is None:
            raise CompileError(f"文件 {filename} 里没有标识为“{key}”的流程")
        self.processes[key] = process
        for inner, spec in self.parser().process(file.root, filename, key).items():
            self.specs[key if inner == key else f"{key}/{inner}"] = spec
            _link(spec, process)
        for node in process.of_kind("callActivity"):
            self._add(node.called, (*callers, key))

    def _decisions(self) -> set[str]:
        nodes = (node for process in self.processes.values() for node in process.of_kind("businessRuleTask"))
        return {node.decision for node in nodes}

    def _table(self, key: str) -> DecisionTable:
        if key not in self.parts.tables:
            raise CompileError(f"没有决策表“{key}”，请先发布它，或改正决策任务里的表名")
        return read_dmn(self.parts.tables[key], f"{key}.dmn")


def _link(spec: ProcessShape, process: Process) -> None:
    """Give every spec its node and its flows, and connect multi-instances with their instances."""
    for task_spec in spec.task_specs.values():
        if task_spec.bpmn_id is not None:
            task_spec.node = process.nodes[task_spec.bpmn_id]
        flows = task_spec.__dict__.get("drawn_flows", ())
        task_spec.flow_of = {name: flow for flow, name in flows}
        if isinstance(task_spec, Lean):
            # Of a multi-instance the whole has the limit, not each of its instances.
            task_spec.limits = task_spec.node.limits if task_spec.node and not task_spec.framed else ()
        if isinstance(task_spec, SubProcess) and not isinstance(task_spec, CalledProcess):
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


def _texts(process: Process) -> set[str]:
    """Every expression of a process, conditions on flows included."""
    texts = {text for node in process.nodes.values() for text in _expressions(node)}
    return texts | {flow.condition for flow in process.flows.values() if flow.condition}


def _variables(process: Process, tables: Mapping[str, DecisionTable]) -> frozenset[str]:
    """Every name that an expression, a binding, a decision or a multi-instance of a process mentions."""
    names = {name for text in _texts(process) for name in compile_expression(text).names}
    used = [tables[node.decision] for node in process.of_kind("businessRuleTask")]
    names |= {name for table in used for name in table.variables}
    names |= {output.name for table in used for output in table.outputs}
    return frozenset(names | {name for node in process.nodes.values() for name in _names(node)})


def _names(node: Node) -> Iterator[str]:
    """Variables that a node mentions outside expressions."""
    names = [node.item, node.collected, node.output_item, *(b.name for b in node.outputs)]
    if node.kind == "callActivity":
        names += [name for b in (*node.inputs, *node.outputs) for name in (b.name, b.value) if name.isidentifier()]
    return (name for name in names if name)
