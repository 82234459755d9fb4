"""The sentence is true, in both languages, for every reason."""

import re
from datetime import timedelta

import numpy as np
import pytest

from core.facts import Stage
from core.language import LANGUAGES
from core.stages import outlook_text, reason_text
from core.stages.chance import chance_of_so_few, chances_of_split
from core.stages.explanation import amount_text, chance_text, policies_text
from core.stages.facts import REASONS, RowFacts
from core.stages.panel import SUSPENDED
from tests.core.stages.world import FIRST, LONG_AGO, classified, panel_of, steady

FACTS = {
    "sold": 5,
    "before": 9,
    "window": 8,
    "expected": 11.2,
    "chance": 0.031,
    "level": 1.4,
    "held": 3,
    "weeks": 41,
    "most_likely": "adjustment",
    "stage": "adjustment",
}


def test_the_sentence_of_an_adjustment_names_what_was_sold_and_what_was_expected():
    assert reason_text("en", "adjustment_below", FACTS) == (
        "5 policies in the last 8 weeks; 11 were expected at its own earlier level after allowing for the season"
        " (chance 3%); held for 3 weeks"
    )


def test_the_sentence_of_an_adjustment_in_chinese():
    assert reason_text("zh", "adjustment_below", FACTS) == (
        "最近8周出单5件；按其以往水平并考虑季节应为11件（偶然概率3%）；已保持3周"
    )


@pytest.mark.parametrize("reason_key", REASONS)
def test_every_reason_has_a_sentence_in_both_languages(reason_key):
    words = {reason_text(language, reason_key, FACTS) for language in LANGUAGES}
    assert len(words) == 2
    assert not any("{" in sentence for sentence in words)


@pytest.mark.parametrize(
    ("reason_key", "reopened", "words"),
    [
        ("startup_new", False, "in week 41 of the cooperation, too early to judge"),
        ("startup_new", True, "in week 41 since it reopened, too early to judge"),
        ("startup_waiting", False, "sales have not taken off in 41 weeks of cooperation"),
        ("startup_waiting", True, "sales have not taken off in 41 weeks since it reopened"),
        ("slump_never", False, "not one policy in 41 weeks of cooperation"),
    ],
)
def test_a_startup_says_how_long_it_has_been_going_on(reason_key, reopened, words):
    assert words in reason_text("en", reason_key, FACTS | {"reopened": reopened})


def test_weeks_are_counted_by_the_calendar_from_the_start_or_the_reopening():
    status = np.zeros((2, 60), np.int8)
    status[0, 20:40] = SUSPENDED
    start_on = FIRST - timedelta(days=4)
    history = classified(panel_of([0] * 60, [1] * 60, status=status, start_on=[start_on, FIRST]))
    weeks = RowFacts(history).weeks
    assert weeks[0, [0, 19, 40, 41]].tolist() == [2, 21, 1, 2]
    assert weeks[1, [0, 59]].tolist() == [1, 60]
    assert RowFacts(history).reopened[0, [39, 40, 59]].tolist() == [False, True, True]


def test_a_reason_nobody_knows_is_refused():
    with pytest.raises(LookupError, match="no sentence for the reason 'weather'"):
        reason_text("en", "weather", FACTS)


def test_a_stage_that_waits_is_named():
    facts = FACTS | {"stage": "mature", "most_likely": "slump"}
    assert reason_text("en", "mature_steady", facts).endswith(
        "Slump is now the most probable stage and must hold before it is shown"
    )


def test_a_movement_of_the_market_is_named():
    assert "the whole bank or region fell this week" in reason_text("en", "mature_steady", FACTS | {"market": True})


@pytest.mark.parametrize(
    ("swing", "words"),
    [
        (
            0.82,
            "; the whole market sold less than usual for the season in these weeks, so 18% less is expected",
        ),
        (1.1, "; the whole market sold more than usual for the season in these weeks, so 10% more is expected"),
    ],
)
def test_a_swing_of_the_whole_market_is_named_after_what_was_expected(swing, words):
    assert reason_text("en", "adjustment_below", FACTS | {"swing": swing}).endswith(
        f"(chance 3%){words}; held for 3 weeks"
    )
    assert words not in reason_text("en", "startup_new", FACTS | {"swing": swing})


def test_a_swing_of_the_whole_market_is_named_in_chinese():
    assert reason_text("zh", "mature_steady", FACTS | {"swing": 0.82}) == (
        "最近8周出单5件；按自身水平并考虑季节应为11件；"
        "这几周整体市场出单少于考虑季节后的平常水平，应出件数已下调18%；已保持3周"
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "no policies in the last week; in week 41 "), ("zh", "最近1周出单0件；合作第41周")],
)
def test_one_week_is_the_last_week(language, words):
    assert reason_text(language, "startup_new", FACTS | {"sold": 0, "window": 1}).startswith(words)


@pytest.mark.parametrize(
    ("outlook", "words"),
    [
        ({"weeks": 8, "down_weeks": 1, "down_stage": "slump"}, "without a policy next week it is Slump"),
        ({"weeks": 8}, "Nothing in the next 8 weeks would move it"),
        ({"weeks": 8, "down_weeks": 5, "down_stage": "slump"}, "without a policy for 5 weeks it is Slump"),
        (
            {"weeks": 8, "up_policies": 1, "up_weeks": 4, "up_stage": "growth"},
            "1 policy in the next 4 weeks and it is Growth",
        ),
    ],
)
def test_the_outlook_says_what_would_move_the_stage(outlook, words):
    assert outlook_text("en", {"outlook": outlook}) == words


def test_without_an_outlook_nothing_is_said():
    assert outlook_text("en", {}) == ""


