"""The first start with nothing configured, in a folder of its own."""

import shutil
import time

import pytest

from core.facts import UserRole
from db.sample import DEMO_PASSWORD
from tests.running import ROOT, running_server

pytestmark = pytest.mark.xdist_group("first_start")
ROOMS = ("core", "db", "pages", "sample_data", ".streamlit")
LONGEST_SECONDS = 120  # on a machine that tests something else beside it


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the app without any store."""
    folder = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", folder)
    return folder


@pytest.fixture(scope="module")
def cookies():
    """Of who signed in at the first start."""
    return []


def test_the_sample_city_is_made_while_a_bar_shows_how_far_it_is(house, cookies):
    with running_server(house, database_url=None, app=house / "app.py", root=house) as server:
        tab = server.tab()
        text = tab.run()
        began = time.monotonic()
        while "User name" not in text and time.monotonic() - began < LONGEST_SECONDS:
            text = tab.run()
        said = server.log.read_text("utf-8")
        assert "Traceback" not in said, said
        assert "Sample data" in text
        assert DEMO_PASSWORD in text
        for role in UserRole:
            assert f"demo_{role.value.removeprefix('branch_')}" in text
        assert "Overview" in tab.sign_in("demo_head", DEMO_PASSWORD)
        assert "Sample data" in tab.text
        assert "Users" not in tab.pages
        other = server.tab()
        other.run()
        other.sign_in("demo_admin", DEMO_PASSWORD)
        cookies.append(other.cookie)
    assert (house / "data" / "sample.db").stat().st_mode & 0o077 == 0


def test_a_second_start_finds_the_store_and_its_people_still_signed_in(house, cookies):
    with running_server(house, database_url=None, app=house / "app.py", root=house) as server:
        assert "User name" in server.tab().run()
        assert "Sign out" in server.tab(cookie=cookies[0]).run()
