#!/usr/bin/env bash
# Versions: pm4py 2.7.23.11, pandas 3.1.1, lxml 6.1.3, Python 3.11.
# What happens: OCEL 2.0, the exchange format for event logs around several objects, has three forms. The same log
#   with the moment 2026-03-02T09:00:00+08:00 is written to all three and read again. XML and SQLite keep the moment;
#   the JSON form keeps the digits of the local clock and puts Z behind them, eight hours later than what happened.
# Seen: json 2026-03-02T09:00:00Z; xml 2026-03-02T01:00:00Z; sqlite 2026-03-02T01:00:00Z
# Whom it hurts: whoever hands the log of an office outside UTC to another tool. All durations within the file are
#   right, so nothing looks odd until it is laid beside another source; give pm4py UTC.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check pm4py==2.7.23.11 pandas==3.1.1 lxml==6.1.3
cat >"$dir/run.py" <<'PY'
import sys

import pandas as pd
import pm4py
from pm4py.objects.ocel.obj import OCEL

moment = pd.Timestamp("2026-03-02T09:00:00+08:00")
event = {"ocel:eid": ["e1"], "ocel:activity": ["accept"], "ocel:timestamp": [moment]}
thing = {"ocel:oid": ["c1"], "ocel:type": ["complaint"]}
log = OCEL(
    events=pd.DataFrame(event),
    objects=pd.DataFrame(thing),
    relations=pd.DataFrame({**event, **thing, "ocel:qualifier": ["of"]}),
)


def after_round_trip(form):
    path = f"{sys.argv[1]}/log.{form}"
    getattr(pm4py, f"write_ocel2_{form}")(log, path)
    read_back = getattr(pm4py, f"read_ocel2_{form}")(path)
    return f"{form} {read_back.events['ocel:timestamp'].iloc[0].tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ}"


print("; ".join(after_round_trip(form) for form in ("json", "xml", "sqlite")))
PY
"$dir/venv/bin/python" "$dir/run.py" "$dir" >"$dir/out" 2>"$dir/log" || { cat "$dir/log" >&2; exit 1; }
seen=$(tail -n 1 "$dir/out")
expected='json 2026-03-02T09:00:00Z; xml 2026-03-02T01:00:00Z; sqlite 2026-03-02T01:00:00Z'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
