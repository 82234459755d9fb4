"""A whole weekly review by keyboard, and every page of the projector measured in both languages, sizes and lights."""

import shutil
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from core.calendar import last_complete_week
from core.facts import COMMAND_LINE, UserRole
from core.review.figures import Topic
from core.review.rules import meeting_rules_on
from core.sample.files import FILE_NAMES, write_city
from core.sample.plan import CityPlan
from db.changes import utc_now
from db.engine import engine_of, reading, sqlite_url, writing
from db.imports.run import import_files
from db.imports.sources import ImportFile
from db.models import BranchRow, PolicyRow, ReviewDecisionRow, ReviewMeetingRow, UserRow
from db.rollups import rebuild_rollups
from pages.parts.session import today
from tests.browser.conftest import settled, sign_in
from tests.browser.projector import faults_of
from tests.running import PASSWORD, add_user

WEEK = last_complete_week(today())
BEFORE = WEEK - timedelta(weeks=1)
DESK, HALL = {"width": 1280, "height": 720}, {"width": 1920, "height": 1080}
MOST_TABS = 60
MOST_PAGES = 30


@pytest.fixture(scope="module")
def browsed_store(tmp_path_factory, migrated_file):
    """A small sample city with one account of an administrator."""
    folder = tmp_path_factory.mktemp("meeting")
    path = folder / "store.db"
    shutil.copy(migrated_file, path)
    path.chmod(0o600)
    url = sqlite_url(path)
    write_city(CityPlan(branches=16, weeks=40, seed=7, until=today() - timedelta(days=1)), folder / "files")
    files = [ImportFile(name, folder / "files" / name) for name in FILE_NAMES]
    assert import_files(url, files, actor=COMMAND_LINE, today=today()).is_stored
    add_user(url, "boss", UserRole.ADMIN)
    yield url
    engine_of(url).dispose()


