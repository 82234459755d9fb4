"""Forms of the Plan phase: take over what is due, add lines for several branches at once, change one or drop it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from core.language import listed
from core.language.days import day_word
from core.planning.causes import cause_word
from core.planning.check import CheckedItem
from core.planning.items import GoalMeasure, PlanItem, PlanKind, PlanLine, told_line
from core.planning.lines import is_planned_anew
from core.planning.lock import working_week_from
from core.planning.words import kind_word, measure_word, number_word
from pages.parts.conflict import is_at_work, is_pressed, store_edit
from pages.parts.drafts import begin_draft, is_begun
from pages.parts.layout import escaped
from pages.parts.notices import leave_notice, stored
from pages.parts.plan_fields import day_field, days_field, held_by, line_fields, reason_field
from pages.parts.plan_lines import name_of
from pages.parts.plan_week import ShownWeek
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import first_shown, forget_shown, last_shown
from pages.parts.store import planning as store

FORM = "week_plan"
ONE_LINE: dict[str, object] = {
    "plan_add_branches": [],
    "plan_add_days": [],
    "plan_add_text": "",
    "plan_add_reason": "",
}
"""What the form of new lines holds after some were added; whom and about what stay for the next ones."""
ADDED = (PlanKind.CONTACT, PlanKind.ACTION, PlanKind.EVENT, PlanKind.GOAL)


def show_take_over(week: ShownWeek) -> None:
    """Offer to take over goals, open actions and what was missed before, and name the branches without a target."""
    ask = current()
    if week.is_workless:
        monday = working_week_from(week.week_start, store.calendar(ask))
        st.caption(
            t(
                "No working day: what was missed, open actions and goals wait for the week from {day}. "
                "A line you add here counts once it is done, else it is put off, not missed.",
                day=day_word(language(), monday),
            )
        )
        return
    waiting = store.take_over(ask, week.supervisor, week.week_start)
    if waiting.seeds:
        words = t("Start the plan") if not (week.plan and week.plan.is_started) else t("Take over what is new")
        new = [one for one in waiting.seeds if one.changes is None]
        counts = {kind: sum(one.line.kind is kind for one in new) for kind in PlanKind}
        changed = [one for one in waiting.seeds if one.changes is not None]
        parts = [f"{kind_word(language(), kind)} {count}" for kind, count in counts.items() if count]
        before = sum(one.times_carried > 0 for one in new)
        goals = sum(one.line.kind is PlanKind.GOAL for one in changed)
        more = [
            (before, t("of these from earlier weeks {count}", count=before)),
            (goals, t("goals that follow last week's figures {count}", count=goals)),
            (
                len(changed) - goals,
                t("lines there already that were missed before {count}", count=len(changed) - goals),
            ),
        ]
        parts += [words for count, words in more if count]
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                t(
                    "From month targets, open actions and earlier weeks: {parts}.",
                    parts=escaped(listed(language(), parts)),
                ),
                width="stretch",
            )
            if st.button(words, type="primary", icon=":material/playlist_add:", key="plan_start"):
                form = f"{FORM}_start_{week.supervisor}_{week.week_start}"
                done = stored(
                    form,
                    lambda: store.start(ask, week.supervisor, week.week_start, now=week.now, key=submit_key(form)),
                )
                if done is not None:
                    leave_notice(FORM, t("Taken over: {count}.", count=done))
                    st.rerun()
    if waiting.without_target:
        names = store.branches_of(ask, week.supervisor)
        some = listed(language(), (names.get(one, str(one)) for one in waiting.without_target[:5]))
        st.caption(
            t(
                "No month target, so no goal, for {count}: {names}",
                count=len(waiting.without_target),
                names=escaped(some),
            )
        )


def show_adding(week: ShownWeek) -> None:
    """Draw the form that adds lines: one for each branch and day chosen."""
    kind = st.segmented_control(
        t("Add"),
        list(ADDED),
        default=PlanKind.CONTACT,
        required=True,
        key="plan_add_kind",
        format_func=lambda one: kind_word(language(), one),
    )
    form, names = f"{FORM}_add", store.branches_of(current(), week.supervisor)
    with st.form("plan_add_form", border=False, enter_to_submit=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            branches = st.multiselect(
                t("Branches"),
                list(names),
                format_func=names.__getitem__,
                key="plan_add_branches",
                placeholder=t("One or more"),
                width=380,
            )
            days = days_field(week) if kind is not PlanKind.GOAL else []
            line = line_fields(kind or PlanKind.CONTACT)
        reason = reason_field(week)
        if not st.form_submit_button(t("Add to the plan"), type="primary", key="plan_add_save"):
            return
    where: list[int | None] = list(branches) or [None]
    when: list[date | None] = list(days) or [None]
    found = tuple(replace(line, branch_id=branch_id, day=day) for branch_id in where for day in when)
    added = stored(
        form,
        lambda: store.add_lines(
            current(), week.supervisor, week.week_start, found, reason=reason, now=week.now, key=submit_key(form)
        ),
    )
    if added:
        leave_notice(FORM, t("Added: {count}.", count=added), cleared=ONE_LINE)
        st.rerun()


@dataclass(frozen=True)
class _Sent:
    """What is to become of a line; None = it is dropped. `reason`: why a locked plan changes."""

    line: PlanLine | None
    reason: str


def show_changing(week: ShownWeek, item: PlanItem) -> None:
    """Draw the form that changes a line or takes it out.

    What is typed stays while other lines are looked at, and is held against the line it was typed beside. Whoever saves
    over somebody else's change sees both and saves again to put his own in its place.
    """
    form = _changing(item)
    if not is_begun(form) and not is_at_work(form, *_buttons(item)):
        forget_shown(form)
    shown = first_shown(form, item)
    draft = begin_draft(form, held_by(shown.line, is_locked=week.is_locked))
    first_shown(form, shown)  # filled anew it forgets what it was drawn with before
    st.markdown(f"**{escaped(name_of(item))}**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = day_field(week, shown, draft) if item.line.kind is not PlanKind.GOAL else None
        line = line_fields(item.line.kind, shown.line, draft, is_locked=week.is_locked)
    reason = reason_field(week, draft)
    if item.causes:
        st.caption(
            t(
                "On another day the line is planned anew: the cause ({causes}) is taken back and kept with the "
                "changes; an action opened for it stays open.",
                causes=escaped(listed(language(), (cause_word(language(), code) for code in item.causes))),
            )
        )
    with st.container(horizontal=True):
        saved = st.button(t("Save"), type="primary", key=_buttons(item)[0])
        dropped = st.button(t("Drop from the plan"), key=_buttons(item)[1])
        draft.show_way_back()
    sent = _Sent(replace(line, day=day) if saved else None, reason) if saved or dropped else None

    def change(asked: _Sent, version: int) -> str:
        held, key = replace(shown, version=version), submit_key(form)
        if asked.line is None:
            store.drop_line(current(), held, reason=asked.reason, now=week.now, key=key)
            return t("Dropped: {line}", line=escaped(name_of(item)))
        store.change_line(current(), held, asked.line, reason=asked.reason, now=week.now, key=key)
        words = t("Changed: {line}", line=escaped(name_of(replace(item, line=asked.line))))
        if not item.causes or not is_planned_anew(item.line, asked.line):
            return words
        taken_back = t("The cause of the day that was missed is taken back; an action opened for it stays open.")
        return t("{words}. {more}", words=words, more=taken_back)

    def told(asked: _Sent) -> dict[str, Any]:
        if asked.line is None:
            return {"dropped_on": current().today}
        return {**dict.fromkeys(told_line(shown.line)), **told_line(asked.line)}

    done = store_edit(
        form,
        sent,
        change,
        version=shown.version,
        told=told,
        shown=told_line(shown.line) | {"dropped_on": None},
        may_insist=lambda _, theirs: theirs.get("dropped_on") is None,
    )
    if done:
        leave_notice(FORM, done)
        st.rerun()


def at_work(week: ShownWeek, picked: PlanItem | None) -> PlanItem | None:
    """Return the line whose form is drawn: the picked one, or the one something was just sent about.

    The browser keeps the number of a row; what a colleague changes or takes out moves the lines below it.
    """
    name = f"{FORM}_picked_{week.supervisor}_{week.week_start}"
    before = last_shown(name, picked)
    if picked is not None and before is not None and picked.item_id == before.item_id:
        return picked
    if before is None:
        return picked
    is_gone = all(one.item.item_id != before.item_id for one in week.lines)
    form, buttons = _changing(before), _buttons(before)
    if is_pressed(form, *buttons) or (is_gone and is_at_work(form, *buttons)):
        last_shown(name, before)
        return before
    return picked


def _changing(item: PlanItem) -> str:
    return f"{FORM}_change_{item.item_id}"


def _buttons(item: PlanItem) -> tuple[str, str]:
    return f"plan_change_save_{item.item_id}", f"plan_drop_{item.item_id}"


def goal_total(lines: Sequence[CheckedItem]) -> str:
    """Return the goals among the lines of a week in sum, as words; empty where there are none."""
    goals = [one.item.line for one in lines if one.item.line.kind is PlanKind.GOAL]
    parts = [
        f"{measure_word(language(), measure)} {number_word(sum((g.goal or Decimal(0) for g in found), Decimal(0)))}"
        for measure in GoalMeasure
        if (found := [goal for goal in goals if goal.measure is measure])
    ]
    return " · ".join(parts)
