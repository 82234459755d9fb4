"""Warnings beside the stage: fast, cautious, at their limits; they never change a stage."""

from dataclasses import replace

import numpy as np
import pytest

from core.facts import Badge
from core.stages.badges import Departures, LatePolicies, badges_now
from tests.core.stages.world import FIRST, LIMITS, LONG_AGO, classified, panel_of

STANDARD = 9.0
NO_SWING = replace(LIMITS, values={**LIMITS.values, "market_spread": 1e-9})
"""Two branches are the whole market here; without this a fall of one would partly pass for one of both."""


def late(*rows, branch=0):
    """Policies as (weeks_ago, seller, is_regular, fen, state); state is net, cancelled or surrendered."""
    return LatePolicies(
        branch=np.full(len(rows), branch, np.int64),
        weeks_ago=np.array([row[0] for row in rows], np.int64),
        seller=np.array([row[1] for row in rows], np.int64),
        is_regular=np.array([row[2] for row in rows], np.bool_),
        premium_fen=np.array([row[3] for row in rows], np.int64),
        is_net=np.array([row[4] == "net" for row in rows], np.bool_),
        is_cancelled=np.array([row[4] == "cancelled" for row in rows], np.bool_),
    )


def left(*rows):
    """Departures as (seller, is_head, weeks_ago)."""
    return Departures(
        branch=np.zeros(len(rows), np.int64),
        seller=np.array([row[0] for row in rows], np.int64),
        is_head=np.array([row[1] for row in rows], np.bool_),
        weeks_ago=np.array([row[2] for row in rows], np.int64),
    )


def badges(counts, policies=None, departures=None, standard=STANDARD, limits=LIMITS, **more):
    """Badges of the first branch; a second one keeps its region known."""
    more.setdefault("start_on", LONG_AGO)
    if isinstance(more["start_on"], list):
        more["start_on"] = [*more["start_on"], LONG_AGO]
    history = classified(panel_of(counts, [3] * len(counts), **more), flat=True, limits=limits)
    found = badges_now(history, policies or late(), departures or left(), np.full(2, standard))
    return {badge for badge, carried in found.items() if carried[0]}


@pytest.mark.parametrize(("empty", "is_warned"), [(3, False), (4, True)])
def test_a_branch_is_watched_after_four_weeks_without_a_policy(empty, is_warned):
    assert (Badge.WATCH_DOWN in badges([1] * 40 + [0] * empty)) == is_warned


@pytest.mark.parametrize(("empty", "is_warned"), [(5, False), (6, True)])
def test_a_small_branch_is_watched_after_six(empty, is_warned):
    counts = [1, 0, 0] * 12 + [1] + [0] * empty
    assert (Badge.WATCH_DOWN in badges(counts, standard=5.0)) == is_warned


def test_without_four_policies_to_compare_with_nothing_is_watched():
    assert Badge.WATCH_DOWN not in badges([0] * 20 + [1, 1, 1] + [0] * 10)


