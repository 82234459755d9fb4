"""A customer event as it is written down, and what is wrong with an entry.

Days of a project include both ends. Counts None = not counted, which is not zero. `came` counts
confirmed guests only; whoever came without is a walk-in and counted apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from core.coaching.compliance import ForbiddenWord, forbidden_in
from core.coaching.problems import Problem, ProblemKey, text_problems
from core.events.rules import EventRules, event_rules, named
from core.facts import CustomerTier, EventState
from core.privacy import is_personal_reference

MOST_REFERENCE = 80


@dataclass(frozen=True)
class Guests:
    """Customers as counts; `policies` are those the event is said to have brought."""

    invited: int | None = None
    confirmed: int | None = None
    came: int | None = None
    walk_ins: int | None = None
    policies: int | None = None


@dataclass(frozen=True)
class ProjectPlan:
    """What makes an event the centre of a project; `result` is written once it is over."""

    start_on: date | None
    end_on: date | None
    target: str
    resources: str
    result: str = ""


@dataclass(frozen=True)
class EventEntry:
    """What was filled in; keys are those of the rules. `project` None = no project."""

    day: date
    kind: str
    relation: str
    tier: CustomerTier
    theme: str
    insurer_level: str
    bank_level: str
    state: EventState = EventState.PLANNED
    title: str = ""
    guests: Guests = Guests()
    approval_number: str = ""
    approved_on: date | None = None
    event_ref: str = ""
    project: ProjectPlan | None = None
    note: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything somebody typed that may be said to customers or about the event."""
        plan = self.project
        return (self.title, self.note, *((plan.target, plan.resources, plan.result) if plan else ()))


@dataclass(frozen=True)
class BranchEvent:
    """An event as stored."""

    event_id: int
    branch_id: int
    branch_code: str
    branch_name: str
    entry: EventEntry
    version: int

    def is_unreported(self, today: date) -> bool:
        """Tell whether nobody said yet what became of a planned event whose day is over."""
        return self.entry.state is EventState.PLANNED and self.entry.day < today


def columns_of(entry: EventEntry) -> dict[str, Any]:
    """Return an entry as it is stored and kept in the audit trail: texts stripped, None for nothing."""
    guests, plan = entry.guests, entry.project
    return {
        "day": entry.day,
        "kind": entry.kind,
        "relation": entry.relation,
        "tier": entry.tier.value,
        "theme": entry.theme,
        "title": entry.title.strip() or None,
        "insurer_level": entry.insurer_level,
        "bank_level": entry.bank_level,
        "state": entry.state.value,
        "invited": guests.invited,
        "confirmed": guests.confirmed,
        "came": guests.came,
        "walk_ins": guests.walk_ins,
        "policies": guests.policies,
        "approval_number": entry.approval_number.strip() or None,
        "approved_on": entry.approved_on,
        "event_ref": entry.event_ref.strip() or None,
        "is_project": plan is not None,
        "project_start_on": plan.start_on if plan else None,
        "project_end_on": plan.end_on if plan else None,
        "project_target": (plan.target.strip() or None) if plan else None,
        "project_resources": (plan.resources.strip() or None) if plan else None,
        "project_result": (plan.result.strip() or None) if plan else None,
        "note": entry.note.strip() or None,
    }


def words_to_check(entry: EventEntry) -> tuple[ForbiddenWord, ...]:
    """Return the words of an entry that need approved material; a warning, no verdict."""
    return forbidden_in(entry.texts)


def event_problems(
    entry: EventEntry, *, today: date, before: EventEntry | None = None, rules: EventRules | None = None
) -> tuple[Problem, ...]:
    """Return all that is wrong with an entry, in the order of the form.

    Args:
        entry: what was filled in.
        today: the day in Shanghai.
        before: the event as stored; its day may stay what it was.
        rules: those shipped where none are given.
    """
    rules = rules or event_rules()
    return (
        *_day_problems(entry, today, before, rules),
        *_fit_problems(entry, rules),
        *_guest_problems(entry, rules),
        *_project_problems(entry, today, rules),
        *_text_problems(entry, rules),
    )


def _day_problems(entry: EventEntry, today: date, before: EventEntry | None, rules: EventRules) -> Iterator[Problem]:
    first = today - timedelta(days=rules.limits.most_days_back)
    last = today + timedelta(days=rules.limits.most_days_ahead)
    is_new_day = before is None or before.day != entry.day
    if entry.state is EventState.HELD and entry.day > today:
        yield Problem(ProblemKey.IN_FUTURE, "day", {"day": entry.day, "today": today})
    elif is_new_day and entry.state is EventState.PLANNED and entry.day < today:
        yield Problem(ProblemKey.DUE_IN_PAST, "day", {"day": entry.day, "today": today})
    elif is_new_day and not first <= entry.day <= last:
        yield Problem(ProblemKey.EVENT_DAY, "day", {"day": entry.day, "first": first, "last": last})


