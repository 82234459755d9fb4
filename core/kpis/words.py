"""Figures of KPIs in the reader's notation, the same on screens and in files."""

from core.kpis.definitions import KpiDefinition
from core.language import Language, text

DASH = "–"


def figure_text(amount: float | None, kpi: KpiDefinition, language: Language, *, unit: str = "{}") -> str:
    """Return a figure in the reader's notation; a dash where it cannot be said; `unit` as in `money_text`."""
    if amount is None:
        return DASH
    if kpi.unit == "share":
        return f"{amount:.1%}"
    if kpi.unit == "cny":
        return money_text(amount, language, unit=unit)
    if kpi.unit == "ratio":
        return f"1 : {1 / amount:.1f}" if amount > 0 else DASH
    return f"{amount:,.0f}" if kpi.is_total else f"{amount:,.2f}"


def money_text(cny: float, language: Language, *, unit: str = "{}") -> str:
    """Return an amount of yuan in the reader's large units, one decimal; a unit that is a word in the form `unit`."""
    if cny == 0:
        return f"0{unit.format(text(language, 'Yuan'))}" if language == "zh" else "¥0"
    if language == "zh":
        wan = text(language, "10,000 yuan")
        return f"{cny / 10_000:,.1f}{unit.format(wan)}"
    return f"¥{cny / 1_000_000:,.1f}M" if abs(cny) >= 1_000_000 else f"¥{cny / 1_000:,.1f}k"
