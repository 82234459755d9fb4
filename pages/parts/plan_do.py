"""The Do phase: tick what was done in one table, and write the line of the day."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.language import listed
from core.language.days import day_word
from core.planning.check import CheckedItem, ItemState
from core.planning.feedback import feedback_deadline, feedback_rate
from core.planning.items import DayFeedback, PlanKind
from core.planning.lock import working_days
from core.planning.rules import plan_rules_on
from core.planning.words import line_words, state_word
from pages.parts.action_table import action_titles
from pages.parts.conflict import Row, is_at_work, store_edit
from pages.parts.layout import LIVE, empty_state, escaped, section
from pages.parts.notices import leave_notice
from pages.parts.plan_forms import FORM
from pages.parts.plan_lines import name_of
from pages.parts.plan_week import ShownWeek
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import draw_anew, drawing, first_shown, forget_shown, last_shown
from pages.parts.store import planning as store

OFFERED = (ItemState.LATE, ItemState.OPEN, ItemState.TICKED, ItemState.MISSED)
ROW_PIXELS, MOST_PIXELS = 35, 430


@dataclass(frozen=True)
class _Ticks:
    """The rows a browser shows: key of the table, then line, version and whether it is ticked, in order."""

    key: str
    rows: tuple[tuple[int, int, bool], ...]


def show_do(week: ShownWeek) -> None:
    """Draw the lines that wait, the late ones first, with a box each, and the feedback of the day."""
    lines = [one for one in week.lines if one.item.line.kind is not PlanKind.GOAL]
    waiting = sorted((one for one in lines if one.state in OFFERED), key=lambda one: _urgency(one, current().today))
    done = sum(one.state is ItemState.DONE for one in lines)
    by_record = t("Contacts logged, events held and actions closed tick their lines by themselves")
    with section(t("What is to do"), help=by_record):
        if waiting and week.week_start > current().today:
            st.caption(
                t(
                    "The week has not begun: lines can be ticked from {day} on.",
                    day=day_word(language(), week.week_start),
                )
            )
        elif waiting:
            if any(one.item.line.suggestion_id is not None for one in waiting):
                st.caption(t("What came of an open action is recorded under the action itself: a tick leaves it open."))
            _show_ticks(week, waiting)
        elif lines and done == len(lines):
            st.success(t("Everything planned for this week is done."))
        elif lines:
            st.info(t("Nothing is left to do this week: {parts}.", parts=escaped(_ends(lines))))
        elif week.is_over:
            empty_state(t("Nothing was planned for this week."))
        else:
            empty_state(t("No contact, action or event is planned. Add them in the Plan phase."))
        if done:
            st.caption(t("{count} ticked by logged contacts, held events and closed actions", count=done))
    given = store.feedback(current(), week.supervisor, week.week_start)
    if given or not week.is_workless:
        with section(t("Daily feedback"), help=t("One line a working day: what happened, what comes next")):
            _show_feedback(week, given)


def _ends(lines: Sequence[CheckedItem]) -> str:
    """Return how many lines came to which end, as words."""
    counts = Counter(one.state for one in lines)
    return listed(
        language(), (f"{state_word(language(), state)} {counts[state]}" for state in ItemState if state in counts)
    )


def _urgency(one: CheckedItem, today: date) -> tuple[bool, bool, date]:
    is_open = one.state is not ItemState.TICKED
    day = one.item.line.day or date.max
    return not is_open, not day <= today, day


def _show_ticks(week: ShownWeek, waiting: list[CheckedItem]) -> None:
    said, titles = language(), action_titles()
    form = f"{FORM}_ticks_{week.supervisor}_{week.week_start}"
    rows = tuple((one.item.item_id, one.item.version, one.state is ItemState.TICKED) for one in waiting)
    frame = pd.DataFrame(
        {
            "done": [one.state is ItemState.TICKED for one in waiting],
            "branch": [one.item.branch_name or "–" for one in waiting],
            "line": [line_words(said, one.item.line, titles) for one in waiting],
            "state": [state_word(said, one.state) for one in waiting],
            "day": [day_word(said, one.item.line.day) if one.item.line.day else "" for one in waiting],
            "carried": [f"{one.item.times_carried}×" if one.item.times_carried else "" for one in waiting],
        }
    )
    seen = hash(tuple(frame.assign(line_id=[each[0] for each in rows]).itertuples()))
    now_drawn = _Ticks(f"plan_ticks_{week.week_start}_{seen}{drawing(form)}", rows)
    shown = last_shown(form, now_drawn)
    config = st.column_config
    with st.form("plan_ticks_form", border=False, enter_to_submit=False):
        st.data_editor(
            frame,
            key=now_drawn.key,
            hide_index=True,
            disabled=["branch", "line", "state", "day", "carried"],
            height=min(MOST_PIXELS, ROW_PIXELS * (len(rows) + 1) + 3),
            column_config={
                "done": config.CheckboxColumn(t("Done"), width=82, pinned=True),
                "branch": config.TextColumn(t("Branch"), width=206),
                "line": config.TextColumn(t("What"), width=340),
                "state": config.TextColumn(t("State"), width=84),
                "day": config.TextColumn(t("Day"), width=116),  # an empty date would read "None" in any language
                "carried": config.TextColumn(t("Missed"), help=t("In how many weeks before"), width=66),
            },
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            note = st.text_input(
                t("What came of it"),
                key="plan_ticks_note",
                max_chars=plan_rules_on(current().today).text_most_characters,
                width=420,
            )
            saved = st.form_submit_button(t("Save the ticks"), type="primary", key="plan_ticks_save")
    sent = _changed_boxes(shown, st.session_state.get(shown.key, {}), note or "") if saved else None
    if saved and sent is None:
        is_anew = first_shown(f"{form}_first", now_drawn.key) != now_drawn.key
        anew = t("The list was drawn anew meanwhile because a line changed: tick again what is missing.")
        st.info(t("No box was changed.") + (f" {anew}" if is_anew else ""))
    first_shown(f"{form}_first", now_drawn.key)
    present = {one.item.item_id: one for one in week.lines}
    done = store_edit(
        form,
        sent,
        lambda ticks, _: _tick(week, ticks if sent else ticks.held_against(present), submit_key(form)),
        version=0,
        told=lambda _: {},
        rows=lambda ticks: _both_ticks(ticks, present),
        may_insist=lambda ticks, _: all(one in present and not present[one].item.is_dropped for one in ticks.boxes),
    )
    if done:
        forget_shown(f"{form}_first")
        leave_notice(FORM, t("Ticks saved: {count}.", count=done), cleared={"plan_ticks_note": ""})
        st.rerun()


@dataclass(frozen=True)
class _Boxes:
    """The boxes that were changed: version the line was shown with and whether it is done, by its key."""

    boxes: Mapping[int, tuple[int, bool]]
    note: str

    def held_against(self, present: Mapping[int, CheckedItem]) -> "_Boxes":
        """Return the same boxes held against the lines as they stand now."""
        there = {one: done for one, (_, done) in self.boxes.items() if one in present}
        return replace(self, boxes={one: (present[one].item.version, done) for one, done in there.items()})


def _changed_boxes(shown: _Ticks, edits: Mapping[str, Any], note: str) -> _Boxes | None:
    """Return the boxes as they were changed in the table that was shown, None where none was."""
    wanted = {int(row): change["done"] for row, change in edits.get("edited_rows", {}).items() if "done" in change}
    changed = {row: done for row, done in wanted.items() if row < len(shown.rows) and shown.rows[row][2] is not done}
    boxes = {shown.rows[row][0]: (shown.rows[row][1], done) for row, done in changed.items()}
    return _Boxes(boxes, note) if boxes else None


def _tick(week: ShownWeek, ticks: _Boxes, key: str) -> int:
    """Store the boxes, all or none, and return how many there were."""
    store.tick(current(), ticks.boxes, note=ticks.note or None, now=week.now, key=key)
    return len(ticks.boxes)


def _both_ticks(ticks: _Boxes, present: Mapping[int, CheckedItem]) -> list[Row]:
    """Return the lines somebody else changed: how they stand now, and what was to be stored."""
    said, found = language(), []
    for number, (version, done) in ticks.boxes.items():
        now = present.get(number)
        if now is None or now.item.version != version:
            mine = state_word(said, ItemState.TICKED if done else ItemState.OPEN)
            gone = state_word(said, ItemState.DROPPED)
            found.append((name_of(now.item) if now else gone, state_word(said, now.state) if now else gone, mine))
            stored = (now.item.tick_note if now else None) or ""
            entered = (ticks.note.strip() or stored) if done else ""  # no words leave those there are
            if entered != stored:
                found.append((t("What came of it"), stored or "–", entered or "–"))
    return found


def _show_feedback(week: ShownWeek, given: Mapping[date, DayFeedback]) -> None:
    ask, calendar = current(), store.calendar(current())
    rate = feedback_rate(week.week_start, given, now=week.now, calendar=calendar)
    if rate.owed:
        st.caption(
            t(
                "In time on {in_time} of {owed} working days so far, given on {given}",
                in_time=rate.in_time,
                owed=rate.owed,
                given=rate.given,
            )
        )
    oldest = ask.today - timedelta(days=plan_rules_on(ask.today).write_days_back)
    days = [day for day in working_days(week.week_start, calendar) if oldest <= day <= ask.today]
    if week.is_own and days:
        _write_feedback(week, days, given)
    late = t("sent late")
    lines = [
        f"**{escaped(day_word(language(), one.day))}** {escaped(one.words)}"
        + ("" if one.written_at <= feedback_deadline(one.day, calendar) else f" :orange-badge[{late}]")
        for one in sorted(given.values(), key=lambda one: one.day, reverse=True)
    ]
    if lines:
        st.markdown("  \n".join(lines))
    elif not rate.owed and not (week.is_own and days):
        st.caption(t("No feedback yet."))


def _write_feedback(week: ShownWeek, days: list[date], given: Mapping[date, DayFeedback]) -> None:
    open_days = [day for day in days if day not in given]
    usual = days.index(open_days[-1]) if open_days else len(days) - 1
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.selectbox(
            t("Day"),
            days,
            index=usual,
            format_func=lambda one: day_word(language(), one),
            key=f"plan_feedback_day_{week.week_start}",
            width=150,
        )
        if day is None:
            return
        form = f"{FORM}_feedback_{day}"
        shown, present = first_shown(form, given.get(day)), given.get(day)
        key, told = f"plan_feedback_words_{day}", shown.words if shown else ""
        is_begun = st.session_state.get(f"{key}{drawing(form)}", told) != told
        if shown != present and not is_begun and not is_at_work(form, "plan_feedback_save"):
            draw_anew(form)
            shown, told = first_shown(form, present), present.words if present else ""
        words = st.text_input(
            t("One line about the day"),
            told,
            key=f"{key}{drawing(form)}",
            max_chars=plan_rules_on(current().today).text_most_characters,
            placeholder=t("No customer names, phone or ID numbers"),
            live=LIVE,
            persist_state="session",  # another phase may be looked at meanwhile
            width=520,
        )
        saved = st.button(t("Save the line"), type="primary", key="plan_feedback_save")
    if store_edit(
        form,
        (words or "") if saved else None,
        lambda sent, version: store.write_feedback(
            current(), day, sent, shown_version=version, now=week.now, key=submit_key(form)
        ),
        version=shown.version if shown else 0,
        told=lambda sent: {"words": sent.strip()},
    ):
        leave_notice(FORM, t("Feedback saved for {day}.", day=day_word(language(), day)))
        st.rerun()
