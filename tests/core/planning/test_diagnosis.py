from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coaching.actions import Owner
from core.coaching.problems import ProblemKey
from core.kpis.definitions import kpi_definitions
from core.planning.causes import causes, closing_codes, find_cause
from core.planning.diagnosis import (
    DiagnosedCause,
    DiagnosisEntry,
    DiagnosisState,
    Gap,
    GapDiagnosis,
    change_problems,
    closing_problems,
    diagnosis_problems,
    gap_of,
    latest_review_on,
    state_on,
    usual_due_on,
    usual_review_on,
)
from core.planning.rules import plan_rules_on
from core.review.figures import KpiCard
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope, ScopeKind

TODAY = date(2026, 11, 2)
DAY = timedelta(days=1)
EAST = ReviewScope(ScopeKind.REGION, "东区分公司")
OWNERS = (Owner("manager", "Manager"), Owner("li", "Li"))
GAP = Gap(
    kpi="branch_activity_rate",
    kind=PeriodKind.MONTH,
    start=date(2026, 10, 1),
    end=date(2026, 10, 31),
    counted_to=date(2026, 10, 31),
    actual=0.42,
    target=0.6,
    due_share=1.0,
    level=0.5,
)
CASE = (
    DiagnosedCause("C02", "九家到场率不到40%", "repair_invitations", tuple(range(1, 10)), "换主题"),
    DiagnosedCause("C01", "五家无人通过通关", "targeted_drill", tuple(range(10, 15))),
)
ENTRY = DiagnosisEntry(
    gap=GAP,
    scope=EAST,
    branch_id=None,
    causes=CASE,
    owner="manager",
    due_on=TODAY + 14 * DAY,
    expected="四周后活动率到50%",
    review_on=TODAY + 28 * DAY,
)
STORED = GapDiagnosis(
    diagnosis_id=1,
    scope=EAST,
    branch_id=None,
    branch_code=None,
    branch_name=None,
    gap=GAP,
    causes=CASE,
    owner="manager",
    due_on=ENTRY.due_on,
    expected=ENTRY.expected,
    review_on=ENTRY.review_on,
    state=DiagnosisState.OPEN,
    decided_on=TODAY,
    closed_on=None,
    result=None,
    lesson=None,
    now=None,
    version=1,
)


def card(**more):
    given = {"value": 0.42, "numerator": 42.0, "denominator": 100.0, "target": 0.6, "baseline": 0.5} | more
    return KpiCard("branch_activity_rate", GAP.start, GAP.end, GAP.counted_to, **given)


def wrong(entry=ENTRY, **more):
    return [(one.key, one.place) for one in diagnosis_problems(replace(entry, **more), OWNERS, today=TODAY)]


def test_the_gap_of_a_card_is_held_against_what_was_due_and_against_the_own_level():
    assert gap_of(card(), PeriodKind.MONTH) == GAP
    assert GAP.difference == pytest.approx(-0.18)
    assert GAP.season_difference == pytest.approx(-0.08)
    assert GAP.is_gap
    assert GAP.is_low_in_season
    assert GAP.days == 31
    half = gap_of(card(time_share=0.8), PeriodKind.MONTH)
    assert half is not None
    assert half.due == pytest.approx(0.48)
    assert half.difference == pytest.approx(-0.06)
    unknown = replace(GAP, level=None)
    assert unknown.season_difference is None
    assert unknown.is_low_in_season is None
    assert not replace(GAP, level=0.42).is_low_in_season


@pytest.mark.parametrize("more", [{"value": None}, {"target": None}, {"value": 0.6}, {"value": 0.7}])
def test_without_a_figure_or_a_target_or_on_the_right_side_there_is_no_gap(more):
    assert gap_of(card(**more), PeriodKind.MONTH) is None


def test_without_data_there_is_no_gap():
    assert gap_of(replace(card(), data_to=None), PeriodKind.MONTH) is None
    assert gap_of(replace(card(), data_to=GAP.start - DAY), PeriodKind.MONTH) is None
    later = gap_of(replace(card(), data_to=GAP.end + DAY), PeriodKind.MONTH)
    assert later is not None
    assert later.counted_to == GAP.end


def test_a_figure_that_should_be_low_has_its_gap_above_the_target():
    high = replace(GAP, kpi="cooling_off_rate", actual=0.08, target=0.05, level=0.09)
    assert high.is_gap
    assert not high.is_low_in_season
    assert not replace(high, actual=0.05).is_gap


