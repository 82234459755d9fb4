"""One running server for all attacks, with one account of each role; starting one takes longer than most tests."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.facts import UserRole
from db.engine import engine_of, sqlite_url
from tests.conftest import SECRET
from tests.running import Server, add_user, running_server

PROBE = Path(__file__).parent / "probe" / "app.py"
NETWORK = Path(__file__).parent / "network"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the store, the log and the traces are."""
    return tmp_path_factory.mktemp("attacked")


@pytest.fixture(scope="session")
def attacked_store(folder: Path, migrated_file: Path) -> Iterator[str]:
    """A store with one account of each role."""
    path = folder / "store.db"
    shutil.copy(migrated_file, path)
    path.chmod(0o600)
    url = sqlite_url(path)
    add_user(url, "boss", UserRole.ADMIN)
    add_user(url, "chief", UserRole.ADMIN)
    add_user(url, "mao", UserRole.MANAGER, region_path="东区分公司")
    add_user(url, "li", UserRole.SUPERVISOR)
    add_user(url, "head", UserRole.BRANCH_HEAD, branch_code="B1")
    yield url
    engine_of(url).dispose()


@pytest.fixture(scope="session")
def module_secret() -> Iterator[None]:
    """The key of the tests, for what starts before the first of them."""
    before = os.environ.get("BRANCH_COACH_SECRET")
    os.environ["BRANCH_COACH_SECRET"] = SECRET
    yield
    if before is None:
        del os.environ["BRANCH_COACH_SECRET"]


@pytest.fixture(scope="session")
def server(folder: Path, attacked_store: str, module_secret: None) -> Iterator[Server]:
    """The app itself."""
    with running_server(folder, database_url=attacked_store) as running:
        yield running


@pytest.fixture(scope="session")
def probed(folder: Path, attacked_store: str, module_secret: None) -> Iterator[Server]:
    """The app with the probe page."""
    with running_server(folder, database_url=attacked_store, app=PROBE, BRANCH_COACH_TRACES=str(folder)) as running:
        yield running


@pytest.fixture
def traces(folder: Path):
    """Count the traces of a kind."""

    def count(kind: str) -> int:
        path = folder / kind
        return path.read_text("utf-8").count("\n") if path.exists() else 0

    return count


@pytest.fixture(autouse=True)
def _attacked(attacked_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", attacked_store)
