#!/usr/bin/env bash
# Versions: SpiffWorkflow 3.2.0, lxml 6.1.3, time-machine 2.16.0 (it sets the clock), Python 3.11.
# What happens: the length of the "month" in a timer P1M is that of the month which UTC has at the start. A timer that
#   starts in China (UTC+8) on 1 March before 08:00 takes the 28 days of February; one started after 08:00 the same
#   morning takes the 31 days of March. The sooner start is due three days sooner, with 28 days for a month.
# Seen: 1 March 07:59 is due 2026-03-29 07:59, 1 March 08:01 is due 2026-04-01 08:01
# Whom it hurts: everybody east of Greenwich whose deadlines are months, on the first morning of each month, and only
#   for what night jobs and early birds start; tests with a clock in UTC never see it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3 time-machine==2.16.0
cat >"$dir/process.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="example">
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="wait"/>
    <intermediateCatchEvent id="wait">
      <timerEventDefinition><timeDuration>"P1M"</timeDuration></timerEventDefinition>
    </intermediateCatchEvent>
    <sequenceFlow id="f2" sourceRef="wait" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>
XML
cat >"$dir/run.py" <<'PY'
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import time_machine
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser

CHINA = timezone(timedelta(hours=8))
parser = SpiffBpmnParser(validator=VALIDATOR)
parser.add_bpmn_str(Path(sys.argv[1]).read_bytes())


def due(hour, minute):
    with time_machine.travel(datetime(2026, 3, 1, hour, minute, tzinfo=CHINA), tick=False):
        workflow = BpmnWorkflow(parser.get_spec("p"))
        workflow.do_engine_steps()
        [event] = workflow.waiting_events()
    return f"{datetime.fromisoformat(event.value).astimezone(CHINA):%Y-%m-%d %H:%M}"


print(f"1 March 07:59 is due {due(7, 59)}, 1 March 08:01 is due {due(8, 1)}")
PY
seen=$("$dir/venv/bin/python" "$dir/run.py" "$dir/process.bpmn")
expected='1 March 07:59 is due 2026-03-29 07:59, 1 March 08:01 is due 2026-04-01 08:01'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
