"""A week as three people live it: a supervisor, his manager and the head of one of his branches.

Supervisor and manager read English at a desk, the head reads Chinese on a phone. One server runs all the time; its
clock is moved from day to day (`start_on_a_day.py`).
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.sample.plan import CityPlan
from db import sample
from db.engine import engine_of, sqlite_url
from db.sample import DEMO_PASSWORD, make_sample_store
from tests.browser.conftest import PHONE, settled, sign_in
from tests.browser.hands import choose, pick_row, press, table, tick_all_but
from tests.browser.printed import sheets_of_download
from tests.conftest import SECRET
from tests.running import Server, running_server

NO_PLAN_BUT_MISSES = re.compile(r"^No plan · \d+ without a cause in earlier weeks(?!.*earlier weeks)")

SUNDAY = date(2026, 11, 15)
HEADS_CODE, HEADS_BRANCH = "CL-YZ-001", "沧澜银行云州文昌街支行"
CHINESE_PHONE = {
    "locale": "zh-CN",
    "viewport": PHONE,
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141 Mobile",
}
"""The menu goes away after a choice where the browser says that it is a phone's."""
KEY_MS = 20
"""Between two keys; a table tells the app of its ticks a moment after the last one."""
ANSWERS = {3: 0, 5: 0, 14: 0}
"""The place of the answer to a question, the fourth where none is named: a goal nobody has, and two times yes."""
NEED = "柜员转介话术"


@dataclass
class Week:
    """The running app and its clock."""

    server: Server
    clock: Path

    def it_is(self, day: int, hour: str) -> None:
        """Move on to an hour of a day of November 2026."""
        self.clock.write_text(f"2026-11-{day}T{hour}:00+08:00", encoding="utf-8")

    def open(self, tab: Page, path: str) -> Page:
        """Open an address as somebody signed in."""
        tab.goto(f"{self.server.url}/{path}")
        return settled(tab)


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """A small sample city of the Sunday before."""
    folder = tmp_path_factory.mktemp("week")
    path, clock = folder / "store.db", folder / "clock"
    starter, small = "tests.browser.start_on_a_day", {"branches": 12, "weeks": 30, "seed": 7}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRANCH_COACH_SECRET", SECRET)
        patch.setattr(
            sample, "city_plan", lambda *, until: CityPlan(until=until, lead_supervisor="demo_supervisor", **small)
        )
        make_sample_store(path, today=SUNDAY)
        clock.write_text("2026-11-16T09:00:00+08:00", encoding="utf-8")
        with running_server(folder, database_url=sqlite_url(path), module=starter, PLAYED_CLOCK=str(clock)) as server:
            yield Week(server, clock)
    engine_of(sqlite_url(path)).dispose()


def only(tab: Page, kind: str) -> None:
    """Let Today show the lines of one kind."""
    tab.get_by_role("button", name=re.compile(r"Lines of (all|some) kinds")).click()
    tab.get_by_role("button", name=re.compile(f"^{kind}")).click()
    settled(tab)
    tab.keyboard.press("Escape")
    expect(table(tab).filter(has_not_text=kind)).to_have_count(0)
    settled(tab)


def panel(tab: Page) -> Locator:
    """Return what stands beside the list of Today about the picked line."""
    return tab.get_by_test_id("stColumn").nth(0)


def phase(tab: Page, name: str) -> None:
    """Turn to a phase of the plan."""
    tab.get_by_role("radio", name=name, exact=True).click()
    settled(tab)


def test_the_week_of_a_supervisor_his_manager_and_a_branch_head(week, new_context):
    supervisor, manager, head = (new_context(**options).new_page() for options in ({}, {}, CHINESE_PHONE))
    monday_morning(week, supervisor)
    monday_evening(week, supervisor, manager)
    tuesday(week, supervisor)
    wednesday(week, head)
    thursday(week, supervisor)
    friday(week, supervisor)
    monday_after(week, supervisor)
    manager_looks_back(week, manager)


