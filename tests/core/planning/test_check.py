from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import WorkingCalendar
from core.facts import StaffRole
from core.planning.check import (
    ItemState,
    Rest,
    SettledBy,
    Settlement,
    Sold,
    WeekFacts,
    checked_items,
    is_kept_instead,
    kept_contacts,
    kept_events,
)
from core.planning.items import GoalMeasure
from core.planning.summary import plan_summary
from tests.core.planning.lines import WEEK, action, contact, event, goal

SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)
HEAD = (1, StaffRole.BRANCH_HEAD)


def mask(*days):
    return sum(1 << day for day in days)


def kept(lines, *days):
    return {number: day.day - 16 for number, day in kept_contacts(lines, {HEAD: mask(*days)}).items()}


def test_a_contact_keeps_the_line_of_its_day():
    assert kept([contact(1, 1), contact(2, 3)], 1) == {1: 1}


def test_a_contact_on_a_later_day_keeps_one_line():
    assert kept([contact(1, 1), contact(2, 3)], 2) == {1: 2}
    assert kept([contact(1, 1), contact(2, 3)], 2, 4) == {1: 2, 2: 4}
    assert kept([contact(1, 1), contact(2, 3)], 4) == {1: 4}


def test_a_contact_before_its_day_keeps_no_line():
    assert kept([contact(1, 4)], 0, 1, 2, 3) == {}


def test_a_contact_on_the_day_of_one_line_does_not_keep_another_too():
    assert kept([contact(1, 1), contact(2, 3)], 3) == {2: 3}


def test_one_visit_keeps_all_lines_of_its_day():
    assert kept([contact(1, 1, topic="a"), contact(2, 1, topic="b")], 1) == {1: 1, 2: 1}


def test_a_line_for_some_day_is_kept_by_a_day_nothing_was_planned_for():
    assert kept([contact(1, 1), contact(2, None)], 1) == {1: 1}
    assert kept([contact(1, 1), contact(2, None)], 1, 4) == {1: 1, 2: 4}


def test_other_roles_branches_and_dropped_lines_are_not_kept():
    lines = [contact(1, 1, role=StaffRole.TELLER), contact(2, 1, branch=2), contact(3, 1, is_dropped=True)]
    assert kept(lines, 1) == {}


@settings(max_examples=60)
@given(st.lists(st.one_of(st.none(), st.integers(0, 6)), max_size=6), st.sets(st.integers(0, 6)), st.integers(0, 6))
def test_a_further_contact_never_makes_a_plan_worse(days, made, further):
    lines = [contact(number, day) for number, day in enumerate(days)]
    before, after = kept(lines, *made), kept(lines, *made | {further})
    assert len(after) >= len(before)
    for number, day in after.items():
        assert days[number] is None or day >= days[number]


@pytest.mark.parametrize(
    ("planned", "held", "expected"),
    [
        ([2], [2], {0: 2}),
        ([2], [4], {0: 4}),
        ([2], [0], {0: 0}),
        ([2], [0, 4], {0: 4}),
        ([2, 2], [2], {0: 2, 1: 2}),
        ([1, 3], [3], {1: 3}),
        ([1, None], [1], {0: 1}),
        ([None], [5], {0: 5}),
        ([2], [], {}),
    ],
    ids=["its day", "later", "earlier", "later first", "one day", "not twice", "not both", "some day", "none held"],
)
def test_an_event_held_keeps_one_line_whenever_in_the_week(planned, held, expected):
    lines = [event(number, day) for number, day in enumerate(planned)]
    found = kept_events(lines, {(1, "micro_salon"): mask(*held)})
    assert {number: day.day - 16 for number, day in found.items()} == expected


def test_events_of_another_kind_and_lines_without_a_branch_are_not_kept():
    nowhere = event(1, 2)
    nowhere = replace(nowhere, line=replace(nowhere.line, branch_id=None))
    held = {(1, "policy_review"): mask(2), (2, "micro_salon"): mask(2)}
    assert kept_events([event(0, 2), nowhere, event(3, 2, is_dropped=True)], held) == {}


def state(item, *, today, facts=None):
    (one,) = checked_items([item], facts or WeekFacts(), today=today)
    return one.state


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (WEEK, ItemState.OPEN),
        (date(2026, 11, 17), ItemState.OPEN),
        (date(2026, 11, 18), ItemState.LATE),
        (SUNDAY, ItemState.LATE),
        (MONDAY, ItemState.MISSED),
    ],
    ids=["before", "on_the_day", "the_day_after", "sunday", "week_over"],
)
def test_a_line_is_late_after_its_day_and_missed_after_its_week(today, expected):
    assert state(contact(1, 1), today=today) is expected


