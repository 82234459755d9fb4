import re

import pytest

from core.coaching.playbook import shipped_playbook
from core.coaching.problems import ProblemKey
from core.kpis.definitions import kpi_definitions
from core.planning.causes import (
    ANY_KPI,
    CauseGroup,
    NamedCause,
    actions_for,
    candidates,
    cause_problems,
    causes,
    closing_codes,
    find_cause,
    may_all_close,
)

ACTIONS = {action.key: action for action in shipped_playbook()}


def test_the_taxonomy_is_whole():
    assert [one.code for one in causes()] == [f"C{number:02d}" for number in range(1, 35)]
    assert {one.group for one in causes()} == set(CauseGroup)
    for one in causes():
        for words in (one.title_en, one.title_zh, one.question_en, one.question_zh, one.source):
            assert words.strip(), one.code
        assert re.search(r"[\u4e00-\u9fff]", one.title_zh + one.question_zh), one.code
        assert bool(one.hint_en) == bool(one.hint_zh), one.code
        assert one.actions or one.hint_en, one.code


def test_every_action_a_cause_names_is_in_the_playbook_and_answers_it():
    for one in causes():
        assert set(one.actions) <= ACTIONS.keys(), one.code
        assert len(set(one.actions)) == len(one.actions), one.code


def test_every_cause_the_playbook_answers_is_known():
    assert {code for action in ACTIONS.values() for code in action.causes} <= {one.code for one in causes()}


def test_insufficient_skill_offers_coaching():
    """The worked case of the channel playbook, first half."""
    first = ACTIONS[find_cause("C01").actions[0]]
    assert first.key == "targeted_drill"
    assert "C01" in first.causes


def test_blocked_invitations_offer_invitation_wording():
    """The worked case of the channel playbook, second half."""
    cause = find_cause("C02")
    assert cause.actions[0] == "repair_invitations"
    assert "C02" in ACTIONS["repair_invitations"].causes
    assert "话术" in cause.hint_zh
    assert "targeted_drill" not in cause.actions


def test_only_season_data_and_one_large_policy_close_without_action():
    assert closing_codes() == ("C26", "C27", "C28")


def wrong(code, **more):
    given = {"note": None, "adjustment": None, "action": None} | more
    return [(one.key, one.place) for one in cause_problems(code, most=300, **given)]


@pytest.mark.parametrize("code", [None, "", "C35", "c01"])
def test_a_cause_must_be_known(code):
    assert wrong(code) == [(ProblemKey.CAUSE, "cause")]


@pytest.mark.parametrize("cause", causes(), ids=lambda one: one.code)
def test_a_cause_that_asks_for_action_needs_one(cause):
    expected = [] if cause.may_close else [(ProblemKey.NO_ADJUSTMENT, "plan")]
    assert wrong(cause.code) == wrong(cause.code, adjustment="  ") == expected
    assert wrong(cause.code, adjustment="换主题") == wrong(cause.code, action="repair_invitations") == []


def test_a_miss_has_up_to_three_causes_each_but_the_first_with_what_shows_it():
    skill, few = NamedCause("C01", "两人未通过通关"), NamedCause("C04", "每周开口3次")
    assert wrong("C02", adjustment="换主题", more=(skill, few)) == []
    for more in (
        (skill, skill),
        (NamedCause("C02", "x"),),
        (skill, few, NamedCause("C05", "x")),
        (NamedCause("", "x"),),
    ):
        assert wrong("C02", adjustment="换主题", more=more) == [(ProblemKey.CAUSE, "cause")]
    assert wrong("C02", adjustment="换主题", more=(NamedCause("C01", " "),)) == [(ProblemKey.EMPTY, "cause_note")]


def test_only_causes_that_all_may_close_close_without_an_action():
    assert wrong("C26", more=(NamedCause("C27", "缺一家网点"),)) == []
    assert wrong("C26", more=(NamedCause("C01", "x"),)) == [(ProblemKey.NO_ADJUSTMENT, "plan")]
    assert may_all_close(["C26", "C28"])
    assert not may_all_close([])
    assert not may_all_close(["C26", "C01"])


def test_the_worked_case_offers_coaching_for_skill_and_invitation_wording_for_invitations():
    """Low activity rate in the channel playbook: skill leads to coaching, blocked invitations to their wording."""
    assert actions_for(["C01"])[0] == "targeted_drill"
    assert actions_for(["C02"])[0] == "repair_invitations"
    both = actions_for(["C02", "C01"])
    assert both[0] == "repair_invitations"
    assert set(both) == {*actions_for(["C01"]), *actions_for(["C02"])}
    assert len(both) == len(set(both))
    assert actions_for(["C26", "C99"]) == ()


def test_a_kpi_offers_first_the_causes_it_shows_then_those_of_any_then_the_rest():
    codes = [one.code for one in candidates("branch_activity_rate")]
    assert codes[:7] == ["C01", "C02", "C03", "C09", "C25", "C26", "C27"]
    assert codes[7:] == sorted(codes[7:])
    assert sorted(codes) == [one.code for one in causes()]
    assert [one.code for one in candidates("cooling_off_rate")][:5] == ["C11", "C13", "C20", "C26", "C27"]
    assert [one.code for one in candidates("scale_premium")][:3] == ["C28", "C26", "C27"]
    assert [one.code for one in candidates("zero_branch_rate")][:2] == ["C26", "C27"]


def test_causes_name_kpis_that_are_counted():
    known = {kpi.key for kpi in kpi_definitions()}
    for one in causes():
        assert set(one.kpis) <= known | {ANY_KPI}, one.code
        assert len(set(one.kpis)) == len(one.kpis)
    assert [one.code for one in causes() if ANY_KPI in one.kpis] == ["C26", "C27"]


def test_the_texts_hold_no_personal_data():
    found = wrong("C02", note="电话13812345678", adjustment="x" * 301)
    assert found == [(ProblemKey.PERSONAL_NUMBER, "cause_note"), (ProblemKey.TOO_LONG, "adjustment")]
