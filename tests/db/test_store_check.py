import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from contextlib import closing
from pathlib import Path

import pytest

from db import engine, store_check
from db.engine import StoreError, engine_of, sqlite_url
from db.store_check import check_store, prepare_store, stores_to_upgrade

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


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x:secret@h/y",
        "no url",
        "sqlite://",
        "postgresql://u:secret@h:port/x",
        "postgresql://u:secret@[::1/x",
        "postgresql://127.0.0.1:1/x?user=u&password=secret",
    ],
)
def test_a_wrong_url_is_refused_in_one_line_without_its_password(url):
    with pytest.raises(StoreError) as refused:
        check_store(url)
    assert "\n" not in str(refused.value)
    assert "secret" not in "".join(traceback.format_exception(refused.value)[-1:])
    assert refused.value.__cause__ is None or "secret" not in str(refused.value.__cause__)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root to become another user")
def test_a_read_only_place_is_named(migrated_file):
    """Fault 13: an unprivileged user, the file readable only, in a folder 0555."""
    with tempfile.TemporaryDirectory() as place:
        store = Path(place) / "store.db"
        shutil.copy(migrated_file, store)
        store.chmod(0o440)
        os.chown(store, -1, 65534)
        store.parent.chmod(0o555)
        done = checked_by_nobody(store)
    assert (done.returncode, done.stderr) == (1, "")
    assert place in done.stdout
    assert "not writable" in done.stdout


def checked_by_nobody(store):
    """Check a store as an unprivileged user."""
    program = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); from db.store_check import check_store\n"
        "from db.engine import StoreError\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: check_store(sys.argv[1])\n"
        "except StoreError as error: print(error); sys.exit(1)"
    )
    return subprocess.run(
        [sys.executable, "-c", program, sqlite_url(store)], capture_output=True, text=True, check=False
    )


def test_upgrade_is_about_the_configured_store_alone(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////somewhere/x.db")
    assert stores_to_upgrade() == ["sqlite:////somewhere/x.db"]


def test_upgrade_is_about_every_store_there_is_else_the_companys_own():
    assert stores_to_upgrade() == [sqlite_url(engine.COMPANY_FILE)]
    engine.SAMPLE_FILE.parent.mkdir(parents=True)
    engine.SAMPLE_FILE.touch()
    assert stores_to_upgrade() == [sqlite_url(engine.SAMPLE_FILE)]
    engine.COMPANY_FILE.touch()
    assert stores_to_upgrade() == [sqlite_url(engine.COMPANY_FILE), sqlite_url(engine.SAMPLE_FILE)]


def test_a_disk_without_permissions_is_not_held_against_the_store(sound, monkeypatch):
    sound.chmod(0o644)
    monkeypatch.setattr(store_check, "WITHOUT_PERMISSIONS", {store_check._file_system_of(sound)})
    assert check_store(sqlite_url(sound)) is None
