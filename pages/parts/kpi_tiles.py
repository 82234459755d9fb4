"""KPIs as tiles: the figure, its change against the period before, its target, its definition."""

from collections.abc import Sequence

import streamlit as st

from core.facts import Badge
from core.kpis.definitions import KpiDefinition
from core.language import Language, text
from core.language.labels import label
from core.overview import FEW, PERIOD_WEEKS, KpiFigure, WatchSign
from pages.parts.session import language, t

DASH = "–"
TILE_PIXELS = 168
"""Two in a row on a phone, four beside the menu on a laptop."""
WIDE_TILE_PIXELS = 230


def show_kpis(figures: Sequence[KpiFigure]) -> None:
    """Draw one tile a KPI, as many in a row as fit."""
    shown_language = language()
    with st.container(horizontal=True, gap="small"):
        for figure in figures:
            words = figure.definition.words(shown_language)
            with st.container(width=TILE_PIXELS, gap="xxsmall"):
                st.metric(
                    words.title,
                    figure_text(figure.now, figure.definition, shown_language),
                    change_text(figure),
                    delta_color="inverse" if figure.definition.good == "down" else "normal",
                    help="  \n".join([f"**{words.formula}**", words.numerator, words.denominator, words.edge]),
                )
                st.caption(_below(figure, shown_language))


def figure_text(amount: float | None, kpi: KpiDefinition, language: Language) -> str:
    """Return a figure in the reader's notation; a dash where it cannot be said."""
    if amount is None:
        return DASH
    if kpi.unit == "share":
        return f"{amount:.1%}"
    if kpi.unit == "cny":
        return money_text(amount, language)
    if kpi.unit == "ratio":
        return f"1 : {1 / amount:.1f}" if amount > 0 else DASH
    return f"{amount:,.0f}" if kpi.is_total else f"{amount:,.2f}"


def money_text(cny: float, language: Language) -> str:
    """Return an amount of yuan in the reader's large units, one decimal."""
    if language == "zh":
        return text(language, "{amount} (10,000 yuan)", amount=f"{cny / 10_000:,.1f}")
    return f"¥{cny / 1_000_000:,.1f}M" if abs(cny) >= 1_000_000 else f"¥{cny / 1_000:,.1f}k"


def change_text(figure: KpiFigure) -> str | None:
    """Return the change against the period before: points of a share, else per cent; None where unknown."""
    if figure.now is None or figure.before is None:
        return None
    if figure.definition.unit == "share":
        return t("{points} points", points=f"{(figure.now - figure.before) * 100:+.1f}")
    return f"{figure.now / figure.before - 1:+.0%}" if figure.before > 0 else None


def _below(figure: KpiFigure, language: Language) -> str:
    parts = []
    if figure.target is not None:
        parts.append(t("Target {target}", target=figure_text(figure.target, figure.definition, language)))
    if figure.definition.unit == "share" and 0 < figure.denominator < FEW:
        parts.append(t("{count} of {all}", count=f"{figure.numerator:.0f}", all=f"{figure.denominator:.0f}"))
    if figure.before is not None:
        before = figure_text(figure.before, figure.definition, language)
        parts.append(t("{weeks} weeks before: {before}", weeks=PERIOD_WEEKS, before=before))
    return "  \n".join(parts) or DASH


def show_watch_signs(signs: Sequence[WatchSign]) -> None:
    """Draw the three known troubles of the trade: how many branches carry the mark of each."""
    shown_language = language()
    with st.container(horizontal=True, gap="small"):
        for sign in signs:
            mark = t("Branches with the mark “{mark}”", mark=label(shown_language, sign.badge))
            st.metric(_trouble(sign.badge), f"{sign.branches:,}", help=mark, width=WIDE_TILE_PIXELS)


def _trouble(badge: Badge) -> str:
    match badge:
        case Badge.KEY_PERSON_LEFT:
            return t("Staff change")
        case Badge.LOW_PLATEAU:
            return t("People do not fit the branch")
        case _:
            return t("Sells only with events")
