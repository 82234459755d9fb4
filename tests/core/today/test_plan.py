from dataclasses import replace
from datetime import date

import pytest

from core.calendar import WorkingCalendar
from core.coaching.contacts import topics_for
from core.facts import ContactMethod, StaffRole
from core.planning.check import CheckedItem, ItemState
from core.today.lines import Thing, TodayLine
from core.today.plan import waiting_since
from core.today.words import line_marks, line_reason, line_subject
from tests.core.planning.lines import action, contact, event, goal

PLAIN = WorkingCalendar()
TUESDAY, FRIDAY, SATURDAY = date(2026, 11, 17), date(2026, 11, 20), date(2026, 11, 21)


def waits(item, *, today, state=ItemState.OPEN):
    return waiting_since(CheckedItem(item, state), today=today, calendar=PLAIN)


@pytest.mark.parametrize(
    ("today", "since"),
    [(date(2026, 11, 16), None), (TUESDAY, TUESDAY), (SATURDAY, TUESDAY)],
    ids=["the day before", "its day", "later in the week"],
)
def test_a_plan_line_waits_from_its_day_on(today, since):
    assert waits(contact(1, 1), today=today) == since


@pytest.mark.parametrize(("today", "since"), [(date(2026, 11, 19), None), (FRIDAY, FRIDAY), (SATURDAY, FRIDAY)])
def test_a_line_for_some_day_waits_from_the_last_working_day_on(today, since):
    assert waits(event(1), today=today) == since


@pytest.mark.parametrize(
    ("day", "today", "since"),
    [(17, 16, None), (17, 17, 17), (17, 19, 19), (None, 21, None), (None, 22, 22)],
    ids=["before", "its day", "later", "some day, saturday", "some day, sunday"],
)
def test_in_a_week_without_a_working_day_a_line_is_seen_and_never_overdue(day, today, since):
    line = contact(1, None, week_start=date(2026, 2, 16))
    line = replace(line, line=replace(line.line, day=day and date(2026, 2, day)))
    assert waits(line, today=date(2026, 2, today)) == (since and date(2026, 2, since))


def test_what_is_kept_goals_and_what_has_a_cause_never_wait():
    for state in ItemState:
        expected = TUESDAY if state in (ItemState.OPEN, ItemState.LATE) else None
        assert waits(contact(1, 1), today=FRIDAY, state=state) == expected
    assert waits(goal(1, "3"), today=FRIDAY) is None
    assert waits(event(1, 1, cause="C26"), today=FRIDAY, state=ItemState.LATE) is None
    assert waits(event(1, 4, cause="C26"), today=FRIDAY) == FRIDAY  # the cause is about a former day
    salon = event(1, 1)
    assert waits(replace(salon, line=replace(salon.line, branch_id=None)), today=FRIDAY) == TUESDAY


def shown(item, thing=Thing.PLAN, subject="1"):
    return TodayLine("plan_due", thing, 1, subject, TUESDAY, 0, item=item)


def test_a_planned_line_says_for_which_day_about_what_and_how_often_it_was_missed():
    talk = contact(1, 1, topic=topics_for([StaffRole.TELLER])[0].key, times_carried=2)
    talk = replace(talk, line=replace(talk.line, method=ContactMethod.VISIT, text="角色演练"))
    said = line_reason("en", shown(talk, Thing.CONTACT, "teller"), today=TUESDAY)
    assert said.startswith("Planned for 17 Nov 2026: On-site visit · ")
    assert said.endswith(" · 角色演练 · missed 2× before.")
    assert line_reason("zh", shown(talk, Thing.CONTACT, "teller"), today=TUESDAY).startswith("已安排在2026年11月17日：")
    assert line_reason("en", shown(event(1, 1)), today=TUESDAY) == "Planned for 17 Nov 2026"
    assert line_reason("en", shown(event(1)), today=TUESDAY) == "Planned for some day of this week"
    assert line_reason("en", shown(event(1, times_carried=1)), today=TUESDAY).endswith("this week: missed 1× before")


def test_what_is_owed_and_planned_says_so_and_that_the_day_passed():
    talk = contact(1, 1)
    talk = replace(talk, line=replace(talk.line, method=ContactMethod.PHONE, text="角色演练"))
    facts = {"absence": None, "people": 1}
    owed = TodayLine("contact_due", Thing.CONTACT, 1, "teller", TUESDAY, 0, facts=facts, item=talk, waits_since=TUESDAY)
    assert not owed.is_only_planned
    for today, words in ((TUESDAY, "Planned for 17 Nov 2026."), (FRIDAY, "Planned for 17 Nov 2026 and not done.")):
        said = line_reason("en", owed, today=today)
        assert said == f"Never reached; the first contact is due now. {words} Phone · 角色演练"
    later = replace(owed, item=None, waits_since=None, planned=talk.line)
    assert line_reason("zh", later, today=TUESDAY).endswith("角色演练")
    assert line_marks("en", later) == line_marks("en", owed) == "Planned for 17 Nov 2026"


def test_events_and_actions_go_by_their_names():
    assert line_subject("en", shown(event(1)), {}) == "Micro-salon"
    assert line_subject("en", shown(action(1)), {"targeted_drill": "Targeted drill"}) == "Targeted drill"
    assert line_subject("en", shown(action(1)), {}) == "targeted_drill"
