"""The numbers of a review are data: complete, dated, sourced, and answered as of a day."""

from dataclasses import replace
from datetime import date

import pytest

from core.kpis.definitions import kpi_definition
from core.review.figures import Topic
from core.review.measures import NEWEST, RegionClass, measures_of, measures_on, measures_table
from core.review.rules import meeting_rules_on, meeting_rules_table

DAY = date(2026, 11, 26)
ROWS = (*measures_table(), *meeting_rules_table())


def with_row(key, value, valid_from):
    """The rows with a later one of a key."""
    before = next(row for row in measures_table() if row.key == key)
    return (*measures_table(), replace(before, value=value, valid_from=valid_from))


def test_every_row_says_what_it_is_in_which_unit_and_from_where_in_both_languages():
    for row in ROWS:
        for english, chinese in ((row.title_en, row.title_zh), (row.unit, row.unit_zh), (row.source, row.source_zh)):
            assert english.isascii(), row
            assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese) or english == "1 or -1", row
    keys = [(row.subject, row.key, row.valid_from) for row in ROWS]
    assert len(keys) == len(set(keys))


def test_the_rows_as_shipped():
    found = measures_on(DAY)
    assert found == measures_on(NEWEST)
    assert found.limits.peers_min == 5
    assert found.limits.peer_coverage_min == 0.5
    assert found.goals == ("branch_activity_rate", "policies_per_branch", "regular_share", "scale_premium")
    assert found.region_classes == (RegionClass("large", 50), RegionClass("medium", 15), RegionClass("small", 0))
    assert found.indicators[0].kpi == "policies_per_branch"
    assert (found.rising_chances, found.falling_chances) == ({"branch_activity_rate"}, {"zero_branch_rate"})
    assert set(meeting_rules_on(DAY).lines) <= set(Topic)


def test_every_kpi_of_a_row_is_one():
    for row in measures_table():
        kind, _, kpi = row.key.partition(".")
        if kind in ("goal", "indicator", "chance"):
            assert kpi_definition(kpi)


def test_a_later_row_holds_from_its_day_on():
    rows = with_row("peers_min", 7.0, DAY)
    assert measures_of(rows, date(2026, 11, 25)).limits.peers_min == 5
    assert measures_of(rows, DAY).limits.peers_min == 7


def test_a_kpi_with_the_value_nought_is_left_out_and_comes_back():
    rows = with_row("goal.regular_share", 0.0, DAY)
    assert "regular_share" not in measures_of(rows, DAY).goals
    assert "regular_share" in measures_of(rows, date(2026, 11, 25)).goals
    rows = with_row("indicator.regular_share", 0.0, DAY)
    assert "regular_share" not in [rule.kpi for rule in measures_of(rows, DAY).indicators]


def test_before_any_row_there_is_no_answer():
    with pytest.raises(LookupError, match="measures of the review"):
        measures_on(date(1899, 12, 31))
    with pytest.raises(LookupError, match="rules of the weekly review"):
        meeting_rules_on(date(1899, 12, 31))
