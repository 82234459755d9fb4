"""A page of changes: a line is one field of a change, from what to what.

A page ends with the change that fills it, so that no change is cut in two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.language import Language
from core.trail.entries import MOST_LINES, TrailEntry
from core.trail.words import changed_fields


@dataclass(frozen=True)
class TrailLine:
    """One field of a change in words; a change that tells no field has one line without."""

    entry: TrailEntry
    field: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class TrailPage:
    """The lines of a page, newest first; `older_than` is the last entry shown where more follow."""

    lines: tuple[TrailLine, ...]
    older_than: int | None


def trail_page(
    language: Language,
    entries: Sequence[TrailEntry],
    *,
    titles: Mapping[str, str] | None = None,
    are_more: bool = False,
    most: int = MOST_LINES,
) -> TrailPage:
    """Return as many changes as fit a page, field by field.

    Args:
        language: of the reader.
        entries: newest first.
        titles: the names of the playbook's actions by key.
        are_more: whether the store holds older ones than these.
        most: lines of the page.
    """
    lines: list[TrailLine] = []
    for place, entry in enumerate(entries):
        told = changed_fields(language, entry.subject, entry.before, entry.after, titles=titles)
        found = [TrailLine(entry, one.title, one.before, one.after) for one in told] or [TrailLine(entry)]
        if lines and len(lines) + len(found) > most:
            return TrailPage(tuple(lines), entries[place - 1].entry_id)
        lines += found
    return TrailPage(tuple(lines), entries[-1].entry_id if entries and are_more else None)
