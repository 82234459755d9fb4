"""How long a supervisor waits for the app while logging twenty contacts from Today, in a real browser.

For each line it does what a person does: leaves whom, how and about what as they are filled in, types a next step key
by key, saves, and waits until the next line stands in the form. What is left of five minutes is time to read and think.
Run: python -m benchmarks.today
"""

import argparse
import os
import re
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import gettempdir

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a file or as a module

from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.driver import running_server
from benchmarks.ground import PASSWORD, prepared_ground
from db.engine import sqlite_url

CONTACTS = 20
PORTFOLIO = 24
"""Branches a supervisor looks after."""
MOST_SECONDS = 300.0
KEY_MS = 60
"""Between two keys, as a quick writer types."""
CONTACT_KINDS = re.compile(r"^(Contact|Never reached).* \d")
NEXT_STEP = "Role play on Friday"
READY = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
WAIT_MS = 30_000


def browser_path() -> str:
    """Return the installed browser to use; `TEST_BROWSER` names another."""
    found = os.environ.get("TEST_BROWSER") or next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        sys.exit("no browser found: install Chromium, Chrome or Edge, or name one in TEST_BROWSER")
    return found


def with_portfolio(source: Path, store: Path, username: str) -> str:
    """Copy the store, since each run logs contacts, and give one supervisor the branches of a full portfolio."""
    for rest in ("-wal", "-shm"):  # of a run that was broken off
        store.with_name(store.name + rest).unlink(missing_ok=True)
    shutil.copy(source, store)
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("UPDATE branch SET supervisor = ? WHERE id <= ?", (username, PORTFOLIO))
        connection.commit()
    return sqlite_url(store)


def signed_in(page: Page, base: str, username: str) -> None:
    """Sign in; the landing screen of a supervisor is Today."""
    page.goto(base)
    page.wait_for_selector(READY)
    page.get_by_role("textbox").nth(0).fill(username)
    page.get_by_role("textbox").nth(1).fill(PASSWORD)
    with page.expect_response("**/session/cookie"):
        page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.wait_for_selector(READY)


def log_one(page: Page) -> float:
    """Log the picked line as a contact and return the seconds until the form of the next one stands."""
    form = page.get_by_test_id("stColumn").nth(0)
    started = time.perf_counter()
    form.get_by_label("Next step").press_sequentially(NEXT_STEP, delay=KEY_MS)
    before = panel(page)
    form.get_by_role("button", name="Save, then the next").click()
    page.wait_for_function("words => window.benchPanel() !== words", arg=before, timeout=WAIT_MS)
    page.wait_for_selector(READY)
    return time.perf_counter() - started


def panel(page: Page) -> str:
    """Return the words over the form: which line it is about."""
    words: str = page.evaluate("() => window.benchPanel()")
    return words


PANEL = """window.benchPanel = () => {
  const column = document.querySelector('[data-testid=stColumn]');
  if (!column) return '';
  return [...column.querySelectorAll('[data-testid=stMarkdownContainer]')].map(one => one.innerText).join('|');
};"""


def main() -> int:
    """Print the figure; exit status 1 where twenty contacts take more than five minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--branches", type=int, default=120)
    parser.add_argument("--weeks", type=int, default=30)
    parser.add_argument("--folder", type=Path, help="where the store is kept for the next run")
    options = parser.parse_args()
    folder = options.folder or Path(gettempdir()) / f"branch-coach-{options.branches}-{options.weeks}"
    ground = prepared_ground(folder, branches=options.branches, weeks=options.weeks)
    username = ground.usernames[-1]
    url = with_portfolio(folder / "store.db", folder / "today.db", username)
    with running_server(url, log=folder / "server.log") as base, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        page = browser.new_context(locale="en-GB", timezone_id="Asia/Shanghai").new_page()
        page.set_default_timeout(WAIT_MS)
        page.add_init_script(PANEL)
        signed_in(page, base, username)
        page.get_by_role("button", name=re.compile("Lines of all kinds")).click()
        expect(page.get_by_role("button", name=CONTACT_KINDS).first).to_be_visible()
        for pill in page.get_by_role("button", name=CONTACT_KINDS).all():
            pill.click()
            page.wait_for_selector(READY)
        page.keyboard.press("Escape")
        page.wait_for_timeout(500)
        started = time.perf_counter()
        each = [log_one(page) for _ in range(CONTACTS)]
        total = time.perf_counter() - started
        browser.close()
    typing = len(NEXT_STEP) * KEY_MS / 1000
    print(ground)
    print(
        f"{CONTACTS} contacts logged in {total:.0f} s, {median(each):.1f} s each, {typing:.1f} s of it typing; "
        f"{(MOST_SECONDS - total) / CONTACTS:.1f} s each are left of five minutes to read and to think"
    )
    return 0 if total <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
