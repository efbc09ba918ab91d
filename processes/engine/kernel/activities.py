"""Activities: user tasks, service tasks, decisions, sub-processes, called processes, multi-instance."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs.defaults import CallActivity, ServiceTask, SubWorkflowTask, UserTask
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.util.task import TaskState

from processes.engine.diagrams.model import Node
from processes.engine.kernel.script import failure, naming
from processes.engine.kernel.shapes import KernelTask, KernelWorkflow
from processes.engine.kernel.specs import Lean
from processes.engine.kernel.variables import EVERYWHERE, frames, plain, visible, write, write_outside

UNFINISHED = TaskState.NOT_FINISHED_MASK


class Desk(Lean, UserTask):  # type: ignore[misc]
    """A user task: stays ready until somebody completes it."""


class Service(Lean, ServiceTask):  # type: ignore[misc]
    """Calls a registered function with the values of its `banli:in`, keeps what its `banli:out` name."""

    node: Node

    def _run_hook(self, my_task: KernelTask) -> bool:
        engine = my_task.workflow.script_engine
        node = self.node
        values = {b.name: engine.evaluate(my_task, b.value) for b in node.inputs}
        with naming(my_task):
            # A copy: a service that changes a list it was given must not change the case behind our back.
            result = engine.host.call(node.handler, plain(values), node)
            missing = [b.value for b in node.outputs if b.value not in result]
            if missing:
                raise failure(my_task, f"服务 {node.handler} 没有给出 {'、'.join(missing)}，请联系系统管理员")
            write(my_task, {b.name: result[b.value] for b in node.outputs})
        return True


class BusinessRule(Lean, BpmnSpecMixin):  # type: ignore[misc]
    """A business rule task: the matching row's outputs become variables."""

    node: Node

    def _run_hook(self, my_task: KernelTask) -> bool:
        engine = my_task.workflow.script_engine
        table = engine.release.tables[self.node.decision]
        with naming(my_task):
            decision = table.decide(visible(my_task))
            if decision is None or not decision.row:
                raise failure(
                    my_task, f"决策表「{table.name or table.key}」没有一行与当前情况相符，请流程负责人补上这一行"
                )
            write(my_task, decision.outputs)
        engine.decisions.append(decision)
        return True


class SubProcess(Lean, SubWorkflowTask):  # type: ignore[misc]
    """A sub-process drawn inside: sees and sets the variables around it."""

    node: Node

    def _update_hook(self, my_task: KernelTask) -> bool:
        top = my_task.workflow.top_workflow
        inner = top.subprocesses.get(my_task.id)
        if inner is not None:
            return bool(inner.completed)
        inner = top.create_subprocess(my_task, self.spec)
        inner.completed_event.connect(self._on_subworkflow_completed, my_task)
        self.copy_data(my_task, inner)
        my_task._set_state(TaskState.STARTED)
        inner.task_tree.run()
        return False

    def copy_data(self, my_task: KernelTask, subworkflow: KernelWorkflow) -> None:
        """Nothing to copy: variables are shared."""

    def update_data(self, my_task: KernelTask, subworkflow: KernelWorkflow) -> None:
        """Nothing to copy: variables are shared."""

    def _on_cancel(self, my_task: KernelTask) -> None:
        inner = my_task.workflow.top_workflow.subprocesses.get(my_task.id)
        if inner is not None:
            inner.cancel()


class CalledProcess(SubProcess, CallActivity):  # type: ignore[misc]
    """A called process: only `banli:in` goes in, only `banli:out` comes out."""

    isolated = True

    def copy_data(self, my_task: KernelTask, subworkflow: KernelWorkflow) -> None:
        """Give the called process its inputs."""
        evaluate = my_task.workflow.script_engine.evaluate
        around = visible(my_task)
        values = {name: around[name] for name in EVERYWHERE if name in around}
        values |= {b.name: evaluate(my_task, b.value) for b in self.node.inputs}
        with naming(my_task):
            write(subworkflow.task_tree, values)

    def update_data(self, my_task: KernelTask, subworkflow: KernelWorkflow) -> None:
        """Take its outputs; one that it never set is None."""
        write(my_task, {b.name: subworkflow.data.get(b.value) for b in self.node.outputs})


class MultiInstance(Lean, LoopTask):  # type: ignore[misc]
    """One activity for each entry of a list, all at once or one after another.

    Each instance has a frame of its own, which holds its entry and what it sets. When it finishes, its output item is
    added to the collected list; without an output item, all it set goes to the variables around it. The completion
    condition sees the frame of the instance that has just finished and the collected list.
    """

    node: Node
    task_spec = ""
    """Name of the spec of one instance."""

    def _update_hook(self, my_task: KernelTask) -> bool:
        with naming(my_task):
            items = my_task.workflow.script_engine.evaluate(my_task, self.node.multi_instance)
            if not isinstance(items, list | tuple):
                raise failure(my_task, f"“{self.node.multi_instance}”不是列表，不能逐项办理")
            if self.node.collected:
                write(my_task, {self.node.collected: []})
        if not items:
            return True
        my_task._set_state(TaskState.STARTED)
        if self.node.sequential:
            my_task.internal_data["left"] = list(items[1:])
        for item in items[:1] if self.node.sequential else items:
            self._begin(my_task, item)
        return False

    def _begin(self, my_task: KernelTask, item: object) -> None:
        spec = my_task.workflow.spec.task_specs[self.task_spec]
        child = my_task._add_child(spec, TaskState.FUTURE)
        child.triggered = True
        if self.node.item:
            write(child, {self.node.item: item})
        spec._update(child)

    def merge_child(self, workflow: KernelWorkflow, child: KernelTask) -> None:
        """Called when an instance has finished; connected by the compiler."""
        my_task = child.parent
        self._gather(child)
        condition = self.node.completion_condition
        if condition and my_task.workflow.script_engine.holds(child, condition):
            for other in my_task.children:
                if other.triggered and other._state & UNFINISHED:
                    other.cancel()
            my_task.internal_data.pop("left", None)
        left = my_task.internal_data.get("left")
        if left:
            my_task.internal_data["left"] = left[1:]
            self._begin(my_task, left[0])
        elif not any(c.triggered and c is not child and c._state & UNFINISHED for c in my_task.children):
            my_task._set_state(TaskState.READY)

    def _gather(self, child: KernelTask) -> None:
        node = self.node
        own = frames(child)[0]
        if not node.collected:
            write_outside(child, {name: value for name, value in own.items() if name != node.item})
            return
        if node.output_item not in own:
            raise failure(child, f"这一项办完后没有给出“{node.output_item}”")
        gathered = [*visible(child)[node.collected], own[node.output_item]]
        write_outside(child, {node.collected: gathered})
