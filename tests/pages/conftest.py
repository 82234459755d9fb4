"""What all drawn screens share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from core.calendar import last_complete_week
from db.engine import engine_of, sqlite_url, writing
from pages.parts.session import today
from tests.db.review_world import fill_review_world


@pytest.fixture(scope="session", autouse=True)
def _packages_are_read_once() -> Iterator[None]:
    """Keep what Streamlit's test tool finds in the descriptions of all installed packages.

    It reads them for each drawn screen anew, which takes longer than most screens.
    """
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture(scope="session")
def review_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """The store of the review world with its last week brought to the last complete one."""
    path = tmp_path_factory.mktemp("review") / "store.db"
    shutil.copy(migrated_file, path)
    with writing(sqlite_url(path)) as session:
        fill_review_world(session, last_week=last_complete_week(today()))
    engine_of(sqlite_url(path)).dispose()
    return path


@pytest.fixture
def review_store(review_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A copy of the review world of one's own, the one the app opens."""
    path = tmp_path / "own.db"
    shutil.copy(review_file, path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url(path))
    yield sqlite_url(path)
    engine_of(sqlite_url(path)).dispose()
