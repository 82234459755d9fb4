from datetime import date, datetime, timedelta

import pytest

from core.calendar import SHANGHAI, WorkingCalendar
from core.planning.check import WeekFacts, checked_items
from core.planning.feedback import feedback_deadline, feedback_rate
from core.planning.items import DayFeedback, WeekPlan
from core.planning.summary import PlanStanding, plan_summary, standing
from tests.core.planning.lines import WEEK, contact, event, goal

PLAIN = WorkingCalendar()
MONDAY = date(2026, 11, 23)


def summary(*items, today=MONDAY, week=WEEK):
    return plan_summary(checked_items(items, WeekFacts(is_complete=True), today=today), week_start=week, calendar=PLAIN)


def test_what_was_locked_counts_and_what_came_later_is_extra():
    found = summary(
        contact(1, 1, ticked_on=date(2026, 11, 17)),
        contact(2, 2, cause="C17"),
        event(3, is_dropped=True),
        contact(4, 3, is_added_late=True, ticked_on=date(2026, 11, 19)),
        event(5, times_carried=2),
        goal(6, "3"),
        goal(7, "0.5"),
    )
    assert (found.frozen, found.kept, found.completion, found.extra) == (4, 1, 0.25, 1)
    assert (found.ticked, found.dropped, found.unexplained, found.carried) == (2, 1, 2, 1)
    assert (found.goals, found.goals_reached, found.goals_unknown) == (2, 1, 0)


def test_of_the_goals_those_at_the_lock_count_dropped_ones_too():
    found = summary(goal(1, "3"), goal(2, "3", is_dropped=True), goal(3, "0", is_added_late=True))
    assert (found.goals, found.goals_reached) == (2, 0)


def test_goals_nobody_can_judge_yet_are_told_apart():
    lines = checked_items([goal(1, "3"), goal(2, "0")], WeekFacts(is_complete=False), today=MONDAY)
    found = plan_summary(lines, week_start=WEEK, calendar=PLAIN)
    assert (found.goals, found.goals_reached, found.goals_unknown, found.unexplained) == (2, 0, 2, 0)


def test_an_empty_plan_has_no_completion():
    assert summary().completion is None


@pytest.mark.parametrize(("week", "scored"), [(WEEK, True), (date(2026, 10, 5), True), (date(2026, 2, 16), False)])
def test_a_week_with_few_working_days_is_not_scored(week, scored):
    assert summary(week=week).is_scored is scored


def plan(version, approved):
    return WeekPlan(1, "li", WEEK, None, None, None, approved, None, version)


@pytest.mark.parametrize(
    ("found", "locked", "expected"),
    [
        (None, True, PlanStanding.MISSING),
        (plan(3, None), False, PlanStanding.DRAFT),
        (plan(3, None), True, PlanStanding.LOCKED),
        (plan(3, 3), True, PlanStanding.APPROVED),
        (plan(4, 3), True, PlanStanding.CHANGED),
    ],
)
def test_how_a_plan_stands(found, locked, expected):
    assert standing(found, locked=locked) is expected


def written(*at):
    return {one.date(): DayFeedback("li", one.date(), "x", one, 1) for one in at}


def rate(now, given=None, week=WEEK, calendar=PLAIN):
    found = feedback_rate(week, given or {}, now=now, calendar=calendar)
    return found.owed, found.given, found.in_time


def moment(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def test_feedback_is_due_by_ten_on_the_next_working_day():
    assert feedback_deadline(date(2026, 11, 18), PLAIN) == moment(19, 10)
    assert feedback_deadline(date(2026, 11, 20), PLAIN) == moment(23, 10)
    assert feedback_deadline(date(2026, 9, 30), PLAIN) == datetime(2026, 10, 8, 10, tzinfo=SHANGHAI)


def test_a_day_is_owed_after_its_deadline_only():
    assert rate(moment(17, 10)) == (0, 0, 0)
    assert rate(moment(17, 10, 1)) == (1, 0, 0)
    assert rate(moment(16, 17), written(moment(16, 17))) == (1, 1, 1)


def test_late_feedback_is_given_but_not_in_time():
    late = DayFeedback("li", WEEK, "x", moment(17, 10, 1), 1)
    on_time = DayFeedback("li", WEEK, "x", moment(17, 10), 1)
    assert rate(moment(17, 12), {WEEK: late}) == (1, 1, 0)
    assert rate(moment(17, 12), {WEEK: on_time}) == (1, 1, 1)


def test_only_working_days_count():
    weekend = written(moment(21, 20), moment(22, 20))
    assert rate(moment(25, 12), weekend) == (5, 0, 0)
    assert rate(moment(25, 12), weekend, calendar=WorkingCalendar({WEEK: "off"})) == (4, 0, 0)
    october = datetime(2026, 10, 20, tzinfo=SHANGHAI)
    assert rate(october, week=date(2026, 10, 5)) == (3, 0, 0)  # Thursday, Friday and the make-up Saturday


def test_the_rate_is_the_share_in_time():
    found = feedback_rate(WEEK, written(*(moment(day, 20) for day in (16, 17, 18))), now=moment(30, 9), calendar=PLAIN)
    assert found.rate == 0.6
    empty = feedback_rate(WEEK + timedelta(weeks=4), {}, now=moment(30, 9), calendar=PLAIN)
    assert empty.rate is None


@pytest.mark.parametrize(
    ("started", "lines", "expected"),
    [
        (datetime(2026, 11, 16, 17, 59, tzinfo=SHANGHAI), (True, True), (False, 0, 2)),
        (datetime(2026, 11, 16, 18, tzinfo=SHANGHAI), (True, True), (True, 2, 2)),
        (datetime(2026, 11, 17, 9, tzinfo=SHANGHAI), (False, True), (True, 2, 1)),
        (None, (True, True), (True, 2, 2)),
        (None, (False, True), (False, 1, 1)),
    ],
    ids=["in time", "at the lock", "after it", "never, all late", "never, one before"],
)
def test_lines_of_a_plan_begun_after_its_lock_count_though_they_are_late(started, lines, expected):
    items = [contact(number, number, is_added_late=late) for number, late in enumerate(lines)]
    plan = WeekPlan(1, "li", WEEK, started, None, None, None, None, 1)
    found = plan_summary(checked_items(items, WeekFacts(), today=MONDAY), week_start=WEEK, calendar=PLAIN, plan=plan)
    assert (found.is_started_late, found.frozen, found.extra) == expected
