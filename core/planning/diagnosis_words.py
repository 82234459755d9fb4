"""Words of the diagnosis of a gap in two languages: how it stands, how far a figure is from another one."""

from core.kpis.definitions import KpiDefinition, kpi_definition
from core.kpis.words import DASH, figure_text, money_text
from core.language import Language, text
from core.planning.causes import find_cause
from core.planning.diagnosis import DiagnosisState, Gap

STATE_LABELS: dict[DiagnosisState, str] = {
    DiagnosisState.OVERDUE: "Review overdue",
    DiagnosisState.REVIEW_DUE: "Review due",
    DiagnosisState.OPEN: "Actions run",
    DiagnosisState.CLOSED: "Reviewed",
    DiagnosisState.NO_ACTION: "Closed, no action",
}


def diagnosis_state_word(language: Language, state: DiagnosisState) -> str:
    """Return how a diagnosis stands."""
    return text(language, STATE_LABELS[state])


def difference_text(difference: float | None, kpi: KpiDefinition, language: Language) -> str:
    """Return a difference of two figures with its sign, shares in points; a dash where it cannot be said."""
    if difference is None:
        return DASH
    if kpi.unit == "share":
        return text(language, "{points} points", points=f"{difference * 100:+.1f}")
    if kpi.unit == "cny":
        sign = "-" if difference < 0 else "+"
        return f"{sign}{money_text(abs(difference), language)}"
    if kpi.unit == "ratio" or not kpi.is_total:
        return f"{difference:+,.2f}"
    return f"{difference:+,.0f}"


def gap_sentence(language: Language, gap: Gap) -> str:
    """Return a gap on one line: the figure, what was due, and how far they are apart."""
    kpi = kpi_definition(gap.kpi)
    return text(
        language,
        "{kpi}: {actual} against {due} ({difference})",
        kpi=kpi.words(language).title,
        actual=figure_text(gap.actual, kpi, language),
        due=figure_text(gap.due, kpi, language),
        difference=difference_text(gap.difference, kpi, language),
    )


def season_sentence(language: Language, gap: Gap) -> str:
    """Return what is left of a gap once season and working days are taken out."""
    if gap.season_difference is None or gap.level is None:
        return text(language, "Less than half a year of own data: what the season does to this figure cannot be said.")
    kpi = kpi_definition(gap.kpi)
    facts = {
        "level": figure_text(gap.level, kpi, language),
        "difference": difference_text(gap.season_difference, kpi, language),
    }
    if gap.is_low_in_season:
        return text(
            language,
            "Season and working days taken out, the own level of the year before gives {level} in these days: the "
            "figure differs by {difference}. The season does not explain it.",
            **facts,
        )
    return text(
        language,
        "Season and working days taken out, the own level of the year before gives {level} in these days: the figure "
        "is no worse ({difference}). The season, or a target above the own level, may explain the gap.",
        **facts,
    )


def causes_word(language: Language, codes: list[str]) -> str:
    """Return some causes on one line, each by code and name."""
    found = [find_cause(code) for code in codes]
    return ("；" if language == "zh" else "; ").join(
        f"{one.code} {one.title(language)}" if one else code for one, code in zip(found, codes, strict=True)
    )