def spread(policies):
    """Eight weeks with so many policies, as even as can be."""
    return [policies // 8 + (week < policies % 8) for week in range(8)]


@pytest.mark.parametrize(
    ("rate", "policies", "is_warned"),
    [(20, 120, True), (20, 121, False), (2, 9, True), (2, 10, False), (2, 12, False)],
    ids=["at three quarters", "just above them", "chance 7 %", "chance 11 %", "three quarters may be chance"],
)
def test_a_fall_to_three_quarters_that_is_hardly_chance_is_a_warning(rate, policies, is_warned):
    assert (Badge.WATCH_DOWN in badges([rate] * 40 + spread(policies), limits=NO_SWING)) == is_warned


@pytest.mark.parametrize(
    ("rate", "policies", "is_hinted"),
    [(20, 224, True), (20, 223, False), (1, 13, False), (1, 14, True)],
    ids=["at 1.4 times", "just below", "chance 11 %", "chance 7 %"],
)
def test_a_rise_to_one_and_two_fifths_that_is_hardly_chance_is_a_hint(rate, policies, is_hinted):
    assert (Badge.WATCH_UP in badges([rate] * 40 + spread(policies), limits=NO_SWING)) == is_hinted


def test_a_clear_rise_is_a_hint_upwards():
    found = badges([1] * 30 + [2] * 8)
    assert Badge.WATCH_UP in found
    assert Badge.WATCH_DOWN not in found


def test_a_steady_branch_has_no_warning():
    assert badges([1, 2] * 30) == set()


@pytest.mark.parametrize(("own", "is_marked"), [(3, False), (4, True)])
def test_one_person_with_four_fifths_of_a_quarter_is_single_seller(own, is_marked):
    rows = [(1, 7, True, 100, "net")] * own + [(1, 8, True, 100, "net")]
    assert (Badge.SINGLE_SELLER in badges([1] * 60, late(*rows))) == is_marked


def test_two_policies_are_too_few_for_single_seller():
    assert Badge.SINGLE_SELLER not in badges([1] * 60, late(*[(1, 7, True, 100, "net")] * 2))


def test_policies_without_a_seller_name_nobody():
    assert Badge.SINGLE_SELLER not in badges([1] * 60, late(*[(1, -1, True, 100, "net")] * 5))


def test_policies_older_than_a_quarter_do_not_count_for_single_seller():
    rows = [(13, 7, True, 100, "net")] * 5
    assert Badge.SINGLE_SELLER not in badges([1] * 60, late(*rows))


@pytest.mark.parametrize(("regular_fen", "is_marked"), [(1999, True), (2000, False)])
def test_less_than_a_fifth_of_regular_premium_is_single_pay_heavy(regular_fen, is_marked):
    rows = [(1, 7, True, regular_fen, "net"), (1, 8, False, 10_000 - regular_fen, "net")]
    assert (Badge.SINGLE_PAY_HEAVY in badges([1] * 60, late(*rows))) == is_marked


@pytest.mark.parametrize(("cancelled", "kept", "is_marked"), [(3, 20, True), (3, 21, False), (2, 2, False)])
def test_high_cancellation_needs_thirteen_per_cent_and_three_policies(cancelled, kept, is_marked):
    rows = [(1, 7, True, 100, "cancelled")] * cancelled + [(2, n, True, 100, "net") for n in range(kept)]
    assert (Badge.HIGH_CANCELLATION in badges([1] * 60, late(*rows))) == is_marked


def test_surrenders_are_no_cancellations():
    rows = [(1, 7, True, 100, "surrendered")] * 5
    assert Badge.HIGH_CANCELLATION not in badges([1] * 60, late(*rows))


@pytest.mark.parametrize(("own", "others", "is_marked"), [(2, 3, True), (1, 2, False)])
def test_a_seller_with_two_fifths_of_half_a_year_is_a_key_person(own, others, is_marked):
    rows = [(20, 7, True, 100, "net")] * own + [(20, 8, True, 100, "net")] * others
    found = badges([1] * 60, late(*rows), left((7, False, 3)))
    assert (Badge.KEY_PERSON_LEFT in found) == is_marked


@pytest.mark.parametrize(("weeks_ago", "is_marked"), [(12, True), (13, False)])
def test_a_head_who_left_is_shown_for_thirteen_weeks(weeks_ago, is_marked):
    assert (Badge.KEY_PERSON_LEFT in badges([1] * 60, None, left((9, True, weeks_ago)))) == is_marked


def test_a_departure_changes_no_stage():
    history = classified(panel_of([1] * 60, start_on=LONG_AGO), flat=True)
    before = history.stage.copy()
    badges_now(history, late(), left((9, True, 1)), np.full(1, STANDARD))
    assert (history.stage == before).all()


@pytest.mark.parametrize(("distance", "is_marked"), [(3, True), (1, False)])
def test_a_mature_branch_far_below_its_size_is_a_low_plateau(distance, is_marked):
    counts = [int(week % distance == 0) for week in range(104)]
    assert (Badge.LOW_PLATEAU in badges(counts)) == is_marked


def test_a_branch_that_never_sold_is_never_activated():
    assert Badge.NEVER_ACTIVATED in badges([0] * 60, start_on=[FIRST])
    assert Badge.NEVER_ACTIVATED not in badges([0] * 60)


@pytest.mark.parametrize(("weeks", "is_marked"), [(12, True), (13, False)])
def test_data_that_begin_late_are_not_enough_for_thirteen_weeks(weeks, is_marked):
    assert (Badge.INSUFFICIENT_DATA in badges([1] * weeks)) == is_marked


@pytest.mark.parametrize(("event_weeks", "is_marked"), [(range(55, 60), True), (range(56, 60), False)])
def test_more_than_three_fifths_from_events_is_campaign_driven(event_weeks, is_marked):
    assert (Badge.CAMPAIGN_DRIVEN in badges([1] * 60, event_weeks=event_weeks)) == is_marked


def test_a_stage_that_changed_within_fifteen_days_is_provisional():
    counts = [3] * 50 + [0] * 20
    history = classified(panel_of(counts, [3] * 70, start_on=LONG_AGO), flat=True)
    changed = int(np.flatnonzero(history.stage[0, 50:] != history.stage[0, 49])[0]) + 50
    for weeks, is_marked in ((changed + 1, True), (changed + 2, True), (changed + 3, False)):
        assert (Badge.PROVISIONAL in badges(counts[:weeks])) == is_marked


def test_a_closed_branch_carries_no_badge():
    status = np.zeros((2, 60), np.int8)
    status[0, -1] = 2
    assert badges([1] * 40 + [0] * 20, None, left((9, True, 1)), status=status) == set()
