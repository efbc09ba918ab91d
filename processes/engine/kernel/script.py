"""The bridge between SpiffWorkflow and one running case: expressions, the world, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from SpiffWorkflow.bpmn.script_engine import BasePythonScriptEngineEnvironment, PythonScriptEngine

from handlers.service_registry import HandlerRefused
from processes.engine.diagrams.model import Node
from processes.engine.errors import StepFailed
from processes.engine.kernel.release import Release
from processes.engine.kernel.shapes import Host, KernelTask
from processes.engine.kernel.variables import visible
from processes.engine.language.decision_tables import Decision, DecisionError
from processes.engine.language.expressions import ExpressionError, compile_expression


class _NoPython(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """SpiffWorkflow's own way to `eval` and `exec`, closed."""

    def evaluate(self, expression: str, context: object, external_context: object = None) -> object:
        raise PermissionError("Python is not run here")

    def execute(self, script: str, context: object, external_context: object = None) -> object:
        raise PermissionError("Python is not run here")

    def call_service(self, context: object, **kwargs: object) -> object:
        raise PermissionError("Python is not run here")


class CaseScript(PythonScriptEngine):  # type: ignore[misc]
    """Belongs to one live instance, never to a release."""

    host: Host

    def __init__(self, release: Release) -> None:
        super().__init__(_NoPython())
        self.release = release
        self.firing = False
        """Whether timers that have become due may fire now."""
        self.decisions: list[Decision] = []

    def evaluate(
        self, task: KernelTask, expression: str, external_context: Mapping[str, Callable[..., object]] | None = None
    ) -> object:
        """The value of an expression over what `task` sees; timers give `clock`. Raises StepFailed."""
        with naming(task):
            compiled = self.release.expressions.get(expression) or compile_expression(expression)
            return compiled.evaluate(visible(task), external_context)

    def holds(self, task: KernelTask, condition: str) -> bool:
        """Whether a condition is true over what `task` sees. Raises StepFailed."""
        with naming(task):
            compiled = self.release.expressions.get(condition) or compile_expression(condition)
            return compiled.holds(visible(task))

    def execute(self, task: KernelTask, script: str, external_context: object = None) -> object:
        """Scripts are refused by the check; this is the second lock."""
        raise failure(task, "不允许运行脚本，请改用服务任务或决策表")

    def call_service(self, task: KernelTask, **kwargs: object) -> object:
        """Service tasks ask the host themselves; SpiffWorkflow's way round it stays shut."""
        raise failure(task, "不允许用这种方式调用服务")


def failure(task: KernelTask, reason: str) -> StepFailed:
    """The exception that says that the node of `task` failed."""
    node: Node | None = getattr(task.task_spec, "node", None)
    if node is None:
        return StepFailed(task.workflow.spec.name, str(task.task_spec.name), "", reason)
    return StepFailed(node.process, node.id, node.name or node.id, reason)


class naming:
    """Whatever goes wrong inside is told as a failure of the node of `task`, with the cause chained.

    A class: as a generator it would be half of what a step costs that only passes a gateway.
    """

    def __init__(self, task: KernelTask) -> None:
        self._task = task

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception) or (isinstance(error, StepFailed) and error.node):
            return
        raise failure(self._task, _reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, StepFailed):
        return error.reason
    if isinstance(error, HandlerRefused | DecisionError):
        return str(error)
    if isinstance(error, ExpressionError):
        return f"表达式算不出来：{error}"
    return f"系统办理这一步时出错（{type(error).__name__}），请联系系统管理员"