@pytest.mark.parametrize(("number", "words"), [(0, "no policies"), (1, "1 policy"), (2, "2 policies")])
def test_policies_are_counted_in_words_that_fit(number, words):
    assert policies_text("en", number) == words


@pytest.mark.parametrize(("number", "words"), [(9.94, "9.9"), (9.95, "10"), (11.2, "11"), (0.04, "0.0")])
def test_small_expectations_keep_one_decimal(number, words):
    assert amount_text(number) == words


@pytest.mark.parametrize(("chance", "words"), [(0.0099, "< 1%"), (0.01, "1%"), (0.5, "50%")])
def test_chances_are_whole_per_cent(chance, words):
    assert chance_text(chance) == words


def test_the_numbers_of_every_sentence_are_those_of_the_rows():
    branches = [steady(90, rate, seed=seed) for seed, rate in enumerate((0.3, 0.8, 1.5, 3))]
    branches.append([*steady(50, 2, seed=9), *([0] * 40)])
    history = classified(panel_of(*branches, start_on=LONG_AGO))
    exposure = history.exposure
    for row in RowFacts(history).rows():
        week = (row.week_start - history.panel.weeks[0]).days // 7
        weeks = row.facts["window"]
        begin = week + 1 - weeks
        worth = exposure[row.branch, begin : week + 1].sum()
        assert begin >= 0
        assert row.facts["sold"] == sum(branches[row.branch][begin : week + 1])
        assert row.facts["before"] == sum(branches[row.branch][max(begin - weeks, 0) : begin])
        assert row.facts["expected"] == pytest.approx(worth * history.level[row.branch, week], abs=0.06)
        assert row.facts["held"] == (row.week_start - row.since).days // 7 + 1
        sentence = reason_text("en", row.reason_key, row.facts)
        sold = re.match(r"(no|\d+) polic", sentence)
        if sold:
            assert int(sold[1].replace("no", "0")) == row.facts["sold"]


@pytest.mark.parametrize(("rate", "window"), [(2, 8), (0.37, 13), (0.1, 26)])
def test_the_less_a_branch_sells_the_further_the_sentence_looks_back(rate, window):
    counts = (np.diff(np.floor(np.arange(105) * rate))).astype(int).tolist()
    history = classified(panel_of(counts, [3] * 104, start_on=LONG_AGO), flat=True)
    assert RowFacts(history).window[0, -1] == window


def test_the_reason_fits_the_stage_shown():
    history = classified(panel_of(steady(90, 1), [0] * 90, [1] * 20 + [2] * 70))
    prefixes = {stage: stage.value for stage in Stage}
    for row in RowFacts(history).rows():
        if row.reason_key != "short_week":
            assert row.reason_key.startswith(prefixes[row.stage])


def test_suspended_unknown_and_short_weeks_say_so():
    status = np.zeros((2, 60), np.int8)
    status[0, 30:34] = SUSPENDED
    counts = [2] * 50 + [0] * 2 + [2] * 8
    rows = RowFacts(classified(panel_of(counts, counts, status=status, start_on=LONG_AGO)))
    keys = {
        (row.branch, (row.week_start - rows.history.panel.weeks[0]).days // 7): row.reason_key for row in rows.rows()
    }
    assert keys[0, 30] == "suspended"
    assert keys[1, 50] == keys[1, 51] == "unknown_week"
    assert keys[1, 6] == "short_week"


def test_the_latest_rows_are_the_last_of_the_history():
    rows = RowFacts(classified(panel_of([1] * 30, [0] * 30, start_on=LONG_AGO)))
    assert list(rows.rows(latest_only=True)) == [
        row for row in rows.rows() if row.week_start == rows.history.panel.weeks[-1]
    ]


def test_the_expected_policies_of_a_week_are_the_own_level_times_its_season():
    history = classified(panel_of(steady(60, 2), start_on=LONG_AGO))
    rows = list(RowFacts(history).rows())
    assert rows[6].expected is None
    assert rows[50].expected == pytest.approx(history.level[0, 50] * history.exposure[0, 50], abs=0.001)


@pytest.mark.parametrize(
    ("sold", "expected", "chance"), [(0, 3.0, 0.0498), (2, 3.0, 0.4232), (-1, 3.0, 0.0), (9, 0.0, 1.0)]
)
def test_with_even_weeks_the_chance_of_so_few_is_that_of_poisson(sold, expected, chance):
    found = chance_of_so_few(np.array([sold]), np.array([expected]), 1e7)
    assert found[0] == pytest.approx(chance, abs=0.0005)


def test_uneven_weeks_make_few_policies_more_likely():
    few = [chance_of_so_few(np.array([0]), np.array([3.0]), shape)[0] for shape in (1e6, 6.0)]
    assert few[1] > few[0]


def test_the_chances_of_a_split_are_binomial():
    few, many = chances_of_split(np.array([1, 3, 0]), np.array([3, 0, 0]), np.array([0.25, 0.25, 0.5]))
    assert few == pytest.approx([0.7383, 1.0, 1.0], abs=0.0005)
    assert many == pytest.approx([0.6836, 0.0156, 1.0], abs=0.0005)


@pytest.mark.parametrize(
    ("sold", "words"),
    [
        (5, "9 policies in the weeks before, 11 for the season would be its own level"),
        (10, "9 policies in the weeks before, on the way to its own level of 11 for the season"),
        (12, "9 policies in the weeks before, its own level of 11 for the season is reached"),
    ],
)
def test_a_growth_says_whether_it_rises_falls_or_has_arrived(sold, words):
    assert words in reason_text("en", "growth_rising", {**FACTS, "sold": sold})
