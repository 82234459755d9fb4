"""The numbers the engine runs on are data: complete, dated, sourced."""

import math
from collections import defaultdict
from datetime import date, timedelta

import pytest

from core.facts import Badge, SizeTier, Stage
from core.stages.limits import (
    RuleValue,
    RuleVersion,
    changed_limits,
    limits_numbers,
    limits_on,
    limits_table,
    rules_by_week,
    rules_over,
)

LIMITS = limits_on(date(2026, 1, 1))
MONDAY = date(2026, 11, 23)
HOLD = RuleVersion(MONDAY, (RuleValue("limits", "hold_weeks", 3.0),), "calmer")
LATER = RuleVersion(MONDAY + timedelta(weeks=2), (RuleValue("limits", "hold_weeks", 5.0),), "calmer still")


def test_every_row_has_a_unit_a_source_and_a_start():
    assert all(row.unit and row.source and row.valid_from for row in limits_table())


def test_a_row_starts_once():
    keys = [(row.subject, row.key, row.valid_from) for row in limits_table()]
    assert len(keys) == len(set(keys))


def test_every_row_says_what_it_is_in_which_unit_and_from_where_in_both_languages():
    for row in limits_table():
        for english, chinese in ((row.title_en, row.title_zh), (row.unit, row.unit_zh), (row.source, row.source_zh)):
            assert english.isascii() or "→" in english, row
            assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), row


def test_the_hold_back_rests_on_our_assumption():
    sources = {row.source for row in limits_table() if row.key.startswith("hold_")}
    assert all(source.startswith("our assumption") for source in sources)


def test_every_stage_has_a_phase():
    assert {phase.stage for phase in LIMITS.phases} == set(Stage)


def test_the_phases_keep_to_the_meaning_of_the_stages():
    ranges = {
        Stage.GROWTH: (0.25, 0.9),
        Stage.MATURE: (0.85, 1.15),
        Stage.ADJUSTMENT: (0.3, 0.7),
        Stage.SLUMP: (0, 0.15),
    }
    for phase in LIMITS.phases:
        if phase.stage in ranges:
            low, high = ranges[phase.stage]
            assert low <= phase.level_share <= high, phase.name


def test_the_moves_out_of_a_phase_add_up_to_one():
    totals = defaultdict(float)
    for (name, _), share in LIMITS.moves.items():
        totals[name] += share
    assert all(math.isclose(total, 1) for total in totals.values())
    assert set(totals) == {phase.name for phase in LIMITS.phases}


def test_the_season_has_twelve_months_that_add_up_to_twelve():
    assert len(LIMITS.months) == 12
    assert sum(LIMITS.months) == pytest.approx(12)


def test_the_size_standards_are_those_of_the_three_tiers():
    assert LIMITS.standards == {SizeTier.LARGE: 18, SizeTier.STANDARD: 9, SizeTier.SMALL: 5}


def test_a_warning_limit_belongs_to_a_badge():
    assert {badge for badge, _ in LIMITS.warnings} <= set(Badge)


def test_before_the_first_row_nothing_is_in_force():
    with pytest.raises(LookupError, match="no stage limits are in force on 1899-12-31"):
        limits_on(date(1899, 12, 31))


def test_the_limits_name_the_same_numbers_as_the_table():
    assert set(limits_numbers(LIMITS)) == {row.name for row in limits_table()}
    assert changed_limits(LIMITS, ()) == LIMITS


def test_a_stored_version_holds_from_its_monday_on():
    before, since = limits_on(MONDAY - timedelta(days=1), [HOLD]), limits_on(MONDAY, [HOLD])
    assert (before["hold_weeks"], before.rules_on) == (LIMITS["hold_weeks"], LIMITS.rules_on)
    assert (since["hold_weeks"], since.rules_on) == (3.0, MONDAY)


def test_the_latest_version_that_names_a_number_wins_whatever_order_they_come_in():
    assert limits_on(MONDAY + timedelta(weeks=9), [LATER, HOLD])["hold_weeks"] == 5.0


def test_a_version_leaves_the_numbers_it_does_not_name():
    window = RuleVersion(MONDAY + timedelta(weeks=1), (RuleValue("limits", "window_weeks", 6.0),))
    limits = limits_on(window.valid_from, [HOLD, window])
    assert (limits["hold_weeks"], limits["window_weeks"]) == (3.0, 6.0)


def test_every_subject_can_be_changed():
    values = (
        RuleValue("warnings", "watch_down.ratio_max", 0.5),
        RuleValue("phases", f"{LIMITS.phases[0].name}.mean_weeks", 33.0),
        RuleValue("season", "month_6", 1.0),
        RuleValue("size_standards", "A", 21.0),
    )
    limits = limits_on(MONDAY, [RuleVersion(MONDAY, values)])
    assert limits.warnings[Badge.WATCH_DOWN, "ratio_max"] == 0.5
    assert limits.phases[0].mean_weeks == 33.0
    assert limits.standards[SizeTier.LARGE] == 21.0


def test_shares_a_version_touches_are_brought_back_to_their_sum():
    (name, following), share = next(iter(LIMITS.moves.items()))
    limits = limits_on(MONDAY, [RuleVersion(MONDAY, (RuleValue("moves", f"{name}.{following}", share + 1.0),))])
    assert sum(value for (one, _), value in limits.moves.items() if one == name) == pytest.approx(1)
    assert limits.moves[name, following] == pytest.approx((share + 1.0) / 2)


def test_a_number_the_program_no_longer_has_is_left_aside():
    limits = limits_on(MONDAY, [RuleVersion(MONDAY, (RuleValue("limits", "gone", 1.0),))])
    assert limits.values == LIMITS.values


def test_rules_over_weeks_are_those_in_force_at_first_and_each_later_version():
    weeks = [MONDAY + timedelta(weeks=number) for number in range(-2, 5)]
    rules = rules_over(weeks, [LATER, HOLD])
    assert [one.rules_on for one in rules] == [LIMITS.rules_on, MONDAY, LATER.valid_from]
    assert [one["hold_weeks"] for one in rules_by_week(weeks, rules)] == [LIMITS["hold_weeks"]] * 2 + [3.0] * 2 + [
        5.0
    ] * 3


def test_a_version_after_the_weeks_is_not_among_their_rules():
    weeks = [MONDAY - timedelta(weeks=1)]
    assert [one.rules_on for one in rules_over(weeks, [HOLD])] == [LIMITS.rules_on]
    assert [one.rules_on for one in rules_over([MONDAY + timedelta(weeks=1)], [HOLD])] == [MONDAY]


def test_the_table_prints_a_stored_row_after_the_shipped_one():
    rows = [row for row in limits_table([LATER, HOLD]) if row.key == "hold_weeks"]
    assert [(row.value, row.valid_from, row.source, row.is_stored) for row in rows[1:]] == [
        (3.0, MONDAY, "calmer", True),
        (5.0, LATER.valid_from, "calmer still", True),
    ]
    assert not rows[0].is_stored
