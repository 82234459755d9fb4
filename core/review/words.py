"""Words of the weekly review in two languages: topics, states, factors, whose branches, what was corrected."""

from collections.abc import Callable, Sequence
from typing import Any

from core.charts.theme import stage_word
from core.facts import StaffRole, Stage
from core.kpis.definitions import kpi_definition
from core.kpis.table import FEN_PER_CNY
from core.language import Language, text
from core.language.labels import label
from core.review.figures import DecisionState, Topic
from core.review.meeting import BETWEEN, Correction
from core.review.names import Names
from core.review.scope import ReviewScope, ScopeKind

TOPIC_TITLES = {
    Topic.DECIDED: "Last decisions",
    Topic.GOALS: "Goals against time",
    Topic.STAGES: "Stages",
    Topic.MOVES: "Movers",
    Topic.CADENCE: "Contacts against target",
    Topic.WEAKEST: "Weakest branches",
    Topic.WORKED: "What worked",
    Topic.DECISIONS: "Decisions this week",
    Topic.NEXT_WEEK: "Next week",
}
STATE_WORDS = {
    DecisionState.OPEN: "Open",
    DecisionState.OVERDUE: "Overdue",
    DecisionState.DONE: "Done",
    DecisionState.DROPPED: "Dropped",
}
DIGITS = range(1, 5)
CORRECTIONS_TOLD = 2
"""Corrections a page says in words at most; of the others it gives the number."""


def topic_title(language: Language, topic: Topic) -> str:
    """Return what a topic of the agenda is called."""
    return text(language, TOPIC_TITLES[topic])


def state_word(language: Language, state: DecisionState) -> str:
    """Return how a decision stands."""
    return text(language, STATE_WORDS[state])


def scope_word(language: Language, scope: ReviewScope, names: Names) -> str:
    """Return whose branches a review is about; a team by what its supervisor is called on the page."""
    match scope.kind:
        case ScopeKind.ALL:
            return text(language, "All branches")
        case ScopeKind.REGION:
            return scope.key.rpartition("/")[2]
        case ScopeKind.TEAM:
            return text(language, "Team of {person}", person=names.of(scope.key))


def correction_words(language: Language, correction: Correction, names: Names | None = None) -> str:
    """Return which figure a closed review shows otherwise than the store would now; without names nobody is named."""
    return text(
        language,
        "{figure}: shown {shown}, now {now}",
        figure=_figure(language, correction, names),
        shown=_value(language, correction, correction.shown),
        now=_value(language, correction, correction.now),
    )


def corrections_told(language: Language, words: Sequence[str], fits: Callable[[str], bool]) -> str:
    """Return the first of some corrections, given in words, and how many more there are: as many as fit, one at least.

    Args:
        language: of the words.
        words: of the corrections.
        fits: tells whether a line is short enough.
    """
    told = ""
    for most in range(min(len(words), CORRECTIONS_TOLD), 0, -1):
        rest = len(words) - most
        more = [text(language, "{count} more", count=rest)] if rest else []
        told = " · ".join([*words[:most], *more])
        if fits(told):
            break
    return told


def _figure(language: Language, correction: Correction, names: Names | None) -> str:
    first, _, second = correction.key.rpartition(BETWEEN)
    match correction.what:
        case "kpi":
            return _title(language, correction.key)
        case "target":
            return text(language, "{figure}, target", figure=_title(language, correction.key))
        case "stage":
            return label(language, Stage(correction.key))
        case "stage_week":
            return text(language, "{figure}, a week before", figure=label(language, Stage(correction.key)))
        case "stage_quarter":
            return text(language, "{figure}, 13 weeks before", figure=label(language, Stage(correction.key)))
        case "flow_week" | "flow_quarter":
            ends = (stage_word(language, Stage(end)) if end else "–" for end in (first, second))
            return " → ".join(ends)
        case "role":
            return label(language, StaffRole(correction.key))
        case "person":
            return names.of(correction.key) if names else text(language, "One person")
        case "premium":
            return " ".join(part for part in (correction.key, text(language, "premium")) if part)
        case "wanted":
            return " ".join(part for part in (correction.key, text(language, "premium wanted")) if part)
        case "indicator":
            return f"{first} {_title(language, second)}"
        case _:
            return correction.key


def _title(language: Language, kpi: str) -> str:
    return kpi_definition(kpi).words(language).title


def _exact(correction: Correction, value: float) -> str:
    """Return the figure of a KPI with as many digits as tell it from the corrected one, four at most."""
    unit = kpi_definition(correction.key.rpartition(BETWEEN)[2]).unit
    if unit == "cny":
        return f"¥{value:,.2f}".removesuffix(".00").replace("¥-", "−¥")
    most = next(
        (digits for digits in DIGITS if _told(correction.shown, unit, digits) != _told(correction.now, unit, digits)),
        DIGITS[-1],
    )
    return _told(value, unit, most)


def _told(value: float | None, unit: str, digits: int) -> str:
    if value is None:
        return "–"
    return f"{value:.{digits}%}" if unit == "share" else f"{value:,.{digits + 1}f}".rstrip("0").rstrip(".")


def _value(language: Language, correction: Correction, value: Any) -> str:
    if value is None:
        return "–"
    match correction.what:
        case "kpi" | "target" | "indicator":
            return _exact(correction, value)
        case "premium" | "wanted":
            return f"¥{value / FEN_PER_CNY:,.2f}".removesuffix(".00").replace("¥-", "−¥")
        case "mover":
            return " → ".join(stage_word(language, Stage(each)) for each in value)
        case "role" | "person":
            return " / ".join(f"{each:,}" for each in value)
        case _:
            return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"
