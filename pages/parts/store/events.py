"""Customer events: the list, what they came to by branch, and what is written down about them."""

from datetime import date, timedelta

import pyarrow as pa

from core.calendar import week_start_of
from core.events.entries import BranchEvent, EventEntry, words_to_check
from core.events.figures import show_up_rate, shown_count
from core.events.rules import event_rules
from core.events.totals import branch_totals
from core.language import Language
from core.portfolio import BranchFilter
from db import events as rows
from db.engine import reading, writing
from pages.parts.store.base import Ask, cached
from pages.parts.store.branches import branches_shown

WEEKS_AHEAD = 53
TO_REPORT = "to_report"
COUNTS = ("invited", "confirmed", "came", "walk_ins", "policies")


def since_of(ask: Ask, weeks: int) -> date:
    """Return the Monday the last weeks begin with, the present one included."""
    return week_start_of(ask.today) - timedelta(weeks=weeks - 1)


@cached
def events(ask: Ask, weeks: int, chosen: BranchFilter) -> tuple[BranchEvent, ...]:
    """Return the events of the last weeks and of the time ahead at the branches of a filter.

    Those nobody reported on come first, then the latest day.
    """
    end = ask.today + timedelta(weeks=WEEKS_AHEAD)
    with reading(ask.store_url) as session:
        found = rows.events_between(session, actor=ask.actor, start=since_of(ask, weeks), end=end)
    if chosen != BranchFilter():
        kept = set(branches_shown(ask, chosen)["branch_id"].to_pylist())
        found = tuple(one for one in found if one.branch_id in kept)
    return tuple(sorted(found, key=lambda one: not one.is_unreported(ask.today)))


@cached
def told(ask: Ask, weeks: int, chosen: BranchFilter, language: Language) -> pa.Table:
    """Return the events of `events` in words, one row each; counts are texts, since small ones are not told apart.

    Columns: day, branch_name, state, kind, title, show_up (0 to 1), theme, relation, tier, levels, is_project,
    approval_number, words, event_ref, note, branch_code and those of `COUNTS`.
    """
    found, rules = events(ask, weeks, chosen), event_rules()
    entries = [one.entry for one in found]
    states = [TO_REPORT if one.is_unreported(ask.today) else one.entry.state.value for one in found]
    levels = [f"{rules.word(one.insurer_level, language)} + {rules.word(one.bank_level, language)}" for one in entries]
    columns = {
        "day": pa.array([one.day for one in entries], pa.date32()),
        "branch_name": pa.array([one.branch_name for one in found], pa.string()),
        "state": pa.array(states, pa.string()),
        "kind": pa.array([one.kind for one in entries], pa.string()),
        "title": pa.array([one.title for one in entries], pa.string()),
        "show_up": pa.array([show_up_rate([one.guests]) for one in entries], pa.float64()),
        "theme": pa.array([one.theme for one in entries], pa.string()),
        "relation": pa.array([one.relation for one in entries], pa.string()),
        "tier": pa.array([one.tier.value for one in entries], pa.string()),
        "levels": pa.array(levels, pa.string()),
        "is_project": pa.array([one.project is not None for one in entries], pa.bool_()),
        "approval_number": pa.array([one.approval_number for one in entries], pa.string()),
        "words": pa.array(["、".join(word.word for word in words_to_check(one)) for one in entries], pa.string()),
        "event_ref": pa.array([one.event_ref for one in entries], pa.string()),
        "note": pa.array([one.note for one in entries], pa.string()),
        "branch_code": pa.array([one.branch_code for one in found], pa.string()),
    }
    for name in COUNTS:
        columns[name] = pa.array([shown_count(getattr(one.guests, name)) for one in entries], pa.string())
    return pa.table(columns)


@cached
def find_event(ask: Ask, event_id: int) -> BranchEvent | None:
    """Return an event, None where there is none in the scope."""
    with reading(ask.store_url) as session:
        return rows.find_event(session, actor=ask.actor, event_id=event_id)


@cached
def totals(ask: Ask, weeks: int, chosen: BranchFilter) -> pa.Table:
    """Return what the events of the last weeks came to by branch, as `core.events.totals.branch_totals`."""
    start, end = since_of(ask, weeks), ask.today + timedelta(days=1)
    with reading(ask.store_url) as session:
        return branch_totals(
            branches_shown(ask, chosen),
            sums=rows.event_sums(session, actor=ask.actor, start=start, end=end),
            followed=rows.events_with_policies(session, actor=ask.actor, start=start, end=end, as_of=ask.today),
            contacts=rows.contact_counts(session, actor=ask.actor, start=start, end=end),
        )


def record(ask: Ask, branch_id: int, entry: EventEntry, *, key: str) -> bool:
    """Store a new event; refusals as `db.events.record_event`."""
    with writing(ask.store_url) as session:
        rows.record_event(session, actor=ask.actor, branch_id=branch_id, entry=entry, today=ask.today, key=key)
    return True


def change(ask: Ask, event: BranchEvent, entry: EventEntry, *, key: str) -> bool:
    """Change an event as it was shown; refusals as `db.events.change_event`."""
    with writing(ask.store_url) as session:
        rows.change_event(
            session,
            actor=ask.actor,
            event_id=event.event_id,
            entry=entry,
            shown_version=event.version,
            today=ask.today,
            key=key,
        )
    return True
