"""What the bytes of a file say it is: the signatures of formats, and how large an archive may be unpacked.

The one place for both: uploads, registers to be imported, and diagrams ask here. What each of them tells the person who
sent the file is its own matter.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import Final

ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
"""The container of doc, xls, ppt and vsd."""
PDF: Final = b"%PDF-"
PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
GIF: Final = b"GIF8"
GZIP: Final = b"\x1f\x8b"
MP3: Final = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")

MAX_UNPACKED_BYTES: Final = 200 * 1024 * 1024
MAX_UNPACKED_RATIO: Final = 100
"""Office files pack about 10:1, the worst honest spreadsheets 40:1; a zip bomb packs 1000:1."""
MAX_MEMBERS: Final = 5_000

_HEAD_BYTES: Final = 1024
_MACROS: Final = "vbaProject.bin"
_NAMES: Final = (
    (ZIP, "压缩包或 Office 文件（zip、docx、xlsx）"),
    (EMPTY_ZIP, "空的压缩包"),
    (OLE, "旧版 Office 文件（doc、xls、vsd）"),
    (PDF, "PDF 文件"),
    (PNG, "图片"),
    (JPEG, "图片"),
    (GIF, "图片"),
    (GZIP, "gzip 压缩文件"),
)


def format_name(content: bytes) -> str:
    """The Chinese name of the format whose signature `content` begins with; empty if it is none of these."""
    return next((name for signature, name in _NAMES if content.startswith(signature)), "")


def starts_with(*signatures: bytes) -> Callable[[Path], bool]:
    """A check of a file: whether it begins with one of `signatures`."""
    return lambda path: _head(path).startswith(signatures)


def is_pdf(path: Path) -> bool:
    """Whether a file is a PDF; readers allow other bytes before its signature."""
    return PDF in _head(path)


def is_mp4(path: Path) -> bool:
    """Whether a file is an MP4."""
    return _head(path)[4:8] == b"ftyp"


def is_wav(path: Path) -> bool:
    """Whether a file is a WAV."""
    head = _head(path)
    return head[:4] == b"RIFF" and head[8:12] == b"WAVE"


def is_ole_with(*streams: str) -> Callable[[Path], bool]:
    """A check of a file: whether it is an OLE container with one of `streams`.

    Word and Excel share the container; the name of its main stream tells them apart.
    """
    names = [stream.encode("utf-16-le") for stream in streams]

    def check(path: Path) -> bool:
        content = path.read_bytes()
        return content.startswith(OLE) and any(name in content for name in names)

    return check


def zip_members(path: Path) -> Collection[zipfile.ZipInfo]:
    """What an archive lists as its members, nothing being unpacked; none if the file is no sound archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ()


def unpacks_too_large(members: Iterable[zipfile.ZipInfo]) -> bool:
    """Whether an archive would fill more than MAX_UNPACKED_BYTES."""
    return sum(member.file_size for member in members) > MAX_UNPACKED_BYTES


def is_zip_bomb(members: Collection[zipfile.ZipInfo]) -> bool:
    """Whether an archive is too large unpacked, packed beyond what documents are, or has too many members."""
    unpacked, packed = sum(member.file_size for member in members), sum(member.compress_size for member in members)
    return unpacks_too_large(members) or len(members) > MAX_MEMBERS or unpacked > packed * MAX_UNPACKED_RATIO


def has_macros(members: Iterable[zipfile.ZipInfo]) -> bool:
    """Whether an Office file carries a macro project."""
    return any(PurePosixPath(member.filename).name == _MACROS for member in members)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)