def test_a_line_for_some_day_is_missed_only_after_the_week():
    assert state(event(1), today=SUNDAY) is ItemState.OPEN
    assert state(event(1), today=MONDAY) is ItemState.MISSED


def test_a_logged_contact_is_told_apart_from_a_tick():
    facts = WeekFacts(contact_days={HEAD: mask(1)})
    ticked = contact(1, 1, ticked_on=date(2026, 11, 18))
    assert state(ticked, today=MONDAY) is ItemState.TICKED
    assert state(ticked, today=MONDAY, facts=facts) is ItemState.DONE


@pytest.mark.parametrize(
    ("done_on", "expected"),
    [(SUNDAY, ItemState.DONE), (MONDAY, ItemState.MISSED), (WEEK - timedelta(days=3), ItemState.DONE)],
    ids=["last_day", "the_day_after", "before_the_week"],
)
def test_an_action_line_is_kept_by_its_action_done_by_the_end_of_the_week(done_on, expected):
    facts = WeekFacts(done_on={7: done_on})
    assert state(action(1, suggestion=7), today=MONDAY, facts=facts) is expected


def test_an_action_line_is_kept_by_any_such_action_done_at_its_branch_in_the_week():
    facts = WeekFacts(acted_on={(1, "targeted_drill"): date(2026, 11, 19)})
    for line in (action(1), action(2, suggestion=7)):
        assert state(line, today=MONDAY, facts=facts) is ItemState.DONE
    assert state(action(3, branch=2), today=MONDAY, facts=facts) is ItemState.MISSED
    assert state(action(4, key="repair_invitations"), today=MONDAY, facts=facts) is ItemState.MISSED


def test_a_dropped_line_stays_dropped_whatever_happened():
    facts = WeekFacts(contact_days={HEAD: mask(1)})
    assert state(contact(1, 1, is_dropped=True, ticked_on=WEEK), today=MONDAY, facts=facts) is ItemState.DROPPED


def goal_state(number, fact, *, today=MONDAY, complete=True, measure=GoalMeasure.POLICIES):
    sold = Sold(policies=fact) if measure is GoalMeasure.POLICIES else Sold(premium=Decimal(fact))
    return state(goal(1, number, measure=measure), today=today, facts=WeekFacts(sold={1: sold}, is_complete=complete))


@pytest.mark.parametrize(
    ("number", "fact", "expected"),
    [
        ("1.4", 1, ItemState.DONE),
        ("2", 1, ItemState.MISSED),
        ("1.99", 1, ItemState.DONE),
        ("0.4", 0, ItemState.DONE),
        ("1", 0, ItemState.MISSED),
    ],
)
def test_a_goal_of_policies_is_missed_when_a_whole_policy_is_missing(number, fact, expected):
    assert goal_state(number, fact) is expected


@pytest.mark.parametrize(("fact", "expected"), [(9_999, ItemState.MISSED), (10_000, ItemState.DONE)])
def test_a_goal_of_premium_is_met_at_its_yuan(fact, expected):
    assert goal_state("10000", fact, measure=GoalMeasure.PREMIUM) is expected


def test_a_goal_is_judged_once_the_week_is_over_and_its_data_are_in():
    assert goal_state("2", 0, today=SUNDAY) is ItemState.OPEN
    assert goal_state("2", 2, today=SUNDAY) is ItemState.DONE
    assert goal_state("2", 0, complete=False) is ItemState.NO_DATA


def test_a_miss_without_a_cause_is_unexplained_and_closed_only_by_a_cause_without_action():
    def miss(**more):
        (one,) = checked_items([event(1, **more)], WeekFacts(), today=MONDAY)
        return one.is_unexplained, one.is_closed

    assert miss() == (True, False)
    assert miss(cause="C02") == (False, False)
    assert miss(cause="C26") == (False, True)
    assert miss(cause="C26", adjustment="x") == (False, False)


