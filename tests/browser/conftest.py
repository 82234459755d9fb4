"""A real browser against a real server: any installed Chromium, Chrome or Edge, else these tests are skipped."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from core.facts import UserRole
from db.engine import engine_of, sqlite_url
from tests.conftest import SECRET
from tests.running import PASSWORD, Server, add_user, running_server

BROWSER_SETTING = "TEST_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
MISSING = f"no browser found: install Chromium, Chrome or Edge (apt install chromium), or name one in {BROWSER_SETTING}"
WAIT_MS = 20_000
DESK = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, and keep them on one worker."""
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker("browser")
            if item.get_closest_marker("xdist_group") is None:
                item.add_marker(pytest.mark.xdist_group("browser"))


def browser_path() -> str | None:
    """Return the installed browser to use."""
    named = os.environ.get(BROWSER_SETTING)
    found = [named] if named else [*map(shutil.which, NAMES), *(place for place in PLACES if Path(place).exists())]
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    """The driver of the browser."""
    if browser_path() is None:
        pytest.skip(MISSING)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright_driver: Playwright) -> Iterator[Browser]:
    """One browser for all tests."""
    expect.set_options(timeout=WAIT_MS)
    started = playwright_driver.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
    yield started
    started.close()


@pytest.fixture(scope="module")
def browsed_store(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[str]:
    """The store behind the server of a file of tests; it has one account of each role.

    A file that wants data overrides this fixture, or fills the store before the server starts.
    """
    path = tmp_path_factory.mktemp("browsed") / "store.db"
    shutil.copy(migrated_file, path)
    path.chmod(0o600)
    url = sqlite_url(path)
    add_user(url, "boss", UserRole.ADMIN)
    add_user(url, "li", UserRole.SUPERVISOR)
    yield url
    engine_of(url).dispose()


@pytest.fixture(scope="module")
def browsed(tmp_path_factory: pytest.TempPathFactory, browsed_store: str) -> Iterator[Server]:
    """The running app."""
    before = os.environ.get("BRANCH_COACH_SECRET")
    os.environ["BRANCH_COACH_SECRET"] = SECRET
    with running_server(tmp_path_factory.mktemp("server"), database_url=browsed_store) as server:
        warm = server.tab()
        warm.run()
        yield server
    if before is None:
        del os.environ["BRANCH_COACH_SECRET"]


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(browser: Browser) -> Iterator[NewContext]:
    """Open a browser of one's own, with its cookies; `locale`, `viewport`, `color_scheme` as Playwright takes them."""
    opened: list[BrowserContext] = []

    def new(**options: object) -> BrowserContext:
        settings = {"locale": "en-US", "timezone_id": "Asia/Shanghai", "viewport": DESK} | options
        opened.append(browser.new_context(**settings))
        return opened[-1]

    yield new
    for context in opened:
        context.close()


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """One tab of a fresh browser, in English."""
    return new_context().new_page()


def settled(page: Page) -> Page:
    """Wait until the app is connected and nothing runs any more."""
    page.locator(
        "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
    ).wait_for(timeout=WAIT_MS)
    return page


def sign_in(page: Page, server: Server, username: str = "boss", password: str = PASSWORD, *, path: str = "/") -> Page:
    """Open an address, sign in there, wait for the cookie and the page behind it."""
    page.goto(server.url + path)
    settled(page)
    page.get_by_role("textbox").nth(0).fill(username)
    page.get_by_role("textbox").nth(1).fill(password)
    with page.expect_response("**/session/cookie"):
        page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    return settled(page)
