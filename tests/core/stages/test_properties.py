"""What must hold whatever the history is."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import WorkingCalendar
from core.stages import stage_history
from core.stages.facts import RowFacts
from tests.core.stages.world import (
    FIRST,
    LIMITS,
    LONG_AGO,
    NEVER,
    classified,
    cut,
    flat_season,
    panel_of,
    rows_of,
    stages_of,
    steady,
)

WEEKS = 40
COUNTS = st.lists(st.sampled_from([0, 0, 0, 1, 1, 2, 3, 7]), min_size=WEEKS, max_size=WEEKS)
GROUP = st.integers(0, 2)
quick = settings(max_examples=25, deadline=None)


@st.composite
def markets(draw):
    """A few branches with cancellations, statuses and starts of all kinds."""
    branches = draw(st.lists(COUNTS, min_size=2, max_size=5))
    sold = [(place, week) for place, counts in enumerate(branches) for week, number in enumerate(counts) if number]
    lost = draw(st.lists(st.sampled_from(sold), max_size=6, unique=True)) if sold else []
    cancelled = [(place, week, week + draw(st.integers(0, 20))) for place, week in lost]
    status = np.zeros((len(branches), WEEKS), np.int8)
    if draw(st.booleans()):
        begin = draw(st.integers(0, WEEKS - 1))
        status[0, begin : begin + draw(st.integers(1, 20))] = draw(st.integers(1, 2))
    starts = [FIRST + timedelta(days=draw(st.integers(-400, 100))) for _ in branches]
    bank, region = ([draw(st.integers(0, 1)) for _ in branches] for _ in range(2))
    return panel_of(
        *branches,
        start_on=starts,
        status=status,
        bank=bank,
        region=region,
        cancelled=cancelled,
        event_weeks=draw(st.sets(st.integers(0, WEEKS - 1), max_size=6)),
    )


def with_sales_everywhere(panel, until=WEEKS):
    """Return the panel with a policy a week for every branch, and nothing from a week on."""
    count = panel.branch_count
    branch, week = (cells.ravel() for cells in np.meshgrid(np.arange(count), np.arange(WEEKS), indexing="ij"))
    lines = {"branch": branch, "week": week, "lost_week": np.full(len(week), NEVER)}
    lines |= {"policies": np.ones(len(week), np.int64), "from_events": np.zeros(len(week), np.int64)}
    both = {name: np.concatenate([getattr(panel, name), added]) for name, added in lines.items()}
    keep = both["week"] < until
    return replace(panel, **{name: cells[keep] for name, cells in both.items()})


@quick
@given(panel=markets(), weeks=st.integers(1, WEEKS - 1))
def test_data_cut_at_the_end_of_a_week_give_the_same_rows_up_to_it(panel, weeks):
    end = FIRST + timedelta(weeks=weeks)
    assert rows_of(classified(cut(panel, weeks))) == [row for row in rows_of(classified(panel)) if row[1] < end]


WHOLE = {key for key, value in LIMITS.values.items() if value >= 2 and value == int(value)}


@quick
@given(
    panel=markets(), week=st.integers(1, WEEKS - 1), keys=st.sets(st.sampled_from(sorted(LIMITS.values)), min_size=1)
)
def test_numbers_that_hold_from_a_monday_on_change_no_row_of_the_weeks_before_it(panel, week, keys):
    other = {key: LIMITS[key] + 1 if key in WHOLE else LIMITS[key] / 2 for key in keys}
    months = tuple(reversed(LIMITS.months))
    later = replace(LIMITS, rules_on=panel.weeks[week], values={**LIMITS.values, **other}, months=months)
    rows = rows_of(classified(panel, limits=(LIMITS, later)))
    assert [row for row in rows if row[1] < panel.weeks[week]] == rows_of(classified(cut(panel, week)))


@quick
@given(counts=COUNTS, week=st.integers(0, WEEKS - 1))
def test_a_week_that_is_not_judged_and_has_no_policies_changes_nothing(counts, week):
    """But for the wait until cooling-off is over: that ends with the days, judged or not, and is left out here."""
    without = counts.copy()
    without[week] = 0
    at_once = replace(LIMITS, values={**LIMITS.values, "provisional_weeks": 0})
    short = classified(panel_of(without[:week] + without[week + 1 :], start_on=LONG_AGO), limits=(at_once,), flat=True)
    panel = panel_of(without, start_on=LONG_AGO)
    season = flat_season(panel.weeks, workdays=[5 * (number != week) for number in range(WEEKS)])
    long = stage_history(panel, season, np.ones(1, np.float32), at_once)
    assert np.delete(long.stage[0], week).tolist() == short.stage[0].tolist()


@quick
@given(counts=COUNTS)
def test_two_branches_with_the_same_history_have_the_same_path_whatever_their_bank_and_region(counts):
    history = classified(panel_of(counts, counts, bank=[0, 1], region=[1, 0], start_on=LONG_AGO))
    assert history.stage[0].tolist() == history.stage[1].tolist()
    assert np.allclose(history.confidence[0], history.confidence[1], atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(counts=COUNTS, banks=st.tuples(GROUP, GROUP), regions=st.tuples(GROUP, GROUP), seed=st.integers(0, 99))
def test_in_a_market_two_such_branches_have_the_same_path_until_a_bank_or_region_moves_as_a_whole(
    counts, banks, regions, seed
):
    others = [steady(WEEKS, rate, seed=seed + place) for place, rate in enumerate([0.5, 1, 2, 3] * 3)]
    bank, region = ([place % 3 for place in range(12)] for _ in range(2))
    history = classified(
        panel_of(*others, counts, counts, bank=[*bank, *banks], region=[*region, *regions], start_on=LONG_AGO)
    )
    apart = (history.market | history.feed.unknown | history.feed.thin)[-2:].any(axis=0)
    until = int(np.argmax(apart)) if apart.any() else WEEKS
    assert np.allclose(history.probability[-1, :until], history.probability[-2, :until], atol=1e-5)


@quick
@given(panel=markets(), order=st.randoms())
def test_the_place_of_a_branch_among_the_others_plays_no_role(panel, order):
    places = list(range(panel.branch_count))
    order.shuffle(places)
    new_place = np.argsort(places)
    moved = replace(
        panel,
        bank=panel.bank[places],
        region=panel.region[places],
        start_on=panel.start_on[places],
        first_week=panel.first_week[places],
        status=panel.status[places],
        branch=new_place[panel.branch],
    )
    here, there = classified(panel), classified(moved)
    assert (there.stage == here.stage[places]).all()
    assert np.allclose(there.confidence, here.confidence[places], atol=1e-4)


@quick
@given(panel=markets(), cuts=st.lists(st.integers(1, WEEKS - 1), min_size=1, max_size=3))
def test_appending_a_week_of_which_nothing_arrived_yet_changes_no_stage(panel, cuts):
    """A region that usually sells and from which no record came is unknown, not empty."""
    usual = classified(with_sales_everywhere(panel))
    for weeks in cuts:
        part = with_sales_everywhere(panel, until=weeks)
        history = classified(cut(part, weeks + 1))
        assert (history.stage[:, :weeks] == usual.stage[:, :weeks]).all()
        began_before = history.stage[:, weeks - 1 : weeks] >= 0
        missing = history.feed.unknown[:, weeks:] & began_before
        assert (history.stage[:, weeks:][missing] == history.stage[:, weeks - 1 : weeks][missing]).all()


@quick
@given(panel=markets())
def test_a_branch_changes_its_stage_at_most_once_a_week_and_has_one_stage(panel):
    rows = [(row.branch, row.week_start) for row in RowFacts(classified(panel)).rows()]
    assert len(rows) == len(set(rows))


@quick
@given(panel=markets())
def test_confidence_is_a_probability_and_the_most_likely_stage_is_the_most_probable(panel):
    history = classified(panel)
    judged = history.feed.valid
    assert ((history.confidence >= 0) & (history.confidence <= 1)).all()
    assert (history.most_likely[judged] == history.probability[judged].argmax(axis=1)).all()


@quick
@given(panel=markets(), order=st.randoms())
def test_the_order_of_the_policies_plays_no_role(panel, order):
    places = list(range(len(panel.branch)))
    order.shuffle(places)
    shuffled = replace(
        panel,
        branch=panel.branch[places],
        week=panel.week[places],
        lost_week=panel.lost_week[places],
        policies=panel.policies[places],
        from_events=panel.from_events[places],
    )
    assert rows_of(classified(shuffled)) == rows_of(classified(panel))


@pytest.mark.parametrize(("known", "changed_from"), [(20, 20), (24, 24), (39, 39)])
def test_a_policy_cancelled_later_counts_until_the_week_of_the_cancellation(known, changed_from):
    counts = [0] * 12 + [3, 0, 0, 2, 0, 0, 1, 3] + [0] * 20
    kept = classified(panel_of(counts, start_on=LONG_AGO), flat=True)
    lost = classified(panel_of(counts, start_on=LONG_AGO, cancelled=[(0, 12, known), (0, 19, known)]), flat=True)
    same = np.isclose(kept.probability[0], lost.probability[0], atol=1e-6).all(axis=1)
    assert same[:changed_from].all()
    assert not same[changed_from:].any()


@pytest.mark.parametrize("known", [13, 16, 30])
def test_after_a_cancellation_the_branch_stands_as_if_the_policy_had_never_been(known):
    counts = [1, 0, 1] * 12
    never = counts.copy()
    never[12] = 0
    lost = classified(panel_of(counts, start_on=LONG_AGO, cancelled=[(0, 12, known)]), flat=True)
    without = classified(panel_of(never, start_on=LONG_AGO), flat=True)
    assert np.allclose(lost.probability[0, known:], without.probability[0, known:], atol=1e-5)


def test_a_policy_cancelled_in_its_own_week_never_counts():
    other, never = [2] * 30, [1] * 30
    never[12] = 0
    lost = classified(panel_of([1] * 30, other, start_on=LONG_AGO, cancelled=[(0, 12, 12)]), flat=True)
    without = classified(panel_of(never, other, start_on=LONG_AGO), flat=True)
    assert np.allclose(lost.probability, without.probability)
    assert lost.sold[0, 12] == 7


def test_branches_do_not_depend_on_each_other_where_the_market_tells_nothing():
    drawn = np.random.default_rng(3)
    alone = replace(LIMITS, values={**LIMITS.values, "market_spread": 1e-9, "plateau_branches_min": 1e9})
    branches = drawn.poisson(1, (1100, 30)).tolist()
    groups = list(range(1100))
    many = classified(panel_of(*branches, start_on=LONG_AGO, bank=groups, region=groups), limits=alone)
    one = classified(panel_of(branches[1050], start_on=LONG_AGO), limits=alone)
    assert stages_of(many, 1050) == stages_of(one)
    assert np.allclose(many.confidence[1050], one.confidence[0], atol=1e-4)


def test_the_calendar_is_the_only_thing_that_says_which_week_is_short():
    days = {FIRST + timedelta(weeks=20, days=number): "off" for number in range(3)}
    usual = classified(panel_of([1] * 40, start_on=LONG_AGO))
    short = classified(panel_of([1] * 40, start_on=LONG_AGO), calendar=WorkingCalendar(days))
    assert usual.feed.valid[0, 20]
    assert not short.feed.valid[0, 20]
