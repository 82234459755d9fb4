"""The files a pack consists of; apart from what makes them, which takes most of a second to load."""

from dataclasses import dataclass
from enum import StrEnum


class PackFormat(StrEnum):
    """A file of the pack; TXT is the digest."""

    PPTX = "pptx"
    XLSX = "xlsx"
    PDF = "pdf"
    TXT = "txt"


MIME: dict[PackFormat, str] = {
    PackFormat.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    PackFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PackFormat.PDF: "application/pdf",
    PackFormat.TXT: "text/plain",
}


@dataclass(frozen=True)
class PackFile:
    """A file of the pack: its format, name and content."""

    file_format: PackFormat
    name: str
    content: bytes
