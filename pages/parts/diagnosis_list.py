"""The diagnoses of gaps in reach as a list, and the words a diagnosis is called by."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.kpis.definitions import kpi_definition
from core.kpis.words import figure_text
from core.planning.diagnosis import DiagnosisState, GapDiagnosis
from core.planning.diagnosis_words import causes_word, diagnosis_state_word, difference_text
from pages.parts.figures_choice import scope_words
from pages.parts.session import current, guarded, language, t
from pages.parts.store import diagnoses as store
from pages.parts.tables import Column, show_table

FORM = "diagnosis"
CHOSEN = "diagnosis"
"""Name of the chosen diagnosis in the address."""
TABLE = "diagnosis_table"


def about_words(diagnosis: GapDiagnosis) -> str:
    """Return whose gap it is: a branch, or the branches of a scope."""
    if diagnosis.scope is not None:
        return scope_words(diagnosis.scope)
    return f"{diagnosis.branch_name} · {diagnosis.branch_code}"


def title_of(diagnosis: GapDiagnosis) -> str:
    """Return what a diagnosis is called: the KPI and whose it is."""
    return f"{kpi_definition(diagnosis.gap.kpi).words(language()).title} · {about_words(diagnosis)}"


def show_list(found: Sequence[GapDiagnosis]) -> None:
    """List diagnoses, what is to be reviewed first; a click on one puts it into the address."""

    def follow() -> None:
        rows = st.session_state[TABLE]["selection"]["rows"]
        if rows and rows[0] < len(found):
            st.query_params[CHOSEN] = str(found[rows[0]].diagnosis_id)
        else:
            st.query_params.pop(CHOSEN, None)

    show_table(
        _table(found),
        [
            Column("kpi", t("KPI"), width=128, pinned=True),
            Column("state", t("State"), width=92, words=_states()),
            Column("difference", t("Gap to target"), width=94),
            Column("causes", t("Causes"), width=216),
            Column("review_on", t("Review date"), "day", width=92),
            Column("owner", t("Owner"), width=84),
            Column("about", t("Branches of"), width=150),
            Column("actual", t("Actual"), width=80),
            Column(
                "due", t("Due by then"), width=80, help=t("The target as far as it was due by the last day counted")
            ),
            Column("counted_to", t("Counted up to"), "day", width=100),
            Column("decided_on", t("Diagnosed on"), "day", width=100),
            Column("closed_on", t("Closed on"), "day", width=100),
            Column("result", t("Result"), width=220),
            Column("lesson", t("Lesson"), width=220),
        ],
        key=TABLE,
        name=t("Gap diagnoses"),
        on_select=guarded(follow),
        empty=t("No gap is diagnosed yet. Diagnose the first one below, or from a KPI of the figures."),
        height=320,
    )


def _states() -> dict[str, str]:
    return {one.value: diagnosis_state_word(language(), one) for one in DiagnosisState}


def _table(found: Sequence[GapDiagnosis]) -> pa.Table:
    said, names = language(), store.owner_names(current(), found)
    kpis = [kpi_definition(one.gap.kpi) for one in found]
    figures = list(zip(found, kpis, strict=True))
    differences = [difference_text(one.gap.difference, kpi, said) for one, kpi in figures]
    return pa.table(
        {
            "kpi": pa.array([kpi.words(said).title for kpi in kpis], pa.string()),
            "state": pa.array([one.state.value for one in found], pa.string()),
            "difference": pa.array(differences, pa.string()),
            "causes": pa.array([causes_word(said, [each.code for each in one.causes]) for one in found], pa.string()),
            "review_on": pa.array([one.review_on for one in found], pa.date32()),
            "owner": pa.array([names.get(one.owner or "", one.owner) for one in found], pa.string()),
            "about": pa.array([about_words(one) for one in found], pa.string()),
            "actual": pa.array([figure_text(one.gap.actual, kpi, said) for one, kpi in figures], pa.string()),
            "due": pa.array([figure_text(one.gap.due, kpi, said) for one, kpi in figures], pa.string()),
            "counted_to": pa.array([one.gap.counted_to for one in found], pa.date32()),
            "decided_on": pa.array([one.decided_on for one in found], pa.date32()),
            "closed_on": pa.array([one.closed_on for one in found], pa.date32()),
            "result": pa.array([one.result for one in found], pa.string()),
            "lesson": pa.array([one.lesson for one in found], pa.string()),
        }
    )
