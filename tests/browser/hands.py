"""What hands do in the app: press, choose, click a row, tick with the keys; each waits for what it needs."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import settled

HEADER_PIXELS, ROW_PIXELS = 36, 35


def table(tab: Page) -> Locator:
    """Return the rows of the first table as a reader's software reads them: of those drawn on the canvas."""
    return tab.get_by_test_id("stDataFrame").first.locator("tbody tr")


def pick_row(tab: Page, *words: str) -> None:
    """Click the box of the first row with these words."""
    row = table(tab)
    for word in words:
        row = row.filter(has_text=word)
    expect(row.first).to_be_attached()
    number = int(row.first.get_attribute("aria-rowindex")) - 2
    place = {"x": 18, "y": HEADER_PIXELS + ROW_PIXELS * number + ROW_PIXELS // 2}
    tab.get_by_test_id("stDataFrame").first.locator("canvas").first.click(position=place, force=True)


def choose(tab: Page, name: str, words: str) -> None:
    """Choose from a list by typing."""
    field = tab.get_by_role("combobox", name=name, exact=True)
    field.click()
    field.fill(words)
    tab.get_by_role("option", name=words).first.click()
    field.press("Tab")


def press(tab: Page, name: str, says: str) -> None:
    """Press a button and wait for what the app has to say."""
    tab.get_by_role("button", name=name, exact=True).click()
    said = tab.locator("[data-testid=stMain], [data-testid=stToast]")  # on the page or over it
    expect(said.get_by_text(says).first).to_be_visible()
    settled(tab)


def tick_all_but(tab: Page, rest: int) -> int:
    """Tick the lines of the table with the keys, all but the last ones, and return how many."""
    lines = int(tab.get_by_test_id("stDataFrame").first.locator("table").get_attribute("aria-rowcount")) - 1
    canvas = tab.get_by_test_id("stDataFrame").first.locator("canvas").first
    canvas.click(position={"x": 110, "y": HEADER_PIXELS + ROW_PIXELS // 2}, force=True)
    tab.keyboard.press("ArrowLeft")
    for _ in range(lines - rest):
        tab.keyboard.press("Space")
        tab.keyboard.press("ArrowDown")
    return lines - rest
