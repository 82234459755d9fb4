"""A review as it was held: when, by whom, who was there, and the figures kept as shown.

The kept figures are JSON of the records themselves. What a later correction of data would change is found
by asking again and comparing the figures of each topic that looks back; topics that look at today are not
compared, as they change by themselves.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import msgspec

from core.coaching.problems import Problem, ProblemKey, text_problems
from core.review.agenda import Agenda
from core.review.figures import ReviewFigures, Topic
from core.review.rules import meeting_rules_on
from core.review.scope import ReviewScope


@dataclass(frozen=True)
class Meeting:
    """A review: `ended_at` None = still held. `data_version` is that of the figures it shows."""

    meeting_id: int
    scope: ReviewScope
    week_start: date
    chair: str
    begun_at: datetime
    ended_at: datetime | None
    agenda: Agenda
    present: tuple[str, ...]
    guests: tuple[str, ...]
    data_version: int
    version: int

    @property
    def is_closed(self) -> bool:
        """Tell whether it is over and kept as shown."""
        return self.ended_at is not None


@dataclass(frozen=True)
class MeetingLine:
    """A review in the list of those held: `decisions` taken in it, `done` of them."""

    meeting: Meeting
    decisions: int
    done: int


@dataclass(frozen=True)
class Correction:
    """A figure that a closed review shows otherwise than the store would now; `what` and `key` name it."""

    topic: Topic
    what: str
    key: str
    shown: Any
    now: Any


@dataclass(frozen=True)
class ReviewShown:
    """What leaves the room: the figures of the topics spoken about; without a meeting those of all topics as of now.

    `corrections` are the figures of a review that is over which the store would give otherwise now.
    """

    figures: ReviewFigures
    meeting: Meeting | None = None
    corrections: tuple[Correction, ...] = ()

    @property
    def topics(self) -> frozenset[Topic]:
        """The topics that are shown."""
        return frozenset(self.meeting.agenda.topics if self.meeting else Topic)

    def corrected(self, topic: Topic | None) -> tuple[Correction, ...]:
        """Return the corrections on the pages of a topic."""
        return tuple(one for one in self.corrections if one.topic is topic)


def attendance_problems(
    present: Iterable[str], guests: Iterable[str], known: Iterable[str], *, today: date
) -> tuple[Problem, ...]:
    """Return what is wrong with who is noted as present: accounts by user name, others by rank or code in words."""
    rules, known, found = meeting_rules_on(today), set(known), []
    present, guests = list(present), list(guests)
    found += [Problem(ProblemKey.NOT_A_CHOICE, "present", {"value": name}) for name in present if name not in known]
    for guest in guests:
        found += text_problems("guests", guest, most=rules.most_measure, needed=True)
    if len(present) + len(guests) > rules.most_attendees:
        count = len(present) + len(guests)
        found.append(Problem(ProblemKey.TOO_MANY_ROWS, "guests", {"count": count, "most": rules.most_attendees}))
    return tuple(found)


def kept_text(figures: ReviewFigures) -> str:
    """Return the figures as they are kept."""
    return msgspec.json.encode(figures).decode()


def kept_figures(words: str) -> ReviewFigures:
    """Return kept figures.

    Raises:
        ValueError: they cannot be read.
    """
    try:
        return msgspec.json.decode(words, type=ReviewFigures)
    except msgspec.DecodeError as error:
        raise ValueError(f"kept figures cannot be read: {error}") from error


def shown_only(figures: ReviewFigures, agenda: Agenda) -> ReviewFigures:
    """Return the figures of the topics that were spoken about; the others are left out."""
    left_out: dict[str, Any] = {topic.value: None for topic in Topic if topic not in agenda.topics}
    return replace(figures, **left_out)


def corrections(kept: ReviewFigures, now: ReviewFigures) -> tuple[Correction, ...]:
    """Return the figures that are other ones now, by topic; one missing on either side is not compared."""
    found: list[Correction] = []
    for topic, named in _NAMED.items():
        if not (kept.has(topic) and now.has(topic)):
            continue
        before, after = named(kept), named(now)
        found += [
            Correction(topic, what, key, before.get((what, key)), after.get((what, key)))
            for what, key in dict.fromkeys([*before, *after])
            if before.get((what, key)) != after.get((what, key))
        ]
    return tuple(found)


BETWEEN = "|"
"""Between two parts of what names a corrected figure."""
Named = Mapping[tuple[str, str], Any]


def _goals(figures: ReviewFigures) -> Named:
    cards = figures.goals or ()
    return {("kpi", card.kpi): _rounded(card.value) for card in cards} | {
        ("target", card.kpi): _rounded(card.target) for card in cards
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _stages(figures: ReviewFigures) -> Named:
    stages = figures.stages
    if stages is None:
        return {}
    counts = {
        (what, one.stage.value): number
        for one in stages.counts
        for what, number in (
            ("stage", one.now),
            ("stage_week", one.week_before),
            ("stage_quarter", one.quarter_before),
        )
    }
    flows = {
        (what, f"{flow.before or ''}{BETWEEN}{flow.after or ''}"): flow.branches
        for what, found in (("flow_week", stages.flow_week), ("flow_quarter", stages.flow_quarter))
        for flow in found
        if flow.before is not flow.after
    }
    return counts | flows


def _moves(figures: ReviewFigures) -> Named:
    told = figures.moves.told if figures.moves else ()
    return {("mover", one.branch_name): (one.before.value, one.after.value) for one in told}


def _cadence(figures: ReviewFigures) -> Named:
    page = figures.cadence
    if page is None:
        return {}
    roles = {("role", one.key): (one.done, one.due) for one in page.by_role}
    return roles | {("person", one.key): (one.done_weeks, one.due_weeks) for one in page.by_person}


def _weakest(figures: ReviewFigures) -> Named:
    page = figures.weakest
    if page is None:
        return {}
    found: dict[tuple[str, str], Any] = {}
    for name, gap in [("", page.whole), *((one.branch_name, one.gap) for one in page.branches)]:
        if gap:
            found |= {("premium", name): gap.actual_fen, ("wanted", name): gap.target_fen}
    for one in page.branches:
        for each in one.indicators:
            found["indicator", f"{one.branch_name}{BETWEEN}{each.kpi}"] = _rounded(each.value)
    return found


TopicFigures = Callable[[ReviewFigures], Named]
_NAMED: dict[Topic, TopicFigures] = {
    Topic.GOALS: _goals,
    Topic.STAGES: _stages,
    Topic.MOVES: _moves,
    Topic.CADENCE: _cadence,
    Topic.WEAKEST: _weakest,
}
COMPARED = frozenset(_NAMED)
"""The topics that look back at a week that is over, so that only a correction changes them; of the weakest branches
the figures of those that were chosen."""
