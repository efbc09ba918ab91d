#!/usr/bin/env bash
# Versions: SpiffWorkflow 3.2.0, lxml 6.1.3, Python 3.11.
# What happens: a saved case is a JSON object whose "tasks" are keyed by random ids. Each task's data is stored as
#   the difference to its parent, and reading needs the parents first. Sort the keys, as PostgreSQL's JSONB, jq -S or
#   sort_keys do, and the same JSON value is read without an error, every task in its right state, the data empty.
# Seen: as written: {'name': 'x', 'amount': 3}; keys sorted: {} in at least one of 8 cases
#   (of 400 cases, once: 331 empty, 56 with the last value only, 13 whole)
# Whom it hurts: whoever keeps cases in a JSONB column, or makes the JSON canonical to sign or compare it. The random
#   ids make it worse: now and then the order comes out right, so a test may pass.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3
cat >"$dir/process.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="example">
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f0" sourceRef="start" targetRef="name"/>
    <userTask id="name"/>
    <sequenceFlow id="f1" sourceRef="name" targetRef="amount"/>
    <userTask id="amount"/>
    <sequenceFlow id="f2" sourceRef="amount" targetRef="decide"/>
    <userTask id="decide"/>
    <sequenceFlow id="f3" sourceRef="decide" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>
XML
cat >"$dir/run.py" <<'PY'
import json
import sys
from pathlib import Path

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser
from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG

parser = SpiffBpmnParser(validator=VALIDATOR)
parser.add_bpmn_str(Path(sys.argv[1]).read_bytes())
serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(DEFAULT_CONFIG))


def waiting_data(saved):
    workflow = serializer.deserialize_json(saved)
    return workflow.get_next_task(spec_name="decide", state=TaskState.READY).data


def saved_case():
    workflow = BpmnWorkflow(parser.get_spec("p"))
    for name, value in (("name", "x"), ("amount", 3)):
        workflow.do_engine_steps()
        task = workflow.get_next_task(spec_name=name, state=TaskState.READY)
        task.data[name] = value
        task.run()
    workflow.do_engine_steps()
    return serializer.serialize_json(workflow)


cases = [saved_case() for _ in range(8)]
kept = [waiting_data(saved) for saved in cases]
after_sorting = [waiting_data(json.dumps(json.loads(saved), sort_keys=True)) for saved in cases]
assert all(data == kept[0] for data in kept), kept
lost = {} if {} in after_sorting else after_sorting
print(f"as written: {kept[0]}; keys sorted: {lost} in at least one of 8 cases")
PY
seen=$("$dir/venv/bin/python" "$dir/run.py" "$dir/process.bpmn")
expected="as written: {'name': 'x', 'amount': 3}; keys sorted: {} in at least one of 8 cases"
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
