"""Every screen in a real browser: both languages, laptop and phone, light and dark."""

import os
import re
import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright
from sqlalchemy import select

from core.facts import COMMAND_LINE, Stage, UserRole
from core.language import text, translations
from core.sample.files import FILE_NAMES, write_city
from core.sample.plan import CityPlan
from db.engine import engine_of, sqlite_url, writing
from db.imports.run import import_files
from db.imports.sources import ImportFile
from db.models import StageWeekRow
from pages.parts.navigation import SCREENS
from pages.parts.session import today
from tests.conftest import SECRET
from tests.running import PASSWORD, add_user, running_server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("screens")]

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
LOCALES = {"en": "en-US", "zh": "zh-CN"}
SIZES = ((1280, 720), (390, 844))
LOOKS = {"en": ("light", "dark"), "zh": ("dark", "light")}
"""The page on a laptop and on a phone: each size is seen in both lights, each language too."""
WAIT = 30_000
SLIDING = 3.0
"""Seconds."""
READY = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
ADDRESSES = {screen.name: screen.name for screen in SCREENS}
FIELD = re.compile(r"\{[^}]*\}")
WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture(scope="module")
def server(tmp_path_factory, migrated_file):
    """The app over a small sample city with one account of an administrator."""
    folder = tmp_path_factory.mktemp("screens")
    path = folder / "store.db"
    shutil.copy(migrated_file, path)
    path.chmod(0o600)
    url = sqlite_url(path)
    write_city(CityPlan(branches=24, weeks=60, seed=7, until=today() - timedelta(days=1)), folder / "files")
    files = [ImportFile(name, folder / "files" / name) for name in FILE_NAMES]
    assert import_files(url, files, actor=COMMAND_LINE, today=today()).is_stored
    add_user(url, "boss", UserRole.ADMIN)
    let_a_branch_move(url)
    engine_of(url).dispose()
    before = os.environ.get("BRANCH_COACH_SECRET")
    os.environ["BRANCH_COACH_SECRET"] = SECRET
    with running_server(folder, database_url=url) as running:
        yield running
    if before is None:
        del os.environ["BRANCH_COACH_SECRET"]


def let_a_branch_move(url: str) -> None:
    """Give a branch another stage in the week before the last: in most weeks none of so few moves by itself."""
    with writing(url) as session:
        weeks = session.scalars(select(StageWeekRow.week_start).distinct().order_by(StageWeekRow.week_start)).all()
        now = session.scalars(select(StageWeekRow).where(StageWeekRow.week_start == weeks[-1])).first()
        before = session.get_one(StageWeekRow, (now.branch_id, weeks[-2]))
        before.stage = Stage.GROWTH if now.stage != Stage.GROWTH else Stage.MATURE


@pytest.fixture(scope="module")
def chromium():
    """An installed browser."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        pytest.skip("no browser found; install Chromium, Google Chrome or Microsoft Edge")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(server, chromium):
    """One signed-in tab for each language."""
    expect.set_options(timeout=WAIT)
    tabs = {}
    for language, locale in LOCALES.items():
        context = chromium.new_context(
            locale=locale, timezone_id="Asia/Shanghai", viewport={"width": SIZES[0][0], "height": SIZES[0][1]}
        )
        tab = context.new_page()
        tab.goto(server.url)
        settle(tab)
        tab.get_by_label(text(language, "User name")).fill("boss")
        tab.get_by_label(text(language, "Password"), exact=True).fill(PASSWORD)
        tab.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
        expect(tab.get_by_test_id("stSidebarNav")).to_be_visible()
        settle(tab)
        assert context.cookies()
        tabs[language] = tab
    yield tabs
    for tab in tabs.values():
        tab.context.close()


def settle(tab: Page) -> None:
    """Wait until the screen is drawn."""
    tab.wait_for_selector(READY, timeout=WAIT)
    expect(tab.get_by_test_id("stSkeleton")).to_have_count(0)


def opened(tab: Page, server, address: str) -> None:
    """Open an address with the first size and the light page."""
    tab.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    tab.emulate_media(color_scheme="light")
    tab.goto(f"{server.url}/{address}")
    settle(tab)
    expect(tab.get_by_test_id("stHeading").first).to_be_visible()


def turned_to(tab: Page, server, address: str) -> None:
    """Turn to another screen in the page that is loaded, as the way back does: to load it anew takes a second."""
    heading = tab.get_by_test_id("stHeading").first
    before = heading.inner_text()
    tab.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    tab.emulate_media(color_scheme="light")
    tab.evaluate(
        """address => {
            history.pushState({}, "", address);
            dispatchEvent(new PopStateEvent("popstate", {state: {}}));
        }""",
        f"{server.url}/{address}",
    )
    expect(heading).not_to_have_text(before)
    settle(tab)


@cache
def english_words_of_ours() -> tuple[set[str], list[re.Pattern[str]]]:
    """Return the English strings that must not stand on a Chinese page, and those with fields as patterns."""
    catalogue = translations("zh")._catalog
    plain, patterns = set(), []
    for source, chinese in catalogue.items():
        if not isinstance(source, str) or source == chinese or not WORD.search(FIELD.sub("", source)):
            continue
        if FIELD.search(source):
            patterns.append(re.compile(FIELD.sub("(.+)", re.escape(source).replace(r"\{", "{").replace(r"\}", "}"))))
        else:
            plain.add(source)
    return plain, patterns


def lines_of(tab: Page) -> list[str]:
    """Return every line of words on the screen, the menu included."""
    return [line.strip() for line in tab.get_by_test_id("stApp").inner_text().splitlines() if line.strip()]


def too_wide(tab: Page) -> list[int]:
    """Return how much of the page and of its main part lies outside to the side."""
    return tab.evaluate(
        """() => [document.scrollingElement, document.querySelector('[data-testid=stMain]')]
            .map(part => part.scrollWidth - part.clientWidth).filter(more => more > 1)"""
    )


def cut_labels(tab: Page) -> list[str]:
    """Return the words of tiles, headings and buttons that do not fit their place."""
    return tab.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stMetricLabel] p, [data-testid=stMetricValue] > div,' +
              '[data-testid=stMetricValue] p, [data-testid=stMetricDelta] p, [data-testid=stRadio] label p,' +
              '[data-testid=stHeading], [data-testid=stPageLink] p, [data-testid=stMain] button p')]
            .filter(part => part.offsetParent && part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0)
            .map(part => part.innerText)"""
    )


