"""The form by which an administrator fills a free slot of the six ones, or frees it again."""

import streamlit as st

from core.steps.six_ones import FIXED_SLOTS, MOST_TARGET, SlotPeriod
from pages.parts.notices import leave_notice, stored, take_notice
from pages.parts.session import current, submit_key, t
from pages.parts.step_views import count_words, period_words
from pages.parts.store.steps import add_slot, six_ones

FORM = "steps_slot"
MOST_TITLE, MOST_SOURCE = 60, 200


def show_slot_form() -> None:
    """Draw the form and store the row."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    ask, counts, periods = current(), count_words(), period_words()
    free = [one.slot for one in six_ones(ask) if one.slot not in FIXED_SLOTS]
    with st.form(FORM, border=False, enter_to_submit=False):
        st.caption(t("A new row holds from its day on. Rows already in force are never changed."))
        with st.container(horizontal=True):
            slot = st.selectbox(t("Slot"), free, key=f"{FORM}_slot", width=90)
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
        source = st.text_input(t("Source"), key=f"{FORM}_source", max_chars=MOST_SOURCE)
        if not st.form_submit_button(t("Store"), type="primary", key=f"{FORM}_save"):
            return
    if stored(
        FORM,
        lambda: add_slot(
            ask,
            slot=slot,
            title=title or "",
            counts=counted,
            period=period or SlotPeriod.MONTH,
            target=target,
            valid_from=valid_from,
            source=source or "",
            key=submit_key(FORM),
        ),
    ):
        leave_notice(FORM, t("Slot {slot} is stored.", slot=slot))
        st.rerun()
