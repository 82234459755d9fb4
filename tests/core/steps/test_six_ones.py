from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.steps.six_ones import (
    SlotPeriod,
    SlotState,
    countable,
    first_day_needed,
    period_before,
    period_of,
    shipped_slots,
    slot_counts,
    slot_statuses,
    slots_kept,
    slots_on,
)

TODAY = date(2026, 11, 18)  # a Wednesday
SHIPPED = shipped_slots()
OLD = date(2024, 1, 1)


def events(*rows):
    names = ["branch_id", "day", "kind", "is_project"]
    return pd.DataFrame(rows, columns=names).astype({"branch_id": "int64", "day": "datetime64[s]", "is_project": bool})


def salon(day, branch=1, is_project=False):
    return (branch, day, "micro_salon", is_project)


def statuses(*rows, slots=SHIPPED, since=OLD):
    return slot_statuses(slots, events(*rows), branch_id=1, since=since, as_of=TODAY)


def test_two_slots_are_defined_and_four_are_free():
    assert [(one.slot, one.counts, one.period.value) for one in SHIPPED][:2] == [
        (1, "micro_salon", "week"),
        (2, "project", "month"),
    ]
    assert [one.counts for one in SHIPPED[2:]] == [None] * 4
    assert all("Not defined" in one.source("en") and "未定义" in one.source("zh") for one in SHIPPED[2:])


def test_a_free_slot_is_no_failure():
    found = statuses()
    assert [one.state for one in found] == [SlotState.OPEN, SlotState.OPEN, *[SlotState.FREE] * 4]
    assert [one.state_before for one in found[2:]] == [None] * 4


@pytest.mark.parametrize(
    ("day", "now", "before"),
    [
        (date(2026, 11, 16), 1, 0),
        (date(2026, 11, 22), 1, 0),
        (date(2026, 11, 15), 0, 1),
        (date(2026, 11, 9), 0, 1),
        (date(2026, 11, 8), 0, 0),
    ],
)
def test_a_week_goes_from_monday_to_sunday(day, now, before):
    found = statuses(salon(day))[0]
    assert (found.now, found.before) == (now, before)


def test_the_present_period_is_never_missed_and_the_one_before_may_be():
    found = statuses()
    assert found[0].state is SlotState.OPEN
    assert found[0].state_before is SlotState.MISSED
    assert statuses(salon(TODAY - timedelta(days=7)))[0].state_before is SlotState.KEPT


def test_a_new_branch_owes_nothing_for_a_period_that_began_before_it():
    assert statuses(since=date(2026, 11, 10))[0].state_before is None
    assert statuses(since=date(2026, 11, 9))[0].state_before is SlotState.MISSED


def test_only_projects_keep_the_project_slot():
    assert statuses(salon(TODAY))[1].now == 0
    assert statuses(salon(TODAY, is_project=True))[1].now == 1
    assert statuses((2, TODAY, "micro_salon", True))[1].now == 0


@pytest.mark.parametrize(
    ("period", "day", "expected"),
    [
        (SlotPeriod.MONTH, date(2026, 12, 31), (date(2026, 12, 1), date(2027, 1, 1))),
        (SlotPeriod.QUARTER, date(2026, 11, 18), (date(2026, 10, 1), date(2027, 1, 1))),
        (SlotPeriod.QUARTER, date(2026, 3, 31), (date(2026, 1, 1), date(2026, 4, 1))),
        (SlotPeriod.WEEK, date(2027, 1, 1), (date(2026, 12, 28), date(2027, 1, 4))),
    ],
)
def test_periods_hold_their_first_day_and_not_the_one_after_the_last(period, day, expected):
    assert period_of(period, day) == expected


@given(st.sampled_from(list(SlotPeriod)), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_periods_follow_each_other_without_a_gap(period, day):
    start, end = period_of(period, day)
    assert start <= day < end
    assert period_before(period, day)[1] == start


def test_a_stored_row_wins_from_its_day_on_and_may_free_the_slot_again():
    set_up = replace(SHIPPED[2], counts="event", target=2, valid_from=TODAY, is_stored=True)
    freed = replace(set_up, counts=None, valid_from=TODAY + timedelta(days=7))
    rows = (*SHIPPED, set_up, freed)
    assert slots_on(rows, TODAY - timedelta(days=1))[2] == SHIPPED[2]
    assert slots_on(rows, TODAY)[2] == set_up
    assert slots_on(rows, TODAY + timedelta(days=7))[2] == freed
    assert len(slots_on(rows, TODAY)) == 6
    found = statuses(salon(TODAY), salon(TODAY), slots=slots_on(rows, TODAY))[2]
    assert (found.state, found.state_before) == (SlotState.KEPT, None)


def test_the_days_needed_reach_to_the_period_before():
    assert first_day_needed(SHIPPED, TODAY) == date(2026, 10, 1)
    assert first_day_needed(SHIPPED[2:], TODAY) == TODAY


def test_everything_that_can_be_counted_is_counted():
    for counts in countable():
        slot = replace(SHIPPED[0], counts=counts)
        now, _ = slot_counts([slot], events((1, TODAY, counts, counts == "project")), np.array([1]), as_of=TODAY)
        assert now[0, 0] == 1, counts


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 60), st.booleans()), max_size=20))
def test_branches_counted_together_stand_as_each_alone(rows):
    held = events(*(salon(TODAY - timedelta(days=days), branch, is_project) for branch, days, is_project in rows))
    starts = [OLD, OLD, date(2026, 11, 10), date(2026, 10, 5)]
    branches = pd.DataFrame({"branch_id": [1, 2, 3, 4], "cooperation_start": np.array(starts, "datetime64[s]")})
    kept, due = slots_kept(SHIPPED, held, branches, as_of=TODAY)
    for number, since in enumerate(starts):
        alone = slot_statuses(SHIPPED, held, branch_id=number + 1, since=since, as_of=TODAY)
        assert kept[number] == sum(one.state_before is SlotState.KEPT for one in alone)
        assert due[number] == sum(one.state_before is not None for one in alone)
