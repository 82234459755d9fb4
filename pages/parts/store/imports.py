"""Imports: what storing uploaded files would do, storing them, the log, undo, templates."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.language import Language
from db.engine import reading, writing
from db.imports.datasets import Dataset, cell_words, column_title
from db.imports.log import ImportRecord, imports_made
from db.imports.messages import ImportRefusedError, NotStoredError
from db.imports.planning import working_folder
from db.imports.report import Finding, Report
from db.imports.run import Piles, import_files, preview_files, storing_errors
from db.imports.sources import ImportFile
from db.imports.templates import template_workbook
from db.imports.undo import undo_import
from db.imports.workbooks import UPLOAD_LIMITS
from pages.parts.store.base import Ask

__all__ = [
    "Dataset",
    "Finding",
    "ImportRecord",
    "ImportRefusedError",
    "NotStoredError",
    "Piles",
    "Report",
    "Upload",
    "cell_words",
    "column_title",
    "import_log",
    "preview_upload",
    "store_upload",
    "template",
    "undo",
]

Upload = tuple[str, bytes]
"""Name as the browser gives it, a label only, and the bytes."""


@contextmanager
def _on_disk(uploads: Sequence[Upload]) -> Iterator[list[ImportFile]]:
    """Write the bytes under names of our own for as long as they are read."""
    with working_folder() as folder:
        files = []
        for number, (name, content) in enumerate(uploads):
            label = Path(name.replace("\\", "/")).name
            path = folder / f"{number}{Path(label).suffix.lower()}"
            path.write_bytes(content)
            files.append(ImportFile(label, path))
        yield files


def preview_upload(
    ask: Ask, uploads: Sequence[Upload], language: Language, progress: Callable[[int], None] | None = None
) -> Piles:
    """Return what storing the files would do; nothing is stored."""
    with _on_disk(uploads) as files:
        return preview_files(
            ask.store_url, files, actor=ask.actor, today=ask.today, language=language, progress=progress
        )


def store_upload(
    ask: Ask,
    uploads: Sequence[Upload],
    *,
    is_partial: bool,
    key: str,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check the files again and store them.

    Raises:
        NotAllowedError: the role cannot import.
        ImportRefusedError: the store holds the sample city.
        NotStoredError: the store could not take the rows; nothing was stored.
    """
    with _on_disk(uploads) as files:
        return import_files(
            ask.store_url,
            files,
            actor=ask.actor,
            today=ask.today,
            limits=UPLOAD_LIMITS,
            is_partial=is_partial,
            key=key,
            progress=progress,
        )


def import_log(ask: Ask) -> list[ImportRecord]:
    """Return the latest imports, newest first."""
    with reading(ask.store_url) as session:
        return imports_made(session, actor=ask.actor)


def undo(ask: Ask, import_batch_id: int) -> None:
    """Take an import back.

    Raises:
        NotAllowedError: not an administrator and not the one who imported.
        ImportRefusedError: undone before, changed since, or depended on.
        NotStoredError: the store could not take the change; nothing was changed.
    """
    with storing_errors(), writing(ask.store_url) as session:
        undo_import(session, actor=ask.actor, import_batch_id=import_batch_id, today=ask.today)


def template(language: Language, dataset: Dataset | None) -> bytes:
    """Return a workbook to fill, for one dataset or for all."""
    return template_workbook(language, dataset)
