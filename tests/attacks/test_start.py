"""What the server does not start with: one clear line, no traceback, nothing overwritten."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from db.engine import sqlite_url
from pages.start import check_start
from tests.conftest import SECRET
from tests.running import ROOT, free_port

pytestmark = pytest.mark.xdist_group("attacks")  # one server for all


def start(database_url="", **settings):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BRANCH_COACH")}
    environment |= {"DATABASE_URL": database_url, "BRANCH_COACH_SECRET": SECRET, "PYTHONPATH": str(ROOT), **settings}
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(free_port())]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def file(tmp_path, migrated_file):
    path = tmp_path / "store.db"
    shutil.copy(migrated_file, path)
    path.chmod(0o600)
    return path


def line_of(said):
    assert "Traceback" not in said
    lines = [line for line in said.splitlines() if line.startswith("Branch Coach cannot start: ")]
    assert len(lines) == 1, said
    return lines[0]


@pytest.fixture
def refused(monkeypatch):
    """Check a start in this process: what `app.py` does before the server answers."""

    def ask(database_url, **settings):
        for name, value in {"DATABASE_URL": database_url, **settings}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            check_start()
        assert isinstance(ended.value.code, str)  # printed as it is; the status is 1
        return line_of(ended.value.code)

    return ask


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"BRANCH_COACH_SECRET": "some_key"}, "too weak"),
        ({"BRANCH_COACH_HOSTS": "*"}, "BRANCH_COACH_HOSTS"),
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:port/x"}, "DATABASE_URL"),
    ],
)
def test_a_refused_start_ends_with_one_line(file, settings, reason):
    code, said = start(**{"database_url": sqlite_url(file), **settings})
    assert code == 1
    assert reason in line_of(said)
    assert "hunter2" not in said


@pytest.mark.parametrize("key", ["", "short", "some_key", "a" * 64, "1234567890" * 4])
def test_a_weak_key_is_refused_and_not_shown(refused, file, key):
    said = refused(sqlite_url(file), BRANCH_COACH_SECRET=key)
    assert "too weak" in said
    assert not key or f"'{key}'" not in said


@pytest.mark.parametrize("setting", ["*", "ftp://x", "https://", "https://a/b", "http://[::1"])
def test_an_address_that_cannot_be_read_is_refused(refused, file, setting):
    assert "BRANCH_COACH_HOSTS" in refused(sqlite_url(file), BRANCH_COACH_HOSTS=setting)


def test_a_damaged_store_is_refused_and_left_as_it_is(file):
    file.write_bytes(b"\0" * 100 + file.read_bytes()[100:])
    before = file.read_bytes()
    code, said = start(sqlite_url(file))
    assert code == 1
    assert re.search("damaged.*restore", line_of(said))
    assert file.read_bytes() == before


def test_a_missing_store_is_refused_and_not_made(refused, tmp_path):
    path = tmp_path / "none.db"
    assert "there is no store" in refused(sqlite_url(path))
    assert not path.exists()


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX systems")
def test_a_store_that_everybody_can_open_is_refused(refused, file):
    file.chmod(0o644)
    assert "chmod 600" in refused(sqlite_url(file))


@pytest.mark.parametrize("url", ["no url", "mysql://x/y", "sqlite://", "postgresql://u:hunter2@[::1/x"])
def test_a_store_that_is_none_is_refused(refused, url):
    said = refused(url)
    assert "DATABASE_URL" in said
    assert "hunter2" not in said
