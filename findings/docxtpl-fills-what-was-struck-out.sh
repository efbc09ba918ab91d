#!/usr/bin/env bash
# Versions: docxtpl 0.20.2, python-docx 1.2.0, lxml 6.1.3, Python 3.11.
# What happens: somebody edits a letter template in Word with tracked changes on, strikes out {{ real_name }} and
#   writes {{ case_number }} instead. docxtpl still asks for both and writes the real name into the struck-out
#   text, where Word shows it to whoever looks at the changes. python-docx, asked for the text of the finished letter, shows
#   neither the struck-out nor the new words.
# Seen: asks for case_number, real_name; in the file, struck out: Li; in python-docx: 'Reply to '
# Whom it hurts: offices whose letters must not name a person. The template looks right, a check of the letter's text
#   finds nothing, and the name goes out with the file.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check docxtpl==0.20.2 python-docx==1.2.0 lxml==6.1.3
cat >"$dir/run.py" <<'PY'
import sys

from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docxtpl import DocxTemplate

template_path, letter_path = f"{sys.argv[1]}/template.docx", f"{sys.argv[1]}/letter.docx"


def tracked(kind, text_tag, text):
    change = f'w:id="1" w:author="clerk" w:date="2026-03-02T09:00:00Z" {nsdecls("w")}'
    return parse_xml(f"<w:{kind} {change}><w:r><w:{text_tag}>{text}</w:{text_tag}></w:r></w:{kind}>")


template = Document()
paragraph = template.add_paragraph("Reply to ")
paragraph._p.append(tracked("del", "delText", "{{ real_name }}"))
paragraph._p.append(tracked("ins", "t", "{{ case_number }}"))
template.save(template_path)

asked = sorted(DocxTemplate(template_path).get_undeclared_template_variables())
letter = DocxTemplate(template_path)
letter.render({"real_name": "Li", "case_number": "2026-7"})
letter.save(letter_path)

read_back = Document(letter_path)
struck_out = "".join(node.text for node in read_back.element.iter(qn("w:delText")))
print(f"asks for {', '.join(asked)}; in the file, struck out: {struck_out}; in python-docx: {read_back.paragraphs[0].text!r}")
PY
seen=$("$dir/venv/bin/python" "$dir/run.py" "$dir")
expected="asks for case_number, real_name; in the file, struck out: Li; in python-docx: 'Reply to '"
[[ $seen == "$expected" ]] || { echo "This has changed; now: $seen" >&2; exit 1; }
echo "Still so: $seen"
