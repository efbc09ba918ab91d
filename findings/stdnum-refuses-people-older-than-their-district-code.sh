#!/usr/bin/env bash
# Versions: python-stdnum 2.2, id-validator 1.0.20 (the second opinion), Python 3.11.
# What happens: stdnum.cn.ric checks a Chinese identity number against a table of district codes with the years of
#   each code, and wants the code to have existed in the year of birth. Numbers were first given out from 1984, to
#   grown-ups of every age, under the code of that day. So 1980 is refused for districts that the table begins in 1983
#   (420103 in Wuhan) and 1990 for younger ones (440306 in Shenzhen), while 110101 in Beijing, which has no years in
#   the table, takes everybody. For one district (330113 in Hangzhou) is_valid raises KeyError where False or True is
#   promised. id-validator takes all of them.
# Seen (stdnum/id-validator): 110101 of 1980 True/True; 420103 of 1980 False/True; 420103 of 1990 True/True; 440306 of 1990 False/True; 330113 of 2022 KeyError/True
# Whom it hurts: forms that check identity numbers: they refuse the true number of everybody above a certain age in
#   whole cities, and pass tests written with Beijing numbers. (The numbers here are made up, with the serial 000.)
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check python-stdnum==2.2 id-validator==1.0.20
cat >"$dir/run.py" <<'PY'
from id_validator import validator
from stdnum.cn import ric


def number(district, year):
    body = f"{district}{year}0101000"
    return body + "10X98765432"[sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body)) % 11]


def verdict(district, year):
    try:
        stdnum = ric.is_valid(number(district, year))
    except KeyError:
        stdnum = "KeyError"
    return f"{district} of {year} {stdnum}/{validator.is_valid(number(district, year))}"


people = [("110101", 1980), ("420103", 1980), ("420103", 1990), ("440306", 1990), ("330113", 2022)]
print("; ".join(verdict(district, year) for district, year in people))
PY
seen=$("$dir/venv/bin/python" "$dir/run.py")
expected='110101 of 1980 True/True; 420103 of 1980 False/True; 420103 of 1990 True/True; 440306 of 1990 False/True; 330113 of 2022 KeyError/True'
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
