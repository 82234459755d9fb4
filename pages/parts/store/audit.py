"""The audit trail as the screens read it; asked anew each time, as signing in and exports leave the data version."""

from datetime import date

from core.trail.entries import TrailChoice, TrailEntry
from db.audit import trail_entries, trail_people
from db.engine import reading
from pages.parts.store.base import Ask


def entries(ask: Ask, choice: TrailChoice) -> tuple[tuple[TrailEntry, ...], bool]:
    """Return the newest changes asked for, and whether there are more."""
    with reading(ask.store_url) as session:
        return trail_entries(session, actor=ask.actor, choice=choice)


def people(ask: Ask, first: date, last: date) -> dict[int, str | None]:
    """Return who changed anything in a period, by account; 0 = the command line."""
    with reading(ask.store_url) as session:
        return trail_people(session, actor=ask.actor, first=first, last=last)