def _fit_problems(entry: EventEntry, rules: EventRules) -> Iterator[Problem]:
    """Yield what does not go together: relation and tier, kind, theme, the levels on both sides."""
    tier = entry.tier
    relation = named(rules.relations, entry.relation) or entry.relation
    if tier not in rules.tiers_of(entry.relation):
        yield Problem(ProblemKey.EVENT_TIER, "event_tier", {"relation": relation, "tier": tier})
        return
    if entry.kind not in {one.key for one in rules.kinds_for(entry.relation, tier)}:
        kind = named(rules.kinds, entry.kind) or entry.kind
        yield Problem(ProblemKey.EVENT_KIND, "event_kind", {"kind": kind, "tier": tier, "relation": relation})
    if entry.theme not in {one.key for one in rules.themes_for(tier)}:
        theme = named(rules.themes, entry.theme) or entry.theme
        yield Problem(ProblemKey.EVENT_THEME, "event_theme", {"theme": theme, "tier": tier})
    insurer, bank = rules.levels_for(tier)
    for place, level, allowed in (
        ("insurer_level", entry.insurer_level, insurer),
        ("bank_level", entry.bank_level, bank),
    ):
        if level not in {one.key for one in allowed}:
            yield Problem(ProblemKey.EVENT_LEVEL, place, {"tier": tier, "lowest": allowed[0]})


def _guest_problems(entry: EventEntry, rules: EventRules) -> Iterator[Problem]:
    guests, most = entry.guests, rules.limits.most_guests
    counts = {
        "invited": guests.invited,
        "confirmed": guests.confirmed,
        "came": guests.came,
        "walk_ins": guests.walk_ins,
        "event_policies": guests.policies,
    }
    for place, count in counts.items():
        if count is not None and not 0 <= count <= most:
            yield Problem(ProblemKey.GUESTS, place, {"count": count, "most": most})
    steps = [(place, counts[place]) for place in ("invited", "confirmed", "came") if counts[place] is not None]
    for (_, many), (narrower, few) in pairwise(steps):
        if many is not None and few is not None and few > many:
            yield Problem(ProblemKey.MORE_GUESTS, narrower, {"many": many, "few": few})
    if entry.state is EventState.HELD and guests.came is None:
        yield Problem(ProblemKey.EMPTY, "came")
    elif entry.state is EventState.PLANNED and any(
        count is not None for count in (guests.came, guests.walk_ins, guests.policies)
    ):
        yield Problem(ProblemKey.NOT_HELD, "came")


def _project_problems(entry: EventEntry, today: date, rules: EventRules) -> Iterator[Problem]:
    plan = entry.project
    if plan is None:
        return
    if plan.start_on is None or plan.end_on is None:
        yield Problem(ProblemKey.EMPTY, "project_start" if plan.start_on is None else "project_end")
    else:
        last = plan.start_on + timedelta(days=rules.limits.most_project_days)
        if not plan.start_on <= entry.day <= plan.end_on or plan.end_on > last:
            facts = {"start": plan.start_on, "end": plan.end_on, "day": entry.day}
            yield Problem(ProblemKey.PROJECT_DAYS, "project_end", facts | {"most": rules.limits.most_project_days})
    is_over = plan.end_on is not None and plan.end_on <= today
    needs_result = entry.state is EventState.HELD and is_over
    most = rules.limits.text_most_characters
    yield from text_problems("project_target", plan.target, most=most, needed=True)
    yield from text_problems("project_resources", plan.resources, most=most, needed=True)
    yield from text_problems("project_result", plan.result, most=most, needed=needs_result)


def _text_problems(entry: EventEntry, rules: EventRules) -> Iterator[Problem]:
    limits = rules.limits
    yield from text_problems("event_title", entry.title, most=limits.title_most_characters)
    is_cancelled = entry.state is EventState.CANCELLED
    yield from text_problems("event_note", entry.note, most=limits.text_most_characters, needed=is_cancelled)
    yield from text_problems("approval_number", entry.approval_number, most=MOST_REFERENCE)
    if len(entry.event_ref) > MOST_REFERENCE or is_personal_reference(entry.event_ref):
        yield Problem(ProblemKey.EVENT_REF, "event_ref")
    has_number = bool(entry.approval_number.strip())
    if has_number != (entry.approved_on is not None):
        yield Problem(ProblemKey.EMPTY, "approved_on" if has_number else "approval_number")
    for found in words_to_check(entry):
        if found.word in rules.blocked_words or not has_number:
            key = ProblemKey.FORBIDDEN_WORD if found.word in rules.blocked_words else ProblemKey.NEEDS_APPROVAL
            yield Problem(key, "text", {"word": found.word, "why_en": found.why_en, "why_zh": found.why_zh})
