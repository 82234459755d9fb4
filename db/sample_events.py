"""Customer events in the sample city: those its policies came from, a weekly salon here and there, a few by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.calendar import WorkingCalendar
from core.events.entries import EventEntry, Guests, ProjectPlan
from core.facts import Actor, CustomerTier, EventState
from core.sample.plan import names
from db.events import change_event, record_event
from db.models import PolicyRow

WEEKS = 26
"""Weeks back over which events were written down."""
EVERY_THIRD = 3
"""Of the demo supervisor's branches, every third holds salons in a rhythm."""


def hold_events(session: Session, *, supervisor: Actor, branch_ids: Sequence[int], today: date) -> None:
    """Let the demo supervisor have planned and held events at the branches."""
    sample, calendar = names()["traces"], WorkingCalendar()
    words = sample["salons"]
    titles, themes, guests = (cycle(words[key]) for key in ("titles", "themes", "guests"))

    def salon(day: date, **more: Any) -> EventEntry:
        return replace(
            _entry(words["usual"], day),
            title=next(titles),
            theme=next(themes),
            state=EventState.HELD,
            guests=Guests(*next(guests)),
            approval_number=words["approval"],
            approved_on=day - timedelta(days=7),
            **more,
        )

    for ref, branch_id, day, policies in _events_of_policies(session, branch_ids, today):
        entry = salon(day, event_ref=ref)
        if ref.startswith(names()["events"]["roundtable"]):
            entry = replace(_entry(words["roundtable"], day), state=EventState.HELD, event_ref=ref, guests=entry.guests)
        entry = replace(entry, guests=replace(entry.guests, policies=policies))
        _record(session, supervisor, branch_id, entry, today=day)
    for place, branch_id in enumerate(branch_ids[::EVERY_THIRD]):
        for days_ago in words["rhythm_days"][:: 1 + place % 2]:
            day = _workday(calendar, today, days_ago + place)
            _record(session, supervisor, branch_id, salon(day), today=day)
    for row in sample["events"]:
        if row["branch"] < len(branch_ids):
            _by_hand(session, supervisor, branch_ids[row["branch"]], row, calendar=calendar, today=today)


def _by_hand(
    session: Session, actor: Actor, branch_id: int, row: Mapping[str, Any], *, calendar: WorkingCalendar, today: date
) -> None:
    """Plan the event of a row a week before its day, and hold or cancel it on its day."""
    day = _workday(calendar, today, row["days_ago"])
    planned = replace(_entry(row, day), project=_project(row.get("project"), today))
    key = _record(session, actor, branch_id, planned, today=min(today, day - timedelta(days=7)))
    after = None
    if "guests" in row:
        guests = replace(Guests(*row["guests"]), policies=row.get("policies"))
        after = replace(planned, state=EventState.HELD, guests=guests)
    elif "cancelled" in row:
        after = replace(planned, state=EventState.CANCELLED, note=row["cancelled"])
    if after:
        change_event(
            session,
            actor=actor,
            event_id=key,
            entry=after,
            shown_version=1,
            today=day,
            key=f"sample-event-{key}-after",
        )


def _record(session: Session, actor: Actor, branch_id: int, entry: EventEntry, *, today: date) -> int:
    key = f"sample-event-{branch_id}-{entry.day}-{entry.title}-{entry.event_ref}"
    found = record_event(session, actor=actor, branch_id=branch_id, entry=entry, today=today, key=key)
    return int(found["event_id"])


def _entry(row: Mapping[str, Any], day: date) -> EventEntry:
    return EventEntry(
        day=day,
        kind=row["kind"],
        relation=row["relation"],
        tier=CustomerTier(row["tier"]),
        theme=row["theme"],
        insurer_level=row["insurer_level"],
        bank_level=row["bank_level"],
        title=row["title"],
    )


def _project(row: Mapping[str, Any] | None, today: date) -> ProjectPlan | None:
    if row is None:
        return None
    start, end = (today - timedelta(days=row[key]) for key in ("from_days_ago", "until_days_ago"))
    return ProjectPlan(start, end, row["target"], row["resources"], row["result"])


def _workday(calendar: WorkingCalendar, today: date, days_ago: int) -> date:
    """Return the last working day up to so many days ago; of days ahead the next one."""
    day, step = today - timedelta(days=days_ago), timedelta(days=-1 if days_ago >= 0 else 1)
    while not calendar.is_workday(day):
        day += step
    return day


def _events_of_policies(
    session: Session, branch_ids: Sequence[int], today: date
) -> Sequence[tuple[str, int, date, int]]:
    """Return the events policies name, with the branch, the day of the first policy and how many they are."""
    query = (
        select(PolicyRow.event_ref, PolicyRow.branch_id, func.min(PolicyRow.issued_on), func.count())
        .where(
            PolicyRow.branch_id.in_(branch_ids),
            PolicyRow.event_ref.is_not(None),
            PolicyRow.issued_on > today - timedelta(weeks=WEEKS),
        )
        .group_by(PolicyRow.event_ref, PolicyRow.branch_id)
        .order_by(func.min(PolicyRow.issued_on), PolicyRow.event_ref)
    )
    return [(row[0] or "", row[1], row[2], row[3]) for row in session.execute(query)]
