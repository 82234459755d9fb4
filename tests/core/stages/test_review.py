from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coaching.problems import Problem, ProblemKey
from core.facts import Stage, StageDecisionKind
from core.stages.review import (
    ReviewState,
    StageDecision,
    is_ending_soon,
    is_in_force,
    latest_end,
    override_problems,
    override_since,
    reason_problems,
    review_state,
    usual_end,
)
from core.stages.review_limits import review_limits_on, review_limits_table

TODAY = date(2026, 11, 25)  # a Wednesday
WEEK = date(2026, 11, 16)
KIND = StageDecisionKind


def decision(kind=KIND.OVERRIDDEN, **more):
    given = {
        "number": 1,
        "stage": Stage.MATURE if kind is not KIND.CONFIRMED else Stage.ADJUSTMENT,
        "computed_stage": Stage.ADJUSTMENT,
        "week_start": WEEK,
        "reason": "系统停机",
        "decided_on": TODAY,
        "end_on": TODAY + timedelta(days=28) if kind in {KIND.OVERRIDDEN, KIND.RENEWED} else None,
        "decided_by": "Li",
    }
    return StageDecision(kind=kind, **(given | more))


def state(latest, *, stage=Stage.ADJUSTMENT, since=date(2026, 11, 2), day=TODAY):
    return review_state(latest, stage=stage, since=since, day=day)


def problem_keys(**more):
    given = {
        "stage": Stage.MATURE,
        "computed_stage": Stage.ADJUSTMENT,
        "reason": "系统停机两周",
        "end_on": TODAY + timedelta(days=28),
        "today": TODAY,
    }
    return [(one.key, one.place) for one in override_problems(**(given | more))]


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        pytest.param(TODAY - timedelta(days=1), False, id="the day before"),
        pytest.param(TODAY, True, id="the first day"),
        pytest.param(TODAY + timedelta(days=28), True, id="the last day"),
        pytest.param(TODAY + timedelta(days=29), False, id="the day after"),
    ],
)
def test_an_override_holds_from_its_first_to_its_last_day(day, holds):
    assert is_in_force(decision(), day=day) is holds
    assert (state(decision(), day=day) is ReviewState.OVERRIDDEN) is holds


@pytest.mark.parametrize("kind", [KIND.CONFIRMED, KIND.WITHDRAWN])
def test_nothing_else_sets_a_stage(kind):
    assert not is_in_force(decision(kind), day=TODAY)
    assert not is_in_force(None, day=TODAY)


def test_a_stage_nobody_decided_about_is_proposed():
    assert state(None) is ReviewState.PROPOSED


def test_a_confirmed_stage_stays_confirmed_while_it_is_computed():
    assert state(decision(KIND.CONFIRMED)) is ReviewState.CONFIRMED
    assert state(decision(KIND.CONFIRMED), day=TODAY + timedelta(weeks=60)) is ReviewState.CONFIRMED


def test_another_computed_stage_is_a_proposal_again():
    assert state(decision(KIND.CONFIRMED), stage=Stage.SLUMP) is ReviewState.PROPOSED


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        pytest.param(WEEK, ReviewState.CONFIRMED, id="began in the week that was confirmed"),
        pytest.param(WEEK + timedelta(weeks=1), ReviewState.PROPOSED, id="began after it: left and come back"),
        pytest.param(date(2025, 1, 6), ReviewState.CONFIRMED, id="a corrected history began earlier"),
    ],
)
def test_a_stage_that_was_left_and_came_back_is_a_proposal_again(since, expected):
    assert state(decision(KIND.CONFIRMED), since=since) is expected


def test_a_withdrawn_or_expired_override_leaves_a_proposal():
    assert state(decision(KIND.WITHDRAWN)) is ReviewState.PROPOSED
    assert state(decision(end_on=TODAY - timedelta(days=1))) is ReviewState.PROPOSED


def test_a_renewed_override_began_with_the_first_of_its_row():
    rows = (
        decision(KIND.RENEWED, number=5, decided_on=date(2026, 11, 20)),
        decision(KIND.RENEWED, number=4, decided_on=date(2026, 11, 1)),
        decision(number=3, decided_on=date(2026, 10, 5)),
        decision(KIND.WITHDRAWN, number=2, decided_on=date(2026, 9, 1)),
        decision(number=1, decided_on=date(2026, 8, 1)),
    )
    assert override_since(rows, day=TODAY) == date(2026, 10, 5)
    assert override_since(rows, day=TODAY + timedelta(days=29)) is None
    assert override_since((), day=TODAY) is None
    assert override_since(rows[3:], day=TODAY) is None


