#!/usr/bin/env bash
# Versions: SpiffWorkflow 3.2.0, lxml 6.1.3, time-machine 2.16.0 (it sets the clock), Python 3.11.
# What happens: the new version of a diagram changes the name of one later step and nothing else; diff_workflow lists
#   just that step. migrate_workflow with its defaults then counts the running boundary timer of another task afresh
#   from the day of the migration and drops what had been written into that task's data.
# Seen: before: due 2026-03-09, draft kept; after: due 2026-03-15, draft gone
# Whom it hurts: whoever moves open cases to a diagram with a corrected label. A legal deadline moves by as many days
#   as the case had been waiting, and nothing on the way says so.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3 time-machine==2.16.0
cat >"$dir/old.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="example">
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="examine"/>
    <userTask id="examine" name="Examine"/>
    <boundaryEvent id="late" attachedToRef="examine">
      <timerEventDefinition><timeDuration>"P7D"</timeDuration></timerEventDefinition>
    </boundaryEvent>
    <sequenceFlow id="f2" sourceRef="examine" targetRef="reply"/>
    <userTask id="reply" name="Reply"/>
    <sequenceFlow id="f3" sourceRef="reply" targetRef="end"/>
    <sequenceFlow id="f4" sourceRef="late" targetRef="end2"/>
    <endEvent id="end"/>
    <endEvent id="end2"/>
  </process>
</definitions>
XML
sed 's|name="Reply"|name="Write the reply"|' "$dir/old.bpmn" >"$dir/new.bpmn"
cat >"$dir/run.py" <<'PY'
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import time_machine
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.util.diff import diff_workflow, migrate_workflow
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser
from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG


def spec(name):
    parser = SpiffBpmnParser(validator=VALIDATOR)
    parser.add_bpmn_str((Path(sys.argv[1]) / name).read_bytes())
    return parser.get_spec("p"), parser.get_subprocess_specs("p")


def state(workflow):
    [event] = workflow.waiting_events()
    draft = workflow.get_next_task(spec_name="examine", state=TaskState.READY).data.get("draft")
    return f"due {event.value[:10]}, draft {'kept' if draft else 'gone'}"


with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=timezone.utc), tick=False) as clock:
    workflow = BpmnWorkflow(*spec("old.bpmn"))
    workflow.do_engine_steps()
    workflow.get_next_task(spec_name="examine", state=TaskState.READY).data["draft"] = "text"
    clock.shift(timedelta(days=6))
    before = state(workflow)
    new_spec, new_subprocesses = spec("new.bpmn")
    registry = BpmnWorkflowSerializer.configure(DEFAULT_CONFIG)
    difference, _ = diff_workflow(registry, workflow, new_spec, new_subprocesses)
    assert [task.task_spec.name for task in difference.changed] == ["reply"] and not difference.removed
    migrate_workflow(difference, workflow, new_spec)
    print(f"before: {before}; after: {state(workflow)}")
PY
seen=$("$dir/venv/bin/python" "$dir/run.py" "$dir")
expected='before: due 2026-03-09, draft kept; after: due 2026-03-15, draft gone'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
