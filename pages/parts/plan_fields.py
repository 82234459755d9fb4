"""The fields of a line of the week plan: days, what a kind has, and the reason a locked plan asks for.

Those of a line that is changed are a draft, filled from the line; those of new lines stand in one form.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from core.coaching.actions import DECISION_ACTION
from core.coaching.contacts import topic_word, topics_for
from core.facts import ContactMethod, StaffRole
from core.language.days import day_word
from core.language.labels import label
from core.planning.items import EventKind, GoalMeasure, PlanItem, PlanKind, PlanLine
from core.planning.lock import working_days
from core.planning.rules import plan_rules_on
from core.planning.words import event_word, measure_word
from pages.parts.action_table import action_titles
from pages.parts.drafts import Draft
from pages.parts.layout import LIVE
from pages.parts.plan_week import ShownWeek
from pages.parts.session import current, language, t
from pages.parts.store import planning as store

ADDING = "plan_add"
"""The keys of the fields of new lines begin so."""


def held_by(line: PlanLine, *, is_locked: bool) -> dict[str, Any]:
    """Return what the fields of a line are filled with, by their names; those without a value show their first."""
    held: dict[str, Any] = {"day": line.day, "text": line.text or ""} | ({"reason": ""} if is_locked else {})
    match line.kind:
        case PlanKind.CONTACT:
            return held | {"role": line.role or next(iter(StaffRole)), "method": line.method, "topic": line.topic}
        case PlanKind.ACTION:
            return held | {"action": line.action_key if line.action_key in action_titles() else None}
        case PlanKind.EVENT:
            return held | {"event": line.event_kind or next(iter(EventKind))}
        case PlanKind.GOAL:
            del held["day"]
            return held | {"measure": line.measure or next(iter(GoalMeasure)), "goal": float(line.goal or 1)}


def _of(draft: Draft | None, name: str) -> dict[str, Any]:
    """Return key and lifetime of a field."""
    return dict(draft.of(name)) if draft else {"key": f"{ADDING}_{name}"}


def _typed(draft: Draft | None, name: str) -> dict[str, Any]:
    """Return the same of a text, which outside a form is sent while it is typed."""
    return _of(draft, name) | ({"live": LIVE} if draft else {})


def days_field(week: ShownWeek) -> list[date]:
    """Draw the days new lines are for; none = some day of the week."""
    calendar = store.calendar(current())
    days = [day for day in working_days(week.week_start, calendar) if day >= current().today]
    return list(
        st.multiselect(
            t("Days"),
            days,
            format_func=lambda day: day_word(language(), day),
            key=f"{ADDING}_days",
            placeholder=t("Some day of the week"),
            width=260,
        )
    )


def day_field(week: ShownWeek, shown: PlanItem, draft: Draft) -> date | None:
    """Draw the day of a line among the working days to come; the one it has may stay."""
    calendar = store.calendar(current())
    days = [day for day in working_days(week.week_start, calendar) if day >= current().today]
    if shown.line.day and shown.line.day not in days:
        days.insert(0, shown.line.day)
    chosen = st.selectbox(
        t("Day"),
        days,
        index=days.index(shown.line.day) if shown.line.day else None,
        format_func=lambda day: day_word(language(), day),
        placeholder=t("Some day of the week"),
        width=170,
        **draft.of("day"),
    )
    return chosen or None


def line_fields(
    kind: PlanKind, shown: PlanLine | None = None, draft: Draft | None = None, *, is_locked: bool = False
) -> PlanLine:
    """Draw the fields a kind of line has and return what they say; whom or what a locked one is about stays."""
    said, line = language(), shown or PlanLine(kind)
    match kind:
        case PlanKind.CONTACT:
            roles, methods = list(StaffRole), list(ContactMethod)
            line = replace(
                line,
                role=st.selectbox(
                    t("Role"),
                    roles,
                    index=roles.index(line.role) if line.role else 0,
                    format_func=lambda one: label(said, one),
                    disabled=is_locked,
                    width=150,
                    **_of(draft, "role"),
                ),
                method=st.selectbox(
                    t("How"),
                    methods,
                    index=methods.index(line.method) if line.method else None if shown else 0,
                    format_func=lambda one: label(said, one),
                    placeholder=t("Any"),
                    width=140,
                    **_of(draft, "method"),
                ),
                topic=_topic(line, draft),
            )
        case PlanKind.ACTION:
            titles = action_titles()
            keys = [key for key in titles if key != DECISION_ACTION or key == line.action_key]
            line = replace(
                line,
                action_key=st.selectbox(
                    t("Coaching action"),
                    keys,
                    index=keys.index(line.action_key) if line.action_key in titles else None,
                    format_func=lambda one: titles[one],
                    disabled=is_locked or line.suggestion_id is not None,
                    width=320,
                    **_of(draft, "action"),
                ),
            )
        case PlanKind.EVENT:
            kinds = list(EventKind)
            line = replace(
                line,
                event_kind=st.selectbox(
                    t("Event"),
                    kinds,
                    index=kinds.index(line.event_kind) if line.event_kind else 0,
                    format_func=lambda one: event_word(said, one),
                    disabled=is_locked,
                    width=200,
                    **_of(draft, "event"),
                ),
            )
        case PlanKind.GOAL:
            line = _goal(line, draft, is_locked=is_locked)
    most = plan_rules_on(current().today).text_most_characters
    words = st.text_input(t("Remark"), line.text or "", max_chars=most, width=260, **_typed(draft, "text"))
    return replace(line, text=words or None)


def _topic(line: PlanLine, draft: Draft | None) -> str | None:
    topics = [one.key for one in topics_for(())]
    if line.topic and line.topic not in topics:
        topics.insert(0, line.topic)
    chosen = st.selectbox(
        t("Topic"),
        topics,
        index=topics.index(line.topic) if line.topic else None,
        format_func=lambda one: topic_word(language(), one),
        placeholder=t("Any"),
        width=190,
        **_of(draft, "topic"),
    )
    return chosen or None


def _goal(line: PlanLine, draft: Draft | None, *, is_locked: bool) -> PlanLine:
    measures = list(GoalMeasure)
    measure = st.selectbox(
        t("Measure"),
        measures,
        index=measures.index(line.measure) if line.measure else 0,
        format_func=lambda one: measure_word(language(), one),
        disabled=is_locked,
        width=150,
        **_of(draft, "measure"),
    )
    goal = st.number_input(
        t("Goal"), min_value=0.0, value=float(line.goal or 1), step=0.5, width=130, **_of(draft, "goal")
    )
    return replace(line, measure=measure, goal=Decimal(str(round(goal or 0, 2))))


def reason_field(week: ShownWeek, draft: Draft | None = None) -> str:
    """Draw the reason a locked plan asks for; empty before the lock."""
    if not week.is_locked:
        return ""
    most = plan_rules_on(current().today).text_most_characters
    return st.text_input(t("Why the locked plan changes"), max_chars=most, **_typed(draft, "reason")) or ""
