#!/usr/bin/env bash
# Versions: SpiffWorkflow 3.2.0, lxml 6.1.3, Python 3.11.
# What happens: two user tasks stand side by side between parallel gateways. One of them changes a value, the other
#   never touches it but is done later. Behind the join the change is gone: each branch carries a whole copy of the
#   data, and the copy that arrives last overwrites every key of the others, also those it did not change. Nothing
#   is raised or logged.
# Seen: behind the join, changing branch first: amount=100; changing branch last: amount=250
# Whom it hurts: whoever lets two people fill in one case at the same time and reads the data after the join. Which
#   of them clicks first decides whether a correction survives.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3
cat >"$dir/process.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="example">
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f0" sourceRef="start" targetRef="record"/>
    <userTask id="record"/>
    <sequenceFlow id="f1" sourceRef="record" targetRef="split"/>
    <parallelGateway id="split"/>
    <sequenceFlow id="f2" sourceRef="split" targetRef="correct"/>
    <sequenceFlow id="f3" sourceRef="split" targetRef="look"/>
    <userTask id="correct"/>
    <userTask id="look"/>
    <sequenceFlow id="f4" sourceRef="correct" targetRef="join"/>
    <sequenceFlow id="f5" sourceRef="look" targetRef="join"/>
    <parallelGateway id="join"/>
    <sequenceFlow id="f6" sourceRef="join" targetRef="decide"/>
    <userTask id="decide"/>
    <sequenceFlow id="f7" sourceRef="decide" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>
XML
cat >"$dir/run.py" <<'PY'
import sys
from pathlib import Path

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser


def amount_behind_the_join(order):
    parser = SpiffBpmnParser(validator=VALIDATOR)
    parser.add_bpmn_str(Path(sys.argv[1]).read_bytes())
    workflow = BpmnWorkflow(parser.get_spec("p"))
    for name in ["record", *order]:
        workflow.do_engine_steps()
        task = workflow.get_next_task(spec_name=name, state=TaskState.READY)
        if name == "record":
            task.data["amount"] = 100
        elif name == "correct":
            task.data["amount"] = 250
        task.run()
    workflow.do_engine_steps()
    return workflow.get_next_task(spec_name="decide", state=TaskState.READY).data["amount"]


first = amount_behind_the_join(["correct", "look"])
last = amount_behind_the_join(["look", "correct"])
print(f"behind the join, changing branch first: amount={first}; changing branch last: amount={last}")
PY
seen=$("$dir/venv/bin/python" "$dir/run.py" "$dir/process.bpmn")
expected='behind the join, changing branch first: amount=100; changing branch last: amount=250'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
