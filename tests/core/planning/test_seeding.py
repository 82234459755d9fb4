from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.calendar import WorkingCalendar
from core.coaching.actions import DECISION_ACTION
from core.planning.check import ItemState, Rest, Sold, WeekFacts, checked_items
from core.planning.items import GoalMeasure, ItemOrigin, PlanKind
from core.planning.seeding import (
    MonthTarget,
    OpenAction,
    Seed,
    action_seeds,
    carried,
    goal_seeds,
    handed_over,
    not_yet,
    without_target,
)
from tests.core.planning.lines import action, contact, event, goal

PLAIN = WorkingCalendar()
NEXT, NOVEMBER = date(2026, 11, 23), date(2026, 11, 1)
CASE = {"week_start": NEXT, "today": NEXT, "calendar": PLAIN}


def missed(*items, facts=None):
    return checked_items(items, facts or WeekFacts(is_complete=True), today=NEXT)


def test_a_missed_line_comes_once_more_on_the_same_weekday_and_counts():
    (seed,) = carried(missed(contact(5, 2, times_carried=1)), **CASE)
    assert (seed.line.day, seed.origin, seed.carried_from, seed.times_carried) == (
        date(2026, 11, 25),
        ItemOrigin.CARRIED,
        5,
        2,
    )


def test_a_line_of_a_day_that_is_off_comes_on_the_next_working_day():
    calendar = WorkingCalendar({date(2026, 11, 25): "off"})
    (seed,) = carried(missed(contact(5, 2)), **CASE | {"calendar": calendar})
    assert seed.line.day == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 22), (date(2026, 11, 24), date(2026, 11, 23))),
        (date(2026, 11, 26), (date(2026, 11, 26), date(2026, 11, 26))),
        (date(2026, 11, 28), (date(2026, 11, 28), date(2026, 11, 28))),  # a Saturday: no working day is left
    ],
)
def test_a_plan_started_late_puts_nothing_on_days_that_are_over(today, expected):
    case = CASE | {"today": today}
    (missed_before,) = carried(missed(contact(5, 1)), **case)
    (overdue,) = action_seeds([OpenAction(1, 1, "key", date(2026, 11, 2))], **case)
    assert (missed_before.line.day, overdue.line.day) == expected


def waiting(*items):
    return checked_items(items, WeekFacts(), today=date(2026, 11, 18))


def test_of_what_is_handed_over_a_closed_line_stays_behind_and_an_adjustment_goes_with_it():
    case = {"week_start": date(2026, 11, 16), "today": date(2026, 11, 18), "calendar": PLAIN}
    lines = waiting(contact(1, 1, cause="C26"), contact(2, 1, cause="C02", adjustment="先打电话"), contact(3, 3))
    seeds = handed_over(lines, **case)
    assert [(one.carried_from, one.line.day.day, one.line.text) for one in seeds] == [
        (2, 18, "先打电话"),
        (3, 19, None),
    ]


def test_a_line_that_comes_back_is_the_one_it_was_and_no_other():
    case = {"week_start": date(2026, 11, 16), "today": date(2026, 11, 18), "calendar": PLAIN}
    own = contact(1, 3, carried_from=8, times_carried=1)
    (seed,) = handed_over(waiting(contact(2, 3, carried_from=1)), **case)
    assert [(one.changes, one.carried_from) for one in not_yet([seed], [own])] == [(1, 2)]
    assert not_yet([replace(seed, carried_before=9)], [own]) == ()


def test_two_decisions_about_one_branch_are_two_lines_and_each_is_done_by_itself():
    first, second = (action(number, key=DECISION_ACTION, suggestion=number) for number in (1, 2))
    assert len(not_yet([Seed(second.line, ItemOrigin.OPEN_ACTION)], [first])) == 1
    assert not_yet([Seed(first.line, ItemOrigin.OPEN_ACTION)], [first]) == ()
    facts = WeekFacts(done_on={2: date(2026, 11, 18)}, acted_on={(1, DECISION_ACTION): date(2026, 11, 18)})
    assert [one.state for one in missed(first, second, facts=facts)] == [ItemState.MISSED, ItemState.DONE]
    assert len(carried(missed(first, second), **CASE)) == 2


def test_kept_and_dropped_lines_and_closed_misses_stay_behind():
    kept = contact(1, 2, ticked_on=date(2026, 11, 18))
    assert carried(missed(kept, event(2, is_dropped=True), event(3, cause="C27"), goal(4, "3")), **CASE) == ()


