from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coaching.playbook import find_action, shipped_playbook
from core.coaching.suggestion import CadenceGap, CoachingCase, PastAction, suggestions
from core.facts import Badge, StaffRole, Stage, SuggestionState

PLAYBOOK = shipped_playbook()
TODAY = date(2026, 11, 18)  # a Wednesday; its week began on the 16th
DONE, TAKEN, DISMISSED = SuggestionState.DONE, SuggestionState.TAKEN, SuggestionState.DISMISSED


def case(stage=Stage.GROWTH, **more):
    return CoachingCase(**({"as_of": TODAY, "stage": stage, "stage_since": date(2026, 9, 7)} | more))


def codes(given_case, playbook=PLAYBOOK):
    return [found.action.code for found in suggestions(playbook, given_case)]


def reason_of(given_case, code):
    return next(
        (found.reason_key, dict(found.facts))
        for found in suggestions(PLAYBOOK, given_case)
        if found.action.code == code
    )


def test_a_branch_without_warnings_gets_the_first_five_steps_of_its_stage():
    assert codes(case()) == ["GR01", "GR02", "GR03", "GR04", "GR05"]
    assert reason_of(case(), "GR01") == ("stage_basic", {"stage": "growth", "weeks": 10})


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_fills_the_list_of_five(stage):
    found = suggestions(PLAYBOOK, case(stage))
    assert len(found) == 5
    assert all(stage in one.action.stages for one in found)


def test_what_answers_a_warning_comes_first_and_says_so():
    single = case(badges=[Badge.SINGLE_SELLER])
    assert codes(single) == ["GR04", "GR09", "GR01", "GR02", "GR03"]
    assert reason_of(single, "GR04") == ("badge", {"badge": "single_seller"})


def test_one_warning_fills_at_most_two_places():
    chosen = suggestions(PLAYBOOK, case(badges=[Badge.SINGLE_SELLER]))
    assert sum(one.facts.get("badge") == "single_seller" for one in chosen) == 2


def test_a_warning_may_bring_an_action_of_another_stage():
    left = case(badges=[Badge.KEY_PERSON_LEFT])
    assert codes(left)[:2] == ["AD02", "SU06"]


def test_a_handover_is_not_suggested_where_nobody_left():
    everything_else_done = [PastAction(one.key, DONE, TODAY) for one in PLAYBOOK if one.code != "AD02"]
    assert codes(case(Stage.ADJUSTMENT, past=everything_else_done)) == []


def test_missing_contacts_come_before_basics_and_carry_their_numbers():
    short = case(gaps=[CadenceGap(StaffRole.BRANCH_HEAD, 0, 1)])
    assert codes(short)[0] == "GR11"
    assert reason_of(short, "GR11") == ("contact_gap", {"role": "branch_head", "actual": 0, "target_min": 1})


def test_a_missed_measure_brings_the_action_back_at_once():
    failed = case(past=[PastAction("objection_clinic", DONE, TODAY - timedelta(days=1), measure_met=False)])
    assert codes(failed)[0] == "GR02"
    assert reason_of(failed, "GR02") == ("measure_missed", {"on": "2026-11-17"})


@pytest.mark.parametrize(
    ("earlier", "last", "days_ago", "reason"),
    [
        (False, True, 60, "upkeep"),
        (False, None, 60, "upkeep"),  # too early to say
        (False, True, 5, None),  # it rests like any action that was done
        (True, False, 60, "measure_missed"),
        (True, False, 5, "measure_missed"),  # though it was reached within the interval before
    ],
    ids=["reached since", "done since", "reached lately", "missed since", "missed lately"],
)
def test_how_an_action_was_done_last_decides_whether_its_measure_was_missed(earlier, last, days_ago, reason):
    on = TODAY - timedelta(days=days_ago)
    past = [
        PastAction("need_interview_drill", DONE, on, measure_met=last),
        PastAction("need_interview_drill", DONE, on - timedelta(days=9), measure_met=earlier),
    ]
    playbook = [find_action(PLAYBOOK, "need_interview_drill")]
    for order in (past, past[::-1]):
        found = suggestions(playbook, case(past=order))
        assert [one.reason_key for one in found] == ([reason] if reason else [])