def monday_morning(week: Week, tab: Page) -> None:
    """The supervisor comes from Today to the plan, takes over what waits, and adds a talk and an action."""
    week.it_is(16, "09:00")
    sign_in(tab, week.server, "demo_supervisor", DEMO_PASSWORD)
    expect(tab.get_by_role("heading", name="Today")).to_be_visible()
    expect(tab.get_by_text(NO_PLAN_BUT_MISSES)).to_be_visible()
    tab.get_by_test_id("stMain").get_by_role("link", name="Week plan").click()
    expect(tab.get_by_text("locks on 16 Nov 2026 at 18:00")).to_be_visible()
    settled(tab)
    press(tab, "Start the plan", "Taken over: ")
    choose(tab, "Branches", HEADS_BRANCH)
    choose(tab, "Days", "17 Nov 2026")
    choose(tab, "Role", "Teller")
    tab.get_by_label("Remark").fill("Role play")
    press(tab, "Add to the plan", "Added: 1.")
    expect(table(tab).filter(has_text="Teller · On-site visit · Role play")).to_be_attached()
    phase(tab, "Coaching action")
    expect(tab.get_by_role("combobox", name="Coaching action", exact=True)).to_be_visible()
    expect(tab.locator(".st-key-plan_add_branches")).not_to_contain_text(HEADS_BRANCH)
    expect(tab.get_by_label("Remark")).to_have_value("")
    choose(tab, "Branches", HEADS_BRANCH)
    choose(tab, "Days", "18 Nov 2026")
    choose(tab, "Coaching action", "Survey again")
    press(tab, "Add to the plan", "Added: 1.")
    expect(table(tab).filter(has_text="Survey again")).to_be_attached()


def monday_evening(week: Week, tab: Page, manager: Page) -> None:
    """The plan is locked and asks for reasons; the manager finds it among his team's and approves it."""
    week.it_is(16, "18:05")
    week.open(tab, "week_plan")
    expect(tab.get_by_text("Locked", exact=True)).to_be_visible()
    phase(tab, "Plan")
    tab.get_by_text("Add lines").click()
    expect(tab.get_by_label("Why the locked plan changes")).to_be_visible()
    phase(tab, "Do")
    write_the_day(tab, "16 Nov 2026", "Started the week")
    sign_in(manager, week.server, "demo_manager", DEMO_PASSWORD, path="/week_plan")
    expect(manager.get_by_text("to approve: 1")).to_be_visible()
    expect(table(manager).filter(has_text="演示督导").filter(has_text="Locked")).to_be_attached()
    pick_row(manager, "演示督导")
    expect(manager.get_by_role("button", name="Back to the team")).to_be_visible()
    manager.get_by_label("Comment").fill("Tellers first")
    press(manager, "Approve this plan", "Approved.")
    expect(manager.get_by_text("Approved by 演示经理 on 16 Nov 2026. Tellers first")).to_be_visible()


def tuesday(week: Week, tab: Page) -> None:
    """The planned talk stands on Today, is logged there, and its line is ticked by that alone."""
    week.it_is(17, "10:00")
    week.open(tab, "today")
    expect(tab.get_by_text(re.compile(r"^Approved · .* · 1 for today$"))).to_be_visible()
    only(tab, "Planned today")
    pick_row(tab, HEADS_BRANCH, "Teller")
    expect(panel(tab)).to_contain_text("Planned for 17 Nov 2026: On-site visit · Role play.")
    log(tab, "Role play again on Friday")
    week.open(tab, "week_plan")
    expect(tab.get_by_text("1 ticked by logged contacts, held events and closed actions")).to_be_visible()
    expect(table(tab).filter(has_text="Role play")).to_have_count(0)
    write_the_day(tab, "17 Nov 2026", "Two branches, one role play")


def wednesday(week: Week, tab: Page) -> None:
    """The head answers on his phone as fast as he can, and sees his view beside the records."""
    week.it_is(18, "12:30")
    sign_in(tab, week.server, "demo_head", DEMO_PASSWORD)
    tab.get_by_test_id("stExpandSidebarButton").click()
    tab.get_by_role("link", name="负责人自查").click()
    expect(tab.get_by_text("已答 0/15 题")).to_be_visible()
    settled(tab)
    for number in range(1, 16):
        answer = tab.locator(f".st-key-self_check_S{number}").get_by_role("radio").nth(ANSWERS.get(number, 3))
        answer.click()
        expect(answer).to_be_checked()
    expect(tab.get_by_text("已答 15/15 题")).to_be_visible()
    tab.get_by_label("下月最需要的支持").fill(NEED)
    tab.get_by_role("button", name="完成").click()
    for heading in ("我的看法", "数据记录", "差异之处", "本周三件事"):
        expect(tab.get_by_role("heading", name=heading)).to_be_visible()
    settled(tab)
    expect(tab.get_by_test_id("stMain").locator("ol li")).to_have_count(3)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert sheets_of_download(tab, "打印（一页A4）") == 1


