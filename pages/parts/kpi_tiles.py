"""KPIs as tiles: the figure, its change against the period before, its target, its definition."""

from collections.abc import Sequence

import streamlit as st

from core.facts import Badge
from core.kpis.words import DASH, figure_text
from core.language import Language
from core.language.labels import label
from core.overview import FEW, PERIOD_WEEKS, KpiFigure, WatchSign
from pages.parts.session import language, t

TILE_PIXELS = 171
"""Two in a row on a phone, four beside the menu on a laptop."""


def show_kpis(figures: Sequence[KpiFigure]) -> None:
    """Draw one tile a KPI, as many in a row as fit; what it means and was before stands behind the question mark."""
    shown_language = language()
    with st.container(horizontal=True, gap="small"):
        for figure in figures:
            change = change_text(figure)
            is_moved = change is not None and any(digit in change for digit in "123456789")
            st.metric(
                figure.definition.words(shown_language).title,
                _now(figure, shown_language),
                change or DASH,
                delta_color=("inverse" if figure.definition.good == "down" else "normal") if is_moved else "off",
                delta_arrow="auto" if is_moved else "off",
                delta_description=_counts(figure),
                help=_meaning(figure, shown_language),
                width=TILE_PIXELS,
            )


def change_text(figure: KpiFigure) -> str | None:
    """Return the change against the period before: points of a share, else per cent; None where unknown."""
    if figure.now is None or figure.before is None:
        return None
    if figure.definition.unit == "share":
        return t("{points} points", points=f"{(figure.now - figure.before) * 100:+.1f}")
    return f"{figure.now / figure.before - 1:+.0%}" if figure.before > 0 else None


def _now(figure: KpiFigure, language: Language) -> str:
    """Return the figure with its target beside it; target and unit are small, so that all tiles are of one height."""
    now = figure_text(figure.now, figure.definition, language, unit=" :small[{}]")
    if figure.target is None:
        return now
    target = t("Target {target}", target=figure_text(figure.target, figure.definition, language))
    return f"{now} :small[:gray[{target}]]"


def _counts(figure: KpiFigure) -> str | None:
    """Return the counts behind a share where they are few, as one branch then moves it much."""
    if figure.definition.unit != "share" or not 0 < figure.denominator < FEW:
        return None
    return t("{count} of {all}", count=f"{figure.numerator:.0f}", all=f"{figure.denominator:.0f}")


def _meaning(figure: KpiFigure, language: Language) -> str:
    words = figure.definition.words(language)
    parts = [f"**{words.formula}**", words.numerator, words.denominator, words.edge]
    if figure.before is not None:
        before = figure_text(figure.before, figure.definition, language)
        parts.insert(0, t("{weeks} weeks before: {before}", weeks=PERIOD_WEEKS, before=before))
    return "  \n".join(parts)


def show_watch_signs(signs: Sequence[WatchSign]) -> None:
    """Draw the three known troubles of the trade in one line: how many branches carry the mark of each."""
    shown_language, heading = language(), t("Three signs to watch")
    counts = [f"{_trouble(sign.badge)} **{sign.branches:,}**" for sign in signs]
    marks = [
        f"{_trouble(sign.badge)}: " + t("Branches with the mark “{mark}”", mark=label(shown_language, sign.badge))
        for sign in signs
    ]
    st.markdown(" · ".join([f"**{heading}**", *counts]), help="  \n".join(marks))


def _trouble(badge: Badge) -> str:
    match badge:
        case Badge.KEY_PERSON_LEFT:
            return t("Staff change")
        case Badge.LOW_PLATEAU:
            return t("People do not fit the branch")
        case _:
            return t("Sells only with events")
