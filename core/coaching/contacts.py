"""The rules of logging a contact: topics by role, late marks, limits. The rows are `contact_rules.toml`."""

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from core.calendar import SHANGHAI, WorkingCalendar
from core.coaching.problems import Problem, ProblemKey, text_problems
from core.facts import ContactMethod, StaffRole
from core.language import Language

RULES_FILE = Path(__file__).parent / "contact_rules.toml"


@dataclass(frozen=True)
class Topic:
    """A topic of conversation and the roles it is meant for."""

    key: str
    roles: tuple[StaffRole, ...]
    en: str
    zh: str

    def word(self, language: Language) -> str:
        """Return the topic in the language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class ContactRules:
    """What the form takes; days are whole numbers."""

    late_after_workdays: int
    oldest_days: int
    most_minutes: int
    most_note_characters: int
    usual_minutes: dict[ContactMethod, int]
    topics: tuple[Topic, ...]
    valid_from: date
    source: str


@dataclass(frozen=True)
class ContactEntry:
    """What was filled in: one contact for each person and one for each role met as a group.

    `is_usual_minutes`: nobody said how long it took, the minutes are the usual ones of the method.
    """

    contact_on: date
    method: ContactMethod
    staff_ids: tuple[int, ...] = ()
    roles: tuple[StaffRole, ...] = ()
    minutes: int | None = None
    topic: str | None = None
    note: str | None = None
    next_step: str | None = None
    is_usual_minutes: bool = False


@dataclass(frozen=True)
class ContactContent:
    """What of a stored contact may be corrected; where it was may not.

    `role` None = whom it was with stays; with a role it was with the person, or with the role as a group.
    """

    contact_on: date
    method: ContactMethod
    minutes: int | None
    topic: str | None
    note: str | None
    next_step: str | None
    staff_id: int | None = None
    role: StaffRole | None = None


@dataclass(frozen=True)
class KeptContact:
    """Whom a stored contact of a branch was with and how it came in; `staff_id` None = the role as a group.

    `logged_at` None = an import brought it, at `imported_at`.
    """

    contact_id: int
    contact_on: date
    staff_id: int | None
    role: str
    logged_at: datetime | None
    imported_at: datetime | None

    def may_be(self, other: "KeptContact") -> bool:
        """Tell whether two contacts of a branch hold the same: the day and the person, or a group and one in it."""
        if self.contact_on != other.contact_on:
            return False
        if self.staff_id is not None and other.staff_id is not None:
            return self.staff_id == other.staff_id
        return self.role == other.role


@cache
def contact_rules() -> ContactRules:
    """Return the rules as they run."""
    rows = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
    topics = tuple(
        Topic(row["key"], tuple(StaffRole(word) for word in row["roles"]), row["en"], row["zh"])
        for row in rows.pop("topic")
    )
    usual = {ContactMethod(word): minutes for word, minutes in rows.pop("usual_minutes").items()}
    return ContactRules(topics=topics, usual_minutes=usual, **rows)


def topics_for(roles: Collection[StaffRole]) -> tuple[Topic, ...]:
    """Return the topics that fit any of the roles, in the order of the rules; no role gives all."""
    return tuple(topic for topic in contact_rules().topics if not roles or set(topic.roles) & set(roles))


def topic_word(language: Language, topic: str | None) -> str:
    """Return the words of a stored topic; a free text from an import is its own word."""
    found = next((row for row in contact_rules().topics if row.key == topic), None)
    return found.word(language) if found else topic or ""


def is_late(contact_on: date, *, today: date, calendar: WorkingCalendar) -> bool:
    """Tell whether a contact is logged more than the allowed working days after it was made."""
    most = contact_rules().late_after_workdays
    days = (contact_on + timedelta(days=number) for number in range(1, (today - contact_on).days + 1))
    return sum(calendar.is_workday(day) for day in days) > most


def logged_twice(contacts: Iterable[KeptContact]) -> frozenset[int]:
    """Return the contacts of a branch that an import may have brought a second time, and those logged by hand before.

    Who logs by hand beside an import is asked by the form. A contact has a day and no hour: what may lie within
    the same half day is the whole day.
    """
    rows = list(contacts)
    by_hand = [one for one in rows if one.imported_at is None and one.logged_at is not None]
    return frozenset(
        number
        for brought in rows
        for logged in by_hand
        if brought.imported_at is not None
        and logged.logged_at is not None
        and brought.imported_at > logged.logged_at
        and brought.may_be(logged)
        for number in (brought.contact_id, logged.contact_id)
    )


def logged_days_later(contact_on: date, logged_at: datetime | None) -> int | None:
    """Return how many days after a contact it was logged, 0 = the same day; None where an import brought it."""
    return None if logged_at is None else (logged_on(logged_at) - contact_on).days


def logged_on(logged_at: datetime) -> date:
    """Return the day in Shanghai on which a contact was logged."""
    return logged_at.astimezone(SHANGHAI).date()


def oldest_day(today: date) -> date:
    """Return the first day a contact may be logged for by hand."""
    return today - timedelta(days=contact_rules().oldest_days)


def entry_problems(entry: ContactEntry, *, today: date) -> tuple[Problem, ...]:
    """Return all that is wrong with an entry, apart from what only the store knows."""
    rules = contact_rules()
    found: list[Problem] = []
    if not entry.staff_ids and not entry.roles:
        found.append(Problem(ProblemKey.NOBODY, "whom"))
    if entry.contact_on > today:
        found.append(Problem(ProblemKey.IN_FUTURE, "contact_on", {"day": entry.contact_on, "today": today}))
    elif entry.contact_on < oldest_day(today):
        found.append(Problem(ProblemKey.TOO_OLD, "contact_on", {"day": entry.contact_on, "oldest": oldest_day(today)}))
    if entry.minutes is not None and not 0 <= entry.minutes <= rules.most_minutes:
        found.append(Problem(ProblemKey.MINUTES, "minutes", {"minutes": entry.minutes, "most": rules.most_minutes}))
    for name, words in (("topic", entry.topic), ("note", entry.note), ("next_step", entry.next_step)):
        found.extend(text_problems(name, words, most=rules.most_note_characters))
    return tuple(found)


def met_twice(people: Iterable[tuple[str, StaffRole]], roles: Collection[StaffRole]) -> tuple[Problem, ...]:
    """Point out who of an entry is named although the group of his role is, too: he would be met twice at once.

    Args:
        people: those named, with their roles.
        roles: the roles met as a group.
    """
    both = [(name, role) for name, role in people if role in roles]
    if not both:
        return ()
    facts = {"people": [name for name, _ in both], "roles": list(dict.fromkeys(role for _, role in both))}
    return (Problem(ProblemKey.PERSON_AND_GROUP, "whom", facts),)
