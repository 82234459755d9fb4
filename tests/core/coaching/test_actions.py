from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coaching.action_limits import action_limits_on, action_limits_table
from core.coaching.actions import (
    Owner,
    assignment_problems,
    ended_with_branch_on,
    expired_on,
    expiry_of,
    is_expired,
    latest_due_on,
    reason_code,
)
from core.coaching.dismissals import (
    DismissalCount,
    dismissal_problems,
    dismissal_word,
    dismissals,
    find_dismissal,
    times_dismissed,
)
from core.coaching.problems import ProblemKey
from core.coaching.words import problem_sentence
from core.facts import SuggestionState
from core.language.days import day_word

TODAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"badge": "watch_down"}, "badge:watch_down"),
        ({"role": "teller", "actual": 0, "target_min": 1}, "role:teller"),
        ({"cause": "C05", "kpi": "K14"}, "cause:C05"),
        ({"badge": "watch_down", "role": "teller"}, "badge:watch_down"),
        ({"stage": "growth", "weeks": 3}, "step:buddy_pair"),
        ({"on": "2026-11-01"}, "step:buddy_pair"),
        ({}, "step:buddy_pair"),
    ],
    ids=["warning", "missing contacts", "cause", "warning first", "basic step", "missed measure", "nothing"],
)
def test_a_reason_is_the_warning_the_role_or_the_cause_else_the_step_itself(facts, code):
    assert reason_code("buddy_pair", facts) == code


@given(st.sampled_from(["badge", "role", "cause"]), st.sampled_from(["teller", "C05", "watch_up"]), st.integers(0, 99))
def test_numbers_of_a_reason_do_not_make_another_one(subject, word, number):
    assert reason_code("a", {subject: word}) == reason_code("b", {subject: word, "actual": number})


def test_an_action_expires_four_weeks_after_its_due_date():
    last = expiry_of(TODAY)
    assert last == TODAY + timedelta(days=28)
    taken = SuggestionState.TAKEN
    assert [is_expired(taken, last, today=last + timedelta(days=days)) for days in (-1, 0, 1)] == [False, False, True]
    assert expired_on(last) == last + timedelta(days=1)


@pytest.mark.parametrize("state", sorted(set(SuggestionState) - {SuggestionState.TAKEN}))
def test_only_an_open_action_expires(state):
    assert not is_expired(state, date(2020, 1, 1), today=TODAY)
    assert not is_expired(SuggestionState.TAKEN, None, today=TODAY)


def test_an_assignment_names_all_that_is_wrong():
    owners = [Owner("li", "Li")]
    assert assignment_problems(owners, owner="li", due_on=TODAY, today=TODAY) == []
    found = assignment_problems(owners, owner="wu", due_on=TODAY - timedelta(days=1), today=TODAY)
    assert [one.key for one in found] == [ProblemKey.DUE_IN_PAST, ProblemKey.OWNER]


def test_an_action_is_due_within_half_a_year():
    owners, last = [Owner("li", "Li")], TODAY + timedelta(days=182)
    assert latest_due_on(TODAY) == last
    assert assignment_problems(owners, owner="li", due_on=last, today=TODAY) == []
    (found,) = assignment_problems(owners, owner="li", due_on=last + timedelta(days=1), today=TODAY)
    assert (found.key, found.place, found.facts["last"]) == (ProblemKey.TOO_FAR, "due_on", last)
    said = problem_sentence("en", found)
    assert day_word("en", last) in said


def test_every_limit_has_words_unit_and_source_in_both_languages_and_holds_from_the_start():
    rows = action_limits_table()
    assert len({row.key for row in rows}) == len(rows) == 11
    assert all(row.unit and row.unit_zh and row.source and row.source_zh for row in rows)
    assert all(row.title_en and row.title_zh for row in rows)
    limits = action_limits_on(TODAY)
    assert (limits.effect_weeks, limits.effect_cases_min, limits.effect_coverage) == (8, 20, 0.95)
    with pytest.raises(LookupError):
        action_limits_on(date(1899, 12, 31))


def test_reasons_to_dismiss_are_said_in_both_languages_and_one_asks_for_words():
    assert len({one.key for one in dismissals()}) == len(dismissals()) == 7
    assert all(one.en and one.zh and one.source_en and one.source_zh for one in dismissals())
    assert [one.key for one in dismissals() if one.needs_words] == ["other"]
    assert (dismissal_word("en", "no_time"), dismissal_word("zh", "no_time")) == (
        "No time for it now",
        "当前排不出时间",
    )
    assert (dismissal_word("en", "gone"), find_dismissal("gone"), find_dismissal(None)) == ("gone", None, None)


@pytest.mark.parametrize(
    ("key", "words", "found"),
    [
        ("no_time", "", []),
        ("no_time", "下周再说", []),
        ("other", "装修", []),
        ("other", " ", [ProblemKey.EMPTY]),
        ("no_time", "客户13812345678", [ProblemKey.PERSONAL_NUMBER]),
        ("no_time", "长" * 501, [ProblemKey.TOO_LONG]),
        ("", "装修", [ProblemKey.DISMISSAL]),
        ("", "客户13812345678", [ProblemKey.DISMISSAL, ProblemKey.PERSONAL_NUMBER]),
    ],
)
def test_a_choice_may_stand_alone_another_reason_needs_words(key, words, found):
    assert [one.key for one in dismissal_problems(key, words)] == found


def test_the_counts_of_one_action_come_commonest_first():
    counts = [
        DismissalCount("a", "no_time", 1, 1, TODAY, ()),
        DismissalCount("b", "other", 9, 1, TODAY, ()),
        DismissalCount("a", "other", 2, 1, TODAY, ()),
    ]
    assert [one.dismissal for one in times_dismissed(counts, "a")] == ["other", "no_time"]


@pytest.mark.parametrize(
    ("state", "expires_in", "taken_ago", "ended_in"),
    [
        (SuggestionState.TAKEN, 0, 9, 0),  # its last day is the day the branch closed
        (SuggestionState.TAKEN, -1, 9, None),
        (SuggestionState.TAKEN, None, 9, 0),  # a decision has no last day
        (SuggestionState.TAKEN, 30, -2, 2),  # taken on before anybody knew
        (SuggestionState.DONE, 30, 9, None),
        (SuggestionState.EXPIRED, 30, 9, None),
    ],
    ids=["last day", "expired before", "no last day", "learned later", "done", "stored as expired"],
)
def test_an_open_action_ends_on_the_day_its_branch_closed(state, expires_in, taken_ago, ended_in):
    expires_on = None if expires_in is None else TODAY + timedelta(days=expires_in)
    on = ended_with_branch_on(state, expires_on, taken_on=TODAY - timedelta(days=taken_ago), closed_on=TODAY)
    assert on == (None if ended_in is None else TODAY + timedelta(days=ended_in))
