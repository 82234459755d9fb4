"""Into which store the command line imports: never into the sample city."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from db import engine
from db.engine import configured_url, engine_of, sqlite_url
from db.schema import schema_of
from db.store_check import check_content, is_empty_file, prepare_store, sqlite_path


@dataclass
class ImportTarget:
    """The store to import into; `is_used` is set once rows were stored."""

    url: str
    is_used: bool = False


@contextmanager
def import_target() -> Iterator[ImportTarget]:
    """Give `DATABASE_URL`, else the company's own file, made and brought up to date where needed.

    A file made for an import that stored nothing is taken away again, so that the app goes on
    showing what it showed before.

    Raises:
        StoreError: the store is damaged, unreachable, or of another version.
    """
    url = configured_url() or sqlite_url(engine.COMPANY_FILE)
    path = sqlite_path(url)
    is_new = path is not None and is_empty_file(path)
    if is_new or configured_url() is None or _has_no_tables(url):
        prepare_store(url)
    else:
        check_content(url)
    target = ImportTarget(url)
    try:
        yield target
    finally:
        if is_new and path is not None and not target.is_used:
            engine_of(url).dispose()
            for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
                name.unlink(missing_ok=True)


def _has_no_tables(url: str) -> bool:
    try:
        return schema_of(url) is None
    except SQLAlchemyError:
        return False  # the check of the content says what is wrong