@given(
    kpi=st.sampled_from([kpi.key for kpi in kpi_definitions()]),
    target=st.floats(0.01, 100),
    away=st.floats(0.001, 100),
    share=st.floats(0.1, 1),
)
def test_a_figure_is_a_gap_on_one_side_of_what_was_due_only(kpi, target, away, share):
    of = replace(GAP, kpi=kpi, target=target, due_share=share)
    assert replace(of, actual=of.due - away).is_gap != replace(of, actual=of.due + away).is_gap
    assert not replace(of, actual=of.due).is_gap


def test_the_worked_case_of_the_playbook_can_be_stored():
    """42 % of 60 %: nine branches with blocked invitations, five without skill, review in four weeks."""
    assert wrong() == []
    assert not ENTRY.is_no_action
    assert usual_review_on(TODAY) == TODAY + 28 * DAY
    assert TODAY < usual_due_on(TODAY) < usual_review_on(TODAY) < latest_review_on(TODAY)


def test_skill_offers_coaching_and_invitations_offer_their_wording():
    """R75: what is chosen in the diagnosis decides what is offered; an action of another cause is refused."""
    assert find_cause("C01").actions[0] == "targeted_drill"
    assert find_cause("C02").actions[0] == "repair_invitations"
    swapped = (replace(CASE[0], action="targeted_drill"), replace(CASE[1], action="repair_invitations"))
    assert wrong(causes=swapped) == [(ProblemKey.NOT_A_CHOICE, "plan_action")] * 2


def test_none_of_the_three_parts_may_be_skipped():
    """R74: gap analysis, cause diagnosis, plan adjustment."""
    assert wrong(gap=replace(GAP, actual=0.6)) == [(ProblemKey.NO_GAP, "diagnosis_gap")]
    assert wrong(causes=()) == [(ProblemKey.CAUSE, "cause")]
    idle = tuple(replace(one, action=None, branch_ids=(), words=" ") for one in CASE)
    assert wrong(causes=idle) == [(ProblemKey.NO_ADJUSTMENT, "plan")]


@pytest.mark.parametrize("codes", [["C35"], [""], ["C01", "C01"], ["C01", "C02", "C03", "C04"]])
def test_causes_are_one_to_three_different_known_ones(codes):
    assert wrong(causes=tuple(DiagnosedCause(code, "x", words="x") for code in codes)) == [(ProblemKey.CAUSE, "cause")]


def test_three_causes_are_enough_and_each_says_what_shows_it():
    three = (*CASE, DiagnosedCause("C04", "每周开口两天"))
    assert wrong(causes=three) == []
    assert wrong(causes=(*CASE, DiagnosedCause("C04", "  "))) == [(ProblemKey.EMPTY, "cause_note")]


@pytest.mark.parametrize("cause", causes(), ids=lambda one: one.code)
def test_only_season_data_and_one_large_policy_close_a_gap_without_an_action(cause):
    found = wrong(causes=(DiagnosedCause(cause.code, "x"),), owner="", expected="")
    assert found == ([] if cause.code in ("C26", "C27", "C28") else [(ProblemKey.NO_ADJUSTMENT, "plan")])
    assert (cause.code in closing_codes()) == (found == [])
    both = (DiagnosedCause(cause.code, "x"), DiagnosedCause("C01" if cause.code != "C01" else "C02", "x"))
    assert wrong(causes=both) == [(ProblemKey.NO_ADJUSTMENT, "plan")]


def test_an_action_needs_branches_and_not_too_many():
    assert wrong(causes=(replace(CASE[0], branch_ids=()),)) == [(ProblemKey.EMPTY, "diagnosis_branches")]
    most = plan_rules_on(TODAY).diagnosis_branches_max
    assert wrong(causes=(replace(CASE[0], branch_ids=tuple(range(most))),)) == []
    assert wrong(causes=(replace(CASE[0], branch_ids=tuple(range(most + 1))),)) == [
        (ProblemKey.TOO_MANY_BRANCHES, "diagnosis_branches")
    ]


def test_words_alone_are_an_adjustment_but_hold_no_personal_number():
    alone = replace(CASE[0], action=None, branch_ids=(), words="与支行谈政策")
    assert wrong(causes=(alone,)) == []
    assert wrong(causes=(replace(alone, words="电话13812345678"),)) == [(ProblemKey.PERSONAL_NUMBER, "adjustment")]


