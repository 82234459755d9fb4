"""What the engine must not be fooled by; `test_trap_index.py` says where each trap is tested."""

from datetime import date, timedelta

import numpy as np

from core.calendar import WorkingCalendar
from core.stages.feed import feed_of
from core.stages.panel import CLOSED, SUSPENDED
from core.stages.season import week_exposure
from tests.core.stages.world import FIRST, LIMITS, LONG_AGO, classified, panel_of, stages_of, steady

WEEKS = 117
HOLIDAY_WEEK = 6  # 12 February 2024 has one working day


def crowd(count, rate=1.5, weeks=WEEKS):
    """Steady branches that make a market."""
    return [steady(weeks, rate, seed=seed + 100) for seed in range(count)]


def test_a_steady_branch_keeps_its_stage_through_the_campaign_and_the_spring_after_it():
    branches = crowd(40, rate=2.5)
    history = classified(panel_of(*branches, start_on=LONG_AGO))
    mature = np.array([stages_of(history, place) for place in range(40)]) == "mature"
    assert mature[:, 20:].mean() > 0.9


def test_the_same_counts_without_the_season_would_fool_it():
    branches = crowd(40, rate=2.5)
    seen = classified(panel_of(*branches, start_on=LONG_AGO))
    blind = classified(panel_of(*branches, start_on=LONG_AGO), flat=True)
    changes = [(history.stage[:, 1:] != history.stage[:, :-1]).sum() for history in (seen, blind)]
    assert changes[1] > 2 * changes[0]


def test_a_holiday_week_repeats_the_week_before():
    history = classified(panel_of(*crowd(6), start_on=LONG_AGO))
    assert (history.stage[:, HOLIDAY_WEEK] == history.stage[:, HOLIDAY_WEEK - 1]).all()
    assert (history.confidence[:, HOLIDAY_WEEK] == history.confidence[:, HOLIDAY_WEEK - 1]).all()


def test_policies_of_a_holiday_week_count_in_the_next_one():
    with_holiday, later = [1] * 40, [1] * 40
    with_holiday[HOLIDAY_WEEK], with_holiday[HOLIDAY_WEEK + 1] = 2, 1
    later[HOLIDAY_WEEK], later[HOLIDAY_WEEK + 1] = 0, 3
    one, other = (classified(panel_of(counts, start_on=LONG_AGO)) for counts in (with_holiday, later))
    assert (one.stage == other.stage).all()
    assert np.allclose(one.confidence, other.confidence)


def test_a_campaign_week_changes_no_stage():
    counts = steady(WEEKS, 1.5, seed=4)
    history = classified(panel_of(counts, start_on=LONG_AGO))
    counts[60] += 12
    campaign = classified(panel_of(counts, start_on=LONG_AGO))
    assert (history.stage[0, 55:80] == campaign.stage[0, 55:80]).all()


def test_a_branch_that_lives_on_one_event_does_not_become_mature_meanwhile():
    counts = [0] * 14 + [1, 0, 1, 1, 1, 1, 1, 1] + [1] * 20
    own = classified(panel_of(counts), flat=True)
    became = stages_of(own).index("mature")
    from_event = classified(panel_of(counts, event_weeks=range(14, became + 1)), flat=True)
    assert stages_of(from_event)[became] != "mature"


def test_a_region_without_any_record_for_two_weeks_is_unknown_and_keeps_its_stages():
    branches = crowd(8)
    for counts in branches[:4]:
        counts[80] = counts[81] = 0
    history = classified(panel_of(*branches, region=[0] * 4 + [1] * 4, start_on=LONG_AGO))
    assert history.feed.unknown[:4, 80:82].all()
    assert not history.feed.unknown[4:, 80:82].any()
    assert (history.stage[:4, 80:82] == history.stage[:4, 79:80]).all()
    assert np.allclose(history.confidence[:4, 80], history.confidence[:4, 79] * 0.9)
    assert np.allclose(history.confidence[:4, 81], history.confidence[:4, 79] * 0.81)


def test_a_small_region_that_usually_sells_is_believed_empty_after_two_weeks():
    history = classified(panel_of([1] * 50 + [0] * 12, [1] * 62, region=[0, 1], start_on=LONG_AGO), flat=True)
    assert history.feed.unknown[0, 48:56].tolist() == [False, False, True, True, False, False, False, False]


def test_a_region_that_sells_little_is_not_unknown_when_it_sells_nothing():
    counts = [int(week % 3 == 0) for week in range(60)]
    history = classified(panel_of(counts, start_on=LONG_AGO), flat=True)
    assert not history.feed.unknown.any()


def test_a_large_region_stays_unknown_however_long_its_data_are_missing():
    branches = [counts[:70] + [0] * 30 for counts in crowd(10, rate=2, weeks=100)]
    history = classified(panel_of(*branches, start_on=LONG_AGO))
    missing = history.feed.unknown[0, 70:] | (history.exposure[0, 70:] == 0)
    assert missing.all()


