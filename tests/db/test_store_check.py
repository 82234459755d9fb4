import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from db import store_check
from db.engine import StoreError, engine_of, sqlite_url
from db.store_check import check_store, prepare_store

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def sound(tmp_path, migrated_file):
    path = tmp_path / "folder" / "store.db"
    path.parent.mkdir()
    shutil.copy(migrated_file, path)
    path.chmod(0o600)
    return path


def test_a_sound_store_is_fit(sound):
    assert check_store(sqlite_url(sound)) is None


def test_a_new_store_is_for_its_owner_only(tmp_path):
    prepare_store(sqlite_url(tmp_path / "data" / "new.db"))
    assert (tmp_path / "data" / "new.db").stat().st_mode & 0o777 == 0o600
    check_store(sqlite_url(tmp_path / "data" / "new.db"))
    engine_of(sqlite_url(tmp_path / "data" / "new.db")).dispose()


def header(content):
    return b"\0" * 100 + content[100:]


def noise(content):
    return content[:4096] + os.urandom(4096) + content[8192:]


def half(content):
    return content[: len(content) // 2]


@pytest.mark.parametrize("spoil", [header, noise, half])
@pytest.mark.parametrize("ask", [check_store, prepare_store])
def test_a_damaged_file_is_refused_and_not_touched(sound, spoil, ask):
    """Fault 9."""
    spoiled = spoil(sound.read_bytes())
    sound.write_bytes(spoiled)
    with pytest.raises(StoreError, match=r"damaged.*restore FILE"):
        ask(sqlite_url(sound))
    assert sound.read_bytes() == spoiled


def test_a_missing_store_is_not_made_by_looking(tmp_path):
    with pytest.raises(StoreError, match="there is no store"):
        check_store(sqlite_url(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_store_everybody_can_read_is_refused(sound):
    sound.chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        check_store(sqlite_url(sound))


def test_a_store_on_a_network_drive_is_refused(sound, monkeypatch):
    monkeypatch.setattr(store_check, "NETWORK_FILE_SYSTEMS", {store_check._file_system_of(sound)})
    with pytest.raises(StoreError, match="network drive"):
        check_store(sqlite_url(sound))


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE alembic_version SET version_num = 'from_the_future'", "newer version"),
        ("DELETE FROM alembic_version", "no tables yet"),
    ],
)
def test_another_schema_is_refused(sound, statement, message):
    with closing(sqlite3.connect(sound)) as connection:
        connection.execute(statement)
        connection.commit()
    with pytest.raises(StoreError, match=message):
        check_store(sqlite_url(sound))


def test_an_unreachable_server_is_named_without_its_password():
    with pytest.raises(StoreError, match=r"cannot be reached") as refused:
        check_store("postgresql://coach:secret@127.0.0.1:1/none")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "no url", "sqlite://"])
def test_a_wrong_url_is_refused_in_one_line(url):
    with pytest.raises(StoreError, match="DATABASE_URL"):
        check_store(url)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root to become another user")
def test_a_read_only_place_is_named(sound):
    """Fault 13: an unprivileged user, the file 0444 in a folder 0555."""
    for path in sound.parents:
        if path == Path("/tmp") or path.stat().st_uid != os.geteuid():
            break
        path.chmod(0o755)
    sound.chmod(0o440)
    os.chown(sound, -1, 65534)
    sound.parent.chmod(0o555)
    program = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); from db.store_check import check_store\n"
        "from db.engine import StoreError\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: check_store(sys.argv[1])\n"
        "except StoreError as error: print(error); sys.exit(1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, sqlite_url(sound)], capture_output=True, text=True, check=False
    )
    sound.parent.chmod(0o755)
    assert (done.returncode, done.stderr) == (1, "")
    assert str(sound.parent) in done.stdout
    assert "not writable" in done.stdout
