"""Words of the split of a gap in two languages: its factors, what it is held against, the figures of a factor."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.kpis.table import FEN_PER_CNY
from core.kpis.words import DASH, money_text
from core.language import Language, text
from core.review.figures import Factor, GapMeasure, GapSplit

FACTOR_WORDS = {
    Factor.ACTIVE_PEOPLE: "Active people",
    Factor.POLICIES_PER_PERSON: "Policies per person",
    Factor.POLICIES: "Policies",
    Factor.PREMIUM_PER_POLICY: "Average premium",
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


@dataclass(frozen=True)
class GapAmounts:
    """The amounts of a split in words, all in one unit; the parts have their sign and add up as they are shown."""

    actual: str
    wanted: str
    gap: str
    parts: tuple[str, ...]


def gap_amounts(language: Language, split: GapSplit) -> GapAmounts:
    """Return the amounts of a split so that what is read adds up: actual less wanted is the gap, so are its parts."""
    is_large = max(abs(split.actual_fen), abs(split.target_fen)) >= 1_000_000 * FEN_PER_CNY
    unit = 10_000 if language == "zh" else 1_000_000 if is_large else 1_000
    step = unit * FEN_PER_CNY // 10
    actual, wanted = (round(Fraction(fen, step)) for fen in (split.actual_fen, split.target_fen))
    parts = shown_parts([Fraction(part.gap_fen, step) for part in split.parts], actual - wanted)
    sign = {True: "\N{MINUS SIGN}", False: "+"}
    return GapAmounts(
        actual=_amount(language, actual, unit),
        wanted=_amount(language, wanted, unit),
        gap=_amount(language, abs(actual - wanted), unit),
        parts=tuple((sign[part < 0] if part else "") + _amount(language, abs(part), unit) for part in parts),
    )


def shown_parts(parts: Sequence[Fraction], total: int) -> list[int]:
    """Return the parts in whole numbers that add up to a total, which is near their sum.

    The largest remainders go up; what is then still missing, or too much, falls to the largest part.
    """
    floors = [part.numerator // part.denominator for part in parts]
    missing = total - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda place: (floors[place] - parts[place], place))
    with_remainder = [place for place in by_remainder if floors[place] != parts[place]]
    for place in with_remainder[: max(missing, 0)]:
        floors[place] += 1
    if floors:
        floors[max(range(len(parts)), key=lambda place: abs(parts[place]))] += total - sum(floors)
    return floors


def _amount(language: Language, tenths: int, unit: int) -> str:
    """Return tenths of a unit as `core.kpis.words.money_text` writes them."""
    if not tenths:
        return money_text(0, language)
    if language == "zh":
        return money_text(tenths * unit / 10, language)
    return f"¥{tenths / 10:,.1f}{'M' if unit == 1_000_000 else 'k'}"
