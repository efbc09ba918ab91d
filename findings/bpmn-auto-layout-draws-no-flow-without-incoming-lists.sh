#!/usr/bin/env bash
# Versions: bpmn-auto-layout 1.3.0, bpmnlint 11.15.0, bpmn-moddle 10.3.1, Node 20.
# What happens: in BPMN a sequence flow names its two ends; the lists <incoming> and <outgoing> inside the steps are
#   optional and say the same once more. bpmn-auto-layout and bpmnlint read only these lists. A valid file without
#   them gets a drawing of all steps and not one arrow, no warning, and bpmnlint calls every step disconnected.
# Seen: without the lists: 3 shapes, 0 arrows, 3 disconnected; with them: 3 shapes, 2 arrows, 0 disconnected
# Whom it hurts: whoever writes or generates process files by program (engines do not need the lists) and asks these
#   tools for a drawing or a check.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund bpmn-auto-layout@1.3.0 bpmnlint@11.15.0 bpmn-moddle@10.3.1
cat >"$dir/process.bpmn" <<'XML'
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="example">
  <process id="p" isExecutable="true">
    <startEvent id="start"></startEvent>
    <sequenceFlow id="f1" sourceRef="start" targetRef="examine"/>
    <userTask id="examine"></userTask>
    <sequenceFlow id="f2" sourceRef="examine" targetRef="end"/>
    <endEvent id="end"></endEvent>
  </process>
</definitions>
XML
cat >"$dir/run.mjs" <<'JS'
import { readFile } from 'node:fs/promises';
import { layoutProcess } from 'bpmn-auto-layout';
import { Linter } from 'bpmnlint';
import NodeResolver from 'bpmnlint/lib/resolver/node-resolver.js';
import { BpmnModdle } from 'bpmn-moddle';

const without = await readFile(process.argv[2], 'utf8');
const withLists = without
  .replace('</startEvent>', '<outgoing>f1</outgoing></startEvent>')
  .replace('</userTask>', '<incoming>f1</incoming><outgoing>f2</outgoing></userTask>')
  .replace('</endEvent>', '<incoming>f2</incoming></endEvent>');
const linter = new Linter({ config: { rules: { 'no-disconnected': 'error' } }, resolver: new NodeResolver() });

const counts = async xml => {
  const drawn = await layoutProcess(xml);
  const { rootElement } = await new BpmnModdle().fromXML(xml);
  const report = await linter.lint(rootElement);
  const count = tag => drawn.split(`<bpmndi:${tag} `).length - 1;
  return `${count('BPMNShape')} shapes, ${count('BPMNEdge')} arrows, ${(report['no-disconnected'] ?? []).length} disconnected`;
};
console.log(`without the lists: ${await counts(without)}; with them: ${await counts(withLists)}`);
JS
seen=$(node "$dir/run.mjs" "$dir/process.bpmn")
expected='without the lists: 3 shapes, 0 arrows, 3 disconnected; with them: 3 shapes, 2 arrows, 0 disconnected'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
