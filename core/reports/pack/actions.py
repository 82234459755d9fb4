"""Pages about what is done: decisions before and now, what worked, and the week to come."""

from collections.abc import Sequence

from core.charts.palette import EXPECTED, MEASURED
from core.charts.theme import stage_word
from core.coaching.effect import ActionEffect
from core.kpis.words import DASH
from core.language import Language, text
from core.planning.items import PlanKind
from core.planning.words import kind_word
from core.reports.pack.page import Chart, ChartKind, Number, Page, Series, Table
from core.reports.pack.telling import Telling
from core.review.figures import DecisionShown, DecisionState, NextWeek, ReviewFigures, Topic
from core.review.words import topic_title

MOST_DECISIONS = 6
MOST_EFFECTS = 6

PLANNED_KINDS = tuple(kind for kind in PlanKind if kind is not PlanKind.GOAL)
"""What is counted as planned: a goal is a figure to reach, no work to do."""

STATE_LABELS: dict[DecisionState, str] = {
    DecisionState.OPEN: "Open",
    DecisionState.OVERDUE: "Overdue",
    DecisionState.DONE: "Done",
    DecisionState.DROPPED: "Dropped",
}
STATE_SIGNS: dict[DecisionState, str] = {
    DecisionState.OPEN: "○",
    DecisionState.OVERDUE: "!",
    DecisionState.DONE: "✓",
    DecisionState.DROPPED: "–",
}
WORST_FIRST = (DecisionState.OVERDUE, DecisionState.OPEN, DecisionState.DROPPED, DecisionState.DONE)


def decision_state_word(language: Language, state: DecisionState) -> str:
    """Return sign and word of the state of a decision."""
    return f"{STATE_SIGNS[state]} {text(language, STATE_LABELS[state])}"


def decided_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return what was decided before and what became of it, overdue ones first."""
    language, found = told.language, figures.decided or ()
    counts = {state: sum(one.state is state for one in found) for state in DecisionState}
    sentence = (
        text(
            language,
            "Decisions: {all}. Done: {done}, overdue: {overdue}, open: {open}, dropped: {dropped}.",
            all=len(found),
            done=counts[DecisionState.DONE],
            overdue=counts[DecisionState.OVERDUE],
            open=counts[DecisionState.OPEN],
            dropped=counts[DecisionState.DROPPED],
        )
        if found
        else text(language, "No decision was left from the reviews before.")
    )
    table = _decisions(worst_first(found), told)
    return Page("decided", Topic.DECIDED, text(language, "What became of our decisions"), sentence, table=table)


def worst_first(found: Sequence[DecisionShown]) -> list[DecisionShown]:
    """Return decisions by state, in each the one that is due first before the others."""
    return sorted(found, key=lambda one: (WORST_FIRST.index(one.state), one.due_on, one.decision_id))


def decisions_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return what was decided in this review."""
    language, found = told.language, figures.decisions or ()
    sentence = (
        text(language, "Decisions, each with an owner and a day: {count}.", count=len(found))
        if found
        else text(language, "Nothing has been decided in this review.")
    )
    table = _decisions(found, told)
    return Page("decisions", Topic.DECISIONS, text(language, "Decisions of this review"), sentence, table=table)


def _decisions(found: Sequence[DecisionShown], told: Telling) -> Table:
    language = told.language
    rows = tuple(
        (
            one.words,
            about_words(language, one),
            one.owner,
            f"{one.due_on:%m-%d}\n{decision_state_word(language, one.state)}",
            one.measure or DASH,
            one.outcome or DASH,
        )
        for one in found
    )
    head = (
        text(language, "What was decided"),
        text(language, "Branch or topic"),
        text(language, "Owner"),
        text(language, "Due, state"),
        text(language, "Measured by"),
        text(language, "What became of it"),
    )
    return Table(head, rows, (0.28, 0.125, 0.16, 0.14, 0.15, 0.145), MOST_DECISIONS, lines=2, is_whole=True)


