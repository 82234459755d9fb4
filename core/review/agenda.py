"""What is spoken about, in which order, on which pages of the projector.

The order of the topics is fixed and the exceptions fill it: a topic in which nothing stands out is left out
of the usual agenda, save those a review is held for. The chair may change order and choice. A topic with
more lines than a page holds has several pages; a weak branch has a page of its own, and so have the persons
whose contacts lag most.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from core.kpis.definitions import kpi_definition
from core.review.figures import DecisionState, KpiCard, ReviewFigures, Topic
from core.review.lines import cut_to_page, filled, lines_taken
from core.review.rules import meeting_rules_on

ALWAYS = frozenset({Topic.DECIDED, Topic.GOALS, Topic.STAGES, Topic.DECISIONS, Topic.NEXT_WEEK})
"""Topics a review is held for, whatever they hold."""


@dataclass(frozen=True)
class Agenda:
    """All topics in the order of this review, and those that are left out."""

    order: tuple[Topic, ...] = tuple(Topic)
    skipped: frozenset[Topic] = frozenset()

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics that are spoken about, in order."""
        return tuple(topic for topic in self.order if topic not in self.skipped)


@dataclass(frozen=True)
class Slide:
    """One page of the projector: `part` counts from 1 to `parts` within its topic.

    Of a topic that is a list, `most` entries stand on it, the first of them at the place `first`.
    """

    topic: Topic
    part: int = 1
    parts: int = 1
    most: int = 0
    first: int = 0

    @property
    def name(self) -> str:
        """The page as an address carries it: goals, decided-2."""
        return self.topic.value if self.part == 1 else f"{self.topic.value}-{self.part}"


def stored_agenda(order: Iterable[str], skipped: Iterable[str]) -> Agenda:
    """Return the agenda of stored topics; unknown ones fall away, new ones stand at the end."""
    known = [Topic(word) for word in dict.fromkeys(order) if word in list(Topic)]
    rest = [topic for topic in Topic if topic not in known]
    return Agenda((*known, *rest), frozenset(Topic(word) for word in skipped if word in list(Topic)))


def usual_agenda(figures: ReviewFigures) -> Agenda:
    """Return the fixed order without the topics in which nothing stands out."""
    return Agenda(
        skipped=frozenset(topic for topic in Topic if topic not in ALWAYS and exceptions(figures, topic) in (None, 0))
    )


def moved(agenda: Agenda, topic: Topic, places: int) -> Agenda:
    """Return the agenda with a topic so many places further down, or up below zero; at an end it stays there."""
    order = [one for one in agenda.order if one is not topic]
    place = min(max(agenda.order.index(topic) + places, 0), len(order))
    return replace(agenda, order=(*order[:place], topic, *order[place:]))


def with_topics(agenda: Agenda, topics: Collection[Topic]) -> Agenda:
    """Return the agenda with exactly these topics; one without any keeps what it had."""
    skipped = frozenset(topic for topic in Topic if topic not in topics)
    return replace(agenda, skipped=skipped) if topics else agenda


def slides(agenda: Agenda, figures: ReviewFigures) -> tuple[Slide, ...]:
    """Return the pages of a review in order, at least one of each topic that is spoken about."""
    found: list[Slide] = []
    lines = meeting_rules_on(figures.week_start).lines
    for topic in agenda.topics:
        most = lines.get(topic, 0)
        if topic in (Topic.DECIDED, Topic.DECISIONS):
            decisions = figures.decided if topic is Topic.DECIDED else figures.decisions
            taken = [lines_taken(cut_to_page(one, most)) for one in decisions or ()]
            pages = filled(taken, most)
        else:
            pages = [(most * part, most) for part in range(_parts(figures, topic, most))]
        if topic is Topic.STAGES:  # counts and flow, then whose stage is set by hand
            by_hand = len(figures.stages.by_hand) if figures.stages else 0
            first = [(0, 0)] * _parts(figures, topic, 0)
            pages = [*first, *((place, most) for place in range(0, by_hand, most or 1))]
        found += [Slide(topic, part, len(pages), count, first) for part, (first, count) in enumerate(pages, 1)]
    return tuple(found)


