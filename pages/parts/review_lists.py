"""The lists of the stage review: new stages to confirm one by one, overrides in force and lately ended."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from core.charts.theme import stage_word
from core.facts import Stage, StageDecisionKind
from core.language.days import day_word
from core.stages.review_limits import review_limits_on
from pages.parts.conflict import begin_anew, find_conflict, store_edit
from pages.parts.layout import empty_state, escaped, stage_badge
from pages.parts.navigation import open_screen, page_of
from pages.parts.notices import leave_notice, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import last_shown
from pages.parts.store.reviews import confirm
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words

FORM = "stage_review"
SHOWN = 8
"""Proposals drawn at once; the next ones move up as these are confirmed."""
LINK_PIXELS = 236
"""Room for the name of a branch; on a phone the button fits beside it and the stages go below."""


def show_proposals(proposals: pa.Table) -> None:
    """Draw a line a branch: name, the stage left and the new one, and the button that confirms it.

    The lines are those of the run before: a click on what a colleague confirmed meanwhile meets his decision.

    Args:
        proposals: as `core.stages.review_table.new_proposals`.
    """
    present = proposals.slice(0, SHOWN).to_pylist()
    rows = last_shown(FORM, present)
    pressed = None
    answer = st.container()
    with st.container(gap="small"):
        for row in rows:
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                st.page_link(
                    page_of("branch"),
                    icon="",
                    label=f"**{escaped(row['branch_name'])}**",
                    query_params={"branch": row["branch_code"]},
                    width=LINK_PIXELS,
                )
                if st.button(t("Confirm"), icon=":material/check:", key=f"stage_review_confirm_{row['branch_code']}"):
                    pressed = row
                st.markdown(_change_words(row), width="content")
    with answer:
        _confirm(pressed)
        if not pressed and rows != present:
            st.rerun()
        notice = take_notice(FORM)
        if notice:
            st.success(notice)
    if not rows:
        weeks = review_limits_on(current().today).proposal_new_weeks
        empty_state(t("No stage of the last {weeks} weeks waits to be confirmed.", weeks=weeks))
    elif proposals.num_rows > SHOWN:
        st.caption(t("{count} more follow as these are confirmed", count=proposals.num_rows - SHOWN))


def _change_words(row: dict[str, Any]) -> str:
    before = f"{stage_badge(Stage(row['before']))} → " if row["before"] else ""
    since = t("since {day}", day=day_word(language(), row["since"]))
    return f"{before}{stage_badge(Stage(row['stage']))} :small[{escaped(since)}]"


def _confirm(pressed: dict[str, Any] | None) -> None:
    """Confirm the stage of a line; the choice that waits is about the line pressed last."""
    conflict = find_conflict(FORM)
    if conflict and pressed and pressed["branch_code"] != conflict.entry["branch_code"]:
        begin_anew(FORM)  # what waited was about another line; it stays as it is stored
        conflict = None
    row = pressed or (conflict.entry if conflict else None)
    if row is None:
        return
    if conflict:
        st.markdown(f"**{escaped(row['branch_name'])}**")
    stage = Stage(row["stage"])
    if store_edit(
        FORM,
        pressed,
        lambda one, version: confirm(
            current(), one["branch_id"], shown_stage=stage, shown_version=version, key=submit_key(FORM)
        ),
        version=row["version"],
        told=lambda _: {"kind": StageDecisionKind.CONFIRMED, "stage": stage},
        may_insist=lambda _, theirs: theirs["end_on"] is None and theirs["computed_stage"] == stage,
    ):
        name = escaped(row["branch_name"])
        leave_notice(FORM, t("Confirmed for {branch}: {stage}.", branch=name, stage=stage_word(language(), stage)))
        st.rerun()


def show_overrides(in_force: pa.Table, ended: pa.Table) -> None:
    """List the overrides in force, those that end first on top, and those that ended lately; a row opens the branch.

    Args:
        in_force: as `core.stages.review_table.overrides_now`.
        ended: as `core.stages.review_table.overrides_ended`.
    """
    limits = review_limits_on(current().today)
    soon = pc.sum(pc.equal(in_force["state"], "soon")).as_py() or 0
    st.caption(
        t(
            "In force: {count} · ending within {weeks} weeks: {soon}",
            count=in_force.num_rows,
            soon=soon,
            weeks=limits.override_soon_weeks,
        )
    )
    chosen = show_table(
        in_force,
        _columns(t("Until")),
        key="stage_review_overrides",
        name=t("Manual overrides"),
        on_select="rerun",
        empty=t("No stage is set by hand. Where the figures miss something, override the stage on the Branch page."),
    )
    if chosen is not None:
        open_screen("branch", {"branch": in_force["branch_code"][chosen].as_py()})
    if ended.num_rows and st.toggle(
        t("Ended in the last {weeks} weeks ({count})", weeks=limits.override_lately_weeks, count=ended.num_rows),
        key="stage_review_show_ended",
    ):
        chosen = show_table(
            ended,
            _columns(t("Ended on")),
            key="stage_review_ended",
            name=t("Ended manual overrides"),
            on_select="rerun",
        )
        if chosen is not None:
            open_screen("branch", {"branch": ended["branch_code"][chosen].as_py()})


def _columns(end_word: str) -> list[Column]:
    states = {
        "in_force": t("Holds"),
        "soon": t("Ends soon"),
        "agrees": t("Computed stage agrees"),
        "expired": t("Expired"),
        "withdrawn": t("Withdrawn"),
    }
    return [
        Column("branch_name", t("Branch"), width=208, pinned=True),
        Column("stage", t("Computed"), "stage", width=108),
        Column("override", t("Manual override"), "stage", width=112),
        Column("state", t("State"), words=states, width=90),
        Column("end_on", end_word, "day", width=90),
        Column("reason", t("Reason"), width=400),
        Column("decided_by", t("By"), width=96),
        Column("decided_on", t("Decided on"), "day", width=90),
        Column("supervisor", t("Supervisor"), words=supervisor_words()),
        Column("branch_code", t("Branch code")),
    ]


def override_columns(branches: pa.Table) -> tuple[list[Column], list[Column]]:
    """Return what a list of branches shows beside the computed stage and at its end; nothing where none is overridden.

    Args:
        branches: with the columns of `core.stages.review_table.with_reviews`.
    """
    if branches["override"].null_count == branches.num_rows:
        return [], []
    beside = Column(
        "override", t("Manual override"), "stage", help=t("Set by hand beside the computed stage"), width=112
    )
    return [beside], [Column("override_until", t("Override until"), "day")]
