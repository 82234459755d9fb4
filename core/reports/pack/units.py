"""Figures of charts and money: as words, and as values with a number format in the reader's large units."""

from core.kpis.words import DASH, money_text
from core.language import Language, text
from core.reports.pack.page import Unit

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


def scaled(value: float | None, unit: Unit, language: Language) -> float | None:
    """Return a value as it stands in the data of a chart: money in 10,000 or 1,000 yuan, anything else as it is."""
    if value is None or unit != "money":
        return value
    return value / (10_000 if language == "zh" else 1_000)


def number_format(unit: Unit) -> str:
    """Return the number format of scaled values."""
    return {"share": "0%", "count": "#,##0", "money": "#,##0.0"}[unit]