def test_a_thin_week_of_a_region_moves_nothing_down():
    branches = crowd(12, rate=3)
    panel = panel_of(*branches, start_on=LONG_AGO)
    exposure, judged = week_exposure(panel.weeks, WorkingCalendar(), LIMITS)
    usual = feed_of(panel, exposure, judged, [LIMITS] * WEEKS)
    for counts in branches[1:]:
        counts[80] = 0
    thin = feed_of(panel_of(*branches, start_on=LONG_AGO), exposure, judged, [LIMITS] * WEEKS)
    assert not usual.thin[:, 80].any()
    assert thin.thin[:, 80].all()


def test_a_bank_that_stops_as_a_whole_changes_no_stage():
    branches = crowd(24)
    for counts in branches[:12]:
        counts[70:80] = [0] * 10
    bank, region = [0] * 12 + [1] * 12, [0, 1] * 12
    history = classified(panel_of(*branches, bank=bank, region=region, start_on=LONG_AGO))
    assert history.market[:12, 70:80].mean() > 0.9
    assert (history.stage[:12, 69:80] == history.stage[:12, 69:70]).mean() > 0.95


def test_a_few_branches_of_a_bank_that_stop_do_go_down():
    branches = crowd(24)
    for counts in branches[:3]:
        counts[70:90] = [0] * 20
    history = classified(panel_of(*branches, start_on=LONG_AGO))
    assert [stages_of(history, place)[85] for place in range(3)] == ["slump"] * 3
    assert not history.market[:, 70:90].any()


def test_a_closure_of_six_weeks_keeps_stage_and_confidence():
    counts = [2] * 50 + [0] * 6 + [2] * 30
    status = np.zeros((1, 86))
    status[0, 50:56] = SUSPENDED
    history = classified(panel_of(counts, status=status, start_on=LONG_AGO), flat=True)
    assert (history.stage[0, 49:70] == history.stage[0, 49]).all()
    assert (history.confidence[0, 50:56] == history.confidence[0, 49]).all()


def test_after_a_short_closure_nothing_goes_down_for_four_weeks():
    counts = [4] * 50 + [0] * 6 + [0] * 12
    status = np.zeros((1, 68))
    status[0, 50:56] = SUSPENDED
    other = [4] * 68
    stages = stages_of(classified(panel_of(counts, other, status=np.vstack([status, status * 0]), start_on=LONG_AGO),
                                  flat=True))  # fmt: skip
    assert stages[56:60] == ["mature"] * 4
    assert "slump" in stages[60:]


def test_a_branch_reopened_after_twenty_weeks_is_startup():
    status = np.zeros((1, 90))
    status[0, 50:70] = SUSPENDED
    history = classified(panel_of([2] * 50 + [0] * 20 + [1] * 20, status=status, start_on=LONG_AGO), flat=True)
    assert stages_of(history)[69:78] == ["mature", *["startup"] * 8]


def test_a_branch_reopened_after_twelve_weeks_keeps_its_stage():
    status = np.zeros((1, 80))
    status[0, 50:62] = SUSPENDED
    history = classified(panel_of([2] * 50 + [0] * 12 + [2] * 18, status=status, start_on=LONG_AGO), flat=True)
    assert stages_of(history)[62:] == ["mature"] * 18


def test_a_closed_branch_has_no_row():
    status = np.zeros((1, 40))
    status[0, 30:] = CLOSED
    stages = stages_of(classified(panel_of([1] * 30 + [0] * 10, status=status, start_on=LONG_AGO)))
    assert stages[29] is not None
    assert stages[30:] == [None] * 10


def test_a_brand_new_branch_of_five_weeks_with_five_policies_is_startup():
    assert stages_of(classified(panel_of([1] * 5), flat=True)) == ["startup"] * 5


def test_a_branch_is_startup_for_eight_judged_weeks_at_least():
    assert stages_of(classified(panel_of([5] * 12), flat=True))[:8] == ["startup"] * 8


def test_history_begins_with_the_week_of_the_cooperation_start():
    stages = stages_of(classified(panel_of([0] * 20, start_on=FIRST + timedelta(weeks=5, days=2))))
    assert stages[:6] == [None] * 5 + ["startup"]


def test_a_first_week_that_begins_on_thursday_is_worth_two_fifths():
    start_on = date(2024, 6, 6)
    panel = panel_of([0] * 30, start_on=start_on)
    history = classified(panel)
    week = (start_on - FIRST).days // 7
    assert history.exposure[0, week] == np.float32(history.season[week] * np.float32(0.4))


def test_stages_do_not_flip_to_and_fro():
    history = classified(panel_of(*crowd(60, rate=0.7), start_on=LONG_AGO))
    shown = (history.stage[:, 1:] != history.stage[:, :-1]).sum()
    bare = (history.most_likely[:, 1:] != history.most_likely[:, :-1]).sum()
    assert shown < 0.6 * bare


def test_a_change_stands_for_more_weeks_than_the_hold_back_says():
    history = classified(panel_of(*crowd(30, rate=0.6), start_on=LONG_AGO))
    for stages in history.stage:
        changes = np.flatnonzero(stages[1:] != stages[:-1])
        assert (np.diff(changes) > LIMITS["hold_stay_weeks"]).all()
