from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coaching.playbook import shipped_playbook
from core.facts import Badge, Stage
from core.self_check.checks import (
    Level,
    SelfCheck,
    late_until,
    level_of,
    may_be_filled_in,
    month_to_fill,
    points_text,
    scores,
)
from core.self_check.comparison import BranchRecord, differences, things
from core.self_check.rules import ACCEPTED, NO, NONE, YES, QuestionKind, self_check_rules

RULES = self_check_rules()
KEYS = [one.key for one in RULES.questions]
ALL_GOOD = {one.key: YES for one in RULES.questions}
ANSWERS = st.fixed_dictionaries({}, optional={one.key: st.sampled_from(ACCEPTED[one.kind]) for one in RULES.questions})


NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def check_of(month, finished_on=None):
    return SelfCheck(1, 1, month, month, finished_on)


@pytest.mark.parametrize(
    ("known", "today", "month"),
    [
        ([], DECEMBER, DECEMBER),
        ([check_of(NOVEMBER)], date(2026, 11, 30), NOVEMBER),
        ([check_of(NOVEMBER)], DECEMBER, NOVEMBER),
        ([check_of(NOVEMBER)], date(2026, 12, 7), NOVEMBER),
        ([check_of(NOVEMBER)], date(2026, 12, 8), DECEMBER),
        ([check_of(NOVEMBER, date(2026, 11, 30))], DECEMBER, DECEMBER),
        ([check_of(DECEMBER), check_of(NOVEMBER)], date(2026, 12, 2), DECEMBER),
        ([check_of(date(2026, 10, 1))], DECEMBER, DECEMBER),
        ([check_of(DECEMBER)], date(2027, 1, 7), DECEMBER),
        ([check_of(DECEMBER)], date(2027, 1, 8), date(2027, 1, 1)),
    ],
)
def test_a_half_filled_check_goes_before_the_one_of_a_new_month_for_a_week(known, today, month):
    assert month_to_fill(known, today) == month
    assert month_to_fill(known, today, wants_this=True) == today.replace(day=1)
    assert may_be_filled_in(next((one for one in known if one.month_start == month), None), month, today)


def test_no_check_of_a_month_to_come_is_filled_in():
    assert not may_be_filled_in(None, DECEMBER, date(2026, 11, 30))
    assert late_until(DECEMBER) == date(2027, 1, 7)


def test_there_are_fifteen_questions_in_seven_groups_and_each_is_in_one():
    assert [f"S{number}" for number in range(1, 16)] == KEYS
    assert {one.group for one in RULES.questions} == set(RULES.groups)
    assert [one.key for one in RULES.questions if one.kind is QuestionKind.YES_NO] == ["S5", "S14"]


def test_every_action_offered_stands_in_the_playbook_and_every_difference_asks_a_question():
    codes = {one.code for one in shipped_playbook()}
    assert {code for one in RULES.questions for code in one.actions} <= codes
    assert {one.question for one in RULES.differences} <= set(KEYS)
    for rule in RULES.differences:
        assert rule.fact is None or BranchRecord().fact(rule.fact) is None


@pytest.mark.parametrize(
    ("points", "level"),
    [(5, Level.GOOD), (4.0, Level.GOOD), (3.99, Level.FAIR), (3.0, Level.FAIR), (2.99, Level.WEAK), (None, None)],
)
def test_a_mean_of_four_is_good_and_below_three_weak(points, level):
    assert level_of(points) is level


@pytest.mark.parametrize(
    ("points", "words"), [(4.25, "4.3"), (4.24, "4.2"), (4.35, "4.4"), (4, "4.0"), (11 / 3, "3.7"), (None, "–")]
)
def test_a_mean_is_told_with_one_decimal_and_a_half_goes_up_as_in_the_table_beside_it(points, words):
    assert points_text(points) == words


@pytest.mark.parametrize(("count", "has_score"), [(9, False), (10, True), (15, True)])
def test_two_thirds_of_the_answers_give_a_score(count, has_score):
    found = scores(dict.fromkeys(KEYS[:count], 4))
    assert (found.overall is not None) is has_score
    assert (found.answered, found.asked) == (count, 15)
    assert bool(found.groups) is has_score


def test_a_question_that_does_not_arise_counts_as_answered_and_is_left_out_of_the_mean():
    values = dict.fromkeys(KEYS[:10], 4) | {"S4": 2, "S6": NONE}
    found = scores(values)
    assert found.answered == 10
    assert found.groups["people"] == pytest.approx((2 + 4 + 4) / 3)  # S4, S5, S7
    assert "confidence" not in found.groups