def tab_to(page, place):
    """Press the tab key until the place has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(place) => document.activeElement.matches(place)", place):
            return
    raise AssertionError(f"the tab key never reaches {place}")


def press(page, key):
    """Press a key and wait for the page behind it."""
    page.keyboard.press(key)
    page.wait_for_timeout(60)
    settled(page)


def shown(page):
    """The name of the page in the address."""
    return page.evaluate("() => new URL(location).searchParams.get('page')")


def sign_in_by_keyboard(page, address):
    page.goto(address)
    settled(page)
    tab_to(page, "input[type=text]")
    page.keyboard.type("boss")
    tab_to(page, "input[type=password]")
    page.keyboard.type(PASSWORD)
    with page.expect_response("**/session/cookie"):
        page.keyboard.press("Enter")
    settled(page)


def begin_by_keyboard(page):
    expect(page.locator(".st-key-meeting_begin button")).to_be_visible()
    settled(page)
    tab_to(page, ".st-key-meeting_begin button")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-meeting_bar")).to_be_visible()
    settled(page)


def decide_by_keyboard(page, words):
    at = shown(page)
    page.keyboard.press("d")
    page.keyboard.type("next ")  # at once, before the form is there
    expect(page.get_by_role("dialog")).to_be_visible()
    field = page.locator(".st-key-meeting_decide_words input")
    expect(field).to_be_focused()
    expect(field).to_have_value("next ")
    page.keyboard.insert_text(words)
    for key in ("ArrowLeft", "ArrowRight", "End"):
        page.keyboard.press(key)
    settled(page)
    assert shown(page) == at
    expect(page.locator(".st-key-meeting_names_switch")).to_contain_text("显示姓名")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    settled(page)


def pages_of(page, check):
    """Turn every page by the arrow key, check each, and return their names."""
    names = [shown(page)]
    check(names[0])
    while len(names) < MOST_PAGES and page.locator(".st-key-meeting_next button").is_enabled():
        press(page, "ArrowRight")
        page.wait_for_url(lambda url, last=names[-1]: f"page={last}&" not in f"{url}&")
        settled(page)
        names.append(shown(page))
        check(names[-1])
    return names


def names_in(url):
    """User names and names of the own staff, as bytes; none of them may reach the projector."""
    with reading(url) as session:
        accounts = session.execute(select(UserRow.username, UserRow.display_name)).all()
        supervisors = session.scalars(select(BranchRow.supervisor).distinct()).all()
    return {name.encode() for name in [*supervisors, *(name for row in accounts for name in row)] if name}


def held_number(url):
    with reading(url) as session:
        return session.scalars(select(ReviewMeetingRow.id).order_by(ReviewMeetingRow.week_start.desc())).first()


def decide_at_length(url, meeting_id):
    """Add decisions as long as they may be, in words of letters and in Chinese, to this review."""
    rules = meeting_rules_on(today())
    words = ("Call every branch manager before Wednesday noon and log it " * 4, "周三前逐个拜访支行行长并登记，" * 12)
    with writing(url) as session:
        session.add_all(
            ReviewDecisionRow(
                meeting_id=meeting_id,
                topic="goals",
                words=words[place % 2][: rules.most_words],
                owner="boss",
                due_on=today(),
                measure=words[place % 2][: rules.most_measure],
                state="open",
                decided_on=today(),
                decided_at=utc_now(),
            )
            for place in range(4)
        )


def correct_and_end(url, meeting_id):
    """End the review as it is, then let the policies of its branches cost ten times as much."""
    with writing(url) as session:
        session.get_one(ReviewMeetingRow, meeting_id).ended_at = utc_now()
        session.execute(update(PolicyRow).values(premium_fen=PolicyRow.premium_fen * 10))
        rebuild_rollups(session)


def test_a_whole_review_is_held_by_keyboard_and_the_next_one_opens_with_its_decisions(
    new_context, browsed, browsed_store
):
    page = new_context(locale="zh-CN", viewport=DESK).new_page()
    sign_in_by_keyboard(page, f"{browsed.url}/meeting?week={BEFORE.isoformat()}")
    begin_by_keyboard(page)
    decisions = {"goals": "每天晨会后登记沟通", "weakest-2": "周三拜访支行行长", "next_week": "周五前补齐周计划"}

    def measured(name):
        for size in (HALL, DESK):
            page.set_viewport_size(size)
            page.wait_for_timeout(120)
            assert faults_of(page) == [], (name, size)
        if name in decisions:
            decide_by_keyboard(page, decisions[name])

    names = pages_of(page, measured)
    assert names[0] == "decided"
    assert set(decisions) < set(names)
    page.keyboard.press("e")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, ".st-key-meeting_end_guests input")
    page.keyboard.type("培训讲师 T01")
    page.keyboard.press("Enter")
    expect(page.get_by_text("各页已按所示存档")).to_be_visible()
    with reading(browsed_store) as session:
        held = session.scalars(select(ReviewMeetingRow)).one()
        assert held.ended_at > held.begun_at

    page.goto(f"{browsed.url}/meeting?week={WEEK.isoformat()}")
    begin_by_keyboard(page)
    assert shown(page) == "decided"
    for words in decisions.values():
        expect(page.get_by_text(words)).to_be_visible()


def test_every_page_can_be_read_from_six_metres_in_the_dark_and_no_name_leaves_the_server(
    new_context, browsed, browsed_store
):
    page = new_context(locale="en-US", viewport=DESK, color_scheme="dark").new_page()
    frames = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    sign_in(page, browsed, path=f"/meeting?week={WEEK.isoformat()}&page=decided")
    if page.locator(".st-key-meeting_begin").count():
        begin_by_keyboard(page)

    def measured(name):
        for size in (HALL, DESK):
            page.set_viewport_size(size)
            page.wait_for_timeout(120)
            assert faults_of(page) == [], (name, size)

    number = held_number(browsed_store)
    page.goto(f"{browsed.url}/meeting?week={WEEK.isoformat()}&page=decisions")
    settled(page)
    decide_at_length(browsed_store, number)  # newer data as well: one key more in the bar
    expect(page.get_by_text("Call every branch manager").first).to_be_visible()  # the page follows untouched
    page.goto(f"{browsed.url}/meeting?week={WEEK.isoformat()}&page=decided")
    settled(page)
    expect(page.locator(".st-key-meeting_newer")).to_be_visible()
    names = pages_of(page, measured)
    assert len(names) > len(Topic)
    assert "decisions-3" in names
    sent = b"".join(frame if isinstance(frame, bytes) else frame.encode() for frame in frames)
    assert b"Supervisor 1" in sent
    assert [name for name in names_in(browsed_store) if name in sent] == []

    correct_and_end(browsed_store, number)
    page.goto(f"{browsed.url}/meeting?week={WEEK.isoformat()}&page=decided")
    settled(page)
    corrected = []

    def measured_and_marked(name):
        if name == "weakest":  # marked a moment after it is drawn
            expect(page.locator(".st-key-meeting_corrected")).to_be_visible()
        measured(name)
        if page.locator(".st-key-meeting_corrected").count():
            corrected.append(name)

    pages_of(page, measured_and_marked)
    assert {"goals", "weakest", "weakest-2"} <= set(corrected)
