"""Whatever is thrown at the check, it answers with a line, never with a traceback."""

from __future__ import annotations

import io
import json
import random
import time
import zipfile
from pathlib import Path

import pytest
from lxml import etree

import processes
from processes.engine.check import check_bundle, check_paths, main
from tests.unit.check.drawing import (
    FORMS,
    ROLES,
    SERVICES,
    between,
    check,
    end,
    errors,
    flow,
    gateway,
    line,
    process,
    user,
)

GOOD = between(user("middle")).decode()


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return buffer.getvalue()


HOSTILE = {
    "nothing": b"",
    "blanks": b"  \n ",
    "text": "这不是流程图".encode(),
    "json": b'{"a": 1}',
    "zip": _zip(),
    "pdf": b"%PDF-1.7 ...",
    "image": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "binary": bytes(range(256)) * 10,
    "doctype": GOOD.replace("<bpmn:def", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><bpmn:def', 1).encode(),
    "entities": (b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'),
    "external entity": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "unknown entity": GOOD.replace("样例", "&what;").encode(),
    "huge": GOOD.encode() + b" " * (3 * 1024 * 1024),
    "deep": b"<a>" * 5000 + b"</a>" * 5000,
    "rather deep": b"<a>" * 230 + b"</a>" * 230,
    "wide": b"<a>" + b"<b/>" * 30_000 + b"</a>",
    "gbk called utf-8": GOOD.encode("gbk", "replace"),
    "gbk": GOOD.replace("UTF-8", "GBK").encode("gbk"),
    "utf-16": GOOD.encode("utf-16"),
    "utf-16 called utf-8 without mark": GOOD.encode("utf-16-le"),
    "utf-8 called utf-16": GOOD.replace("UTF-8", "UTF-16").encode(),
    "unknown encoding": GOOD.replace("UTF-8", "klingon").encode(),
    "cut off": GOOD[: len(GOOD) // 2].encode(),
    "nul inside": GOOD.replace("样例", "样\x00例").encode(),
    "html": b"<html><body>login</body></html>",
    "another namespace": GOOD.replace("20100524/MODEL", "20300101/MODEL").encode(),
}


@pytest.mark.parametrize("suffix", ["bpmn", "dmn"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_or_broken_file_gets_one_clear_line_and_exit_one(
    name: str, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"strange.{suffix}"
    path.write_bytes(HOSTILE[name])
    assert main([str(path)], as_json=True) == 1
    findings = [f for f in json.loads(capsys.readouterr().out)["findings"] if f["file"] == str(path)]
    assert len(findings) == 1
    sentence = findings[0]["sentence"]
    assert "\n" not in sentence
    assert any("\u4e00" <= character <= "\u9fff" for character in sentence)


def test_a_file_with_byte_order_mark_is_read() -> None:
    assert check(b"\xef\xbb\xbf" + GOOD.encode()) == []


def test_a_missing_file_a_folder_and_a_wrong_kind_of_file_get_a_line(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("x")
    findings, _ = check_paths([str(tmp_path / "gone.bpmn"), str(note), str(tmp_path / "nul\x00.bpmn")])
    codes = {Path(f.file).name: f.code for f in findings if str(tmp_path) in f.file}
    assert codes == {"gone.bpmn": "unreadable", "note.txt": "file_kind", "nul\x00.bpmn": "unreadable"}
    empty = tmp_path / "empty"
    empty.mkdir()
    assert any(f.file == str(empty) for f in check_paths([str(empty)])[0])


def test_a_wrong_diagram_beside_the_shipped_set_leaves_no_notices_of_other_files(tmp_path: Path) -> None:
    path = tmp_path / "sample.bpmn"
    path.write_bytes(process(gateway("ask"), flow("ask", "fill")))
    findings, checked = check_paths([str(path)])
    assert checked == 1
    assert {f.file for f in findings if not f.is_error} <= {str(path)}


def test_a_named_file_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    shipped = Path(next(iter(processes.__path__))) / "approval" / "approval_chain.dmn"
    path = tmp_path / "approval_chain.dmn"
    path.write_bytes(shipped.read_bytes())
    assert not [f for f in check_paths([str(path)])[0] if f.code == "same_key"]


def _damaged(root: etree._Element, chance: random.Random) -> bytes:
    """A copy with a few elements removed, moved or renamed and attributes changed."""
    tree = etree.fromstring(etree.tostring(root))
    for _ in range(chance.randint(1, 6)):
        every = [e for e in tree.iter() if e.getparent() is not None]
        if not every:
            break
        element = chance.choice(every)
        action = chance.randrange(6)
        if action == 0:
            element.getparent().remove(element)
        elif action == 1:
            other = chance.choice(every)
            if other not in element.iter():
                other.append(element)
        elif action == 2 and element.attrib:
            del element.attrib[chance.choice(list(element.attrib))]
        elif action == 3 and element.attrib:
            values = [v for e in every for v in e.attrib.values()]
            element.set(chance.choice(list(element.attrib)), chance.choice([*values, "", "x y", "\u202e", "__class__"]))
        elif action == 4:
            element.tag = chance.choice(every).tag
        else:
            element.text = chance.choice(["", "((", "a" * 3000, "1/0", "[[[", "not(", "9" * 400])
    return bytes(etree.tostring(tree, encoding="UTF-8", xml_declaration=True))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.slow
def test_damaged_diagrams_and_tables_never_raise(seed: int) -> None:
    chance = random.Random(seed)
    root = Path(next(iter(processes.__path__)))
    files = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.suffix in {".bpmn", ".dmn"}}
    roots = {name: etree.fromstring(data) for name, data in files.items()}
    for _ in range(12):
        name = chance.choice(sorted(files))
        damaged = {**files, name: _damaged(roots[name], chance)}
        for finding in check_bundle(damaged, forms=FORMS, services=SERVICES, roles=ROLES):
            assert finding.sentence
            assert "\n" not in finding.sentence


def test_a_diagram_of_300_nodes_is_checked_within_seconds_and_can_run() -> None:
    names = [f"n{number}" for number in range(297)]
    settings = '<banli:task form="decide" title="kind" exclude="[fill_by, initiator]"/>'
    data = process(*(user(n, settings) for n in names), end(), line("fill", *names, "end"))
    began = time.process_time()
    assert errors(check(data)) == []
    assert time.process_time() - began < 20
