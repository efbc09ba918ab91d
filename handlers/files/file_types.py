"""Which files people may hand in, judged by name and by content.

The name says what it claims to be, the content what it is; both must agree, or a renamed program gets in as a photo.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

MAX_NAME_LENGTH = 120
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_UNPACKED_RATIO = 100
"""Office files pack about 10:1, the worst honest spreadsheets 40:1; a zip bomb packs 1000:1."""
MAX_MEMBERS = 5_000
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_MACROS = "vbaProject.bin"


class FileRefused(Exception):
    """The file is not taken; the text is a Chinese sentence for the person who sent it."""


def _starts(*marks: bytes) -> Callable[[Path], bool]:
    return lambda path: _head(path).startswith(marks)


def _is_pdf(path: Path) -> bool:
    return b"%PDF-" in _head(path)


def _is_mp4(path: Path) -> bool:
    return _head(path)[4:8] == b"ftyp"


def _is_wav(path: Path) -> bool:
    head = _head(path)
    return head[:4] == b"RIFF" and head[8:12] == b"WAVE"


def _is_text(path: Path) -> bool:
    content = path.read_bytes()
    return b"\0" not in content and any(_decodes(content, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_ole(*streams: str) -> Callable[[Path], bool]:
    # Word and Excel share one container; the name of its main stream tells them apart.
    names = [stream.encode("utf-16-le") for stream in streams]

    def check(path: Path) -> bool:
        content = path.read_bytes()
        return content.startswith(_OLE) and any(name in content for name in names)

    return check


def _is_zip_with(member: str) -> Callable[[Path], bool]:
    def check(path: Path) -> bool:
        try:
            with zipfile.ZipFile(path) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return False
        if not any(entry.filename == member for entry in entries):
            return False
        _refuse_bomb(entries)
        return True

    return check


def _refuse_bomb(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES or unpacked > packed * MAX_UNPACKED_RATIO:
        raise FileRefused("文件解压后过大，系统不接收。请另存为 PDF 后再上传。")
    if any(PurePosixPath(entry.filename).name == _MACROS for entry in entries):
        raise FileRefused("文件带有宏，系统不接收。请去掉宏或另存为 PDF 后再上传。")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1024)


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file we take: its media type and how its content is recognised."""

    media_type: str
    matches: Callable[[Path], bool]


_JPEG = FileType("image/jpeg", _starts(b"\xff\xd8\xff"))
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
FILE_TYPES: Mapping[str, FileType] = MappingProxyType(
    {
        "pdf": FileType("application/pdf", _is_pdf),
        "ofd": FileType("application/ofd", _is_zip_with("OFD.xml")),
        "docx": FileType(f"{_OPEN_XML}.wordprocessingml.document", _is_zip_with("word/document.xml")),
        "xlsx": FileType(f"{_OPEN_XML}.spreadsheetml.sheet", _is_zip_with("xl/workbook.xml")),
        "pptx": FileType(f"{_OPEN_XML}.presentationml.presentation", _is_zip_with("ppt/presentation.xml")),
        "doc": FileType("application/msword", _is_ole("WordDocument")),
        "xls": FileType("application/vnd.ms-excel", _is_ole("Workbook", "Book")),
        "ppt": FileType("application/vnd.ms-powerpoint", _is_ole("PowerPoint Document")),
        "txt": FileType("text/plain", _is_text),
        "png": FileType("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
        "jpg": _JPEG,
        "jpeg": _JPEG,
        "mp3": FileType("audio/mpeg", _starts(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")),
        "wav": FileType("audio/wav", _is_wav),
        "mp4": FileType("video/mp4", _is_mp4),
    }
)


def check_type(path: Path, filename: str) -> str:
    """Media type of the file at `path` that its sender calls `filename`.

    Raises FileRefused, if the kind is not taken or the content is not what the name says.
    """
    extension = filename.rpartition(".")[2].lower()
    kind = FILE_TYPES.get(extension)
    if kind is None or "." not in filename:
        raise FileRefused(f"“{filename}”的格式不能上传。可以上传：{'、'.join(FILE_TYPES)}。")
    if not kind.matches(path):
        raise FileRefused(f"“{filename}”的内容不是 {extension} 格式，或者文件已损坏。请核对后重新上传。")
    return kind.media_type


def clean_filename(name: str) -> str:
    """`name` without folders, control and direction marks, and characters that Windows refuses; at most 120 long."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(character for character in name if not unicodedata.category(character).startswith("C"))
    name = "".join("_" if character in '<>:"|?*' else character for character in name)
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    stem = stem.strip(" .") or "文件"
    extension = extension.strip()[:10]
    tail = f".{extension}" if extension else ""
    return stem[: MAX_NAME_LENGTH - len(tail)] + tail