def test_of_two_on_one_day_the_one_that_reached_its_measure_counts():
    past = [PastAction("need_interview_drill", DONE, TODAY - timedelta(days=60), met) for met in (True, False)]
    playbook = [find_action(PLAYBOOK, "need_interview_drill")]
    assert {suggestions(playbook, case(past=order))[0].reason_key for order in (past, past[::-1])} == {"upkeep"}


@pytest.mark.parametrize(
    ("days_ago", "is_back"),
    [(0, False), (1, False), (27, False), (28, True), (29, True)],
    ids=["today", "yesterday", "day before the end", "on the end", "after"],
)
@pytest.mark.parametrize("state", [DONE, DISMISSED])
def test_an_action_rests_for_its_interval(state, days_ago, is_back):
    playbook = [find_action(PLAYBOOK, "need_interview_drill")]
    past = [PastAction("need_interview_drill", state, TODAY - timedelta(days=days_ago), measure_met=None)]
    assert bool(suggestions(playbook, case(past=past))) is is_back


def test_an_open_action_is_never_suggested_again():
    playbook = [find_action(PLAYBOOK, "need_interview_drill")]
    assert suggestions(playbook, case(past=[PastAction("need_interview_drill", TAKEN, date(2025, 1, 1))])) == ()


@pytest.mark.parametrize(
    ("stage_since", "is_back"),
    [(date(2026, 8, 1), False), (date(2026, 8, 31), False), (date(2026, 9, 2), True)],
    ids=["same stay", "on its first day", "a new stay"],
)
def test_once_a_stay_comes_back_only_in_a_new_stay(stage_since, is_back):
    playbook = [find_action(PLAYBOOK, "change_product_approach")]
    given_case = case(
        Stage.ADJUSTMENT,
        stage_since=stage_since,
        past=[PastAction("change_product_approach", DONE, date(2026, 9, 1), measure_met=True)],
    )
    assert bool(suggestions(playbook, given_case)) is is_back


def test_an_action_done_before_comes_after_those_not_done_yet():
    past = [PastAction("need_interview_drill", DONE, date(2026, 10, 1), measure_met=True)]
    assert codes(case(past=past)) == ["GR02", "GR03", "GR04", "GR05", "GR06"]
    only = [find_action(PLAYBOOK, "need_interview_drill")]
    found = suggestions(only, case(past=past))[0]
    assert (found.reason_key, dict(found.facts)) == ("upkeep", {"on": "2026-10-01", "stage": "growth"})


@pytest.mark.parametrize(("weeks", "is_there"), [(3, False), (4, True)], ids=["week before", "first week"])
def test_an_action_waits_for_its_week(weeks, is_there):
    playbook = [find_action(PLAYBOOK, "first_micro_salon")]
    young = case(Stage.STARTUP, stage_since=date(2026, 11, 16) - timedelta(weeks=weeks))
    assert bool(suggestions(playbook, young)) is is_there


def test_what_needs_a_missing_role_is_left_out():
    only_head = case(roles_in_post=frozenset({StaffRole.BRANCH_HEAD}))
    for found in suggestions(PLAYBOOK, only_head):
        assert StaffRole.BRANCH_HEAD in found.action.bank_roles or not found.action.bank_roles
    assert "GR01" not in codes(only_head)


def test_nobody_in_post_leaves_the_insurers_own_work():
    assert codes(case(Stage.SLUMP, roles_in_post=frozenset())) == ["SL01", "SL04"]


def test_no_staff_recorded_counts_as_every_post_filled():
    assert codes(case(roles_in_post=None)) == codes(case(roles_in_post=frozenset(StaffRole)))


def test_an_action_switched_off_is_not_suggested():
    playbook = [replace(one, is_off=one.code == "GR01") for one in PLAYBOOK]
    assert "GR01" not in codes(case(), playbook)


def test_decisions_of_this_week_use_up_places_and_those_of_last_week_do_not():
    monday, sunday = date(2026, 11, 16), date(2026, 11, 15)
    decided = [PastAction("need_interview_drill", TAKEN, monday), PastAction("objection_clinic", DISMISSED, TODAY)]
    assert codes(case(past=decided)) == ["GR03", "GR04", "GR05"]
    earlier = [replace(one, on=sunday) for one in decided]
    assert codes(case(past=earlier)) == ["GR03", "GR04", "GR05", "GR06", "GR07"]