@pytest.mark.parametrize(
    ("settlement", "today", "in_time"),
    [
        (Settlement(SettledBy.DISMISSED, date(2026, 11, 17), "other", "停办"), MONDAY, True),
        (Settlement(SettledBy.DISMISSED, date(2026, 11, 18)), date(2026, 11, 19), True),
        (Settlement(SettledBy.EXPIRED, date(2026, 11, 19)), MONDAY, False),
    ],
    ids=["before its day", "on its day", "after it"],
)
def test_an_action_that_was_let_go_settles_its_line(settlement, today, in_time):
    line = action(1, suggestion=5, day=date(2026, 11, 18))
    facts = WeekFacts(let_go={5: settlement})
    (one,) = checked_items([line], facts, today=today)
    assert (one.state, one.settlement, one.is_settled_in_time, one.is_unexplained) == (
        ItemState.SETTLED,
        settlement,
        in_time,
        False,
    )
    summary = plan_summary([one], week_start=WEEK, calendar=WorkingCalendar())
    assert (summary.frozen, summary.kept, summary.unexplained, summary.late) == (0 if in_time else 1, 0, 0, 0)
    (ticked,) = checked_items([replace(line, ticked_on=WEEK)], facts, today=today)
    assert ticked.state is ItemState.TICKED


@pytest.mark.parametrize(
    ("since", "expected"),
    [(date(2026, 11, 1), ItemState.SETTLED), (SUNDAY, ItemState.SETTLED), (MONDAY, ItemState.MISSED)],
)
def test_a_line_of_a_branch_that_rests_is_not_late(since, expected):
    facts = WeekFacts(resting={1: [Rest(since)]})
    assert state(contact(1, 1), today=MONDAY, facts=facts) is expected
    assert state(contact(1, 1), today=date(2026, 11, 18), facts=facts) is (
        ItemState.SETTLED if since < WEEK else ItemState.LATE
    )


@pytest.mark.parametrize(
    ("others", "day", "instead"),
    [
        ([contact(2, 3)], 3, True),
        ([contact(2, 3)], 2, False),
        ([contact(2, 3, is_dropped=True)], 3, False),
        ([contact(2, 3, branch=2)], 3, False),
        ([contact(2, 3, role=StaffRole.TELLER)], 3, False),
        ([event(2, 3)], 3, False),
        ([contact(2, 1)], 1, False),
    ],
)
def test_a_contact_keeps_the_line_of_its_day_first(others, day, instead):
    picked, on = contact(1, 1), WEEK + timedelta(days=day)
    assert is_kept_instead([picked, *others], picked, on) is instead
    days = {(1, StaffRole.BRANCH_HEAD): 1 << day}
    kept = kept_contacts([picked, *others], days)
    assert (picked.item_id in kept) is not instead


def test_a_line_of_a_day_before_the_rest_is_missed_once_the_branch_is_at_work_again():
    rest = Rest(date(2026, 11, 18), date(2026, 11, 22))
    for day, expected in ((1, ItemState.MISSED), (2, ItemState.SETTLED)):
        assert state(contact(1, day), today=MONDAY, facts=WeekFacts(resting={1: [rest]})) is expected


@pytest.mark.parametrize(
    ("until", "expected"),
    [(date(2026, 11, 16), ItemState.MISSED), (date(2026, 11, 17), ItemState.SETTLED), (MONDAY, ItemState.SETTLED)],
)
def test_a_line_is_missed_once_its_branch_is_at_work_again_by_its_day(until, expected):
    facts = WeekFacts(resting={1: [Rest(date(2026, 11, 2), until)]})
    assert state(contact(1, 1), today=MONDAY, facts=facts) is expected
    some_day = contact(1, None)
    assert state(some_day, today=MONDAY, facts=facts) is (ItemState.SETTLED if until >= SUNDAY else ItemState.MISSED)


@pytest.mark.parametrize(
    ("made", "handed", "expected", "in_time"),
    [
        (1, 2, ItemState.DONE, False),
        (2, 2, ItemState.SETTLED, True),
        (4, 2, ItemState.SETTLED, True),
        (None, 2, ItemState.SETTLED, True),
        (4, 3, ItemState.SETTLED, False),
        (None, 3, ItemState.SETTLED, False),
    ],
    ids=["before", "that day", "after", "never", "late, made after", "late, never"],
)
def test_a_line_another_plan_took_on_counts_there_alone_from_that_day_on(made, handed, expected, in_time):
    """The share of whoever planned it is the same whether his successor makes or misses it."""
    day = 1 if made == 1 else 2
    facts = WeekFacts(
        contact_days={} if made is None else {HEAD: mask(made)}, handed_over={1: WEEK + timedelta(days=handed)}
    )
    (one,) = checked_items([contact(1, day)], facts, today=MONDAY)
    assert (one.state, one.is_settled_in_time) == (expected, in_time)
    found = plan_summary([one], week_start=WEEK, calendar=WorkingCalendar())
    assert (found.frozen, found.kept) == (0 if in_time else 1, int(expected is ItemState.DONE))