def about_words(language: Language, one: DecisionShown) -> str:
    """Return what a decision is about: its branch, or the topic as a whole."""
    return one.branch_name or topic_title(language, one.topic)


def worked_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return the effects of actions that may be claimed."""
    language = told.language
    effects = figures.worked.effects if figures.worked else ()
    waiting, further = (figures.worked.waiting, figures.worked.further) if figures.worked else (0, 0)
    rows = tuple(
        (told.action(one.action_key), stage_word(language, one.stage), f"{one.cases:,}", *effect_words(one))
        for one in effects
    )
    head = (
        text(language, "Action"),
        text(language, "Stage"),
        text(language, "Cases"),
        text(language, "Change in policies"),
        text(language, "True change lies in"),
    )
    sentence = (
        text(
            language,
            "Effects that can be told against matched branches: {count}, the clearest here; "
            "with too few cases yet: {waiting}.",
            count=len(effects) + further,
            waiting=waiting,
        )
        if effects
        else text(language, "No action has enough cases yet to tell its effect; waiting: {waiting}.", waiting=waiting)
    )
    table = Table(head, rows, (0.41, 0.16, 0.09, 0.13, 0.21), MOST_EFFECTS, lines=2, right=frozenset({2, 3, 4}))
    return Page("worked", Topic.WORKED, text(language, "What worked"), sentence, table=table)


def effect_words(effect: ActionEffect) -> tuple[str, str]:
    """Return the change against matched branches and its interval: a share, or policies a week where none is known."""
    if effect.change:
        value, low, high = effect.change.value, effect.change.low, effect.change.high
        words = [f"{amount:+.0%}" for amount in (value, low, high)]
    elif effect.difference:
        value, low, high = effect.difference.value, effect.difference.low, effect.difference.high
        words = [f"{amount:+.2f}" for amount in (value, low, high)]
    else:
        return DASH, DASH
    words = [one.replace("-", "−") for one in words]
    return words[0], f"{words[1]} … {words[2]}"


def next_week_page(figures: ReviewFigures, told: Telling) -> Page:
    """Return what the week to come holds."""
    language, week = told.language, figures.next_week
    planned = {one.kind: one for one in week.planned} if week else {}
    kinds = [planned.get(kind) for kind in PLANNED_KINDS]
    chart = Chart(
        ChartKind.COLUMNS,
        tuple(kind_word(language, kind) for kind in PLANNED_KINDS),
        (
            Series(text(language, "Planned lines"), tuple(one.lines if one else 0 for one in kinds), MEASURED),
            Series(
                text(language, "Carried over, of these"), tuple(one.carried if one else 0 for one in kinds), EXPECTED
            ),
        ),
        "count",
    )
    numbers = (
        Number(text(language, "Working days"), str(week.workdays) if week else DASH),
        Number(text(language, "Plans made"), f"{week.people_with_plan} / {week.people}" if week else DASH),
        Number(text(language, "Actions due"), f"{week.actions_due:,}" if week else DASH),
        Number(text(language, "Actions overdue"), f"{week.actions_overdue:,}" if week else DASH),
        Number(text(language, "Events"), f"{week.events:,}" if week else DASH),
    )
    title = text(language, "Next week")
    sentence = next_week_sentence(week, told) if week else text(language, "Nothing is known about the week to come.")
    return Page("next_week", Topic.NEXT_WEEK, title, sentence, numbers, chart=chart)


def next_week_sentence(week: NextWeek, told: Telling) -> str:
    """Return how long the week is, and which days are unlike others."""
    language = told.language
    unlike = [
        text(language, "{day} is worked", day=f"{one.day:%m-%d}")
        if one.is_worked
        else text(language, "{day} is off", day=f"{one.day:%m-%d}")
        for one in week.unlike
    ]
    days = told.listed(unlike) or text(language, "no holiday")
    return text(
        language,
        "Week from {week}, working days: {workdays} ({days}).",
        week=told.day(week.week_start),
        workdays=week.workdays,
        days=days,
    )
