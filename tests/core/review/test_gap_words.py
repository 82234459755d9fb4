import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language import LANGUAGES
from core.review.figures import Factor, GapMeasure, GapPart, GapSplit
from core.review.gap_words import factor_text, factor_word, gap_amounts, measure_word, shown_parts


@pytest.mark.parametrize(
    ("factor", "value", "words"),
    [
        pytest.param(Factor.ACTIVE_PEOPLE, 12.0, "12", id="people"),
        pytest.param(Factor.ACTIVE_PEOPLE, 12.4, "12.4", id="people wanted"),
        pytest.param(Factor.POLICIES_PER_PERSON, 1.5, "1.50", id="policies by person"),
        pytest.param(Factor.PREMIUM_PER_POLICY, 5_000_000.0, "¥50.0k", id="fen by policy"),
        pytest.param(Factor.PREMIUM_PER_POLICY, None, "–", id="cannot be said"),
    ],
)
def test_a_factor_is_told_in_its_own_unit(factor, value, words):
    assert factor_text("en", factor, value) == words


def test_every_factor_and_measure_has_a_word_of_its_own():
    for language in LANGUAGES:
        words = [factor_word(language, factor) for factor in Factor]
        words += [measure_word(language, measure) for measure in GapMeasure]
        assert len(set(words)) == len(Factor) + len(GapMeasure)


@pytest.mark.parametrize(
    ("language", "actual", "parts", "told"),
    [
        ("zh", 0, (-88_640_00, -6_540_00, -12_440_00), ("0元", "10.8万元", ("−8.9万元", "−0.7万元", "−1.2万元"))),
        ("en", 0, (-130_540_00, -21_840_00, -355_580_00), ("¥0", "¥508.0k", ("−¥130.5k", "−¥21.9k", "−¥355.6k"))),
        ("en", 2_000_000_00, (-60_000_00, 30_000_00, 0), ("¥2.0M", "¥0", ("¥0", "¥0", "¥0"))),
    ],
)
def test_the_amounts_of_a_split_add_up_as_they_are_read(language, actual, parts, told):
    factors = (Factor.ACTIVE_PEOPLE, Factor.POLICIES_PER_PERSON, Factor.PREMIUM_PER_POLICY)
    told_of = tuple(GapPart(factor, None, None, gap) for factor, gap in zip(factors, parts, strict=True))
    split = GapSplit(actual, actual - sum(parts), told_of)
    found = gap_amounts(language, split)
    assert (found.actual, found.gap, found.parts) == told


@given(parts=st.lists(st.fractions(-1000, 1000, max_denominator=997), min_size=1, max_size=3), off=st.integers(-1, 1))
def test_shown_parts_add_up_to_what_is_shown_and_stay_near_what_they_are(parts, off):
    total = round(sum(parts)) + off
    shown = shown_parts(parts, total)
    assert sum(shown) == total
    assert all(abs(one - part) < 3 for one, part in zip(shown, parts, strict=True))
