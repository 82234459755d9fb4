"""What the calendar does must not look like a stage: opening campaign, festival, a product that is withdrawn."""

from datetime import date

import pytest

from tests.core.stages.world import FIRST, LONG_AGO, classified, panel_of, path_of, seasonal, stages_of, steady

WEEKS = 148  # to the end of October 2026


def week_of(day):
    return (day - FIRST).days // 7


@pytest.mark.parametrize("rate", [0.5, 1, 2, 4])
def test_after_the_opening_campaign_a_steady_branch_is_no_decline_in_april_may_and_june(rate):
    counts = seasonal(rate, WEEKS)
    april, june = week_of(date(2026, 4, 6)), week_of(date(2026, 6, 29))
    assert sum(counts[april - 12 : april]) >= 1.7 * sum(counts[april : april + 12])
    assert stages_of(classified(panel_of(counts, start_on=LONG_AGO)))[april : june + 1] == ["mature"] * 13


def test_the_opening_campaign_does_not_make_a_weak_branch_mature_in_march():
    january, march = week_of(date(2025, 1, 6)), week_of(date(2025, 3, 31))
    counts = [0] * WEEKS
    for week in range(january + 1, march, 3):  # one policy every three weeks while the season would bring many
        counts[week] = 1
    history = classified(panel_of(counts, steady(WEEKS, 2), region=[0, 1]))
    assert "mature" not in stages_of(history)[january : march + 1]


@pytest.mark.parametrize(
    ("year", "festival"), [(2024, date(2024, 2, 12)), (2025, date(2025, 1, 27)), (2026, date(2026, 2, 16))]
)
@pytest.mark.parametrize("rate", [0.5, 1, 2])
def test_the_festival_moves_between_january_and_february_and_a_steady_branch_keeps_its_stage(year, festival, rate):
    counts = seasonal(rate, WEEKS)
    history = classified(panel_of(counts, start_on=LONG_AGO))
    assert not history.feed.valid[0, week_of(festival)]
    begin, end = (week_of(date(year, month, 1)) for month in (1, 4))
    assert set(stages_of(history)[max(begin, 0) : end]) == {"mature"}


def test_two_empty_weeks_at_the_festival_are_no_warning_of_a_stage():
    counts = steady(WEEKS, 1.5, seed=21)
    festival = week_of(date(2026, 2, 16))
    empty = [*counts[: festival - 1], 0, 0, *counts[festival + 1 :]]
    history = classified(panel_of(empty, start_on=LONG_AGO))
    assert set(stages_of(history)[festival - 5 : festival + 8]) == {"mature"}


@pytest.mark.parametrize("dip", [2, 3, 4])
@pytest.mark.parametrize("rate", [1, 2, 4])
def test_a_product_switch_with_its_rush_before_and_its_dip_after_is_no_stage(rate, dip):
    counts = [rate] * 60 + [4 * rate] * 2 + [0] * dip + [rate] * 30
    history = classified(panel_of(counts, [2] * len(counts), region=[0, 1], start_on=LONG_AGO), flat=True)
    assert path_of(history) == ["mature"]


def test_the_rush_before_a_product_is_withdrawn_makes_no_slump_a_mature_branch():
    counts = [2] * 40 + [0] * 30 + [6, 6] + [0] * 20
    history = classified(panel_of(counts, [2] * len(counts), region=[0, 1], start_on=LONG_AGO), flat=True)
    assert stages_of(history)[69] == "slump"
    assert "mature" not in stages_of(history)[70:]
