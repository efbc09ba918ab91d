"""The set of files under check: what could be read, by key, and where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from lxml import etree

from forms.form_file import FormError, FormFile
from forms.form_reader import read_form
from handlers.choices import source_problem
from processes.engine.check.finding import ERROR, NOTICE, Finding
from processes.engine.diagrams.model import BPMN, Flow, Node, Process
from processes.engine.diagrams.reader import FLOW_NODES, BpmnFile, local, read_bpmn
from processes.engine.diagrams.safe_xml import HostileXml
from processes.engine.language.decision_tables import DecisionTable, TableError, read_dmn

NAMED = FLOW_NODES | {"process", "sequenceFlow"}
"""Elements that nothing works without an id of."""


@dataclass(frozen=True)
class Diagram:
    """One readable diagram file with its process."""

    path: str
    data: bytes
    file: BpmnFile
    process: Process

    def error(self, place: Node | Flow | Process | None, code: str, sentence: str) -> Finding:
        """A finding that stops publication; None is the process itself."""
        return self._finding(place, code, ERROR, sentence)

    def notice(self, place: Node | Flow | Process | None, code: str, sentence: str) -> Finding:
        """A finding that only advises."""
        return self._finding(place, code, NOTICE, sentence)

    def at(self, element: etree._Element, code: str, sentence: str) -> Finding:
        """An error at any XML element; its nearest ancestor with an id is named."""
        while not element.get("id") and element.getparent() is not None:
            element = element.getparent()
        return Finding(self.path, element.get("id", ""), element.get("name", ""), code, ERROR, sentence)

    def _finding(self, place: Node | Flow | Process | None, code: str, severity: str, sentence: str) -> Finding:
        place = place or self.process
        name = place.name
        if not name and isinstance(place, Flow):
            names = [self.process.nodes[n].name or n for n in (place.source, place.target) if n in self.process.nodes]
            name = " → ".join(names)
        return Finding(self.path, place.id, name, code, severity, sentence)

    @cached_property
    def loops(self) -> frozenset[str]:
        """Ids of nodes that lie on a cycle of sequence flows."""
        return frozenset(n for n in self.process.nodes if n in self.after(n))

    @cached_property
    def following(self) -> Mapping[str, tuple[str, ...]]:
        """Node to the nodes a token may reach next; a boundary event follows the node it sits on."""
        edges: dict[str, list[str]] = {n: [] for n in self.process.nodes}
        for flow in self.process.flows.values():
            if flow.source in edges and flow.target in edges:
                edges[flow.source].append(flow.target)
        for node in self.process.nodes.values():
            if node.attached_to in edges:
                edges[node.attached_to].append(node.id)
        return {n: tuple(t) for n, t in edges.items()}

    def after(self, node: str) -> frozenset[str]:
        """Every node that a token leaving `node` can reach within the same scope."""
        return self._after.setdefault(node, _reach(self.following, self.following.get(node, ())))

    @cached_property
    def _after(self) -> dict[str, frozenset[str]]:
        return {}


@dataclass
class Bundle:
    """Everything under check. `forms` is None if forms are not part of this check, so are `letters`."""

    services: frozenset[str]
    roles: frozenset[str]
    letters: frozenset[str] | None = None
    diagrams: dict[str, Diagram] = field(default_factory=dict)
    tables: dict[str, tuple[str, DecisionTable]] = field(default_factory=dict)
    forms: dict[str, FormFile] | None = None
    sources: dict[str, bytes] = field(default_factory=dict)
    """Path to content, of everything that could be read."""
    broken: set[str] = field(default_factory=set)
    """Keys (file names without suffix) of files that are there but cannot be read: not to be called missing."""
    lacks_diagrams: bool = False
    """Whether a diagram is among them: who calls, starts or feeds another cannot be told then."""

    def load(self, path: str, data: bytes) -> Iterator[Finding]:
        """Read one file into the bundle, or say why it cannot be read."""
        suffix = PurePosixPath(path).suffix
        readers = {".bpmn": self._load_diagram, ".dmn": self._load_table, ".form": self._load_form}
        if suffix not in readers:
            yield Finding(path, "", "", "file_kind", ERROR, "只检查 .bpmn、.dmn、.form 和 .docx 文件，请检查文件名后缀")
            return
        try:
            yield from readers[suffix](path, data)
        except HostileXml as error:
            yield Finding(path, "", "", "unreadable", ERROR, error.sentence)
        except TableError as error:
            for p in error.problems:
                yield Finding(path, p.element_id, p.element_name, "table_cell", ERROR, p.element_name + p.sentence)
        except FormError as error:
            sentence = str(error).removeprefix(f"表单 {path}：")
            yield Finding(path, "", "", "form", ERROR, sentence)
        else:
            self.sources[path] = data
            return
        self._break(path)

    def _break(self, path: str) -> None:
        self.broken.add(PurePosixPath(path).stem)
        self.lacks_diagrams = self.lacks_diagrams or path.endswith(".bpmn")

    def _load_diagram(self, path: str, data: bytes) -> Iterator[Finding]:
        file = read_bpmn(data, path)
        if len(file.processes) != 1:
            yield Finding(path, "", "", "one_process", ERROR, _not_one(file.processes))
            self._break(path)
            return
        doubtful = _ids(file)
        if doubtful:
            for id_ in doubtful:
                sentence = f"编号「{id_}」用了不止一次，请改成各不相同的编号" if id_ else "有节点或连线没有编号，请补上"
                yield Finding(path, id_, "", "same_id", ERROR, sentence)
            self._break(path)
            return
        diagram = Diagram(path, data, file, file.processes[0])
        key = diagram.process.id
        if key != PurePosixPath(path).stem:
            sentence = f"流程编号是「{key}」，与文件名不一致，请把文件命名为 {key}.bpmn 或修改流程编号"
            yield diagram.error(None, "file_name", sentence)
        if key in self.diagrams:
            yield diagram.error(None, "same_key", f"流程编号「{key}」与 {self.diagrams[key].path} 重复，请改一个")
            return
        self.diagrams[key] = diagram

    def _load_table(self, path: str, data: bytes) -> Iterator[Finding]:
        table = read_dmn(data, path)
        if table.key != PurePosixPath(path).stem:
            sentence = f"决策编号是「{table.key}」，与文件名不一致，请把文件命名为 {table.key}.dmn 或修改决策编号"
            yield Finding(path, table.key, table.name, "file_name", ERROR, sentence)
        if table.key in self.tables:
            sentence = f"决策编号「{table.key}」与 {self.tables[table.key][0]} 重复，请改一个"
            yield Finding(path, table.key, table.name, "same_key", ERROR, sentence)
            return
        self.tables[table.key] = (path, table)

    def _load_form(self, path: str, data: bytes) -> Iterator[Finding]:
        form = read_form(data, path)
        forms = self.forms = self.forms if self.forms is not None else {}
        if form.key in forms:
            yield Finding(path, form.key, form.name, "same_key", ERROR, f"表单编号「{form.key}」有两个文件，请删除一个")
            return
        forms[form.key] = form
        for source in sorted(form.sources()):
            if problem := source_problem(source, self.roles):
                yield Finding(path, form.key, form.name, "form_source", ERROR, problem)

    def form_files(self) -> Iterator[tuple[str, FormFile]]:
        """Path and form of every form that could be read."""
        for path in self.sources:
            form = (self.forms or {}).get(PurePosixPath(path).stem)
            if form is not None and path.endswith(".form"):
                yield path, form

    def form_of(self, node: Node) -> FormFile | None:
        """The form of a user task, if it is here."""
        return self.forms.get(node.task.form) if self.forms is not None and node.task else None

    def callers(self, process: str) -> list[tuple[Diagram, Node]]:
        """The call activities that call `process`."""
        return [(d, n) for d in self.diagrams.values() for n in d.process.nodes.values() if n.called == process]


def _not_one(processes: Sequence[Process]) -> str:
    """What to do with a file of no process or of several."""
    if not processes:
        return (
            "文件里没有流程（只有空白的图，或者只有泳池、消息流），"
            "请在流程设计器里新建流程，画上开始事件、任务和结束事件再保存"
        )
    names = "、".join(f"「{process.name or process.id}」" for process in processes)
    empty = [f"「{process.name or process.id}」" for process in processes if not process.nodes]
    if empty and len(empty) < len(processes):
        return (
            f"文件里有 {len(processes)} 个流程（{names}），其中{'、'.join(empty)}一步也没有，"
            "请在流程设计器里删除它的泳池"
        )
    return (
        f"文件里有 {len(processes)} 个流程（{names}），一个文件只放一个：请在流程设计器里每个流程各存成一个文件，"
        "一个要用另一个的，画成调用活动"
    )


def _ids(file: BpmnFile) -> list[str]:
    """Ids that are missing or not unique: all else in the check goes by id, so such a file is not looked into."""
    counts: dict[str, int] = {}
    for element in file.root.iter(f"{{{BPMN}}}*"):
        if element.get("id") or local(element) in NAMED:
            counts[element.get("id", "")] = counts.get(element.get("id", ""), 0) + 1
    return [id_ for id_, count in counts.items() if count > 1 or not id_]


def _reach(following: Mapping[str, tuple[str, ...]], starts: tuple[str, ...]) -> frozenset[str]:
    seen: set[str] = set()
    pending = list(starts)
    while pending:
        node = pending.pop()
        if node not in seen:
            seen.add(node)
            pending.extend(following.get(node, ()))
    return frozenset(seen)


def reach(following: Mapping[str, tuple[str, ...]], *starts: str) -> frozenset[str]:
    """`starts` and every node reachable from them."""
    return _reach(following, starts)
