"""The diagnosis of a gap 差异诊断: how far a KPI is below its target, why, what changes, and what came of it.

Gap analysis, cause diagnosis and plan adjustment belong to one record and none may be left out. Without an action a
gap is closed only where all its causes allow that (`Cause.may_close`). A gap is measured twice: against the target
that was due by the last day counted, and against the own level of the year before in the same days, season and
working days divided out; both stay as they were on the day of the diagnosis.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.coaching.actions import Owner
from core.coaching.problems import Problem, ProblemKey, text_problems
from core.kpis.definitions import kpi_definition
from core.planning.causes import MOST_CAUSES, closing_codes, find_cause, may_all_close
from core.planning.rules import plan_rules_on
from core.review.figures import KpiCard
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope

DAY = timedelta(days=1)
NOTHING = 1e-9


class DiagnosisState(StrEnum):
    """How a diagnosis stands on a day, in the order of the list."""

    OVERDUE = "overdue"
    REVIEW_DUE = "review_due"
    OPEN = "open"
    CLOSED = "closed"
    NO_ACTION = "no_action"


CLOSED_STATES = frozenset({DiagnosisState.CLOSED, DiagnosisState.NO_ACTION})


@dataclass(frozen=True)
class Gap:
    """What a KPI is short of, in the unit of its definition, as it stood on the day of the diagnosis.

    Attributes:
        kpi: key of the definition.
        kind: how long the period is.
        start: first day of the period.
        end: last day of the period.
        counted_to: last day the figure rests on.
        actual: the figure.
        target: the target of the whole period.
        due_share: share of it that was due by `counted_to`.
        level: what the own ordinary level of the year before gives in the days counted, by season and working
            days; None = less than half a year of own data.
    """

    kpi: str
    kind: PeriodKind
    start: date
    end: date
    counted_to: date
    actual: float
    target: float
    due_share: float
    level: float | None

    @property
    def due(self) -> float:
        """Return the target that was due by the last day counted."""
        return self.target * self.due_share

    @property
    def difference(self) -> float:
        """Return actual less what was due; below zero = less than wanted."""
        return self.actual - self.due

    @property
    def season_difference(self) -> float | None:
        """Return actual less the own level in these days: what is left once season and working days are taken out."""
        return None if self.level is None else self.actual - self.level

    @property
    def is_gap(self) -> bool:
        """Tell whether the figure is on the wrong side of what was due."""
        return is_worse(self.kpi, self.difference)

    @property
    def is_low_in_season(self) -> bool | None:
        """Tell whether the figure is also worse than the own level; None = cannot be said."""
        return None if self.season_difference is None else is_worse(self.kpi, self.season_difference)

    @property
    def days(self) -> int:
        """Return how many days were counted."""
        return (self.counted_to - self.start).days + 1


def is_worse(kpi: str, difference: float) -> bool:
    """Tell whether a difference goes the wrong way for a KPI; none at all does not."""
    return (difference if kpi_definition(kpi).good == "down" else -difference) > NOTHING


def gap_of(card: KpiCard, kind: PeriodKind) -> Gap | None:
    """Return the gap a card of the figures shows; None without a figure, a target, or on the right side of it."""
    if card.value is None or card.target is None or card.data_to is None or card.data_to < card.start:
        return None
    gap = Gap(
        kpi=card.kpi,
        kind=kind,
        start=card.start,
        end=card.end,
        counted_to=min(card.end, card.data_to),
        actual=card.value,
        target=card.target,
        due_share=card.time_share,
        level=card.baseline,
    )
    return gap if gap.is_gap else None


@dataclass(frozen=True)
class FigureNow:
    """The figure of the same KPI over as many days as at the diagnosis; None = cannot be said."""

    start: date
    end: date
    actual: float | None
    level: float | None


@dataclass(frozen=True)
class DiagnosedCause:
    """A confirmed cause, what shows it, and what changes: an action of some branches, or words.

    `action` is a key of the playbook; None = none of them.
    """

    code: str
    evidence: str
    action: str | None = None
    branch_ids: tuple[int, ...] = ()
    words: str = ""

    @property
    def changes_something(self) -> bool:
        """Tell whether the cause brings an adjustment."""
        return bool(self.action or self.words.strip())


@dataclass(frozen=True)
class DiagnosisEntry:
    """A diagnosis as typed. `branch_id` None = of the whole scope; the scope None = of that one branch."""

    gap: Gap
    scope: ReviewScope | None
    branch_id: int | None
    causes: tuple[DiagnosedCause, ...]
    owner: str
    due_on: date
    expected: str
    review_on: date

    @property
    def is_no_action(self) -> bool:
        """Tell whether nothing is to change."""
        return not any(one.changes_something for one in self.causes)


@dataclass(frozen=True)
class GapDiagnosis:
    """A diagnosis as stored; `owner`, `due_on`, `expected` and `review_on` are empty where no action was needed.

    `causes` hold the branches an action went to only where they are in the reader's scope. `state` is that of the
    day it was asked on. `now` is the figure the review was held on.
    """

    diagnosis_id: int
    scope: ReviewScope | None
    branch_id: int | None
    branch_code: str | None
    branch_name: str | None
    gap: Gap
    causes: tuple[DiagnosedCause, ...]
    owner: str | None
    due_on: date | None
    expected: str
    review_on: date | None
    state: DiagnosisState
    decided_on: date
    closed_on: date | None
    result: str | None
    lesson: str | None
    now: FigureNow | None
    version: int

    @property
    def is_open(self) -> bool:
        """Tell whether the review is still to come."""
        return self.state not in CLOSED_STATES


def state_on(review_on: date | None, *, is_closed: bool, today: date) -> DiagnosisState:
    """Return how a diagnosis stands on a day: due from the day of its review on, overdue some days after it."""
    if review_on is None:
        return DiagnosisState.NO_ACTION
    if is_closed:
        return DiagnosisState.CLOSED
    if today < review_on:
        return DiagnosisState.OPEN
    is_late = today > review_on + plan_rules_on(today).diagnosis_overdue_days * DAY
    return DiagnosisState.OVERDUE if is_late else DiagnosisState.REVIEW_DUE


def usual_due_on(today: date) -> date:
    """Return the due date offered."""
    return today + plan_rules_on(today).diagnosis_due_days * DAY


def usual_review_on(today: date) -> date:
    """Return the review date offered."""
    return today + plan_rules_on(today).diagnosis_review_days * DAY


def latest_review_on(today: date) -> date:
    """Return the last day a review may be set for."""
    return today + plan_rules_on(today).diagnosis_review_most_days * DAY


def diagnosis_problems(entry: DiagnosisEntry, owners: Collection[Owner], *, today: date) -> tuple[Problem, ...]:
    """Return what is wrong with a diagnosis, in the order of the form.

    `owners` are those who may own it. Whether a branch may get an action is asked where the action is taken on.
    """
    found = [] if entry.gap.is_gap else [Problem(ProblemKey.NO_GAP, "diagnosis_gap")]
    codes = [one.code for one in entry.causes]
    if not codes or len(codes) > MOST_CAUSES or len(set(codes)) < len(codes) or None in map(find_cause, codes):
        return (*found, Problem(ProblemKey.CAUSE, "cause"))
    for cause in entry.causes:
        found += _cause_problems(cause, today=today)
    if entry.is_no_action:
        if not may_all_close(codes):
            found.append(Problem(ProblemKey.NO_ADJUSTMENT, "plan", {"codes": ", ".join(closing_codes())}))
        return tuple(found)
    most = plan_rules_on(today).text_most_characters
    found += _owner_problems(entry.owner, owners)
    if entry.due_on < today:
        found.append(Problem(ProblemKey.DUE_IN_PAST, "decision_due", {"day": entry.due_on, "today": today}))
    found += text_problems("diagnosis_expected", entry.expected, most=most, needed=True)
    found += _review_problems(entry.review_on, entry.due_on, today=today)
    return tuple(found)


def change_problems(
    diagnosis: GapDiagnosis, owners: Collection[Owner], *, owner: str, review_on: date, today: date
) -> tuple[Problem, ...]:
    """Return what is wrong with another owner or review date; one that is over may stay as it is."""
    found = [] if diagnosis.is_open else [Problem(ProblemKey.DIAGNOSIS_CLOSED, "diagnosis")]
    if owner != diagnosis.owner:
        found += _owner_problems(owner, owners)
    if review_on != diagnosis.review_on:
        if review_on < today:
            found.append(Problem(ProblemKey.DUE_IN_PAST, "diagnosis_review", {"day": review_on, "today": today}))
        else:
            found += _review_problems(review_on, diagnosis.due_on or today, today=today)
    return tuple(found)


def closing_problems(diagnosis: GapDiagnosis, *, result: str, lesson: str, today: date) -> tuple[Problem, ...]:
    """Return what is wrong with a review: it says what came of it and what was learned, once."""
    most = plan_rules_on(today).text_most_characters
    return (
        *(() if diagnosis.is_open else (Problem(ProblemKey.DIAGNOSIS_CLOSED, "diagnosis"),)),
        *text_problems("diagnosis_result", result, most=most, needed=True),
        *text_problems("diagnosis_lesson", lesson, most=most, needed=True),
    )


def _cause_problems(cause: DiagnosedCause, *, today: date) -> list[Problem]:
    rules = plan_rules_on(today)
    found = list(text_problems("cause_note", cause.evidence, most=rules.text_most_characters, needed=True))
    known = find_cause(cause.code)
    if cause.action and (known is None or cause.action not in known.actions):
        found.append(Problem(ProblemKey.NOT_A_CHOICE, "plan_action", {"value": cause.action}))
    if cause.action and not cause.branch_ids:
        found.append(Problem(ProblemKey.EMPTY, "diagnosis_branches"))
    if len(cause.branch_ids) > rules.diagnosis_branches_max:
        facts = {"count": len(cause.branch_ids), "most": rules.diagnosis_branches_max}
        found.append(Problem(ProblemKey.TOO_MANY_BRANCHES, "diagnosis_branches", facts))
    found += text_problems("adjustment", cause.words, most=rules.text_most_characters)
    return found


def _owner_problems(owner: str, owners: Collection[Owner]) -> list[Problem]:
    if owner in {one.username for one in owners}:
        return []
    return [Problem(ProblemKey.NOT_A_CHOICE, "decision_owner", {"value": owner})]


def _review_problems(review_on: date, due_on: date, *, today: date) -> list[Problem]:
    if review_on <= due_on:
        return [Problem(ProblemKey.REVIEW_BEFORE_DUE, "diagnosis_review", {"day": review_on, "due": due_on})]
    last = latest_review_on(today)
    if review_on > last:
        weeks = plan_rules_on(today).diagnosis_review_most_days // 7
        return [Problem(ProblemKey.TOO_FAR, "diagnosis_review", {"day": review_on, "weeks": weeks, "last": last})]
    return []
