#!/usr/bin/env bash
# Versions: @bpmn-io/form-js-viewer 1.23.0, jsdom 26.1.0 (stands in for the browser), Node 20.
# What happens: a form is opened with stored answers and submitted at once; nobody touches a field. What comes out is
#   not what went in: a choice that the form no longer offers becomes null, the text "true" in a checkbox false, the
#   text "12" in a number field the number 12, and answers without a field are left out. No error is reported.
# Seen: in {"kind":"withdrawn","agreed":"true","amount":"12","source":"post"} out {"kind":null,"agreed":false,"amount":12} errors {}
# Whom it hurts: whoever shows old answers in the viewer for a correction or replays them through it: the correction
#   of one field rewrites others, and an answer given under last year's choices is lost.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund @bpmn-io/form-js-viewer@1.23.0 jsdom@26.1.0
cat >"$dir/run.cjs" <<'JS'
const { JSDOM } = require('jsdom');

const { window } = new JSDOM('<!doctype html><div id="form"></div>', { pretendToBeVisual: true });
window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} };
for (const name of ['window', 'document', 'Node', 'Element', 'HTMLElement', 'SVGElement', 'Event', 'KeyboardEvent', 'DOMParser',
  'MutationObserver', 'ResizeObserver', 'getComputedStyle', 'requestAnimationFrame', 'cancelAnimationFrame']) {
  globalThis[name] = window[name];
}
const { Form } = require('@bpmn-io/form-js-viewer');

const schema = {
  type: 'default',
  schemaVersion: 19,
  components: [
    { type: 'select', key: 'kind', label: 'Kind', values: [{ label: 'Food', value: 'food' }] },
    { type: 'checkbox', key: 'agreed', label: 'Agreed' },
    { type: 'number', key: 'amount', label: 'Amount' },
  ],
};
const answers = { kind: 'withdrawn', agreed: 'true', amount: '12', source: 'post' };

(async () => {
  const form = new Form({ container: window.document.querySelector('#form') });
  await form.importSchema(schema, answers);
  const { data, errors } = form.submit();
  console.log(`in ${JSON.stringify(answers)} out ${JSON.stringify(data)} errors ${JSON.stringify(errors)}`);
  window.close();
})();
JS
seen=$(node "$dir/run.cjs")
expected='in {"kind":"withdrawn","agreed":"true","amount":"12","source":"post"} out {"kind":null,"agreed":false,"amount":12} errors {}'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
