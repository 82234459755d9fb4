"""The KPIs of "How it decides": what each means, its targets, and the figures it is made of."""

import pyarrow as pa
import streamlit as st

from core.facts import SizeTier
from core.kpis.arithmetic import MONEY_OVER_MONEY
from core.kpis.definitions import KpiDefinition, kpi_definition, kpi_definitions
from core.kpis.words import figure_text
from core.language.days import day_word
from core.language.labels import label
from core.overview import PERIOD_WEEKS
from core.reports.tables import Kind
from pages.parts import rules_forms as forms
from pages.parts.layout import escaped, section
from pages.parts.rules_views import made_words, since_column
from pages.parts.session import current, language, t
from pages.parts.store import kpis, rules
from pages.parts.store.kpis import KpiCut
from pages.parts.tables import Column, show_table


def show_kpis() -> None:
    """Print one KPI: its definition, its targets, and the figures it is made of by unit."""
    ask, words = current(), language()
    key = st.selectbox(
        t("KPI"),
        [kpi.key for kpi in kpi_definitions()],
        format_func=lambda one: kpi_definition(one).words(words).title,
        key="how_it_decides_kpi",
    )
    kpi = kpi_definition(key)
    _show_definition(kpi)
    _show_kpi_targets(kpi)
    if forms.may_change(ask):
        forms.show_kpi_target_form()
    cuts = {"weeks": kpis.latest_cut(ask), "month": kpis.month_cut(ask)}
    with section(t("Figures by unit")):
        period_words = {"weeks": t("{weeks} weeks", weeks=PERIOD_WEEKS), "month": t("Last whole month")}
        with st.container(horizontal=True, gap="medium"):
            period = st.segmented_control(
                t("Period"),
                list(cuts),
                format_func=period_words.__getitem__,
                default="weeks",
                required=True,
                key="how_it_decides_period",
            )
            unit_words = {
                "all": t("All"),
                "region": t("Region"),
                "bank": t("Bank"),
                "supervisor": t("Supervisor"),
                "branch": t("Branch"),
            }
            by = st.segmented_control(
                t("Broken down by"),
                list(unit_words),
                format_func=unit_words.__getitem__,
                default="region",
                required=True,
                key="how_it_decides_by",
            )
        cut = cuts[period]
        if cut is None:
            st.info(t("No policies yet. Import them and the figures stand here."))
            return
        _show_figures(kpi, cut, by, unit_words[by])


def _show_definition(kpi: KpiDefinition) -> None:
    said = kpi.words(language())
    lines = [
        (t("Formula"), said.formula),
        (t("Numerator"), said.numerator),
        (t("Denominator"), said.denominator),
        (t("Edge cases"), said.edge),
        (t("Direction"), t("The more, the better") if kpi.good == "up" else t("The less, the better")),
        (t("Identifier"), f"{kpi.key} ({kpi.number})"),
    ]
    said_lines = [t("{name}: {value}", name=f"**{name}**", value=escaped(words)) for name, words in lines]
    st.markdown("\n".join(f"- {line}" for line in said_lines))
    st.caption(
        t(
            "Counts are restated: a policy cancelled in cooling-off disappears from the period it was issued in. "
            "Premium is net of the refunds of the period. Ratios of groups come from sums."
        )
    )


def _show_kpi_targets(kpi: KpiDefinition) -> None:
    words = language()
    rows = [row for row in rules.kpi_targets(current()) if row.kpi == kpi.key]
    show_table(
        pa.table(
            {
                "target": ["–" if row.target is None else figure_text(float(row.target), kpi, words) for row in rows],
                "tier": [row.tier.value if row.tier else "any" for row in rows],
                "valid_from": pa.array([row.valid_from for row in rows], pa.date32()),
                "source": [row.source(words) for row in rows],
                "made": ["stored" if row.is_stored else "shipped" for row in rows],
            }
        ),
        [
            Column("target", t("Target")),
            Column(
                "tier",
                t("Size of the branch"),
                words={"any": t("Any size"), **{tier.value: label(words, tier) for tier in SizeTier}},
            ),
            since_column(),
            Column("source", t("Source"), width="large"),
            Column("made", t("Entered"), words=made_words()),
        ],
        key="how_it_decides_kpi_targets",
        name=t("Targets of a KPI"),
        empty=t("No target yet: the company sets it."),
    )


def _show_figures(kpi: KpiDefinition, cut: KpiCut, by: str, unit: str) -> None:
    ask, words = current(), language()
    mark = " · " + t("provisional: cooling-off still runs") if cut.is_provisional else ""
    st.caption(
        t("{start} to {end}, both included", start=day_word(words, cut.start), end=day_word(words, cut.end)) + mark
    )
    rows = kpis.one_kpi(ask, cut, by, kpi.key)
    named = rows["key"].to_pylist()
    shown = rows.set_column(
        1, "key", pa.array([t("All") if by == "all" else key or t("Not given") for key in named], pa.string())
    )
    for name in ("value", "target"):
        said = [figure_text(amount, kpi, words) for amount in rows[name].to_pylist()]
        shown = shown.append_column(f"{name}_words", pa.array(said, pa.string()))
    top, bottom = amount_kinds(kpi)
    show_table(
        shown,
        [
            Column("key", unit, pinned=True, width="medium"),
            Column("value_words", kpi.words(words).title),
            Column("numerator", t("Numerator"), top),
            Column("denominator", t("Denominator"), bottom),
            Column("target_words", t("Target")),
        ],
        key=f"how_it_decides_figures_{by}",
        name=kpi.words(words).title,
        empty=t("The bank gave no totals for this period."),
    )
    if kpi.key == "premium_per_policy":
        _show_median(cut)


def amount_kinds(kpi: KpiDefinition) -> tuple[Kind, Kind]:
    """Return what numerator and denominator of a KPI hold: money or a count."""
    if kpi.key in MONEY_OVER_MONEY:
        return "money", "money"
    return ("money" if kpi.unit == "cny" else "integer"), "integer"


def _show_median(cut: KpiCut) -> None:
    found = kpis.spread(current(), cut)
    if found.median_cny is not None and found.largest_share is not None and found.largest_share > 1 / 3:
        st.info(
            t(
                "One policy makes up {share} of the premium; the median policy is {median} yuan.",
                share=f"{found.largest_share:.0%}",
                median=f"{found.median_cny:,.0f}",
            )
        )