def thursday(week: Week, tab: Page) -> None:
    """The supervisor meets the self-check on Today and on the page of the branch, and reads it."""
    week.it_is(19, "09:00")
    week.open(tab, "today")
    only(tab, "New self-check")
    pick_row(tab, HEADS_BRANCH)
    expect(panel(tab)).to_contain_text(f"The branch head finished the self-check on 18 Nov 2026: “{NEED}”")
    tab.get_by_label("What you make of it").fill("Bring the referral script on Friday")
    press(tab, "Save, then the next", "Noted: ")
    tab.get_by_role("link", name="Branch page").click()
    choose(tab, "Branch", HEADS_BRANCH)
    expect(tab.get_by_text(re.compile(r"Nov 2026 · overall \d\.\d of 5"))).to_be_visible()
    tab.get_by_role("link", name="Open the self-check").click()
    expect(tab.get_by_role("heading", name="View of the head")).to_be_visible()
    settled(tab)
    assert sheets_of_download(tab, "Print on one A4 page") == 1
    note_the_talk(week, tab)
    week.open(tab, "week_plan")
    write_the_day(tab, "19 Nov 2026", "Read the self-check")


def note_the_talk(week: Week, tab: Page) -> None:
    """A talk with the head is noted; the form is empty afterwards, so that nothing is stored twice."""
    week.open(tab, f"notes?branch={HEADS_CODE}")
    tab.get_by_text("Note a session").click()
    for name, words in {"Goal": "A goal for each seller", "Will (what was promised)": "By Friday"}.items():
        tab.get_by_role("textbox", name=name, exact=True).fill(words)
    press(tab, "Save the note", "Stored. The commitment comes back")
    expect(tab.get_by_role("textbox", name="Goal", exact=True)).to_have_value("")


def friday(week: Week, tab: Page) -> None:
    """A contact that is owed anyway is logged, and all but the last three lines are ticked by hand."""
    week.it_is(20, "16:00")
    week.open(tab, "today")
    only(tab, "Contact late")
    pick_row(tab, "Contact late")
    log(tab, "Next Tuesday")
    week.open(tab, "week_plan")
    write_the_day(tab, "20 Nov 2026", "Half of the week was the salon")
    ticked = tick_all_but(tab, 3)
    tab.get_by_label("What came of it").press_sequentially("Done, not logged", delay=KEY_MS)
    press(tab, "Save the ticks", f"Ticks saved: {ticked}.")
    expect(tab.get_by_label("What came of it")).to_have_value("")


def monday_after(week: Week, tab: Page) -> None:
    """Plan against fact; two misses get their cause, one does not; the next plan takes over what changes."""
    week.it_is(23, "09:00")
    week.open(tab, "today")
    expect(tab.get_by_text(NO_PLAN_BUT_MISSES)).to_be_visible()
    week.open(tab, "week_plan")
    tab.locator(".st-key-plan_before").get_by_role("button").click()
    expect(tab.get_by_text("Last week, from 16 Nov 2026")).to_be_visible()
    settled(tab)
    phase(tab, "Act")
    explain(tab, "C02 · ", "Call the day before")
    explain(tab, "C01 · ", "Drill first")
    expect(tab.get_by_text("1 missed without a cause")).to_be_visible()
    expect(table(tab).filter(has_text="Unexplained")).to_have_count(1)
    phase(tab, "Check")
    figures = tab.get_by_test_id("stMetric")
    expect(figures.nth(0)).to_contain_text(re.compile(r"81%\s*13 of 16, target 85%"))
    expect(figures.nth(1)).to_contain_text("policies of the week are not in yet")
    expect(figures.nth(2)).to_contain_text("80%")
    expect(figures.nth(3)).to_contain_text("1")
    tab.locator(".st-key-plan_after").get_by_role("button").click()
    expect(tab.get_by_text("This week, from 23 Nov 2026")).to_be_visible()
    settled(tab)
    phase(tab, "Plan")
    press(tab, "Start the plan", "Taken over: ")
    carried, added = table(tab).filter(has_text="Call the day before"), "Repair the invitation wording"
    expect(carried.locator("td").nth(5)).to_have_text("2")
    expect(table(tab).filter(has_text="Drill first")).to_be_attached()
    expect(table(tab).filter(has_text=added).first).to_be_attached()


def manager_looks_back(week: Week, tab: Page) -> None:
    """The team's last week shows the miss nobody explained."""
    week.open(tab, "week_plan?week=2026-11-16")
    expect(tab.get_by_text("misses without a cause: 1")).to_be_visible()


def log(tab: Page, next_step: str) -> None:
    """Log the picked line as a contact."""
    tab.get_by_label("Next step").fill(next_step)
    press(tab, "Save, then the next", "Logged: ")


def write_the_day(tab: Page, day: str, words: str) -> None:
    """Write the line of the day."""
    expect(tab.get_by_role("heading", name="Daily feedback")).to_be_visible()
    tab.get_by_label("One line about the day").fill(words)
    press(tab, "Save the line", f"Feedback saved for {day}.")


def explain(tab: Page, cause: str, change: str) -> None:
    """Give the first miss without a cause its cause and what changes."""
    choose(tab, "Cause", cause)
    tab.get_by_role("textbox", name="What changes next week").fill(change)
    press(tab, "Save the cause", "Explained: ")