def empty_charts(tab: Page) -> list[str]:
    """Return the names of charts that drew nothing."""
    return tab.evaluate(
        """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].filter(chart => {
            const canvas = chart.querySelector('canvas');
            if (canvas) return canvas.width < 50 || canvas.height < 30;
            const drawing = chart.querySelector('svg');
            return !drawing || drawing.querySelectorAll('[class*=mark-] path, [class*=mark-] text').length === 0;
        }).map(chart => chart.getAttribute('aria-label') || 'a chart without a name')"""
    )


def lasting(tab: Page, faults_of: Callable[[Page], list]) -> list:
    """Return the faults that do not go away by themselves: the menu slides in and out, slowly on a busy machine."""
    until = time.monotonic() + SLIDING
    while (found := faults_of(tab)) and time.monotonic() < until:
        tab.wait_for_timeout(100)
    return found


@pytest.mark.parametrize("language", list(LOCALES))
@pytest.mark.parametrize("name", list(ADDRESSES))
def test_a_screen_is_whole_and_in_one_language_in_every_size_and_light(name, language, server, signed_in):
    tab = signed_in[language]
    if tab.url.split("?")[0] in (f"{server.url}/", f"{server.url}/{ADDRESSES[name]}"):
        opened(tab, server, ADDRESSES[name])
    else:
        turned_to(tab, server, ADDRESSES[name])
    for (width, height), scheme in zip(SIZES, LOOKS[language], strict=True):
        tab.emulate_media(color_scheme=scheme)
        tab.set_viewport_size({"width": width, "height": height})
        settle(tab)
        tab.wait_for_timeout(150)  # charts take the new size a moment after the page
        for faults_of in (too_wide, empty_charts, cut_labels):
            assert lasting(tab, faults_of) == [], f"{faults_of.__name__}, {width} pixels, {scheme}"
    words = lines_of(tab)
    failure = text(
        language, "Something went wrong here. Nothing was stored by this step. Error number {number}", number=""
    )
    assert not [line for line in words if failure.strip() in line]
    assert tab.get_by_test_id("stException").count() == 0
    if language == "zh":
        plain, patterns = english_words_of_ours()
        assert [line for line in words if line in plain or any(each.fullmatch(line) for each in patterns)] == []


def first_line(tab: Page, name: str) -> Locator:
    """Return the first line to click of a list."""
    return (
        tab.get_by_test_id("stRadio")
        .filter(has=tab.get_by_role("radiogroup", name=name))
        .get_by_text(re.compile("银行"))
        .first
    )


