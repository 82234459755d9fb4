"""Official totals of the company: the list of those entered, and the form that adds, changes or takes back one."""

from datetime import date, timedelta
from functools import partial

import pyarrow as pa
import streamlit as st

from core.coaching.problems import Problem, ProblemKey
from core.kpis.table import FEN_PER_CNY
from core.language.days import month_word
from core.review.official import AMOUNT_FIELD, OfficialMeasure, OfficialTotal
from core.review.scope import ScopeKind
from pages.parts.branch_parts import fen_of
from pages.parts.conflict import store_edit
from pages.parts.figures_choice import FiguresChoice, scope_words
from pages.parts.notices import leave_notice, show_problems, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import last_shown
from pages.parts.store import figures as store
from pages.parts.tables import Column, show_table

FORM = "official_total"
REMOVE = "official_total_remove"
MONTHS = 24


def show_official(choice: FiguresChoice) -> None:
    """List the totals and take a new one; a picked row can be taken back."""
    ask = choice.ask
    st.caption(
        t(
            "What a statement of the company says of a whole month. It stands on the card of the same KPI, branches "
            "and months, beside our figure and the difference."
        )
    )
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    known = store.official_totals(ask)
    _show_form(known)
    _show_list(known)


def _measure_words() -> dict[OfficialMeasure, str]:
    return {
        OfficialMeasure.SCALE_PREMIUM: t("Scale premium (yuan)"),
        OfficialMeasure.POLICIES: t("Net policies"),
    }


def _show_form(known: tuple[OfficialTotal, ...]) -> None:
    ask, measures = current(), _measure_words()
    units = {str(scope): scope for scope in store.scopes(ask) if scope.kind is not ScopeKind.TEAM}
    names = {key: scope_words(scope) for key, scope in units.items()}
    versions = last_shown(FORM, {(one.measure, one.scope, one.month_start): one.version for one in known})
    with st.form("official_total_form", border=True, enter_to_submit=False):
        with st.container(horizontal=True, gap="small"):
            unit = st.selectbox(
                t("Branches of"), list(units), format_func=names.__getitem__, key="official_scope", width=220
            )
            month = st.selectbox(
                t("Month"),
                _months(ask.today),
                format_func=partial(month_word, language()),
                key="official_month",
                width=130,
            )
            measure = st.selectbox(
                t("What is stated"), list(measures), format_func=measures.__getitem__, key="official_measure", width=200
            )
            amount = st.text_input(t("Amount"), key="official_amount", placeholder="12,400,000", width=170)
        source = st.text_input(t("Source"), key="official_source", placeholder=t("Which statement, of which day"))
        is_sent = st.form_submit_button(t("Save the total"), key="official_save")
    number, scope = _number_of(measure, amount or "") if is_sent else None, units[unit]
    form = f"{FORM}_{scope}_{month:%Y-%m}_{measure}"
    if store_edit(
        form,
        None if number is None else (scope, measure, month, number, source or ""),
        lambda entry, version: store.store_official(
            ask,
            scope=entry[0],
            measure=entry[1],
            month_start=entry[2],
            amount=entry[3],
            source=entry[4],
            shown_version=version,
            key=submit_key(form),
        ),
        version=versions.get((measure, scope, month), 0),
        told=lambda entry: {AMOUNT_FIELD[entry[1]]: entry[3], "source": entry[4]},
    ):
        leave_notice(FORM, t("The total of {month} is stored.", month=month_word(language(), month)))
        st.rerun()


def _number_of(measure: OfficialMeasure, amount: str) -> int | None:
    """Return what was typed in fen or policies; None, with what would be right, where it is no such number."""
    fen = fen_of(amount)
    if measure is OfficialMeasure.SCALE_PREMIUM:
        if fen is None:
            show_problems((Problem(ProblemKey.AMOUNT, "amount", {"amount": amount or "–"}),))
        return fen
    if fen is None or fen % FEN_PER_CNY:
        facts = {"value": amount or "–", "least": 0, "most": "100,000,000"}
        show_problems((Problem(ProblemKey.OUT_OF_RANGE, "amount", facts),))
        return None
    return fen // FEN_PER_CNY


def _show_list(known: tuple[OfficialTotal, ...]) -> None:
    ask, words = current(), _measure_words()
    picked = show_table(
        pa.table(
            {
                "scope": pa.array([scope_words(one.scope) for one in known], pa.string()),
                "month": pa.array([one.month_start for one in known], pa.date32()),
                "measure": pa.array([words[one.measure] for one in known], pa.string()),
                "amount": pa.array([_amount(one) for one in known], pa.float64()),
                "source": pa.array([one.source for one in known], pa.string()),
            }
        ),
        [
            Column("scope", t("Branches of"), pinned=True, width="medium"),
            Column("month", t("Month"), "month"),
            Column("measure", t("What is stated")),
            Column("amount", t("Amount"), "money"),
            Column("source", t("Source"), width="large"),
        ],
        key="official_totals",
        name=t("Official totals"),
        on_select="rerun",
        keys=[(one.measure, one.scope, one.month_start) for one in known],
        empty=t("No official total was entered yet."),
    )
    if picked is None:
        return
    present = known[picked]
    form = f"{REMOVE}_{present.scope}_{present.month_start:%Y-%m}_{present.measure}"
    total = last_shown(form, present)  # whoever takes it back takes back what he saw
    if store_edit(
        form,
        total if st.button(t("Take this total back"), key="official_remove", icon=":material/undo:") else None,
        lambda entry, version: store.remove_official(ask, entry, shown_version=version, key=submit_key(form)),
        version=total.version,
        told=lambda entry: {AMOUNT_FIELD[entry.measure]: entry.amount, "source": entry.source},
    ):
        leave_notice(FORM, t("The total of {month} is taken back.", month=month_word(language(), total.month_start)))
        st.rerun()


def _amount(total: OfficialTotal) -> float:
    return total.amount / FEN_PER_CNY if total.measure is OfficialMeasure.SCALE_PREMIUM else float(total.amount)


def _months(today: date) -> list[date]:
    """Return the months that are over, the latest first."""
    months = [(today.replace(day=1) - timedelta(days=1)).replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months
