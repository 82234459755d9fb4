"""The audit trail as the screens read it.

Signing in and exports leave the data version: answers are kept until the trail has another newest entry.
"""

from datetime import date

from core.trail.entries import TrailChoice, TrailEntry
from db.audit import newest_entry, trail_entries, trail_people
from db.engine import reading
from pages.parts.store.base import Ask, cached


def entries(ask: Ask, choice: TrailChoice) -> tuple[tuple[TrailEntry, ...], bool]:
    """Return the newest changes asked for, and whether there are more; everybody has his own."""
    return _entries(ask, ask.actor.user_id, _newest(ask), choice)


def people(ask: Ask, first: date, last: date) -> dict[int, str | None]:
    """Return who changed anything in a period, by account; 0 = the command line."""
    return _people(ask, ask.actor.user_id, _newest(ask), first, last)


def _newest(ask: Ask) -> int:
    with reading(ask.store_url) as session:
        return newest_entry(session)


@cached
def _entries(ask: Ask, _user_id: int, _newest: int, choice: TrailChoice) -> tuple[tuple[TrailEntry, ...], bool]:
    with reading(ask.store_url) as session:
        return trail_entries(session, actor=ask.actor, choice=choice)


@cached
def _people(ask: Ask, _user_id: int, _newest: int, first: date, last: date) -> dict[int, str | None]:
    with reading(ask.store_url) as session:
        return trail_people(session, actor=ask.actor, first=first, last=last)
