"""Is the store fit to open? Asked at every start, before anything listens.

A damaged store is never overwritten and never recreated empty; the message says what is wrong
and which command helps. SQLite files are made readable for their owner only.
"""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from db import engine
from db.engine import StoreError, sqlite_url, url_of
from db.schema import known_schemas, newest_schema, schema_of, upgrade_store

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "glusterfs", "ceph"})
WITHOUT_PERMISSIONS = frozenset({"vfat", "exfat", "ntfs", "ntfs3", "fuseblk", "drvfs", "9p"})
"""File systems that keep no owner and no permissions: there a file cannot be private."""
FORBIDDEN_MODE = 0o007
"""Permissions that people outside owner and group may not have on a store."""
OWNER_ONLY = 0o600


def check_store(url: str) -> None:
    """Make sure that a store can be opened, read, written, and has the schema of this program.

    Raises:
        StoreError: missing, damaged, readable for everybody, on a network drive, not writable,
            unreachable, or of another schema version.
    """
    path = sqlite_path(url)
    if path is not None and path.exists():
        _check_place(path)
    check_content(url)


def check_content(url: str) -> None:
    """Make sure that a store is there, sound, and has the schema of this program.

    Raises:
        StoreError: missing, damaged, unreachable, or of another schema version.
    """
    path = sqlite_path(url)
    if path is not None:
        if not path.exists():
            raise StoreError(
                f"there is no store at {path}; make it with `python manage.py upgrade`, or restore a backup"
            )
        _check_file(path)
    _check_schema(url)


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite URL, None for PostgreSQL."""
    parsed = url_of(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("DATABASE_URL names no file; write it as sqlite:////folder/file.db")
    return Path(parsed.database)


def prepare_store(url: str) -> None:
    """Make the store where there is none, for its owner only, and bring its schema to the newest version.

    Raises:
        StoreError: the place is not writable, the store is damaged, or made by a newer program.
    """
    path = sqlite_path(url)
    if path is not None:
        _make_private_file(path)
        _check_file(path)
    try:
        upgrade_store(url)
    except CommandError as error:
        raise StoreError(_of_newer_program(url)) from error
    except SQLAlchemyError as error:
        raise StoreError(f"the store at {shown(url)} cannot be upgraded: {_first_line(error)}") from error


def stores_to_upgrade() -> list[str]:
    """Return the stores `upgrade` is about: the configured one, else those there are, else the company's own."""
    url = engine.configured_url()
    if url:
        return [url]
    found = [path for path in (engine.COMPANY_FILE, engine.SAMPLE_FILE) if path.exists()]
    return [sqlite_url(path) for path in found or [engine.COMPANY_FILE]]


def is_empty_file(path: Path) -> bool:
    """Tell whether a SQLite file is not there or holds nothing yet."""
    return not path.exists() or path.stat().st_size == 0


def shown(url: str) -> str:
    """Return a store's URL without its password, and without its options, which may hold one too."""
    return url_of(url).set(query={}).render_as_string(hide_password=True)


def file_fault(path: Path, *, pragma: str = "quick_check") -> str | None:
    """Return what a SQLite file's own check finds wrong, None where it is sound."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True)) as connection:
            found = connection.execute(f"PRAGMA {pragma}(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else " ".join(str(found).split())


def is_damage(fault: str) -> bool:
    """Tell a damaged file from one that only cannot be opened at the moment."""
    return not any(word in fault for word in ("readonly", "unable to open", "locked"))


def _check_place(path: Path) -> None:
    kind = _file_system_of(path)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StoreError(f"{path} is on a network drive ({kind}); keep SQLite on a local disk, or use PostgreSQL")
    _check_writable(path)
    if sys.platform == "win32" or kind in WITHOUT_PERMISSIONS:
        return
    if path.stat().st_mode & FORBIDDEN_MODE:
        raise StoreError(f"everybody on this machine can open {path}; take that away with: chmod 600 {path}")


def _check_writable(path: Path) -> None:
    for place in (path.parent, path):
        if not os.access(place, os.W_OK):
            raise StoreError(f"{place} is not writable for this user; the store needs its file and its folder")


def _check_file(path: Path) -> None:
    fault = file_fault(path)
    if fault is None:
        return
    if not is_damage(fault):
        raise StoreError(f"{path} cannot be opened now: {fault}")
    raise StoreError(
        f"the database {path} is damaged ({fault}); nothing was changed. "
        "Put a backup in its place with: python manage.py restore FILE"
    )


def _check_schema(url: str) -> None:
    try:
        found = schema_of(url)
    except SQLAlchemyError as error:
        raise StoreError(f"the store at {shown(url)} cannot be reached: {_first_line(error)}") from error
    newest = newest_schema()
    if found == newest:
        return
    if found is None:
        raise StoreError(f"the store at {shown(url)} has no tables yet; run: python manage.py upgrade")
    if not is_known_schema(found):
        raise StoreError(_of_newer_program(url))
    raise StoreError(
        f"the store has schema {found}, this program needs {newest}; make a backup, then run: python manage.py upgrade"
    )


def is_known_schema(revision: str) -> bool:
    """Tell whether this program knows a schema version."""
    return revision in known_schemas()


def _of_newer_program(url: str) -> str:
    return f"the store at {shown(url)} was made by a newer version of this program; update the program"


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


def _make_private_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error


def _file_system_of(path: Path) -> str | None:
    """Return the kind of file system that holds a path; None where the system does not say."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return None
    place = path.resolve()
    found: tuple[int, str] | None = None
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _, mount_point, kind, *_ = line.split(" ")
        point = Path(mount_point.replace("\\040", " "))
        if (place == point or point in place.parents) and (found is None or len(point.parts) >= found[0]):
            found = (len(point.parts), kind)
    return found[1] if found else None