def test_an_action_done_this_week_takes_no_place():
    assert len(codes(case(past=[PastAction("need_interview_drill", DONE, TODAY, measure_met=True)]))) == 5


cases = st.builds(
    CoachingCase,
    as_of=st.just(TODAY),
    stage=st.sampled_from(Stage),
    stage_since=st.dates(date(2026, 1, 1), TODAY),
    badges=st.lists(st.sampled_from(Badge), unique=True),
    gaps=st.lists(
        st.builds(CadenceGap, st.sampled_from(StaffRole), st.integers(0, 4), st.integers(1, 5)),
        unique_by=lambda gap: gap.role,
    ),
    roles_in_post=st.none() | st.frozensets(st.sampled_from(StaffRole)),
    past=st.lists(
        st.builds(
            PastAction,
            st.sampled_from([one.key for one in PLAYBOOK]),
            st.sampled_from([DONE, TAKEN, DISMISSED]),
            st.dates(date(2026, 6, 1), TODAY),
            st.sampled_from([None, True, False]),
        ),
        max_size=20,
    ),
)


@given(cases, st.randoms())
def test_the_order_of_the_inputs_plays_no_role(given_case, chance):
    def shuffled(things):
        things = list(things)
        chance.shuffle(things)
        return things

    other = replace(
        given_case, badges=shuffled(given_case.badges), gaps=shuffled(given_case.gaps), past=shuffled(given_case.past)
    )
    assert suggestions(shuffled(PLAYBOOK), other) == suggestions(PLAYBOOK, given_case)


@given(cases)
def test_at_most_five_none_twice_each_with_a_reason(given_case):
    found = suggestions(PLAYBOOK, given_case)
    assert len(found) <= 5
    assert len({one.action.key for one in found}) == len(found)
    assert not {one.action.key for one in found} & {past.action_key for past in given_case.past if past.state is TAKEN}


def test_a_stage_set_by_hand_brings_its_own_steps_and_every_reason_of_them_says_so():
    by_hand = case(Stage.STARTUP, stage_since=date(2026, 11, 16), is_by_hand=True)
    assert codes(by_hand) == codes(replace(by_hand, is_by_hand=False))
    facts = {"stage": "startup", "weeks": 0, "stage_by_hand": "startup"}
    first = suggestions(PLAYBOOK, by_hand)[0]
    assert (first.reason_key, first.facts) == ("stage_basic", facts)


def test_an_action_of_another_stage_that_answers_a_warning_says_nothing_of_it():
    found = suggestions(PLAYBOOK, case(Stage.SLUMP, badges=[Badge.SINGLE_SELLER], is_by_hand=True))
    away = [one for one in found if Stage.SLUMP not in one.action.stages]
    assert away
    assert all("stage_by_hand" not in one.facts for one in away)


EXPIRED = SuggestionState.EXPIRED


def test_a_reason_with_an_open_action_brings_nothing_more():
    open_action = PastAction("bench_building", TAKEN, date(2026, 10, 1), reason_code="badge:single_seller")
    chosen = suggestions(PLAYBOOK, case(badges=[Badge.SINGLE_SELLER], past=[open_action]))
    assert "badge:single_seller" not in {one.reason_code for one in chosen}
    assert [one.action.code for one in chosen] == ["GR01", "GR02", "GR03", "GR04", "GR05"]


def test_missing_contacts_being_worked_on_bring_nothing_more():
    open_action = PastAction("opening_talk", TAKEN, date(2026, 10, 1), reason_code="role:branch_head")
    short = case(gaps=[CadenceGap(StaffRole.BRANCH_HEAD, 0, 1)], past=[open_action])
    assert "GR11" not in codes(short)


@pytest.mark.parametrize("state", [DONE, DISMISSED, EXPIRED])
def test_a_reason_answered_before_counts_again(state):
    past = [PastAction("bench_building", state, date(2026, 10, 1), reason_code="badge:single_seller")]
    assert codes(case(badges=[Badge.SINGLE_SELLER], past=past))[0] == "GR04"


def test_an_expired_action_rests_for_no_day_and_takes_no_place():
    past = [PastAction("need_interview_drill", EXPIRED, TODAY)]
    assert codes(case(past=past)) == ["GR01", "GR02", "GR03", "GR04", "GR05"]
