"""The documented SpiffWorkflow way of running the benchmark diagram, as its own documentation shows it.

Parsed by `SpiffBpmnParser` with the `spiffworkflow:` extensions in the same files; saved with `serialize_json` of a
serialiser made from `SPIFF_CONFIG`; loaded with `deserialize_json`; a task is found with `get_tasks`, given its values,
run, and followed by `do_engine_steps`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState


class _Environment(TaskDataEnvironment):  # type: ignore[misc]
    """Services and clock as a documented environment gives them."""

    def __init__(self, services: Mapping[str, Any], due: datetime) -> None:
        super().__init__({"timedelta": timedelta, "clock": lambda code: due.isoformat()})
        self.services = services

    def call_service(self, context: Any, **kwargs: Any) -> str:
        values = {name: given["value"] for name, given in kwargs["operation_params"].items()}
        (result,) = self.services[kwargs["operation_name"]](**values).values()
        return json.dumps(result)


class Documented:
    """Starts cases and carries out user actions on their saved form."""

    def __init__(self, diagrams: Path, process: str, services: Mapping[str, Any], due: datetime) -> None:
        parser = SpiffBpmnParser()
        for path in sorted(diagrams.glob("*.bpmn")):
            parser.add_bpmn_str(path.read_bytes(), path.name)
        for path in sorted(diagrams.glob("*.dmn")):
            parser.add_dmn_str(path.read_bytes(), path.name)
        self.spec = parser.get_spec(process)
        self.subprocess_specs = parser.get_subprocess_specs(process)
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
        self.engine = PythonScriptEngine(_Environment(services, due))

    def start(self) -> str:
        """A new case, saved at its first wait."""
        workflow = BpmnWorkflow(self.spec, self.subprocess_specs, script_engine=self.engine)
        self._advance(workflow)
        return str(self.serializer.serialize_json(workflow))

    def act(self, saved: str, node: str, values: Mapping[str, Any]) -> str:
        """One user action: load, complete, run, save."""
        workflow = self.serializer.deserialize_json(saved)
        workflow.script_engine = self.engine
        task = workflow.get_tasks(state=TaskState.READY, spec_name=node)[0]
        task.data.update(values)
        task.run()
        self._advance(workflow)
        return str(self.serializer.serialize_json(workflow))

    def _advance(self, workflow: Any) -> None:
        workflow.do_engine_steps()

    def open(self, saved: str) -> list[str]:
        """Ids of the tasks that wait for somebody."""
        workflow = self.serializer.deserialize_json(saved)
        return sorted(t.task_spec.name for t in workflow.get_tasks(state=TaskState.READY, manual=True))

    def completed(self, saved: str) -> bool:
        """Whether the case has ended."""
        return bool(self.serializer.deserialize_json(saved).is_completed())
