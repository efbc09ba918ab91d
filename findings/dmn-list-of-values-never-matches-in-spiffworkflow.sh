#!/usr/bin/env bash
# Versions: SpiffWorkflow 3.2.0, lxml 6.1.3, feelin 8.2.0, Python 3.11, Node 20.
# What happens: an input cell "food","drink" of a DMN decision table means one of the two; table editors write just
#   that for a column of texts. SpiffWorkflow reads the cell as a Python tuple and compares the text with it, which is
#   never true. The row is skipped without an error, for either value, and the row below decides; a FEEL reader takes
#   the row. The same for the cell not("food").
# Seen: SpiffWorkflow: food=other drink=other metal=other; FEEL: food=market drink=market metal=other
# Whom it hurts: whoever draws tables in an editor and runs them in SpiffWorkflow. With an otherwise row every case
#   goes there, which looks like an answer.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3
npm install --prefix "$dir" --silent --no-audit --no-fund feelin@8.2.0
cat >"$dir/table.dmn" <<'XML'
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="example">
  <decision id="office" name="office">
    <decisionTable id="t" hitPolicy="FIRST">
      <input id="in"><inputExpression id="ie" typeRef="string"><text>goods</text></inputExpression></input>
      <output id="out" name="office" typeRef="string"/>
      <rule id="r1">
        <inputEntry id="i1"><text>"food","drink"</text></inputEntry>
        <outputEntry id="o1"><text>"market"</text></outputEntry>
      </rule>
      <rule id="r2">
        <inputEntry id="i2"><text></text></inputEntry>
        <outputEntry id="o2"><text>"other"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
XML
cat >"$dir/process.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="example"
    xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core">
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f0" sourceRef="start" targetRef="record"/>
    <userTask id="record"/>
    <sequenceFlow id="f1" sourceRef="record" targetRef="decide"/>
    <businessRuleTask id="decide">
      <extensionElements>
        <spiffworkflow:calledDecisionId>office</spiffworkflow:calledDecisionId>
      </extensionElements>
    </businessRuleTask>
    <sequenceFlow id="f2" sourceRef="decide" targetRef="end"/>
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

parser = SpiffBpmnParser(validator=VALIDATOR)
parser.add_bpmn_str((Path(sys.argv[1]) / "process.bpmn").read_bytes())
parser.add_dmn_str((Path(sys.argv[1]) / "table.dmn").read_bytes())


def office(goods):
    workflow = BpmnWorkflow(parser.get_spec("p"))
    workflow.do_engine_steps()
    task = workflow.get_next_task(spec_name="record", state=TaskState.READY)
    task.data["goods"] = goods
    task.run()
    workflow.do_engine_steps()
    return workflow.data["office"]


print("SpiffWorkflow:", *(f"{goods}={office(goods)}" for goods in ("food", "drink", "metal")))
PY
cat >"$dir/run.mjs" <<'JS'
import { unaryTest } from 'feelin';

const office = goods => unaryTest('"food","drink"', { '?': goods }).value ? 'market' : 'other';
console.log('FEEL:', ...['food', 'drink', 'metal'].map(goods => `${goods}=${office(goods)}`));
JS
seen="$("$dir/venv/bin/python" "$dir/run.py" "$dir"); $(node "$dir/run.mjs")"
expected='SpiffWorkflow: food=other drink=other metal=other; FEEL: food=market drink=market metal=other'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