LAST = latest_review_on(TODAY)


@pytest.mark.parametrize(
    ("due_on", "review_on", "found"),
    [
        (TODAY - DAY, TODAY + DAY, [(ProblemKey.DUE_IN_PAST, "decision_due")]),
        (TODAY, TODAY + DAY, []),
        (TODAY, TODAY, [(ProblemKey.REVIEW_BEFORE_DUE, "diagnosis_review")]),
        (LAST - DAY, LAST, []),
        (LAST, LAST, [(ProblemKey.REVIEW_BEFORE_DUE, "diagnosis_review")]),
        (TODAY, LAST + DAY, [(ProblemKey.TOO_FAR, "diagnosis_review")]),
    ],
)
def test_the_review_lies_after_the_actions_and_not_too_far_ahead(due_on, review_on, found):
    assert wrong(due_on=due_on, review_on=review_on) == found


def test_an_action_has_an_owner_who_sees_the_gap_and_an_expected_effect():
    assert wrong(owner="wu") == [(ProblemKey.NOT_A_CHOICE, "decision_owner")]
    assert wrong(expected=" ") == [(ProblemKey.EMPTY, "diagnosis_expected")]


@pytest.mark.parametrize(
    ("away", "state"),
    [
        (-1, DiagnosisState.OPEN),
        (0, DiagnosisState.REVIEW_DUE),
        (7, DiagnosisState.REVIEW_DUE),
        (8, DiagnosisState.OVERDUE),
    ],
)
def test_a_review_is_due_from_its_day_on_and_overdue_a_week_later(away, state):
    day = date(2026, 11, 30)
    assert state_on(day, is_closed=False, today=day + away * DAY) is state
    assert state_on(day, is_closed=True, today=day + away * DAY) is DiagnosisState.CLOSED
    assert state_on(None, is_closed=True, today=day) is DiagnosisState.NO_ACTION


@given(review=st.dates(date(2026, 1, 1), date(2027, 1, 1)), days=st.lists(st.integers(-99, 99), min_size=2))
def test_time_alone_moves_a_diagnosis_forward_only(review, days):
    order = [DiagnosisState.OPEN, DiagnosisState.REVIEW_DUE, DiagnosisState.OVERDUE]
    passed = [order.index(state_on(review, is_closed=False, today=review + away * DAY)) for away in sorted(days)]
    assert passed == sorted(passed)


def changed(diagnosis=STORED, *, owner="manager", review_on=ENTRY.review_on, today=TODAY):
    found = change_problems(diagnosis, OWNERS, owner=owner, review_on=review_on, today=today)
    return [(one.key, one.place) for one in found]


def test_what_stays_as_it_is_may_stay_and_what_changes_is_checked():
    late = ENTRY.review_on + 30 * DAY
    assert changed(today=late) == changed(replace(STORED, owner="gone"), owner="gone") == []
    assert changed(owner="li", review_on=ENTRY.review_on + DAY) == []
    assert changed(owner="wu") == [(ProblemKey.NOT_A_CHOICE, "decision_owner")]
    assert changed(review_on=late - DAY, today=late) == [(ProblemKey.DUE_IN_PAST, "diagnosis_review")]
    assert changed(review_on=ENTRY.due_on) == [(ProblemKey.REVIEW_BEFORE_DUE, "diagnosis_review")]
    assert changed(review_on=LAST + DAY) == [(ProblemKey.TOO_FAR, "diagnosis_review")]
    assert changed(replace(STORED, state=DiagnosisState.CLOSED)) == [(ProblemKey.DIAGNOSIS_CLOSED, "diagnosis")]


def test_closing_needs_a_result_and_a_lesson_once():
    def found(diagnosis=STORED, result="活动率51%", lesson="先约后办"):
        problems = closing_problems(diagnosis, result=result, lesson=lesson, today=TODAY)
        return [(one.key, one.place) for one in problems]

    assert found() == []
    assert found(result=" ") == [(ProblemKey.EMPTY, "diagnosis_result")]
    assert found(lesson="") == [(ProblemKey.EMPTY, "diagnosis_lesson")]
    assert found(lesson="x" * 301) == [(ProblemKey.TOO_LONG, "diagnosis_lesson")]
    for state in (DiagnosisState.CLOSED, DiagnosisState.NO_ACTION):
        assert found(replace(STORED, state=state)) == [(ProblemKey.DIAGNOSIS_CLOSED, "diagnosis")]