def test_the_adjustment_goes_with_the_line_and_its_action_comes_beside_it():
    first, second = carried(
        missed(event(3, cause="C02", adjustment="换主题", adjustment_action="repair_invitations")), **CASE
    )
    assert (first.line.kind, first.line.text, first.times_carried) == (PlanKind.EVENT, "换主题", 1)
    assert (second.line.kind, second.line.action_key, second.line.branch_id, second.origin) == (
        PlanKind.ACTION,
        "repair_invitations",
        1,
        ItemOrigin.ADJUSTMENT,
    )


def test_a_missed_goal_brings_its_action_only():
    facts = WeekFacts(is_complete=True)
    item = goal(4, "3", cause="C01", adjustment="通关", adjustment_action="targeted_drill")
    (seed,) = carried(missed(item, facts=facts), **CASE)
    assert (seed.line.kind, seed.line.action_key, seed.line.text) == (PlanKind.ACTION, "targeted_drill", "通关")


def test_an_action_that_is_the_missed_line_itself_comes_once():
    item = action(4, cause="C01", adjustment_action="targeted_drill")
    assert len(carried(missed(item), **CASE)) == 1


def test_open_actions_come_on_their_due_day_overdue_ones_first_later_ones_not():
    def due(number, day):
        return OpenAction(number, 1, f"key{number}", day)

    seeds = action_seeds(
        [due(1, date(2026, 11, 2)), due(2, date(2026, 11, 26)), due(3, date(2026, 11, 29)), due(4, date(2026, 11, 30))],
        **CASE,
    )
    assert [(one.line.suggestion_id, one.line.day) for one in seeds] == [
        (1, NEXT),
        (2, date(2026, 11, 26)),
        (3, date(2026, 11, 27)),
    ]
    assert action_seeds([OpenAction(5, 1, "key5", None)], **CASE) == ()


def test_a_goal_is_the_share_of_the_month_and_last_weeks_gap():
    last = missed(goal(1, "6"), facts=WeekFacts(sold={1: Sold(policies=4)}, is_complete=True))
    targets = [MonthTarget(1, GoalMeasure.POLICIES, {NOVEMBER: Decimal(21)})]
    (seed,) = goal_seeds(targets, last, **CASE)
    assert (seed.line.goal, seed.line.gap, seed.origin) == (Decimal("7.00"), Decimal("2.00"), ItemOrigin.TARGET)


def test_a_branch_that_rested_or_went_adds_no_gap_and_takes_one_back():
    rested = WeekFacts(resting={1: [Rest(NEXT - timedelta(days=5), NEXT - timedelta(days=1))]}, is_complete=True)
    went = WeekFacts(left_on={("li", 1): NEXT - timedelta(days=2)}, is_complete=True)
    targets = [MonthTarget(1, GoalMeasure.POLICIES, {NOVEMBER: Decimal(21)})]
    there = goal(7, "7.00", origin=ItemOrigin.TARGET, week_start=NEXT)
    there = replace(there, line=replace(there.line, gap=Decimal("2.00")))
    for facts, more in ((rested, {}), (went, {"is_handed_on": True})):
        (seed,) = goal_seeds(targets, missed(goal(1, "6", **more), facts=facts), **CASE)
        assert (seed.line.goal, seed.line.gap, seed.is_final) == (Decimal("5.00"), None, True)
        (change,) = not_yet([seed], [there])
        assert (change.changes, change.line.goal) == (7, Decimal("5.00"))
    own = goal(2, "6", supervisor="wu")
    for both in ((goal(1, "6", is_handed_on=True), own), (own, goal(1, "6", is_handed_on=True))):
        (seed,) = goal_seeds(targets, missed(*both, facts=went), **CASE)
        assert seed.line.gap == Decimal("6.00")  # what the successor's own goal misses


def test_data_that_are_not_in_add_no_gap():
    last = missed(goal(1, "6"), facts=WeekFacts(is_complete=False))
    (seed,) = goal_seeds([MonthTarget(1, GoalMeasure.POLICIES, {NOVEMBER: Decimal(21)})], last, **CASE)
    assert (seed.line.goal, seed.line.gap) == (Decimal("5.00"), None)


