"""The Check and Act phases: plan against fact, and why what was missed was missed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pyarrow as pa
import streamlit as st

from core.calendar import week_start_of
from core.language.days import day_word
from core.planning.causes import find_cause
from core.planning.check import NOT_KEPT, CheckedItem, ItemState
from core.planning.feedback import feedback_rate
from core.planning.items import ChangeKind, ItemChange, PlanItem
from core.planning.lock import working_week_from
from core.planning.rules import plan_rules_on
from core.planning.words import change_word
from core.trail.words import changed_fields
from pages.parts.action_table import action_titles
from pages.parts.cause_form import ask_causes, cause_begun, cause_form_of, explained_words, line_drawn
from pages.parts.conflict import store_edit
from pages.parts.layout import empty_state, escaped, section
from pages.parts.notices import leave_notice
from pages.parts.picks import forget_pick
from pages.parts.plan_forms import FORM
from pages.parts.plan_lines import is_goal, name_of, show_lines
from pages.parts.plan_week import ShownWeek, earlier_misses, open_act, week_words
from pages.parts.session import current, guarded, language, submit_key, t
from pages.parts.shown import drawing
from pages.parts.store import planning as store
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_word


def show_check(week: ShownWeek) -> None:
    """Draw the figures of the week, plan against fact for each line, and what changed after the lock."""
    found, rules = week.summary, plan_rules_on(week.week_start)
    rate = feedback_rate(
        week.week_start,
        store.feedback(current(), week.supervisor, week.week_start),
        now=week.now,
        calendar=store.calendar(current()),
    )
    dash = "–"
    quiet: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off"}
    kept = dash if found.completion is None else f"{found.completion:.0%}"
    with st.container(horizontal=True):
        st.metric(
            t("Plan lines kept"),
            kept,
            t(
                "{kept} of {lines}, target {target}%",
                kept=found.kept,
                lines=found.frozen,
                target=rules.completion_target,
            )
            if found.frozen
            else None,
            help=t("Of the contacts, actions and events in the plan at its lock, dropped ones included"),
            **quiet,
        )
        if found.goals_unknown:
            st.metric(t("Goals reached"), dash, t("policies of the week are not in yet"), **quiet)
        else:
            some = t("{some} of {all}", some=found.goals_reached, all=found.goals)
            st.metric(t("Goals reached"), some if found.goals else dash)
        st.metric(t("Daily feedback in time"), dash if rate.rate is None else f"{rate.rate:.0%}")
        st.metric(t("Misses without a cause"), week.unexplained)
    notes = [
        (not found.is_scored, t("This week has few working days: shown, but not scored.")),
        (
            found.ticked,
            t("{count} ticked by hand, without a logged contact, a held event or a closed action", count=found.ticked),
        ),
        (found.is_started_late, t("The plan was started after its lock: lines added late count too.")),
        (found.extra, t("{count} added after the lock", count=found.extra)),
        (found.dropped, t("{count} dropped after the lock", count=found.dropped)),
    ]
    words = [each for holds, each in notes if holds]
    if words:
        st.caption(" · ".join(words))
    with section(t("Plan against fact")):
        order = list(ItemState)
        lines = sorted(week.items, key=lambda one: (one.state not in NOT_KEPT, is_goal(one), order.index(one.state)))
        picked = show_lines(
            lines,
            part="check",
            key=f"plan_check_{week.week_start}",
            name=t("Plan against fact"),
            empty=t("Nothing was planned for this week."),
        )
        if picked and picked.item.carried_from is not None:
            _show_chain(picked.item)
    trail = store.changes(current(), week.supervisor, week.week_start)
    if trail and st.toggle(t("Changes after the lock ({count})", count=len(trail)), key="plan_show_trail"):
        _show_trail(week, trail)


def _show_trail(week: ShownWeek, trail: Sequence[ItemChange]) -> None:
    names = {one.item.item_id: name_of(one.item) for one in week.items}
    said = language()
    show_table(
        pa.table(
            {
                "at": pa.array([one.at for one in trail], pa.timestamp("us", "UTC")),
                "by": pa.array([one.by for one in trail], pa.string()),
                "kind": pa.array([change_word(said, one.kind) for one in trail], pa.string()),
                "line": pa.array([names.get(one.item_id, "–") for one in trail], pa.string()),
                "values": pa.array([_both(one) for one in trail], pa.string()),
                "reason": pa.array(
                    [
                        f"{one.reason} · {of.title(said)}" if (of := find_cause(one.reason)) else one.reason
                        for one in trail
                    ],
                    pa.string(),
                ),
            }
        ),
        [
            Column("at", t("When"), "moment", width=130),
            Column("by", t("Changed by"), width=110),
            Column("kind", t("Change"), width=80),
            Column("line", t("What"), width=260),
            Column("values", t("Before and after"), width=240),
            Column("reason", t("Why"), width=180),
        ],
        key="plan_trail",
        name=t("Changes after the lock"),
    )


def _both(one: ItemChange) -> str | None:
    """Return the values a change replaced and those it set; of a line that was added or dropped there is one side."""
    if one.kind is not ChangeKind.CHANGED:
        return None
    fields = changed_fields(language(), "plan_item", one.before, one.after, titles=action_titles())
    return " · ".join(f"{each.title}: {each.before or '–'} → {each.after or '–'}" for each in fields) or None


def _show_chain(item: PlanItem) -> None:
    """Say in which weeks a line was missed before, and what was found then."""
    parts = []
    for one in store.chain(current(), item.item_id)[1:]:
        cause = find_cause(one.cause)
        why = cause.title(language()) if cause else t("Unexplained")
        said = t("{head}: {words}", head=week_words(one.week_start), words=why)
        parts.append(said + (f" → {one.adjustment}" if one.adjustment else ""))
    st.caption(escaped(" · ".join([t("Missed before: {count}", count=item.times_carried), *parts])))


def show_act(week: ShownWeek) -> None:
    """Draw the misses, those without a cause first, and the form for one: cause, questions, what changes."""
    misses = sorted(
        (*(one for one in week.lines if one.state in NOT_KEPT), *week.handed),
        key=lambda one: (one.item.cause is not None, is_goal(one), -one.item.times_carried, one.item.item_id),
    )
    _show_earlier(week)
    elsewhere = sum(one.state in NOT_KEPT and one.item.is_handed_on for one in week.items)
    if elsewhere:
        st.caption(t("Missed at branches somebody else has by now, who is asked about them: {count}", count=elsewhere))
    if not misses:
        empty_state(
            t("Nothing was missed in this week.") if week.is_over else t("Nothing is late or missed so far this week.")
        )
        return
    with section(t("Misses and their causes"), help=t("Select a row to name its cause; unexplained ones come first")):
        at_hand = _at_hand(misses)
        picked = show_lines(
            misses,
            part="act",
            key=_act_table(week),
            name=t("Misses and their causes"),
            empty="",
            at_hand=at_hand,
        )
    _explain(week, picked or at_hand)


def _act_table(week: ShownWeek) -> str:
    return f"plan_act_{week.week_start}"


def _show_earlier(week: ShownWeek) -> None:
    """Offer the earlier weeks with misses nobody named a cause of; choosing one leads there."""
    earlier, key = earlier_misses(week), f"plan_earlier_{week.week_start}"
    if not earlier:
        return

    words = {monday: f"{week_words(monday)}: {count}" for monday, count in earlier.items()}

    def go() -> None:
        chosen = st.session_state.get(key)
        if chosen is not None:
            open_act(chosen)

    st.selectbox(
        t("Earlier weeks with misses without a cause"),
        list(words),
        index=None,
        format_func=words.__getitem__,
        key=key,
        placeholder=t("Misses: {count}, weeks: {weeks}", count=sum(earlier.values()), weeks=len(earlier)),
        on_change=guarded(go),
        width=380,
    )


def _at_hand(misses: Sequence[CheckedItem]) -> CheckedItem:
    """Return the miss somebody is explaining, else the first: a colleague may have explained it meanwhile."""
    return next((one for one in misses if cause_begun(one.item)), misses[0])


def _explain(week: ShownWeek, miss: CheckedItem) -> None:
    item = miss.item
    form = cause_form_of(item)
    shown = line_drawn(item)
    with section(t("Why was it missed?")):
        st.markdown(f"**{escaped(name_of(item))}**")
        if item.supervisor != week.supervisor:
            st.caption(
                escaped(
                    t(
                        "From the plan of {supervisor}, who had the branch then",
                        supervisor=supervisor_word(item.supervisor) or "–",
                    )
                )
            )
        if item.carried_from is not None:
            _show_chain(item)
        sent = ask_causes(item, shown, drawing(form))
        answered = store_edit(
            form,
            sent,
            lambda said, version: store.explain(
                current(), item, said, shown_version=version, now=week.now, key=submit_key(form)
            ),
            version=shown.version,
            told=lambda said: said.told,
        )
        if answered is not None:
            leave_notice(FORM, explained_words(escaped(name_of(item)), answered))
            forget_pick(_act_table(week))  # the next one without a cause comes up by itself
            st.rerun()


def next_week_note(week: ShownWeek) -> None:
    """Say what of this week goes into the next plan that takes something over, and does not stand there yet."""
    own = {one.item.item_id for one in (*week.items, *week.handed)}
    monday = max(week.week_start + timedelta(weeks=1), week_start_of(current().today))
    monday = working_week_from(monday, store.calendar(current()))
    waiting = store.take_over(current(), week.supervisor, monday)
    carried = sum(one.carried_from in own for one in waiting.seeds)
    if carried:
        st.caption(
            t(
                "Of these lines, waiting for the plan of the week from {day}: {count}.",
                count=carried,
                day=day_word(language(), monday),
            )
        )
