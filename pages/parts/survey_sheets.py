"""The short questionnaire of a branch: results by post, and a sheet to hand in."""

import pyarrow as pa
import streamlit as st

from core.facts import Branch
from core.language.labels import label
from core.survey.fields import survey_fields
from core.survey.sheets import ANSWERING
from core.survey.values import SCALE_LEAST, SCALE_MOST
from pages.parts.layout import empty_state
from pages.parts.notices import leave_notice, stored
from pages.parts.session import current, language, submit_key, t
from pages.parts.store.surveys import add_sheet, sheets
from pages.parts.survey_form import FORM
from pages.parts.tables import Column, show_table

SHEET_FORM = "survey_sheet"


def show_results(branch: Branch) -> None:
    """List the mean of each question by post; a post with too few sheets only tells how many there are."""
    found = sheets(current(), branch.branch_id)
    asked = survey_fields().questionnaire
    if not found:
        empty_state(t("No sheet has been handed in yet."))
        return
    counts = [t("{role}: {count} sheets", role=label(language(), one.role), count=one.sheets) for one in found]
    st.caption(" · ".join([*counts, t("shown from {least} sheets of a post on", least=asked.fewest_sheets)]))
    shown = [one for one in found if one.means]
    if not shown:
        return
    table = {"question": pa.array([f"{one.key} · {one.words.said(language())}" for one in asked.questions])}
    for one in shown:
        table[one.role.value] = pa.array([one.means.get(question.key) for question in asked.questions], pa.float64())
    columns = [Column("question", t("Question"), width="large")]
    columns += [Column(one.role.value, label(language(), one.role), "tenths") for one in shown]
    show_table(pa.table(table), columns, key="survey_sheets", name=t("Short questionnaire by post"))


def show_sheet_form(branch: Branch) -> None:
    """Take one anonymous sheet."""
    questions = survey_fields().questionnaire.questions
    st.markdown(t("Two minutes, anonymous: 1 = strongly no, 5 = strongly yes."))
    with st.form(SHEET_FORM, clear_on_submit=False, enter_to_submit=False):
        role = st.radio(
            t("Role"),
            list(ANSWERING),
            format_func=lambda one: label(language(), one),
            horizontal=True,
            key="survey_sheet_role",
        )
        points = {
            one.key: st.segmented_control(
                one.words.said(language()), range(SCALE_LEAST, SCALE_MOST + 1), key=f"survey_sheet_{one.key}"
            )
            for one in questions
        }
        if not st.form_submit_button(t("Hand the sheet in"), type="primary", key="survey_sheet_save"):
            return
    given = {name: value for name, value in points.items() if value is not None}
    if stored(
        SHEET_FORM,
        lambda: add_sheet(current(), branch.branch_id, role=role, points=given, key=submit_key(SHEET_FORM)),
    ):
        for one in questions:
            del st.session_state[f"survey_sheet_{one.key}"]
        leave_notice(FORM, t("The sheet is kept. The next one can be filled in."))
        st.rerun()
