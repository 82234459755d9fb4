import pytest

from core.language import LANGUAGES
from core.review.figures import Factor, GapMeasure
from core.review.gap_words import factor_text, factor_word, measure_word


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
