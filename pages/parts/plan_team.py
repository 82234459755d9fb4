"""The weeks of a team: who has a plan, what was kept, what is unexplained; and the approval of a plan."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pyarrow as pa
import streamlit as st

from core.facts import UserRole
from core.planning.check import CheckedItem
from core.planning.items import ChangeKind
from core.planning.lock import is_workless
from core.planning.rules import plan_rules_on
from core.planning.summary import PlanStanding, PlanSummary
from core.planning.words import change_word, standing_word
from pages.parts.conflict import find_conflict, is_at_work, store_edit
from pages.parts.layout import empty_state, escaped
from pages.parts.notices import leave_notice
from pages.parts.plan_forms import FORM
from pages.parts.plan_lines import name_of
from pages.parts.plan_week import OWNER_ADDRESS, ShownWeek, provisional_words
from pages.parts.session import current, language, now, submit_key, t
from pages.parts.shown import first_shown, forget_shown, last_shown
from pages.parts.store import planning as store
from pages.parts.store.planning import TeamWeek
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words

LATE = "_late"
"""What the standing of a plan that was started late ends with in the table."""


def show_team(week_start: date) -> None:
    """Draw one row a supervisor, those without a plan and with unexplained misses first; a click opens the week."""
    found = store.team(current(), week_start, now().replace(minute=0, second=0, microsecond=0))
    if not found:
        empty_state(t("No supervisor is named for a branch yet."))
        return
    without = sum(one.standing is PlanStanding.MISSING for one in found)
    is_rest = is_workless(week_start, store.calendar(current()))
    to_approve = sum(one.standing in (PlanStanding.LOCKED, PlanStanding.CHANGED) for one in found)
    unexplained = sum(one.unexplained for one in found)
    hint = t("Choose a row to open the week")
    st.markdown(
        " · ".join(
            f"**{escaped(words)}**"
            for words in (
                t("Supervisors: {count}", count=len(found)),
                *([] if is_rest else [t("without a plan: {count}", count=without)]),
                t("to approve: {count}", count=to_approve),
                t("misses without a cause: {count}", count=unexplained),
            )
        )
        + f" :small[{escaped(hint)}]"
    )
    words = [*provisional_words(week_start), *([t("no working day")] if is_rest else [])]
    for each in words:
        st.caption(escaped(each))
    order = (PlanStanding.MISSING, PlanStanding.CHANGED, PlanStanding.LOCKED, PlanStanding.DRAFT, PlanStanding.APPROVED)
    rows = sorted(found, key=lambda one: (-one.unexplained, order.index(one.standing), one.supervisor))
    table = pa.table(
        {
            "supervisor": pa.array([one.name or one.supervisor for one in rows], pa.string()),
            "standing": pa.array([_standing(one) for one in rows], pa.string()),
            "unexplained": pa.array([one.unexplained for one in rows], pa.int64()),
            "completion": pa.array([one.summary.completion for one in rows], pa.float64()),
            "lines": pa.array([one.summary.frozen for one in rows], pa.int64()),
            "late": pa.array([one.summary.late for one in rows], pa.int64()),
            "extra": pa.array([one.summary.extra for one in rows], pa.int64()),
            "carried": pa.array([one.summary.carried for one in rows], pa.int64()),
            "goals": pa.array([_goals(one.summary) for one in rows], pa.string()),
            "feedback": pa.array([one.feedback.rate for one in rows], pa.float64()),
            "branches": pa.array([one.branches for one in rows], pa.int64()),
        }
    )
    standings = {one.value: standing_word(language(), one) for one in PlanStanding}
    standings |= {f"{value}{LATE}": t("{standing}, started late", standing=words) for value, words in standings.items()}
    picked = show_table(
        table,
        [
            Column("supervisor", t("Supervisor"), words=supervisor_words(), width=120, pinned=True),
            Column("standing", t("Plan"), words=standings, width=140),
            Column("unexplained", t("Unexplained"), "integer", width=94),
            Column("completion", t("Share kept"), "share", width=84),
            Column("lines", t("Lines"), "integer", width=56),
            Column("late", t("Overdue"), "integer", width=74),
            Column("extra", t("Added late"), "integer", width=84, help=t("Added after the lock")),
            Column("carried", t("Carried over"), "integer", width=94),
            Column("goals", t("Goals"), width=60, help=t("Reached of all")),
            Column("feedback", t("Feedback"), "share", width=78, help=t("Sent in time")),
            Column("branches", t("Branches"), "integer", width=80),
        ],
        key=f"plan_team_{week_start}",
        name=t("Weeks of the team"),
        on_select="rerun",
        height=520,
    )
    if picked is not None:
        st.query_params[OWNER_ADDRESS] = rows[picked].supervisor
        st.rerun()


def _standing(one: TeamWeek) -> str:
    return f"{one.standing.value}{LATE}" if one.summary.is_started_late else one.standing.value


def _goals(found: PlanSummary) -> str:
    """Return the goals reached of all, a dash for those nobody can judge yet."""
    return f"{'–' if found.goals_unknown else found.goals_reached} / {found.goals}"


def show_approval(week: ShownWeek) -> None:
    """Draw the form with which a manager approves the plan as it is shown."""
    plan = week.plan
    if plan is None or week.is_own or current().actor.role is UserRole.SUPERVISOR:
        return
    form = f"{FORM}_approve_{plan.plan_id}"
    if plan.is_approved and not is_at_work(form, "plan_approve_save"):
        return
    shown, before = last_shown(form, plan), last_shown(f"{form}_lines", week.items)
    with (
        st.form(f"plan_approve_{plan.plan_id}", border=False, enter_to_submit=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        comment = st.text_input(
            t("Comment"),
            key=f"plan_approve_comment_{plan.plan_id}",
            max_chars=plan_rules_on(current().today).text_most_characters,
            width=420,
        )
        sent = st.form_submit_button(
            t("Approve this plan"), type="primary", icon=":material/verified:", key="plan_approve_save"
        )
    if store_edit(
        form,
        (comment or "") if sent else None,
        lambda said, version: store.approve(
            current(), replace(shown, version=version), comment=said, now=week.now, key=submit_key(form)
        ),
        version=shown.version,
        told=lambda said: {"comment": said.strip(), "approved_on": current().today},
    ):
        leave_notice(FORM, t("Approved."))
        st.rerun()
    if find_conflict(form):
        st.caption(t("Look at the plan as it stands now before you approve it."))
        _show_differences(first_shown(f"{form}_before", before), week.items)
    else:
        forget_shown(f"{form}_before")


def _show_differences(before: Sequence[CheckedItem], now_there: Sequence[CheckedItem]) -> None:
    """List the lines that were added, changed or taken out since the plan was shown."""
    said = language()
    old, new = ({one.item.item_id: one.item for one in lines} for lines in (before, now_there))
    lines = [f"{change_word(said, ChangeKind.DROPPED)}: {name_of(old[one])}" for one in old if one not in new]
    for number, item in new.items():
        was = old.get(number)
        if was is None:
            lines.append(f"{change_word(said, ChangeKind.ADDED)}: {name_of(item)}")
        elif item.is_dropped and not was.is_dropped:
            lines.append(f"{change_word(said, ChangeKind.DROPPED)}: {name_of(item)}")
        elif item.version != was.version:
            both = name_of(item) if name_of(item) == name_of(was) else f"{name_of(was)} → {name_of(item)}"
            lines.append(f"{change_word(said, ChangeKind.CHANGED)}: {both}")
    if lines:
        st.markdown("\n".join(f"- {escaped(line)}" for line in lines))