def test_four_weeks_are_offered_and_thirteen_are_the_most():
    assert usual_end(TODAY) == date(2026, 12, 23)
    assert latest_end(TODAY) == date(2027, 2, 24)


@pytest.mark.parametrize(
    ("end_on", "found"),
    [
        pytest.param(TODAY - timedelta(days=1), [(ProblemKey.DUE_IN_PAST, "end_on")], id="yesterday"),
        pytest.param(TODAY, [], id="today alone"),
        pytest.param(TODAY + timedelta(weeks=13), [], id="thirteen weeks"),
        pytest.param(TODAY + timedelta(weeks=13, days=1), [(ProblemKey.TOO_FAR, "end_on")], id="a day more"),
    ],
)
def test_an_override_ends_within_thirteen_weeks_and_not_in_the_past(end_on, found):
    assert problem_keys(end_on=end_on) == found


def test_what_is_too_far_says_until_when():
    found = override_problems(
        stage=Stage.MATURE, computed_stage=Stage.SLUMP, reason="x", end_on=date(2028, 1, 1), today=TODAY
    )
    facts = {"day": date(2028, 1, 1), "weeks": 13, "last": date(2027, 2, 24)}
    assert found == (Problem(ProblemKey.TOO_FAR, "end_on", facts),)


def test_an_override_names_another_stage_than_the_computed_one():
    assert problem_keys(stage=Stage.ADJUSTMENT) == [(ProblemKey.SAME_STAGE, "stage")]
    assert problem_keys(stage=None) == [(ProblemKey.EMPTY, "stage")]


@pytest.mark.parametrize(
    ("reason", "key"),
    [
        ("", ProblemKey.EMPTY),
        ("   ", ProblemKey.EMPTY),
        ("长" * 301, ProblemKey.TOO_LONG),
        ("客户电话13812345678", ProblemKey.PERSONAL_NUMBER),
        ("网点收了礼品", ProblemKey.FORBIDDEN_WORD),
    ],
)
def test_a_reason_is_needed_short_and_clean(reason, key):
    assert [one.key for one in reason_problems(reason, today=TODAY)] == [key]
    assert problem_keys(reason=reason)[0][0] is key


def test_the_longest_reason_is_taken():
    assert reason_problems("长" * 300, today=TODAY) == ()


@pytest.mark.parametrize(("days", "soon"), [(0, True), (14, True), (15, False)])
def test_the_last_two_weeks_are_soon(days, soon):
    assert is_ending_soon(TODAY + timedelta(days=days), day=TODAY) is soon


@given(st.sampled_from(list(KIND)), st.integers(-40, 40), st.integers(0, 91), st.integers(-60, 200))
def test_whatever_was_decided_a_stage_is_in_one_state_and_time_alone_confirms_nothing(kind, start, length, later):
    begun = TODAY + timedelta(days=start)
    end_on = begun + timedelta(days=length) if kind in {KIND.OVERRIDDEN, KIND.RENEWED} else None
    found = state(decision(kind, decided_on=begun, end_on=end_on), day=TODAY + timedelta(days=later))
    if kind is KIND.CONFIRMED:
        assert found is ReviewState.CONFIRMED
    elif end_on and begun <= TODAY + timedelta(days=later) <= end_on:
        assert found is ReviewState.OVERRIDDEN
    else:
        assert found is ReviewState.PROPOSED


def test_the_limits_are_dated_rows_with_unit_and_source_in_both_languages():
    rows = review_limits_table()
    assert len({(row.key, row.valid_from) for row in rows}) == len(rows)
    for row in rows:
        for english, chinese in ((row.title_en, row.title_zh), (row.unit, row.unit_zh), (row.source, row.source_zh)):
            assert english.isascii(), row
            assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), row
    limits = review_limits_on(TODAY)
    assert (limits.override_most_weeks, limits.override_usual_weeks) == (13, 4)


def test_before_the_first_row_no_limits_are_in_force():
    with pytest.raises(LookupError, match="1899-12-31"):
        review_limits_on(date(1899, 12, 31))