def find_slide(deck: tuple[Slide, ...], name: str | None) -> int:
    """Return the place of the page an address names: the page, else the first of its topic, else the first of all."""
    names = [slide.name for slide in deck]
    if name in names:
        return names.index(name)
    topic = (name or "").partition("-")[0]
    return names.index(topic) if topic in names else 0


def lines_of(slide: Slide, count: int) -> range:
    """Return the places of the entries a page of a list of so many shows."""
    return range(slide.first, min(slide.first + slide.most, count))


def _parts(figures: ReviewFigures, topic: Topic, most: int) -> int:
    count = _LINES[topic](figures) if topic in _LINES and figures.has(topic) else 0
    match topic:
        case Topic.WEAKEST:
            return 1 + count
        case Topic.STAGES:
            return 2 if figures.stages and figures.stages.flow_quarter else 1
        case Topic.CADENCE:
            return 2 if count else 1
        case _:
            return max(-(-count // most), 1) if most else 1


_LINES: dict[Topic, Callable[[ReviewFigures], int]] = {
    Topic.MOVES: lambda figures: len(figures.moves.told) if figures.moves else 0,
    Topic.CADENCE: lambda figures: len(figures.cadence.by_person) if figures.cadence else 0,
    Topic.WEAKEST: lambda figures: len(figures.weakest.branches) if figures.weakest else 0,
    Topic.WORKED: lambda figures: len(figures.worked.effects) if figures.worked else 0,
}
"""Entries of the topics whose pages are lists, decisions apart; of cadence by person, of the weakest a page each."""


def exceptions(figures: ReviewFigures, topic: Topic) -> int | None:
    """Return how much of a topic stands out, None where it was not asked for."""
    return _EXCEPTIONS[topic](figures) if figures.has(topic) else None


def is_behind(card: KpiCard) -> bool:
    """Tell whether a KPI is short of its target, or of the part of it that should be reached by now."""
    if card.value is None or card.target is None:
        return False
    wanted = card.target * card.time_share
    return card.value > card.target if kpi_definition(card.kpi).good == "down" else card.value < wanted


def _open(figures: ReviewFigures) -> int:
    return sum(one.state in (DecisionState.OPEN, DecisionState.OVERDUE) for one in figures.decided or ())


def _moved(figures: ReviewFigures) -> int:
    flows = figures.stages.flow_week if figures.stages else ()
    return sum(flow.branches for flow in flows if flow.before and flow.after and flow.before is not flow.after)


def _next_week(figures: ReviewFigures) -> int:
    week = figures.next_week
    return week.actions_overdue + week.people - week.people_with_plan if week else 0


_EXCEPTIONS: dict[Topic, Callable[[ReviewFigures], int]] = {
    Topic.DECIDED: _open,
    Topic.GOALS: lambda figures: sum(is_behind(card) for card in figures.goals or ()),
    Topic.STAGES: _moved,
    Topic.MOVES: lambda figures: figures.moves.up + figures.moves.down + figures.moves.level if figures.moves else 0,
    Topic.CADENCE: lambda figures: (
        sum(line.done < line.due for line in figures.cadence.by_role) if figures.cadence else 0
    ),
    Topic.WEAKEST: lambda figures: len(figures.weakest.branches) if figures.weakest else 0,
    Topic.WORKED: lambda figures: len(figures.worked.effects) if figures.worked else 0,
    Topic.DECISIONS: lambda figures: len(figures.decisions or ()),
    Topic.NEXT_WEEK: _next_week,
}
"""What stands out: decisions still open, KPIs behind, branches in another stage, roles below target, and so on."""
