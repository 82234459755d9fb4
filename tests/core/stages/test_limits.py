"""The numbers the engine runs on are data: complete, dated, sourced."""

import math
from collections import defaultdict
from datetime import date

import pytest

from core.facts import Badge, SizeTier, Stage
from core.stages.limits import limits_on, limits_table

LIMITS = limits_on(date(2026, 1, 1))


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
    with pytest.raises(LookupError, match="no stage limits are in force on 1999-12-31"):
        limits_on(date(1999, 12, 31))
