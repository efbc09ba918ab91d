#!/usr/bin/env bash
# Versions: feelin 8.2.0 (the FEEL reader of the bpmn.io tools), Node 20.
# What happens: FEEL knows no order between a text and a number; the answer should be null, in a table: no match. Here
#   a text that is a plain number is ordered like the number, though it is not equal to it: the text 10000 is >= 10000
#   and is not 10000. Any other text is >= and <= every number at once, and so lies in every closed range, while > and
#   < and open ranges never take it.
# Seen: text 10000: 10000 false, >= 10000 true; text 900元: >= 10000 true, <= 100 true, [1..100] true, (1..100) false
# Whom it hurts: whoever feeds tables with what people typed or a spreadsheet held. A forgotten conversion works for
#   clean numbers, so no test complains; once a unit is written, the first row with >= or a closed range wins.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund feelin@8.2.0
cat >"$dir/run.mjs" <<'JS'
import { unaryTest } from 'feelin';

const answers = (text, cells) =>
  `text ${text}: ${cells.map(cell => `${cell} ${unaryTest(cell, { '?': text }).value}`).join(', ')}`;
console.log([
  answers('10000', ['10000', '>= 10000']),
  answers('900元', ['>= 10000', '<= 100', '[1..100]', '(1..100)']),
].join('; '));
JS
seen=$(node "$dir/run.mjs")
expected='text 10000: 10000 false, >= 10000 true; text 900元: >= 10000 true, <= 100 true, [1..100] true, (1..100) false'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
