"""What bytes say a file is, known in one place."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from handlers.files import signatures

ROOT = Path(__file__).parents[2]
MARKS = (r"PK\x03", "d0cf11e0", r"\xd0\xcf", "%PDF", r"\x89PNG", "200 * 1024 * 1024")


def test_signatures_and_the_limit_of_unpacking_stand_in_one_module_only() -> None:
    own = Path(signatures.__file__)
    sources = [path for floor in ("forms", "handlers", "processes", "webapp") for path in (ROOT / floor).rglob("*.py")]
    assert own in sources
    strange = [path for path in sources if path != own and any(mark in path.read_text("utf-8") for mark in MARKS)]
    assert strange == []


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (signatures.ZIP + b"...", "zip"),
        (signatures.OLE + b"...", "旧版 Office"),
        (signatures.PDF + b"1.7", "PDF"),
        (signatures.PNG, "图片"),
        (signatures.GZIP, "gzip"),
    ],
)
def test_a_format_is_named_by_its_first_bytes(content: bytes, name: str) -> None:
    assert name in signatures.format_name(content)
    assert signatures.format_name(b" " + content) == ""


def members(tmp_path: Path, *contents: bytes) -> list[zipfile.ZipInfo]:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.xml", content)
    return list(signatures.zip_members(path))


def test_an_archive_packed_beyond_what_documents_are_is_a_bomb_before_it_fills_the_disk(tmp_path: Path) -> None:
    bomb = members(tmp_path, b" " * 1_000_000)
    assert signatures.is_zip_bomb(bomb)
    assert not signatures.unpacks_too_large(bomb)


def test_an_archive_of_very_many_members_is_a_bomb(tmp_path: Path) -> None:
    assert not signatures.is_zip_bomb(members(tmp_path, *[b"ab"] * signatures.MAX_MEMBERS))
    assert signatures.is_zip_bomb(members(tmp_path, *[b"ab"] * (signatures.MAX_MEMBERS + 1)))


def test_what_is_no_archive_has_no_members(tmp_path: Path) -> None:
    torn = tmp_path / "torn.zip"
    torn.write_bytes(signatures.ZIP + b"...")
    assert list(signatures.zip_members(torn)) == []
