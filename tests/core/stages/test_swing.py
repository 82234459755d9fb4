"""The swing of the whole market: what is told of it, that the market did it, and that it carries no level away."""

from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulation import market, simulated
from core.stages import reason_text
from core.stages.details import swing_line
from core.stages.explanation import EXPECTING_REASONS
from core.stages.facts import RowFacts
from core.stages.market import market_week
from core.stages.swing import SwingWeek, is_told, swing_share, swing_weeks, swing_words, told_swings
from tests.core.stages.world import LIMITS, LONG_AGO, classified, panel_of, steady

WEEKS, BEGIN, END = 90, 60, 68
YES = np.ones(4, bool)


def told(swing, *, clear=YES, worth=(1.0, 1.0, 1.0, 1.0), longest=4):
    return told_swings(np.array(worth), np.array(swing), np.array(clear), [LIMITS] * 4, longest)


@cache
def weak_market():
    """Forty branches, all of which sell three fifths of the usual for eight weeks."""
    branches = [steady(WEEKS, 4, seed=seed) for seed in range(40)]
    drawn = np.random.default_rng(5)
    for counts in branches:
        counts[BEGIN:END] = drawn.binomial(counts[BEGIN:END], 0.6).tolist()
    return classified(panel_of(*branches, start_on=LONG_AGO))


def test_the_swing_of_a_window_is_that_of_its_weeks_by_what_they_are_worth():
    found = told([1.0, 0.6, 0.8, 1.0], worth=(1.0, 1.0, 3.0, 1.0))
    assert found[1].tolist() == [1.0, 0.6, 0.8, 1.0]
    assert found[2, 2] == 0.75
    assert found[4, 3] == pytest.approx((1 + 0.6 + 2.4 + 1) / 6, abs=0.005)
    assert found[4, 1] == 0.8  # a window longer than the data holds what there is


def test_weeks_that_say_nothing_of_the_market_are_left_out():
    found = told([0.5, 0.8, 0.5, 0.8], clear=[True, True, False, True])
    assert found[1].tolist() == [0.5, 0.8, 1.0, 0.8]
    assert found[2].tolist() == [0.5, 0.65, 0.8, 0.8]


@pytest.mark.parametrize(
    ("swing", "is_named"), [(0.904, True), (0.906, False), (1.094, False), (1.096, True), (1.0, False), (0.9, True)]
)
def test_a_swing_is_named_from_the_limit_on_in_whole_per_cent(swing, is_named):
    assert LIMITS["swing_told"] == 0.1
    assert bool(is_told(swing, 0.1)) == is_named


def test_a_limit_of_nothing_names_no_swing_of_nothing():
    assert not is_told(1.004, 0.0)
    assert is_told(1.01, 0.0)


@given(swing=st.floats(0.3, 3))
def test_the_words_say_more_or_less_and_by_how_much(swing):
    share = swing_share(swing)
    assert share == abs(round(100 * round(swing, 2)) - 100)
    if share:
        assert swing_words("en", swing).endswith(f"so {share}% {'less' if swing < 1 else 'more'} is expected")
        assert swing_words("zh", swing).endswith(f"{'下' if swing < 1 else '上'}调{share}%")


def test_a_week_is_told_in_a_line_of_its_own():
    week = SwingWeek(date(2026, 5, 4), 0.8, 0.78)
    assert swing_line("en", week) == (
        "In the week of 4 May 2026 the whole market sold less than usual for the season; "
        "22% less is expected of every branch."
    )
    assert "上调22%" in swing_line("zh", SwingWeek(date(2026, 5, 4), 0.8, 1.22))


def test_a_weak_market_is_told_by_what_is_expected_less_and_only_where_something_is_expected():
    history = weak_market()
    sold = history.panel.recorded[:, BEGIN:END].sum() / (history.season[BEGIN:END].sum() * 4 * 40)
    rows = [row for row in RowFacts(history).rows() if row.week_start == history.panel.weeks[END - 1]]
    assert {row.facts["window"] for row in rows} == {END - BEGIN}
    for row in rows:
        own = history.exposure[row.branch, BEGIN:END].sum() / history.season[BEGIN:END].sum()
        assert row.facts["swing"] == pytest.approx(own, abs=0.01)
        assert sold < row.facts["swing"] < 0.9  # part of what the market did may be chance
        words = f"so {swing_share(row.facts['swing'])}% less is expected"
        assert (words in reason_text("en", row.reason_key, row.facts)) == (row.reason_key in EXPECTING_REASONS)


def test_before_a_weak_market_nothing_is_told():
    history = weak_market()
    begin = history.panel.weeks[BEGIN]
    assert not any("swing" in row.facts for row in RowFacts(history).rows() if row.week_start < begin)


def test_the_weeks_kept_are_those_of_the_history_without_holidays():
    history = weak_market()
    weeks = swing_weeks(history)
    assert [week.week_start for week in weeks] == list(history.panel.weeks)
    judged = history.feed.valid.any(axis=0)
    for number, week in enumerate(weeks):
        after_a_holiday = number > 0 and not judged[number - 1]
        assert (week.swing is None) == (after_a_holiday or not judged[number])
        assert week.swing is None or week.swing == pytest.approx(history.worth.swing[number], abs=0.0005)


def test_what_all_branches_are_usually_off_is_no_swing():
    counts, expected = np.tile([2, 3, 2, 3], 100), np.full(400, 2.0)
    group = np.zeros(400, np.int64)
    first = market_week(counts, expected, np.ones(400, bool), (group,), LIMITS)
    later = market_week(counts, expected, np.ones(400, bool), (group,), LIMITS, usual=first.off)
    assert first.swing > 1.2
    assert later.swing == 1
    assert (later.factor == 1).all()


def test_in_a_market_that_does_not_move_the_swing_stays_at_one_and_the_levels_at_what_is_sold():
    """Bursts and new branches sell a little more than expected week after week; once that carried all levels away."""
    world = simulated(market("noisy"), 300, 117, 3)
    history = classified(world.panel)
    clear = history.worth.clear & (np.arange(117) >= 40)
    assert history.worth.swing[clear].mean() == pytest.approx(1, abs=0.06)
    mature = (world.truth[:, -1] == 2) & (history.feed.seen[:, -1] > 52)
    assert np.median((history.level[:, -1] / world.rate)[mature]) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(("rate", "size"), [(0.5, 30), (0.7, 12), (2.0, 5), (2.0, 12)])
def test_chance_alone_seldom_makes_a_bank_fall(rate, size):
    """Less than once in two years for a bank: branches that keep their level, uneven weeks."""
    drawn = np.random.default_rng(11)
    count, weeks = 240 // size * size, 117
    levels = rate * np.exp(0.6 * drawn.normal(size=count))
    season = classified(panel_of([1] * weeks, start_on=LONG_AGO)).season
    counts = drawn.poisson(levels[:, None] * season * drawn.gamma(6, 1 / 6, size=(count, weeks)))
    bank = np.arange(count) // size
    history = classified(panel_of(*counts.tolist(), bank=bank, start_on=LONG_AGO))
    fallen = np.zeros((count // size, weeks), bool)
    np.logical_or.at(fallen, bank, history.market)
    assert fallen[:, 13:].sum() < 0.5 * len(fallen) * (weeks - 13) / 52
