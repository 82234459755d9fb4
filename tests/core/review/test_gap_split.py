from fractions import Fraction
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.review.figures import Factor, GapMeasure
from core.review.gap_split import FACTORS, Sold, gap_split, rounded, shapley, wanted_factors

PEOPLE, PER_PERSON, SIZE = FACTORS
WAN = 1_000_000
"""Fen in ten thousand yuan."""
ORDINARY = Sold(10, 20, 200 * WAN)


def gaps(split):
    return {part.factor: part.gap_fen for part in split.parts}


def test_a_gap_of_one_factor_is_that_factor_alone():
    split = gap_split(Sold(8, 16, 160 * WAN), target_fen=200 * WAN, bases=[ORDINARY])
    assert gaps(split) == {PEOPLE: -40 * WAN, PER_PERSON: 0, SIZE: 0}
    assert [(part.actual, part.wanted) for part in split.parts] == [(8, 10), (2, 2), (10 * WAN, 10 * WAN)]
    assert (split.gap_fen, split.measure) == (-40 * WAN, GapMeasure.TARGET)


def test_two_factors_that_fall_alike_share_the_gap_alike():
    split = gap_split(Sold(5, 5, 50 * WAN), target_fen=200 * WAN, bases=[ORDINARY])
    assert gaps(split) == {PEOPLE: -75 * WAN, PER_PERSON: -75 * WAN, SIZE: 0}


def test_what_one_factor_makes_up_for_is_told_as_well():
    split = gap_split(Sold(5, 20, 200 * WAN), target_fen=200 * WAN, bases=[ORDINARY])
    assert gaps(split) == {PEOPLE: -150 * WAN, PER_PERSON: 150 * WAN, SIZE: 0}


def test_a_target_above_the_usual_asks_for_more_of_each_in_equal_proportion():
    wanted = wanted_factors(ORDINARY, target_fen=1600 * WAN, bases=[ORDINARY])
    assert [float(wanted[factor]) for factor in FACTORS] == pytest.approx([20, 4, 20 * WAN])


def test_a_dated_target_of_a_factor_is_kept_and_the_others_are_stretched():
    wanted = wanted_factors(ORDINARY, target_fen=800 * WAN, bases=[ORDINARY], dated={SIZE: 10 * WAN, PEOPLE: 0})
    assert [float(wanted[factor]) for factor in FACTORS] == pytest.approx([20, 4, 10 * WAN])


def test_the_first_base_that_sold_something_gives_the_factors():
    wanted = wanted_factors(Sold(1, 1, 1), target_fen=200 * WAN, bases=[None, Sold(0, 0, 0), ORDINARY])
    assert wanted[PEOPLE] == 10
    assert wanted_factors(Sold(8, 16, 160 * WAN), target_fen=160 * WAN)[PEOPLE] == 8
    assert wanted_factors(Sold(0, 0, 0), target_fen=1) is None


def test_without_anybody_active_all_that_was_wanted_is_missing_for_want_of_people():
    split = gap_split(Sold(0, 0, -3 * WAN), target_fen=200 * WAN, bases=[ORDINARY])
    assert gaps(split) == {PEOPLE: -200 * WAN, PER_PERSON: 0, SIZE: -3 * WAN}
    assert [part.actual for part in split.parts] == [0, None, None]
    assert [part.wanted for part in gap_split(Sold(0, 0, 0), target_fen=5).parts] == [None, None, None]


def test_policies_without_a_seller_are_split_into_policies_and_their_size():
    split = gap_split(Sold(0, 10, 100 * WAN), target_fen=200 * WAN, bases=[ORDINARY])
    assert gaps(split) == {Factor.POLICIES: -100 * WAN, SIZE: 0}
    dated = gap_split(Sold(0, 10, 100 * WAN), target_fen=200 * WAN, dated={SIZE: 20 * WAN})
    assert gaps(dated) == {Factor.POLICIES: 0, SIZE: -100 * WAN}
    refunded = gap_split(Sold(0, 1, -5), target_fen=7)
    assert gaps(refunded) == {Factor.POLICIES: 0, SIZE: -12}


def test_policies_that_were_all_refunded_leave_a_gap_of_size():
    assert gaps(gap_split(Sold(2, 3, -5), target_fen=7)) == {PEOPLE: 0, PER_PERSON: 0, SIZE: -12}


@pytest.mark.parametrize("target_fen", [0, -1])
def test_nothing_wanted_is_no_gap(target_fen):
    assert gap_split(ORDINARY, target_fen=target_fen) is None


def test_remainders_go_to_the_largest_first():
    assert rounded([Fraction(1, 3), Fraction(2, 3), Fraction(0)]) == [0, 1, 0]
    assert rounded([Fraction(-1, 3), Fraction(-2, 3), Fraction(5)]) == [0, -1, 5]
    assert rounded([Fraction(1, 3)] * 3) == [1, 0, 0]


COUNTS = st.integers(0, 10_000)
BASES = st.none() | st.builds(
    Sold,
    st.floats(0, 1e4).map(lambda value: round(value, 3)),
    st.floats(0, 1e5).map(lambda value: round(value, 3)),
    st.floats(-1e9, 1e13).map(lambda value: round(value, 1)),
)


@given(
    people=COUNTS,
    policies=COUNTS,
    premium=st.integers(-(10**9), 10**13),
    target=st.integers(1, 10**13),
    base=BASES,
    dated=st.dictionaries(st.sampled_from([PEOPLE, SIZE]), st.floats(0.01, 1e8)),
)
def test_the_parts_always_add_up_to_the_gap_exactly(people, policies, premium, target, base, dated):
    actual = Sold(min(people, policies), policies, premium)
    split = gap_split(actual, target_fen=target, bases=[base], dated=dated)
    assert sum(part.gap_fen for part in split.parts) == split.gap_fen == premium - target
    wanted = [part.wanted for part in split.parts]
    if None not in wanted:
        assert prod(wanted) == pytest.approx(target, rel=1e-6)


@given(values=st.lists(st.fractions(0, 1000), min_size=6, max_size=6))
def test_factors_that_do_not_change_explain_nothing(values):
    now, wanted = values[:3], [values[0], *values[4:]]
    parts = shapley(now, wanted)
    assert parts[0] == 0
    assert sum(parts) == prod(now) - prod(wanted)
