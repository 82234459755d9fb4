"""Stage review: confirm new stages one by one, see those set by hand, and past weeks that were restated."""

import streamlit as st

from core.language.days import day_word
from core.stages.review_limits import review_limits_on
from pages.parts.filters import branch_filter
from pages.parts.layout import no_branches, page_header, section
from pages.parts.market_views import show_told_week
from pages.parts.restated_lists import show_differences, show_notes
from pages.parts.review_lists import show_overrides, show_proposals
from pages.parts.session import current, language, t
from pages.parts.store import reviews as store
from pages.parts.store.branches import data_reach, portfolio

ask = current()
reach = data_reach(ask)
week = reach.last_week
page_header(
    t("Stage review"),
    reach.last_policy_on,
    note=t("Stages at the end of the week from {week}", week=day_word(language(), week)) if week else None,
)
if portfolio(ask).num_rows:
    show_told_week()
    chosen = branch_filter("stage_review", thing=("region", "bank", "supervisor"))
    weeks = review_limits_on(ask.today).proposal_new_weeks
    with section(
        t("New stages to confirm"),
        help=t("Changed in the last {weeks} weeks and confirmed by nobody; the newest come first", weeks=weeks),
    ):
        show_proposals(store.proposals(ask, chosen))
    with section(
        t("Manual overrides"),
        help=t("Stages set by hand with a reason, for a time; figures and counts keep the computed stage"),
    ):
        show_overrides(store.in_force(ask, chosen), store.ended(ask, chosen))
    with section(
        t("Restated weeks"),
        help=t("Later data gave a past week another stage; what was shown at the time is kept beside it"),
    ):
        show_differences(store.restated(ask, chosen))
        notes = store.notes(ask, chosen)
        if notes.num_rows and st.toggle(
            t("All later changes, those taken back too ({count})", count=notes.num_rows), key="stage_review_show_notes"
        ):
            show_notes(notes)
else:
    no_branches()