@pytest.mark.parametrize(("ticked", "expected"), [(1, ItemState.TICKED), (2, ItemState.SETTLED)])
def test_a_tick_counts_until_another_plan_took_the_line_on(ticked, expected):
    line = contact(1, 3, ticked_on=WEEK + timedelta(days=ticked))
    assert state(line, today=MONDAY, facts=WeekFacts(handed_over={1: WEEK + timedelta(days=2)})) is expected


FRIDAY = date(2026, 11, 20)


def goal_of_a_rest(rest, *, sold=0, today=MONDAY, complete=True):
    facts = WeekFacts(resting={1: [rest]}, sold={1: Sold(policies=sold)}, is_complete=complete, last_day=FRIDAY)
    (one,) = checked_items([goal(1, "3")], facts, today=today)
    counted = plan_summary([one], week_start=WEEK, calendar=WorkingCalendar()).goals
    return one.state, one.is_unexplained, one.is_moot, counted


SPARED, ASKED = (ItemState.SETTLED, False, True, 0), (ItemState.MISSED, True, False, 1)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (Rest(date(2026, 11, 1)), SPARED),
        (Rest(date(2026, 11, 18)), SPARED),
        (Rest(SUNDAY), SPARED),
        (Rest(MONDAY), ASKED),
        (Rest(WEEK, SUNDAY), SPARED),
        (Rest(WEEK, FRIDAY), SPARED),
        (Rest(WEEK, date(2026, 11, 19)), ASKED),
        (Rest(FRIDAY, FRIDAY), SPARED),
    ],
    ids=["before", "within", "sunday", "after", "whole week", "working days", "at work on friday", "friday alone"],
)
def test_a_goal_of_a_branch_that_rests_on_the_last_working_day_is_neither_missed_nor_asked_about(rest, expected):
    assert goal_of_a_rest(rest) == expected


def test_a_goal_reached_before_the_rest_counts_and_one_without_data_is_settled_as_well():
    rest = Rest(date(2026, 11, 19))
    assert goal_of_a_rest(rest, sold=3) == (ItemState.DONE, False, False, 1)
    assert goal_of_a_rest(rest, sold=3, today=FRIDAY) == (ItemState.DONE, False, False, 1)
    assert goal_of_a_rest(rest, today=FRIDAY, complete=False) == SPARED
    assert goal_of_a_rest(rest, sold=3, complete=False) == SPARED
    assert goal_of_a_rest(rest, today=date(2026, 11, 18))[0] is ItemState.OPEN


def test_a_line_for_some_day_is_settled_where_its_branch_rests_until_the_last_working_day():
    for until, expected in ((FRIDAY, ItemState.SETTLED), (date(2026, 11, 19), ItemState.MISSED)):
        facts = WeekFacts(resting={1: [Rest(WEEK, until)]}, last_day=FRIDAY)
        assert state(contact(1, None), today=MONDAY, facts=facts) is expected


@pytest.mark.parametrize("line", [contact(1, 1), contact(1, None), event(1, 1), action(1), goal(1, "3")])
def test_in_a_week_without_a_working_day_nothing_is_late_or_missed(line):
    facts = WeekFacts(is_complete=True, last_day=SUNDAY, is_workless=True)
    assert state(line, today=SUNDAY, facts=facts) is ItemState.OPEN
    (one,) = checked_items([line], facts, today=MONDAY)
    assert (one.state, one.is_put_off, one.is_unexplained) == (ItemState.SETTLED, True, False)
    found = plan_summary([one], week_start=WEEK, calendar=WorkingCalendar())
    assert (found.frozen, found.goals, found.unexplained) == (0, 0, 0)


def test_what_is_done_in_a_week_without_a_working_day_counts():
    facts = WeekFacts(contact_days={HEAD: mask(3)}, is_workless=True)
    (one,) = checked_items([contact(1, 1)], facts, today=MONDAY)
    found = plan_summary([one], week_start=WEEK, calendar=WorkingCalendar())
    assert (one.state, one.is_put_off, found.frozen, found.kept) == (ItemState.DONE, False, 1, 1)
