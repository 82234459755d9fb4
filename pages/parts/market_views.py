"""The whole market in words and pictures: the season in use, the swing of each week, and a line where it is notable."""

import pyarrow as pa
import streamlit as st

from core.charts.market import market_swing_chart
from core.language.days import day_word
from core.stages.details import swing_line
from core.stages.season import LearnedSeason
from pages.parts.charts import show_chart
from pages.parts.layout import escaped, section
from pages.parts.session import current, language, t
from pages.parts.store import lab
from pages.parts.store import market as store
from pages.parts.tables import Column, show_table

YEARS_SHOWN = 3


def show_told_week() -> None:
    """Say what the whole market did in the last week, where it is worth telling."""
    week = store.find_told_week(current())
    if week is not None:
        st.markdown(escaped(swing_line(language(), week)))


def show_market() -> None:
    """Print the season index in use beside the default, and draw the swing of the whole market."""
    ask = current()
    seasons = store.learned_seasons(ask)[-YEARS_SHOWN:]
    with section(t("Season index in use")):
        st.markdown(
            t(
                "What a week is worth follows its month and its working days. Each January the months are learned from "
                "the branches that stood mature through nearly all of the two calendar years before, and drawn towards "
                "the default where few policies speak. Then they stand for the year: no new week changes them."
            )
        )
        st.markdown(
            "\n".join(f"- {escaped(_origin(season))}" for season in seasons)
            or t("Nothing is learned yet: it takes two whole calendar years of data and enough mature branches.")
        )
        default = seasons[-1].default if seasons else lab.rules_now(ask).months
        show_table(
            pa.table(
                {
                    "month": pa.array(range(1, 13), pa.int64()),
                    "default": pa.array(default, pa.float64()),
                    **{f"year_{season.year}": pa.array(season.months, pa.float64()) for season in seasons},
                }
            ),
            [
                Column("month", t("Month"), "integer", pinned=True),
                Column("default", t("Default"), "decimal"),
                *(Column(f"year_{season.year}", _learned_head(season), "decimal") for season in seasons),
            ],
            key="how_it_decides_season",
            name=t("Season index in use"),
            height="content",
        )
    with section(t("Swing of the whole market")):
        st.markdown(
            t(
                "What all branches together sold more or less than usual for the season changes what is expected of "
                "each of them in that week, as far as it is more than chance: a weak week of the whole market is not "
                "held against a branch. What lasts becomes the usual within about {weeks} weeks. A bank or region that "
                "falls by itself is named in the sentence of its branches.",
                weeks=round(lab.rules_now(ask)["market_usual_weeks"]),
            )
        )
        show_chart(
            market_swing_chart,
            store.market_weeks(ask),
            key="how_it_decides_swing",
            alt=t("By how much more or less is expected of every branch, week by week"),
            empty=t("No week is judged yet. Import policies and their weeks stand here."),
        )


def _learned_head(season: LearnedSeason) -> str:
    return t("Learned, {year}", year=season.year)


def _origin(season: LearnedSeason) -> str:
    words = {"year": season.year, "day": day_word(language(), season.learned_on), "weeks": season.weeks}
    if season.branches:
        return t(
            "{year}: learned on {day} from {weeks} weeks of {branches} mature branches, unchanged since",
            branches=season.branches,
            **words,
        )
    return t("{year}: learned on {day} from {weeks} weeks, unchanged since", **words)
