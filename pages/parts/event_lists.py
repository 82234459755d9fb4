"""Customer events in lists: those of a period, and what they came to by branch."""

from collections.abc import Sequence

import streamlit as st

from core.events.entries import BranchEvent
from core.events.figures import show_up_rate
from core.events.rules import event_rules
from core.facts import CustomerTier, EventState
from core.language.labels import label
from core.portfolio import BranchFilter
from pages.parts.session import current, guarded, language, t
from pages.parts.store import events as store
from pages.parts.store.events import TO_REPORT
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words

FORM = "events"
EVENT = "event"
"""Name of the chosen event in the address."""
TABLE = "events_table"


def show_summary(found: Sequence[BranchEvent]) -> None:
    """Say how many events there are, and how many of the guests who confirmed came."""
    today = current().today
    held = [one.entry.guests for one in found if one.entry.state is EventState.HELD]
    late = sum(one.is_unreported(today) for one in found)
    planned = sum(one.entry.state is EventState.PLANNED for one in found) - late
    show_up = show_up_rate(held)
    st.caption(
        t(
            "Held: {held} · planned: {planned} · to be reported: {late} · "
            "came of those confirmed: {show_up}, aim {aim}",
            held=len(held),
            planned=planned,
            late=late,
            show_up="–" if show_up is None else f"{show_up:.0%}",
            aim=f"{event_rules().limits.show_up_target:.0%}",
        )
    )


def show_list(weeks: int, chosen: BranchFilter) -> None:
    """List the events of a period, the latest day first; a click on one puts it into the address."""
    found = store.events(current(), weeks, chosen)

    def follow() -> None:
        rows = st.session_state[TABLE]["selection"]["rows"]
        if rows and rows[0] < len(found):
            st.query_params[EVENT] = str(found[rows[0]].event_id)
        else:
            st.query_params.pop(EVENT, None)

    show_table(
        store.told(current(), weeks, chosen, language()),
        _columns(),
        key=TABLE,
        name=t("Events"),
        on_select=guarded(follow),
        empty=t("No event is written down for this period. Write down the first one below."),
        height=420,
    )


def _columns() -> list[Column]:
    rules, said = event_rules(), language()
    words = {one.key: one.word(said) for one in (*rules.kinds, *rules.themes, *rules.relations)}
    states = {state.value: label(said, state) for state in EventState} | {TO_REPORT: t("To be reported")}
    small = t("Fewer than {least} guests are not told apart", least=rules.limits.least_shown)
    return [
        Column("day", t("Day"), "day", width=88, pinned=True),
        Column("branch_name", t("Branch"), width=210),
        Column("state", t("State"), words=states, width=96),
        Column("kind", t("Kind"), words=words, width=98),
        Column("title", t("Title"), width=112),
        Column("invited", t("Invited"), help=small, width=57),
        Column("confirmed", t("Confirmed"), help=small, width=74),
        Column("came", t("Came"), help=small, width=50),
        Column("show_up", t("Show-up"), "share", help=t("Came of those who had confirmed"), width=68),
        Column("walk_ins", t("Walk-ins"), help=small, width=64),
        Column("policies", t("Policies that followed"), help=t("As written down"), width=84),
        Column("theme", t("Theme"), words=words),
        Column("relation", t("Relation"), words=words),
        Column("tier", t("Asset tier"), words={tier.value: label(said, tier) for tier in CustomerTier}),
        Column("levels", t("Levels on both sides")),
        Column("is_project", t("Project"), words={"true": t("Yes"), "false": ""}),
        Column("approval_number", t("Approval number")),
        Column("words", t("Words to check"), help=t("A warning, not a verdict: the material needs an approval number")),
        Column("event_ref", t("Event number")),
        Column("note", t("Note")),
        Column("branch_code", t("Branch code")),
    ]


def show_totals(weeks: int, chosen: BranchFilter) -> None:
    """List what the events of the period came to by branch."""
    limits = event_rules().limits
    show_table(
        store.totals(current(), weeks, chosen),
        [
            Column("branch_name", t("Branch"), width=212, pinned=True),
            Column("held", t("Held"), "integer"),
            Column("guests", t("Guests"), "integer", help=t("Who came, walk-ins included")),
            Column("show_up", t("Show-up rate"), "share", help=t("Came of those who had confirmed")),
            Column(
                "policies",
                t("Policies that followed"),
                "integer",
                help=t(
                    "Policies that name the event, else those written down, at most what the branch issued within "
                    "{days} days; events whose days still run are left out",
                    days=limits.conversion_days,
                ),
            ),
            Column("conversion", t("Conversion"), "share", help=t("Policies that followed of the guests who came")),
            Column("activity", t("Activity volume"), "integer", help=t("Contacts and events of the period")),
            Column("supervisor", t("Supervisor"), words=supervisor_words()),
            Column("branch_code", t("Branch code")),
        ],
        key="events_totals",
        name=t("What the events came to, by branch"),
        empty=t("No event was held in this period."),
    )
