"""Figures of charts and money: as words, and as values with a number format in the reader's large units."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from core.kpis.words import DASH, money_text
from core.language import Language, text
from core.reports.pack.page import Unit
from core.review.gap_words import shown_parts

MINUS = "−"
"""The sign of figures below zero, as wide as a plus."""


def yuan_text(cny: float, language: Language) -> str:
    """Return an amount of yuan in the reader's large units, short enough for a tile whatever it is."""
    sign, amount = MINUS if cny < 0 else "", abs(cny)
    if language == "zh" and amount >= 1e8:
        unit = text(language, "100 million yuan")
        return f"{sign}{amount / 1e8:,.2f}{unit}"
    if amount >= 1e9:
        return f"{sign}¥{amount / 1e9:,.2f}B"
    return sign + money_text(amount, language)


def unit_text(value: float | None, unit: Unit, language: Language) -> str:
    """Return a figure of a chart in the reader's notation; a dash where it cannot be said."""
    if value is None:
        return DASH
    if unit == "money":
        return yuan_text(value, language)
    return f"{value:.0%}" if unit == "share" else f"{value:,.0f}"


def parts_words(parts: Sequence[int], whole: int, language: Language) -> tuple[list[str], str]:
    """Return parts of a whole, in fen, as words whose figures add up to that of the whole as it is told.

    All are told in one unit; what is lost by rounding goes to the parts that were cut most.
    """
    unit, places, form = _large_unit(max(map(abs, (*parts, whole)), default=0) / 100, language)
    step = round(unit * 100 / 10**places)
    wanted = round(whole / step)
    shown = shown_parts([Fraction(part, step) for part in parts], wanted)
    return [form(steps / 10**places) for steps in shown], form(wanted / 10**places)


def _large_unit(cny: float, language: Language) -> tuple[float, int, Callable[[float], str]]:
    """Return the unit an amount is told in, its decimals, and how so many of it are written."""

    def written(places: int, before: str, after: str) -> Callable[[float], str]:
        return lambda amount: (
            f"{MINUS if amount < 0 else ''}{before}{abs(amount):,.{places}f}{after}" if amount else zero
        )

    zero = yuan_text(0, language)
    if language == "zh":
        if cny >= 1e8:
            return 1e8, 2, written(2, "", text(language, "100 million yuan"))
        return 1e4, 1, written(1, "", text(language, "10,000 yuan"))
    if cny >= 1e9:
        return 1e9, 2, written(2, "¥", "B")
    return (1e6, 1, written(1, "¥", "M")) if cny >= 1e7 else (1e3, 1, written(1, "¥", "k"))


def scaled(value: float | None, unit: Unit, language: Language) -> float | None:
    """Return a value as it stands in the data of a chart: money in 10,000 or 1,000 yuan, anything else as it is."""
    if value is None or unit != "money":
        return value
    return value / (10_000 if language == "zh" else 1_000)


def number_format(unit: Unit) -> str:
    """Return the number format of scaled values."""
    return {"share": "0%", "count": "#,##0", "money": "#,##0.0"}[unit]
