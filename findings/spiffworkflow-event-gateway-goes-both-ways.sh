#!/usr/bin/env bash
# Versions: SpiffWorkflow 3.2.0, lxml 6.1.3, time-machine 2.16.0 (it sets the clock), Python 3.11.
# What happens: an event gateway waits for an answer or for a timer, whichever comes first. The answer arrives when
#   the time is already up but nobody has told the engine so (timers are looked at only when asked). The answer is
#   taken, and the next look at the timers takes the other way as well: both tasks are open in one case.
# Seen: answer in time: answered; answer between due time and the next look: answered, overdue
# Whom it hurts: whoever looks at timers with a job that runs every few minutes. Between due time and job the case
#   splits in two, and a reminder goes out to somebody who has answered.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3 time-machine==2.16.0
cat >"$dir/process.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="example">
  <message id="answer" name="answer"/>
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="either"/>
    <eventBasedGateway id="either"/>
    <sequenceFlow id="f2" sourceRef="either" targetRef="got"/>
    <sequenceFlow id="f3" sourceRef="either" targetRef="late"/>
    <intermediateCatchEvent id="got"><messageEventDefinition messageRef="answer"/></intermediateCatchEvent>
    <intermediateCatchEvent id="late">
      <timerEventDefinition><timeDuration>"P7D"</timeDuration></timerEventDefinition>
    </intermediateCatchEvent>
    <sequenceFlow id="f4" sourceRef="got" targetRef="answered"/>
    <sequenceFlow id="f5" sourceRef="late" targetRef="overdue"/>
    <userTask id="answered"/>
    <userTask id="overdue"/>
    <sequenceFlow id="f6" sourceRef="answered" targetRef="end1"/>
    <sequenceFlow id="f7" sourceRef="overdue" targetRef="end2"/>
    <endEvent id="end1"/>
    <endEvent id="end2"/>
  </process>
</definitions>
XML
cat >"$dir/run.py" <<'PY'
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import time_machine
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser

parser = SpiffBpmnParser(validator=VALIDATOR)
parser.add_bpmn_str(Path(sys.argv[1]).read_bytes())


def open_tasks(days):
    with time_machine.travel(datetime(2026, 3, 2, tzinfo=timezone.utc), tick=False) as clock:
        workflow = BpmnWorkflow(parser.get_spec("p"))
        workflow.do_engine_steps()
        clock.shift(timedelta(days=days))
        choices = workflow.spec.task_specs["either"].event_definition.event_definitions
        [answer] = [choice for choice in choices if choice.name == "answer"]
        workflow.send_event(BpmnEvent(answer, {}))
        workflow.do_engine_steps()
        workflow.refresh_timers()
        workflow.do_engine_steps()
    return ", ".join(sorted(task.task_spec.name for task in workflow.get_tasks(state=TaskState.READY, manual=True)))


print(f"answer in time: {open_tasks(1)}; answer between due time and the next look: {open_tasks(8)}")
PY
seen=$("$dir/venv/bin/python" "$dir/run.py" "$dir/process.bpmn")
expected='answer in time: answered; answer between due time and the next look: answered, overdue'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
