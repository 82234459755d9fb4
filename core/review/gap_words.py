"""Words of the split of a gap in two languages: its factors, what it is held against, the figures of a factor."""

from core.kpis.table import FEN_PER_CNY
from core.kpis.words import DASH, money_text
from core.language import Language, text
from core.review.figures import Factor, GapMeasure

FACTOR_WORDS = {
    Factor.ACTIVE_PEOPLE: "Active people",
    Factor.POLICIES_PER_PERSON: "Policies per person",
    Factor.POLICIES: "Policies",
    Factor.PREMIUM_PER_POLICY: "Premium per policy",
}
MEASURE_WORDS = {GapMeasure.TARGET: "Target to date", GapMeasure.BASELINE: "Own ordinary period"}


def factor_word(language: Language, factor: Factor) -> str:
    """Return what a factor of premium is called."""
    return text(language, FACTOR_WORDS[factor])


def measure_word(language: Language, measure: GapMeasure) -> str:
    """Return what premium is held against."""
    return text(language, MEASURE_WORDS[measure])


def factor_text(language: Language, factor: Factor, value: float | None) -> str:
    """Return a value of a factor in the reader's notation; a dash where it cannot be said."""
    if value is None:
        return DASH
    if factor is Factor.PREMIUM_PER_POLICY:
        return money_text(value / FEN_PER_CNY, language)
    if factor is Factor.POLICIES_PER_PERSON:
        return f"{value:,.2f}"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
