"""The form by which an administrator sets a slot of the six ones from a day on, or frees it."""

import pyarrow as pa
import streamlit as st

from core.coaching.problems import MOST_RULE_TEXT
from core.steps.six_ones import MOST_TARGET, MOST_TITLE, SlotPeriod
from pages.parts.notices import leave_notice, take_notice
from pages.parts.rule_store import replaced_caption, store_rule
from pages.parts.session import current, language, t
from pages.parts.shown import last_shown
from pages.parts.step_views import count_words, period_words
from pages.parts.store.steps import add_slot, six_ones, slot_rows
from pages.parts.tables import Column, show_table

FORM = "steps_slot"
FIRST_FREE = 2
"""Place of the slot the form begins with: the first the playbook leaves free."""


def show_slot_form() -> None:
    """Draw the rows that are set and the form, and store the row."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    ask, counts, periods = current(), count_words(), period_words()
    rows = [one for one in slot_rows(ask) if one.is_stored]
    versions = last_shown(FORM, {(one.slot, one.valid_from): one.version for one in rows})
    if rows:
        said = language()
        show_table(
            pa.table(
                {
                    "slot": [one.slot for one in rows],
                    "valid_from": pa.array([one.valid_from for one in rows], pa.date32()),
                    "title": [one.title(said) for one in rows],
                    "counts": pa.array([one.counts for one in rows], pa.string()),
                    "target": [one.target for one in rows],
                    "period": [one.period.value for one in rows],
                    "source": [one.source(said) for one in rows],
                }
            ),
            [
                Column("slot", t("Slot"), "integer"),
                Column("valid_from", t("From day"), "day"),
                Column("title", t("Title")),
                Column("counts", t("What it counts"), words=counts),
                Column("target", t("Target"), "integer"),
                Column("period", t("Period"), words={one.value: word for one, word in periods.items()}),
                Column("source", t("Source")),
            ],
            key=f"{FORM}_rows",
            name=t("Six ones"),
        )
    with st.form(FORM, border=False, enter_to_submit=False):
        st.caption(t("A new row holds from its day on. Rows already in force are never changed."))
        st.caption(replaced_caption())
        with st.container(horizontal=True):
            slot = st.selectbox(
                t("Slot"), [one.slot for one in six_ones(ask)], index=FIRST_FREE, key=f"{FORM}_slot", width=90
            )
            counted = st.selectbox(
                t("What it counts"),
                [None, *counts],
                format_func=lambda one: counts[one] if one else t("Nothing, the slot is free"),
                key=f"{FORM}_counts",
                width=220,
            )
            target = st.number_input(
                t("Target"), min_value=1, max_value=MOST_TARGET, value=1, key=f"{FORM}_target", width=130
            )
            period = st.selectbox(
                t("Period"),
                list(SlotPeriod),
                index=1,
                format_func=lambda one: periods[one],
                key=f"{FORM}_period",
                width=110,
            )
            valid_from = st.date_input(
                t("From day"), ask.today, min_value=ask.today, key=f"{FORM}_from", format="YYYY-MM-DD", width=140
            )
        title = st.text_input(t("Title"), key=f"{FORM}_title", max_chars=MOST_TITLE)
        source = st.text_input(t("Source"), key=f"{FORM}_source", max_chars=MOST_RULE_TEXT)
        sent = st.form_submit_button(t("Store"), type="primary", key=f"{FORM}_save")
    entry = {
        "title": title or "",
        "counts": counted,
        "period": period or SlotPeriod.MONTH,
        "target": target,
        "source": source or "",
    }
    if store_rule(
        f"{FORM}_{slot}_{valid_from}",
        entry if sent else None,
        lambda asked, shown, key: add_slot(
            ask, slot=slot, valid_from=valid_from, **asked, shown_version=shown, key=key
        ),
        version=versions.get((slot, valid_from), 0),
    ):
        leave_notice(FORM, t("Slot {slot} is stored.", slot=slot))
        st.rerun()
