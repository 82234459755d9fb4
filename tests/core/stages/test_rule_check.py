"""What a change of the engine's numbers may be, and what is said where it may not."""

from datetime import date

import pytest

from core.facts import Stage
from core.language import LANGUAGES
from core.stages.limits import RuleValue, limits_numbers, limits_on, limits_table
from core.stages.model import StageFilter
from core.stages.rule_check import (
    LEVEL_RANGES,
    PROBLEM_TEXTS,
    RuleProblem,
    RulesRefusedError,
    checked_start,
    checked_values,
    mondays_from,
    problem_text,
    range_of,
)

LIMITS = limits_on(date(2026, 1, 1))
NUMBERS = limits_numbers(LIMITS)
TODAY = date(2026, 11, 26)
MONDAY = date(2026, 11, 23)
MATURE, SLUMP = (
    next(phase.name for phase in LIMITS.phases if phase.stage is stage) for stage in (Stage.MATURE, Stage.SLUMP)
)
PHASE = LIMITS.phases[0].name
MOVES = [key for subject, key in NUMBERS if subject == "moves" and key.startswith(f"{PHASE}.")]


def checked(*values: tuple[str, str, float]) -> dict[tuple[str, str], float]:
    found = checked_values([RuleValue(*one) for one in values], LIMITS)
    return {(one.subject, one.key): one.value for one in found}


def refusal(*values: tuple[str, str, float]) -> str:
    with pytest.raises(RulesRefusedError) as refused:
        checked(*values)
    return str(refused.value)


def test_every_number_lies_in_the_range_it_may_have():
    outside = []
    for row in limits_table():
        least, most, whole = range_of(row.name)
        if not least <= row.value <= most or (whole and not row.value.is_integer()):
            outside.append((row.name, row.value, least, most, whole))
    assert outside == []


def test_a_changed_number_comes_back_and_an_unchanged_one_does_not():
    same = ("limits", "hold_lead", LIMITS["hold_lead"])
    assert checked(("limits", "hold_weeks", 7.0), same) == {("limits", "hold_weeks"): 7.0}


@pytest.mark.parametrize(
    ("subject", "key", "least", "most"),
    [
        ("limits", "hold_lead", 0.0, 1.0),
        ("limits", "event_share", 0.0, 1.0),
        ("phases", f"{MATURE}.mean_weeks", 2.0, 400.0),
        ("phases", f"{SLUMP}.level_share", *LEVEL_RANGES[Stage.SLUMP]),
        ("season", "month_1", 0.05, 6.0),
    ],
)
def test_a_number_may_be_at_the_ends_of_its_range_and_not_beyond(subject, key, least, most):
    for value in (least, most):
        assert checked((subject, key, value))[subject, key] == value
    for value in (least - 0.001, most + 0.001, float("nan"), float("inf")):
        assert "out of range" in refusal((subject, key, value))


def test_a_refusal_names_the_number_its_value_and_what_would_be_accepted():
    title = next(row.title_en for row in limits_table() if row.key == f"{SLUMP}.level_share")
    words = refusal(("phases", f"{SLUMP}.level_share", 0.4))
    assert words == f"{title}: 0.4 is out of range; it may be 0.005 to 0.15."


def test_the_plateau_is_the_measure_and_stays():
    assert "it may be 1 to 1" in refusal(("phases", f"{MATURE}.level_share", 0.9))


def test_weeks_are_whole():
    assert "2.5 is no whole number" in refusal(("limits", "hold_weeks", 2.5))


def test_an_unknown_number_is_refused_by_name():
    assert refusal(("limits", "colour", 1.0)) == "There is no number limits.colour."


def test_a_number_is_given_once():
    assert "is given twice" in refusal(("limits", "hold_weeks", 3.0), ("limits", "hold_weeks", 4.0))


def test_no_change_at_all_is_refused():
    assert refusal() == "Nothing differs from the rules in force. Change at least one number."
    assert refusal(("limits", "hold_lead", LIMITS["hold_lead"])) == refusal()


def test_the_other_moves_of_a_phase_give_way_in_proportion():
    first, others = MOVES[0], MOVES[1:]
    found = checked(("moves", first, 0.6))
    rest = sum(NUMBERS["moves", key] for key in others)
    assert found == {("moves", first): 0.6} | {
        ("moves", key): pytest.approx(NUMBERS["moves", key] * 0.4 / rest) for key in others
    }


def test_all_moves_of_a_phase_must_add_up_to_one():
    shares = [0.5] + [0.2] * (len(MOVES) - 1)
    words = refusal(*(("moves", key, share) for key, share in zip(MOVES, shares, strict=True)))
    assert "add up to 1.1; together they make 1" in words
    low = refusal(*(("moves", key, 0.1) for key in MOVES))
    assert "none is left to take the rest" in low
    exact = [("moves", key, 1 / len(MOVES)) for key in MOVES]
    assert sum(checked(*exact).values()) == pytest.approx(1)


def test_the_months_keep_their_mean():
    found = checked(("season", "month_1", 3.0))
    assert sum((NUMBERS | found)["season", f"month_{number}"] for number in range(1, 13)) == pytest.approx(12)
    assert len(found) == 12


def test_windows_may_be_equal_but_not_the_other_way_round():
    medium = LIMITS["window_medium_weeks"]
    assert checked(("limits", "window_weeks", medium)) == {("limits", "window_weeks"): medium}
    assert "must not be above" in refusal(("limits", "window_weeks", medium + 1))


def test_limits_with_checked_values_make_a_filter():
    from core.stages.limits import RuleVersion

    values = checked_values([RuleValue("moves", MOVES[0], 0.6), RuleValue("limits", "dispersion", 3.0)], LIMITS)
    model = StageFilter(limits_on(MONDAY, [RuleVersion(MONDAY, values)]))
    assert model.transitions.sum(axis=2).max() == pytest.approx(1, abs=0.01)


def test_a_version_begins_on_a_monday_the_present_one_at_the_earliest_with_a_reason():
    assert checked_start(MONDAY, "  calmer  ", TODAY) == "calmer"
    assert mondays_from(TODAY, 2) == [MONDAY, date(2026, 11, 30)]
    for day, note, words in (
        (date(2026, 11, 24), "x", "2026-11-24 is no Monday"),
        (date(2026, 11, 16), "x", "2026-11-16 lies before the present week, which began on 2026-11-23"),
        (MONDAY, "  ", "Say why, in at most 200 characters."),
        (MONDAY, "x" * 201, "Say why, in at most 200 characters."),
    ):
        with pytest.raises(RulesRefusedError) as refused:
            checked_start(day, note, TODAY)
        assert words in str(refused.value)


def test_every_problem_has_its_words_in_both_languages():
    facts = dict.fromkeys(("key", "value", "least", "most", "sum", "total", "other", "day", "monday"), 1.5)
    name = ("limits", "hold_weeks")
    for language in LANGUAGES:
        for key in PROBLEM_TEXTS:
            words = problem_text(language, RuleProblem(key, facts, name, name))
            assert "{" not in words
            assert (language == "en") == words.isascii()


@pytest.mark.parametrize("key", ["market_branches_min", "season_branches_min"])
def test_what_is_told_of_the_market_never_rests_on_fewer_than_five_branches(key):
    assert range_of(("limits", key)) == (5, 1000, True)
