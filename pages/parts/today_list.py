"""The list of Today: one table in which some line is always picked, and the next one after each action.

The browser keeps the number of the row; the line behind it may have moved meanwhile, because it was
done or because somebody else did something. A row the reader did not change follows its line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import streamlit as st

from core.cadence.owed import Absence
from core.language import Language
from core.today.lines import LineKey, Snooze, TodayLine, TodayList, next_after
from core.today.rules import line_kinds
from pages.parts.conflict import is_pressed, store_edit
from pages.parts.filters import branch_filter
from pages.parts.layout import escaped
from pages.parts.notices import leave_notice
from pages.parts.session import TODAY_SHOWN, language, submit_key, t
from pages.parts.shown import last_shown
from pages.parts.store import today as store
from pages.parts.store.base import Ask
from pages.parts.tables import Column, show_table
from pages.parts.today_lines import FORM

KINDS = "today_kinds"
TABLE = "today_list"
BACK = "today_back"
LIST_PIXELS = 460
WIDTHS: dict[Language, tuple[int, ...]] = {"en": (110, 188, 111, 60, 86), "zh": (72, 212, 100, 66, 102)}
"""What, branch, whom, how long and why beside the form: wide enough at 1280 pixels for whole names of branches."""


@dataclass(frozen=True)
class Shown:
    """The row picked in the run before, the line that stood there, and the choice it was picked from."""

    row: int
    key: LineKey
    choice: store.TodayChoice


def show_choice(ask: Ask, *, with_filters: bool) -> tuple[store.TodayChoice, TodayList]:
    """Draw the kinds of lines with their number, and filters over branches where there are many supervisors."""
    branches = store.ALL_BRANCHES
    with st.container(horizontal=True, gap="small"):
        if with_filters:
            branches = branch_filter("today", thing=("region", "bank", "supervisor"), in_popover=True)
        found = store.today(ask, branches)
        return store.TodayChoice(branches, _chosen_kinds(found)), found


def _chosen_kinds(found: TodayList) -> tuple[str, ...]:
    """Draw the kinds behind one button, so that on a phone too the list begins near the top."""
    counts, before = found.counts, st.session_state.get(KINDS) or ()
    words = {
        kind: f"{row.title(language())} {counts.get(kind, 0):,}"
        for kind, row in line_kinds().items()
        if kind in counts or kind in before
    }
    shown = sum(counts.get(kind, 0) for kind in (before or counts))
    some = t("Lines of some kinds: {count}", count=f"{shown:,}")
    told = some if before else t("Lines of all kinds: {count}", count=f"{shown:,}")
    with st.popover(told, icon=":material/category:", key="today_kinds_box"):
        return tuple(
            st.pills(t("Kinds of lines"), list(words), selection_mode="multi", format_func=words.__getitem__, key=KINDS)
        )


def show_list(ask: Ask, choice: store.TodayChoice, *, with_supervisor: bool) -> TodayLine | None:
    """Draw the table and return the line that is picked, None where there is none to see."""
    lines = store.shown(ask, choice)
    table = store.told(ask, choice, language())
    if lines:
        _follow(lines, choice)
    row = show_table(
        table,
        list_columns(with_supervisor=with_supervisor),
        key=TABLE,
        name=t("Today"),
        on_select="rerun",
        always_picked=True,
        height=LIST_PIXELS,
        empty=t("Nothing of this kind is waiting."),
    )
    if not lines:
        return None
    place = row or 0
    st.session_state[TODAY_SHOWN] = Shown(place, lines[place].key, choice)
    return lines[place]


def list_columns(*, with_supervisor: bool) -> list[Column]:
    """Return how the lines are headed."""
    supervisor = [Column("supervisor", t("Supervisor"))] if with_supervisor else []
    what, branch, whom, age, why = WIDTHS[language()]
    return [
        Column("kind", t("What"), width=what),
        Column("branch_name", t("Branch"), width=branch),
        Column("subject", t("Whom or what"), width=whom),
        Column("short_age", t("Waiting"), width=age, help=t("In working days; where it is long, in weeks")),
        Column("short_reason", t("Why"), width=why),
        Column("marks", t("Remarks"), width=120),
        Column("reason", t("Why, in full"), width=330),
        *supervisor,
        Column("branch_code", t("Branch code"), width=104),
    ]


def pick_next(lines: Sequence[TodayLine], done: LineKey) -> None:
    """Let the next run show the line after the one that is done."""
    shown = cast("Shown | None", st.session_state.get(TODAY_SHOWN))
    following = next_after(lines, done)
    if shown is not None and following is not None:
        st.session_state[TODAY_SHOWN] = Shown(shown.row, following, shown.choice)


def _follow(lines: Sequence[TodayLine], choice: store.TodayChoice) -> None:
    """Keep the pick on its line wherever that stands now.

    A line that is gone leaves the pick to the one in its place; one that is not among those just chosen, to the first.
    """
    shown = cast("Shown | None", st.session_state.get(TODAY_SHOWN))
    row = _row_in_browser()
    if shown is not None and row in (None, shown.row):
        place = _place_now(lines, shown, choice)
    else:
        place = min(row or 0, len(lines) - 1)
    if place != row:
        st.session_state[TABLE] = {"selection": {"rows": [place], "columns": [], "cells": []}}


def _place_now(lines: Sequence[TodayLine], shown: Shown, choice: store.TodayChoice) -> int:
    nearest = min(shown.row, len(lines) - 1)
    if lines[nearest].key == shown.key:  # as a rule; keys of hundreds of lines are not made for nothing
        return nearest
    otherwise = nearest if choice == shown.choice else 0
    return next((place for place, line in enumerate(lines) if line.key == shown.key), otherwise)


def _row_in_browser() -> int | None:
    picked = st.session_state.get(TABLE)
    rows = picked["selection"]["rows"] if picked else []
    return rows[0] if rows else None


def show_more(found: TodayList, choice: store.TodayChoice, shown: int) -> None:
    """Say how many lines of the chosen kinds there are, where not all are shown."""
    there = sum(found.counts.get(kind, 0) for kind in (choice.kinds or found.counts))
    if shown < there:
        st.caption(t("The worst {shown} of {all} lines; a filter shows others.", shown=shown, all=f"{there:,}"))


def show_apart(found: TodayList) -> None:
    """Keep three things apart that look alike in a chart: nobody went, nobody logged, nobody is there."""
    words = t(
        "Not reached: {reached} · not logged: {logged} · nobody in that post: {posts}",
        reached=found.absences.get(Absence.NOT_REACHED, 0),
        logged=found.absences.get(Absence.NOT_LOGGED, 0),
        posts=found.vacant_posts,
    )
    st.caption(
        escaped(words),
        help=t(
            "Not reached: others were contacted since it was due, this one was not. Not logged: in most weeks since "
            "then nothing at all was logged, so nobody knows. Nobody in that post: no contact can be owed."
        ),
    )


def show_resting(ask: Ask, choice: store.TodayChoice, found: TodayList) -> None:
    """List the lines laid aside once opened, and bring one back before its day."""
    if not found.resting:
        return
    words = t("Laid aside: {count}", count=len(found.resting))
    box = st.expander(words, key="today_resting", on_change="rerun", icon=":material/snooze:")
    if not box.open:
        return
    with box:
        row = show_table(
            store.resting(ask, choice.branches, language()),
            _resting_columns(),
            key="today_rests",
            name=t("Lines laid aside"),
            on_select="rerun",
        )
        present = found.resting[row].snooze if row is not None else None
        before = last_shown(BACK, present)
        is_sent = before is not None and is_pressed(_back(before), f"{_back(before)}_button")
        rest = before if is_sent else present
        if rest:
            _bring_back(ask, rest)


def _back(rest: Snooze) -> str:
    return f"{BACK}_{rest.snooze_id}"


def _bring_back(ask: Ask, rest: Snooze) -> None:
    """Draw the button that brings a line back; somebody else may have done so meanwhile."""
    form = _back(rest)
    sent = st.button(t("Bring it back now"), key=f"{form}_button")
    if store_edit(
        form,
        rest if sent else None,
        lambda one, version: store.bring_back(ask, replace(one, version=version), key=submit_key(form)),
        version=rest.version,
        told=lambda _: {"ended_on": ask.today},
        may_insist=lambda _, theirs: theirs["ended_on"] is None,
    ):
        leave_notice(FORM, t("It is back on the list."))
        st.rerun()


def _resting_columns() -> list[Column]:
    return [
        Column("branch_name", t("Branch"), width=212),
        Column("subject", t("Whom or what"), width=118),
        Column("until_on", t("Back on"), "day", width=96),
        Column("why", t("Reason"), width=260),
        Column("snoozed_by", t("By")),
        Column("kind", t("What")),
        Column("marks", t("Remarks")),
        Column("branch_code", t("Branch code")),
    ]
