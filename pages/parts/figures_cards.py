"""KPIs beside everything they can be held against, the card of one of them, and the rows it is made of."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.charts.review import goal_rows, goals_chart
from core.kpis.definitions import KpiDefinition, kpi_definition
from core.kpis.words import DASH, figure_text
from core.language import bracketed
from core.language.days import day_word
from core.overview import FEW
from core.planning.diagnosis import gap_of
from core.review.figures import KpiCard
from core.review.measures import measures_on
from core.review.official import reconciliation_text
from pages.parts.charts import show_chart
from pages.parts.figures_choice import FiguresChoice
from pages.parts.figures_rows import show_rows_behind
from pages.parts.kpi_views import amount_kinds
from pages.parts.layout import escaped, section
from pages.parts.navigation import open_screen
from pages.parts.session import language, t
from pages.parts.store import diagnoses, rules
from pages.parts.store import figures as store
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words


def show_cards(choice: FiguresChoice) -> None:
    """Draw the goals beside time, the table of all KPIs, and the card of the one that is picked."""
    cards = store.cards(choice.ask, choice.sight, choice.kind, choice.week_start)
    heads = measures_on(choice.week_start).goals
    goals = [card for card in cards if card.kpi in heads]
    show_chart(
        goals_chart,
        goal_rows(goals),
        key="figures_goals",
        alt=t("Share of each target that is reached, beside the share due by now"),
        empty=t("No target is set for these branches, so there is nothing to measure against."),
    )
    with section(t("Figures and what they are held against"), hint=t("Choose a row to see what it is made of")):
        if cards:
            st.caption(f"{_interval(cards[0])} · {t('Counted up to')} {_counted_to(cards[0])}")
        picked = show_table(
            _table(cards),
            [
                Column("kpi", t("KPI"), pinned=True, width="medium"),
                Column("value", t("Value")),
                Column("target", t("Target")),
                Column("attained", t("Reached"), "share"),
                Column("due", t("Due by now"), "share"),
                Column("before", t("Period before"), help=t("Over as many working days")),
                Column("peers", t("Peers"), help=_peers_help()),
                Column("baseline", t("Own level"), help=_baseline_help()),
            ],
            key="figures_cards",
            name=t("Figures and what they are held against"),
            on_select="rerun",
        )
    if picked is not None:
        _show_card(choice, cards[picked])


def _table(cards: Sequence[KpiCard]) -> pa.Table:
    words = language()
    kpis = [kpi_definition(card.kpi) for card in cards]
    rising = [(card, kpi.good == "up") for card, kpi in zip(cards, kpis, strict=True)]

    def said(name: str) -> pa.Array:
        amounts = (getattr(card, name) for card in cards)
        return pa.array(
            [figure_text(amount, kpi, words) for amount, kpi in zip(amounts, kpis, strict=True)], pa.string()
        )

    return pa.table(
        {
            "kpi": pa.array([kpi.words(words).title for kpi in kpis], pa.string()),
            "attained": pa.array([card.attainment if is_up else None for card, is_up in rising], pa.float64()),
            "due": pa.array(
                [card.time_share if is_up and card.target else None for card, is_up in rising], pa.float64()
            ),
            **{name: said(name) for name in ("value", "target", "before", "peers", "baseline")},
        }
    )


def _show_card(choice: FiguresChoice, card: KpiCard) -> None:
    kpi, words = kpi_definition(card.kpi), language()
    with section(kpi.words(words).title):
        st.markdown(
            "\n".join(
                f"- **{name}**: {escaped(value)}" for name, value in _lines(choice, card, kpi) if value is not None
            )
        )
        _offer_diagnosis(choice, card)
        top, bottom = amount_kinds(kpi)
        rows = store.rows_behind(choice.ask, choice.sight, choice.kind, choice.week_start, kpi=card.kpi, language=words)
        picked = show_table(
            rows,
            [
                Column("branch_name", t("Branch"), pinned=True, width=210),
                Column("branch_code", t("Branch code")),
                Column("supervisor", t("Supervisor"), words=supervisor_words()),
                Column("value_words", kpi.words(words).title),
                Column("numerator", t("Numerator"), top),
                Column("denominator", t("Denominator"), bottom),
                Column("target_words", t("Target")),
            ],
            key="figures_rows",
            name=kpi.words(words).title,
            empty=t("The bank gave no totals for this period."),
            on_select="rerun",
            always_picked=rows.num_rows == 1,
        )
    if picked is not None:
        show_rows_behind(choice, card, branch_code=rows["branch_code"][picked].as_py())


def _offer_diagnosis(choice: FiguresChoice, card: KpiCard) -> None:
    """Lead to the diagnosis of a gap of branches whose gaps the reader may diagnose."""
    may_diagnose = choice.scope is not None and choice.scope in diagnoses.scopes(choice.ask)
    if not may_diagnose or gap_of(card, choice.kind) is None:
        return
    if st.button(t("Diagnose this gap"), icon=":material/troubleshoot:", key=f"figures_diagnose_{card.kpi}"):
        query = {
            "gap_scope": str(choice.scope),
            "gap_branch": choice.sight.branch_code or "",
            "gap_kpi": card.kpi,
            "gap_period": choice.kind.value,
            "gap_week": choice.week_start.isoformat(),
        }
        open_screen("diagnosis", {name: value for name, value in query.items() if value})


def _lines(choice: FiguresChoice, card: KpiCard, kpi: KpiDefinition) -> list[tuple[str, str | None]]:
    """Return what the card says of a figure, name and words; None leaves a line out."""
    words = language()
    units = {"share": "%", "count": t("Number"), "cny": t("Yuan"), "ratio": "1 : x"}
    return [
        (t("Value"), _figure(card, kpi)),
        (t("Formula"), kpi.words(words).formula),
        (t("Unit"), units[kpi.unit]),
        (t("Interval"), _interval(card)),
        (t("Counted up to"), _counted_to(card)),
        (t("Target"), _target(choice, card, kpi)),
        (t("Period before"), figure_text(card.before, kpi, words)),
        (t("Peers"), _peers(card, kpi)),
        (t("Own level"), figure_text(card.baseline, kpi, words)),
        (t("Official total"), _official(card)),
        (t("Source"), t("Policies and contacts as imported or logged; a click on a branch below lists its own")),
    ]


def _interval(card: KpiCard) -> str:
    return t(
        "{start} to {end}, both included", start=day_word(language(), card.start), end=day_word(language(), card.end)
    )


def _counted_to(card: KpiCard) -> str:
    mark = " · " + t("provisional: cooling-off still runs") if card.is_provisional else ""
    return (day_word(language(), card.data_to) if card.data_to else DASH) + mark


def _figure(card: KpiCard, kpi: KpiDefinition) -> str:
    told = figure_text(card.value, kpi, language())
    if kpi.unit == "share" and 0 < card.denominator < FEW:
        return told + bracketed(
            language(), t("{count} of {all}", count=f"{card.numerator:.0f}", all=f"{card.denominator:.0f}")
        )
    return told


def _target(choice: FiguresChoice, card: KpiCard, kpi: KpiDefinition) -> str:
    if card.target is None or card.attainment is None or card.time_gap is None:
        return t("none is set")
    held = [row for row in rules.kpi_targets(choice.ask) if row.kpi == kpi.key and row.valid_from <= card.end]
    source = max(held, key=lambda row: (row.is_stored, row.valid_from)).source(language()) if held else DASH
    target = figure_text(card.target, kpi, language())
    if kpi.good == "down":
        return t("at most {target}; {source}", target=target, source=source)
    return t(
        "{target}; reached {reached}, due by now {due} ({points} points); {source}",
        target=target,
        reached=f"{card.attainment:.1%}",
        due=f"{card.time_share:.1%}",
        points=f"{card.time_gap * 100:+.1f}",
        source=source,
    )


def _peers(card: KpiCard, kpi: KpiDefinition) -> str:
    if card.peers is None:
        least = measures_on(card.end).limits.peers_min
        return t("not told: outside these, fewer than {least} branches are alike", least=least)
    figure = figure_text(card.peers, kpi, language())
    return t("{figure} ({count} branches)", figure=figure, count=f"{card.peer_branches:,}")


def _official(card: KpiCard) -> str | None:
    line = reconciliation_text(language(), card)
    return None if line is None else f"{line} · {card.official_source}"


def _peers_help() -> str:
    return t(
        "Operating branches of the same bank, region class and size outside these; where fewer than five are alike, "
        "those left over by region class and size, then by size. Never told of fewer than five. Of a total, what so "
        "many such branches would have."
    )


def _baseline_help() -> str:
    return t(
        "What the own level of the year before gives in the days counted: an ordinary week of the 52 weeks before, "
        "season and working days divided out, times what these days are worth."
    )