@pytest.mark.parametrize("name", ["Whom to see first", "Moved this week"])
@pytest.mark.parametrize("size", SIZES, ids=["laptop", "phone"])
def test_a_line_of_the_overview_opens_its_branch_and_the_way_back_stays_back(name, size, server, signed_in):
    tab = signed_in["en"]
    opened(tab, server, "")
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    branch = first_line(tab, name).inner_text()
    first_line(tab, name).click()
    tab.wait_for_url(re.compile(r"/branch\?branch=.+"))
    settle(tab)
    expect(tab.get_by_test_id("stHeading").filter(has_text=branch)).to_be_visible()
    tab.go_back()
    expect(tab.get_by_test_id("stHeading").filter(has_text="Whom to see first")).to_be_visible()
    settle(tab)
    tab.wait_for_timeout(500)
    assert "/branch" not in tab.url
    assert tab.get_by_test_id("stRadio").get_by_role("radio", checked=True).count() == 0
    assert tab.get_by_test_id("stException").count() == 0


def test_the_first_screen_of_a_laptop_holds_whom_to_see_and_all_results(server, signed_in):
    tab = signed_in["en"]
    opened(tab, server, "")
    last_tile = tab.get_by_test_id("stMetric").last
    expect(last_tile).to_be_visible()
    place = last_tile.bounding_box()
    assert place["y"] + place["height"] <= SIZES[0][1]


def test_the_name_of_the_overview_as_an_address_opens_it(server, signed_in):
    tab = signed_in["en"]
    opened(tab, server, "overview")
    expect(tab.get_by_test_id("stHeading").filter(has_text="Overview")).to_be_visible()
    assert tab.get_by_role("dialog").count() == 0


def test_a_stage_leads_to_the_branches_in_it_and_the_address_keeps_the_filter(server, signed_in):
    tab = signed_in["zh"]
    opened(tab, server, "")
    tab.get_by_test_id("stMain").get_by_test_id("stButtonGroup").get_by_role("radio", name="成熟期").click()
    tab.wait_for_url(re.compile(r"/branches\?branches_stage="))
    settle(tab)
    address = tab.url
    expect(tab.get_by_test_id("stMultiSelect").filter(has_text="■ 成熟期")).to_be_visible()
    tab.goto(address)
    settle(tab)
    expect(tab.get_by_test_id("stMultiSelect").filter(has_text="■ 成熟期")).to_be_visible()


def test_a_click_on_a_row_opens_the_branch(server, signed_in):
    tab = signed_in["en"]
    opened(tab, server, "branches")
    tab.get_by_test_id("stDataFrame").locator("canvas").first.click(position={"x": 18, "y": 52}, force=True)
    tab.wait_for_url(re.compile(r"/branch\?branch=.+"))


def test_a_click_on_a_part_of_the_history_leads_to_the_branches_in_that_stage(server, signed_in):
    tab = signed_in["en"]
    opened(tab, server, "")
    name = text("en", "Number of branches in each stage, week by week")
    parts = tab.get_by_test_id("stVegaLiteChart").filter(has=tab.get_by_label(name)).locator(".mark-rect path")
    (parts if parts.count() else tab.locator(".mark-rect path")).first.click()
    tab.wait_for_url(re.compile(r"/branches\?branches_stage="))


def test_a_stage_set_by_hand_stands_beside_the_computed_one_and_on_the_review(server, signed_in):
    tab = signed_in["en"]
    opened(tab, server, "")
    first_line(tab, "Whom to see first").click()
    tab.wait_for_url(re.compile(r"/branch\?branch=.+"))
    settle(tab)
    tab.get_by_test_id("stPopover").filter(has_text="Override").get_by_role("button").click()
    form = tab.get_by_test_id("stPopoverBody")
    form.get_by_role("combobox").click()
    tab.get_by_role("option").first.click()
    form.get_by_label(text("en", "Reason")).fill("The branch was rebuilt for a month")
    form.get_by_role("button", name=text("en", "Set this stage")).click()
    expect(form).to_have_count(0)
    expect(tab.get_by_role("heading").filter(has_text=text("en", "Manual override"))).to_be_visible()
    opened(tab, server, "stage_review")
    expect(tab.get_by_text("In force: 1 · ending within 2 weeks: 0")).to_be_visible()


def test_an_administrator_tries_a_number_and_sees_what_it_would_do(server, signed_in):
    tab = signed_in["en"]
    opened(tab, server, "threshold_lab")
    tab.get_by_test_id("stMultiSelect").locator("input").fill("After a change")
    tab.get_by_role("option").filter(has_text="After a change the stage stays").click()
    settle(tab)
    number = tab.get_by_test_id("stNumberInput").locator("input")
    number.fill("9")
    number.press("Tab")
    tab.get_by_role("button", name="Try").click()
    expect(tab.get_by_text("Branches that would move now")).to_be_visible()
    expect(tab.get_by_text("Not your branches: 200 invented ones")).to_be_visible()
    settle(tab)
    assert too_wide(tab) == []
    assert tab.get_by_test_id("stException").count() == 0
