#!/usr/bin/env bash
# Versions: SpiffWorkflow 3.2.0 (its own XSD check switched on), lxml 6.1.3, Python 3.11.
# What happens: an event subprocess that starts on an error is there for the case that something goes wrong. Here no
#   error is ever thrown, and its first task still waits for somebody as soon as the case starts: the error start
#   event is taken for a plain one. An event subprocess that starts on a message waits as it should.
# Seen: ready at once with an error start: apply, repair; with a message start: apply
# Whom it hurts: whoever draws error handling in an editor that offers it. Every healthy case begins with the repair
#   on somebody's desk, and neither the parser nor the schema has a word to say.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3
cat >"$dir/error.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="example">
  <error id="failed" name="failed" errorCode="failed"/>
  <message id="asked" name="asked"/>
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="apply"/>
    <userTask id="apply"/>
    <sequenceFlow id="f2" sourceRef="apply" targetRef="end"/>
    <endEvent id="end"/>
    <subProcess id="handler" triggeredByEvent="true">
      <startEvent id="caught"><errorEventDefinition errorRef="failed"/></startEvent>
      <sequenceFlow id="f3" sourceRef="caught" targetRef="repair"/>
      <userTask id="repair"/>
      <sequenceFlow id="f4" sourceRef="repair" targetRef="repaired"/>
      <endEvent id="repaired"/>
    </subProcess>
  </process>
</definitions>
XML
sed 's|<errorEventDefinition errorRef="failed"/>|<messageEventDefinition messageRef="asked"/>|' "$dir/error.bpmn" >"$dir/message.bpmn"
cat >"$dir/run.py" <<'PY'
import sys
from pathlib import Path

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser


def ready_at_once(name):
    parser = SpiffBpmnParser(validator=VALIDATOR)
    parser.add_bpmn_str((Path(sys.argv[1]) / name).read_bytes())
    workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
    workflow.do_engine_steps()
    return ", ".join(sorted(task.task_spec.name for task in workflow.get_tasks(state=TaskState.READY, manual=True)))


print(f"ready at once with an error start: {ready_at_once('error.bpmn')}; "
      f"with a message start: {ready_at_once('message.bpmn')}")
PY
seen=$("$dir/venv/bin/python" "$dir/run.py" "$dir")
expected='ready at once with an error start: apply, repair; with a message start: apply'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
