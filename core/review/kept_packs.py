"""Packs as the archive lists them: who made which, when, and the files they consist of."""

from dataclasses import dataclass
from datetime import date, datetime

from core.language import Language
from core.review.scope import ReviewScope


@dataclass(frozen=True)
class KeptFile:
    """A file of the archive, without its content; `size` in bytes."""

    file_id: int
    file_format: str
    file_name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class KeptPack:
    """The files made together; `made_by` is a user name, None = the command line."""

    scope: ReviewScope
    week_start: date
    language: Language
    with_names: bool
    made_at: datetime
    made_by: str | None
    files: tuple[KeptFile, ...]