def test_yes_is_five_and_no_is_one():
    assert scores(ALL_GOOD | {"S14": NO}).groups["compliance"] == 1
    assert scores(ALL_GOOD).overall == 5


RECORD = BranchRecord(stage=Stage.MATURE, active_sellers=1, events=0, show_up_rate=0.59, contact_attainment=0.9)


@pytest.mark.parametrize(
    ("values", "record", "keys"),
    [
        ({"S5": YES}, {"active_sellers": 1}, ["one_seller"]),
        ({"S5": YES}, {"active_sellers": 2}, []),
        ({"S5": YES}, {}, []),
        ({"S5": NO}, {"active_sellers": 1}, []),
        ({"S8": 4}, {"events": 0}, ["events_not_recorded"]),
        ({"S8": 3}, {"events": 0}, []),
        ({"S8": 4}, {"events": 1}, []),
        ({"S9": 2}, {"show_up_rate": 0.59}, ["invitations_blocked"]),
        ({"S9": 2}, {"show_up_rate": 0.6}, []),
        ({"S9": 3}, {"show_up_rate": 0.59}, []),
        ({"S13": 2}, {"contact_attainment": 0.9}, ["quality_of_contact"]),
        ({"S13": 2}, {"contact_attainment": 0.89}, []),
        ({"S13": 4}, {"contact_attainment": 0.59}, ["contacts_not_logged"]),
        ({"S13": 4}, {"contact_attainment": 0.6}, []),
        ({"S15": 4}, {"stage": Stage.ADJUSTMENT}, ["confident_but_falling"]),
        ({"S15": 4}, {"stage": Stage.MATURE, "badges": frozenset({Badge.WATCH_DOWN})}, ["confident_but_falling"]),
        ({"S15": 4}, {"stage": Stage.MATURE}, []),
        ({"S15": 2}, {"stage": Stage.GROWTH}, ["doubt_but_growing"]),
        ({"S15": 2}, {"stage": Stage.SLUMP}, []),
        ({"S3": 2}, {}, ["fee_income_talk"]),
        ({"S3": 3}, {}, []),
    ],
)
def test_answers_are_held_against_the_records(values, record, keys):
    assert [one.rule.key for one in differences(values, BranchRecord(**record))] == keys


def test_a_difference_says_the_figure_in_both_languages():
    (found,) = differences({"S13": 5}, BranchRecord(contact_attainment=0.42))
    assert "42%" in found.sentence("en")
    assert "42%" in found.sentence("zh")
    (seller,) = differences({"S5": YES}, BranchRecord(active_sellers=1))
    assert "记录中为1人" in seller.sentence("zh")


def test_the_lowest_answer_comes_first_and_the_fee_income_talk_before_all():
    found = things(ALL_GOOD | {"S1": 2, "S9": 1, "S3": 2}, shipped_playbook(), stage=Stage.GROWTH)
    assert [one.question.key for one in found] == ["S3", "S9", "S1"]
    assert [one.action.code for one in found] == ["SL10", "AD04", "GR11"]


def test_two_answers_with_the_same_first_action_offer_two_actions():
    found = things(ALL_GOOD | {"S1": 1, "S2": 1}, shipped_playbook(), stage=None)
    assert [one.action.code for one in found] == ["GR11", "AD06"]


def test_a_content_head_gets_the_first_steps_of_the_stage():
    found = things(ALL_GOOD, shipped_playbook(), stage=Stage.GROWTH)
    assert len(found) == 3
    assert all(one.question is None and Stage.GROWTH in one.action.stages for one in found)


@given(ANSWERS, st.sampled_from([None, *Stage]))
def test_there_are_at_most_three_things_and_none_twice(values, stage):
    found = things(values, shipped_playbook(), stage=stage)
    assert len(found) <= 3
    assert len({one.action.key for one in found}) == len(found)


@given(ANSWERS)
def test_means_lie_between_the_lowest_and_the_highest_answer(values):
    counted = [value for value in values.values() if value != NONE]
    found = scores(values)
    if found.overall is not None:
        assert min(counted) <= found.overall <= max(counted)
        assert all(min(counted) <= points <= max(counted) for points in found.groups.values())


@given(ANSWERS, st.sampled_from(KEYS))
def test_a_better_answer_never_lowers_a_score(values, key):
    better = values | {key: YES}
    before, after = scores(values), scores(better)
    if before.overall is not None and values.get(key, YES) != NONE and key in values:
        assert after.overall >= before.overall