def test_a_branch_without_a_target_gets_no_goal_and_is_named():
    targets = [
        MonthTarget(1, GoalMeasure.POLICIES, {NOVEMBER: None}),
        MonthTarget(1, GoalMeasure.PREMIUM, {NOVEMBER: None}),
        MonthTarget(2, GoalMeasure.POLICIES, {NOVEMBER: None}),
        MonthTarget(2, GoalMeasure.PREMIUM, {NOVEMBER: Decimal(1000)}),
    ]
    assert [one.line.branch_id for one in goal_seeds(targets, (), **CASE)] == [2]
    assert without_target(targets) == (1,)


def test_taking_over_twice_gives_nothing_twice():
    seeds = carried(missed(contact(5, 2), event(3, cause="C02", adjustment_action="repair_invitations")), **CASE)
    assert len(not_yet(seeds, [])) == len(seeds) == 3
    present = [contact(10 + number, None, carried_from=one.carried_from) for number, one in enumerate(seeds)]
    present[-1] = action(20, key="repair_invitations", week_start=NEXT)
    assert not_yet(seeds, present) == ()
    assert len(not_yet((*seeds, *seeds), [])) == 3


def test_a_chain_of_misses_counts_its_weeks():
    times, item = [], contact(5, 2)
    for week in range(3):
        (seed,) = carried(missed(item), **CASE)
        times.append(seed.times_carried)
        item = contact(6 + week, 2, times_carried=seed.times_carried, carried_from=item.item_id)
    assert times == [1, 2, 3]
    assert NEXT - timedelta(weeks=1) == item.week_start


def test_a_goal_of_a_week_that_is_not_over_gives_no_gap_and_a_later_one_corrects_it():
    targets = [MonthTarget(1, GoalMeasure.POLICIES, {NOVEMBER: Decimal(21)})]
    facts = WeekFacts(sold={1: Sold(policies=4)}, is_complete=True)
    friday = date(2026, 11, 20)
    open_week = checked_items([goal(1, "6")], facts, today=friday)
    (early,) = goal_seeds(targets, open_week, **CASE | {"today": friday})
    assert (early.line.goal, early.line.gap, early.is_final) == (Decimal("5.00"), None, False)
    (late,) = goal_seeds(targets, missed(goal(1, "6"), facts=facts), **CASE)
    there = goal(7, "5.00", origin=ItemOrigin.TARGET)
    assert not_yet([early], [there]) == ()
    (change,) = not_yet([late], [there])
    assert (change.changes, change.line.goal, change.line.gap) == (7, Decimal("7.00"), Decimal("2.00"))
    assert not_yet([late], [goal(7, "8", origin=ItemOrigin.TARGET)]) == ()
    assert not_yet([late], [goal(7, "5.00", origin=ItemOrigin.TARGET, is_dropped=True)]) == ()


def test_a_line_that_stands_there_gets_the_misses_once():
    seeds = carried(missed(action(5, suggestion=9, times_carried=2)), **CASE)
    there = action(8, suggestion=9, origin=ItemOrigin.OPEN_ACTION)
    (change,) = not_yet((*seeds, *seeds), [there])
    assert (change.changes, change.times_carried, change.carried_from) == (8, 3, 5)
    assert not_yet(seeds, [action(8, carried_from=5)]) == ()


def test_a_chosen_action_comes_as_the_open_one_and_not_again_once_it_is_closed():
    item = event(3, cause="C02", adjustment_action="repair_invitations")
    answer = OpenAction(4, 1, "weekly_micro_salon", date(2026, 12, 7), "cause:C02")
    line = carried(missed(item), **CASE, open_actions=[answer])[1].line
    assert (line.action_key, line.suggestion_id) == ("weekly_micro_salon", 4)
    assert len(carried(missed(item), **CASE, closed_answers={(1, "cause:C02")})) == 1
    later = action(9, key="repair_invitations", week_start=NEXT - timedelta(weeks=1))
    early = replace(item, week_start=NEXT - timedelta(weeks=2))
    assert [one.carried_from for one in carried(missed(early, later), **CASE) if one.line.action_key] == [9]


def test_what_was_put_off_goes_on_without_another_miss():
    workless = WeekFacts(is_workless=True)
    (seed,) = carried(missed(contact(5, 2, times_carried=1), facts=workless), **CASE)
    assert (seed.carried_from, seed.times_carried, seed.line.day) == (5, 1, date(2026, 11, 25))
    early = replace(contact(4, 2), week_start=NEXT - timedelta(weeks=2))
    past = (*missed(early), *missed(contact(5, 2), facts=workless))
    (seed,) = carried(past, **CASE)
    assert (seed.carried_from, seed.times_carried) == (5, 1)
