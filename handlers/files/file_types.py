"""Which files people may hand in, judged by name and by content.

The name says what it claims to be, the content what it is; both must agree, or a renamed program gets in as a photo.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from handlers.files import signatures

MAX_NAME_LENGTH = 120


class FileRefused(Exception):
    """The file is not taken; the text is a Chinese sentence for the person who sent it."""


def _is_text(path: Path) -> bool:
    content = path.read_bytes()
    return b"\0" not in content and any(_decodes(content, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_zip_with(name: str) -> Callable[[Path], bool]:
    def check(path: Path) -> bool:
        members = signatures.zip_members(path)
        if not any(member.filename == name for member in members):
            return False
        if signatures.is_zip_bomb(members):
            raise FileRefused("文件解压后过大，系统不接收。请另存为 PDF 后再上传。")
        if signatures.has_macros(members):
            raise FileRefused("文件带有宏，系统不接收。请去掉宏或另存为 PDF 后再上传。")
        return True

    return check


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file we take: its media type and how its content is recognised."""

    media_type: str
    matches: Callable[[Path], bool]


_JPEG = FileType("image/jpeg", signatures.starts_with(signatures.JPEG))
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
FILE_TYPES: Mapping[str, FileType] = MappingProxyType(
    {
        "pdf": FileType("application/pdf", signatures.is_pdf),
        "ofd": FileType("application/ofd", _is_zip_with("OFD.xml")),
        "docx": FileType(f"{_OPEN_XML}.wordprocessingml.document", _is_zip_with("word/document.xml")),
        "xlsx": FileType(f"{_OPEN_XML}.spreadsheetml.sheet", _is_zip_with("xl/workbook.xml")),
        "pptx": FileType(f"{_OPEN_XML}.presentationml.presentation", _is_zip_with("ppt/presentation.xml")),
        "doc": FileType("application/msword", signatures.is_ole_with("WordDocument")),
        "xls": FileType("application/vnd.ms-excel", signatures.is_ole_with("Workbook", "Book")),
        "ppt": FileType("application/vnd.ms-powerpoint", signatures.is_ole_with("PowerPoint Document")),
        "txt": FileType("text/plain", _is_text),
        "png": FileType("image/png", signatures.starts_with(signatures.PNG)),
        "jpg": _JPEG,
        "jpeg": _JPEG,
        "mp3": FileType("audio/mpeg", signatures.starts_with(*signatures.MP3)),
        "wav": FileType("audio/wav", signatures.is_wav),
        "mp4": FileType("video/mp4", signatures.is_mp4),
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
