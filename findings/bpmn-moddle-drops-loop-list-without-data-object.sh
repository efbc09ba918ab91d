#!/usr/bin/env bash
# Versions: bpmn-moddle 10.3.1 (the reader and writer under bpmn-js), SpiffWorkflow 3.2.0, lxml 6.1.3, Python 3.11, Node 20.
# What happens: in a task "once for each", loopDataInputRef names the list. SpiffWorkflow takes any variable of the
#   case, bpmn-moddle only a data object with that id. Reading and writing the file without touching it takes the
#   element out, with nothing but a warning that programs rarely show; the rest of the loop stays. With a data object
#   of the same id, drawn nowhere, the list is kept.
# Seen: SpiffWorkflow asks 2 people; after one save in bpmn-moddle: list gone, with a data object: list kept
# Whom it hurts: whoever writes a process for SpiffWorkflow by hand and later corrects a label in an editor: the loop
#   has lost what it loops over, in a part of the file that nobody touched.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check SpiffWorkflow==3.2.0 lxml==6.1.3
npm install --prefix "$dir" --silent --no-audit --no-fund bpmn-moddle@10.3.1
cat >"$dir/process.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="example">
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f0" sourceRef="start" targetRef="choose"/>
    <userTask id="choose"/>
    <sequenceFlow id="f1" sourceRef="choose" targetRef="ask"/>
    <userTask id="ask">
      <multiInstanceLoopCharacteristics>
        <loopDataInputRef>people</loopDataInputRef>
        <inputDataItem id="person"/>
      </multiInstanceLoopCharacteristics>
    </userTask>
    <sequenceFlow id="f2" sourceRef="ask" targetRef="end"/>
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
parser.add_bpmn_str(Path(sys.argv[1]).read_bytes())
workflow = BpmnWorkflow(parser.get_spec("p"))
workflow.do_engine_steps()
task = workflow.get_next_task(spec_name="choose", state=TaskState.READY)
task.data["people"] = ["a", "b"]
task.run()
workflow.do_engine_steps()
print(f"SpiffWorkflow asks {len(workflow.get_tasks(state=TaskState.READY, manual=True))} people")
PY
cat >"$dir/run.mjs" <<'JS'
import { readFile } from 'node:fs/promises';
import { BpmnModdle } from 'bpmn-moddle';

const moddle = new BpmnModdle();
const asWritten = await readFile(process.argv[2], 'utf8');
const withDataObject = asWritten.replace('<startEvent', '<dataObject id="people"/><startEvent');
const listAfterSaving = async xml => {
  const { rootElement } = await moddle.fromXML(xml);
  const saved = await moddle.toXML(rootElement);
  return saved.xml.includes('<loopDataInputRef>people') ? 'kept' : 'gone';
};
console.log(`list ${await listAfterSaving(asWritten)}, with a data object: list ${await listAfterSaving(withDataObject)}`);
JS
seen="$("$dir/venv/bin/python" "$dir/run.py" "$dir/process.bpmn"); after one save in bpmn-moddle: $(node "$dir/run.mjs" "$dir/process.bpmn")"
expected='SpiffWorkflow asks 2 people; after one save in bpmn-moddle: list gone, with a data object: list kept'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
