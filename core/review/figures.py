"""What the pages of a weekly review show: one record for each topic of the agenda, in plain values.

The same records are drawn on the projector, written into the pack and kept as shown when a review is
closed, so they hold no words of a language (stored values and the facts of a sentence instead), no names of
customers, and nothing that JSON does not carry. Money is whole fen, shares are 0 to 1, weeks are their Mondays.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from core.coaching.effect import ActionEffect
from core.facts import Stage
from core.planning.items import PlanKind
from core.review.scope import ReviewScope


class Topic(StrEnum):
    """A page of the review, in the fixed order of the agenda."""

    DECIDED = "decided"
    GOALS = "goals"
    STAGES = "stages"
    MOVES = "moves"
    CADENCE = "cadence"
    WEAKEST = "weakest"
    WORKED = "worked"
    DECISIONS = "decisions"
    NEXT_WEEK = "next_week"


class DecisionState(StrEnum):
    """What became of a decision; OVERDUE is an open one past its due date, seen from a day."""

    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True)
class KpiCard:
    """One KPI of the scope in a period, beside everything it can be held against; None = cannot be said.

    Attributes:
        kpi: key of the definition, which has words, unit, formula and direction of good.
        start: first day of the period.
        end: last day of the period; the target is that of the whole period.
        data_to: last day with a policy or contact the figure rests on.
        value: the figure, in the unit of the definition (yuan for money).
        numerator: what was counted.
        denominator: what it was counted over; 1 for totals.
        target: the target for the period.
        time_share: share of the period's target that should be reached by `data_to`, by season and working days;
            1 where the period is over or the target does not grow with time.
        before: the figure of the period before, over as many of its working days.
        peers: the figure of branches of the same banks, region class and size; None under five branches. Of a
            total, what so many such branches would have.
        peer_branches: how many these are.
        baseline: what the scope's own ordinary level of the year before gives in the days counted, by season and
            working days.
        official: the figure of an official statement about the whole period, where one was entered: premium, or
            for policies by branch the policies, held against `numerator`.
        official_source: where that stands.
        is_provisional: cooling-off still runs for policies of the period.
    """

    kpi: str
    start: date
    end: date
    data_to: date | None
    value: float | None
    numerator: float
    denominator: float
    target: float | None = None
    time_share: float = 1.0
    before: float | None = None
    peers: float | None = None
    peer_branches: int = 0
    baseline: float | None = None
    official: float | None = None
    official_source: str | None = None
    is_provisional: bool = False

    @property
    def attainment(self) -> float | None:
        """Return what was reached of the target (K18); None without a target."""
        return None if self.value is None or not self.target else self.value / self.target

    @property
    def time_gap(self) -> float | None:
        """Return by how much attainment runs ahead of time (K19), as a share of the target; below zero = behind."""
        return None if self.attainment is None else self.attainment - self.time_share


class Factor(StrEnum):
    """What premium is the product of; POLICIES stands for the first two where no policy names who sold it."""

    ACTIVE_PEOPLE = "active_people"
    POLICIES_PER_PERSON = "policies_per_person"
    POLICIES = "policies"
    PREMIUM_PER_POLICY = "premium_per_policy"


class GapMeasure(StrEnum):
    """What premium is held against: the target, or the own ordinary period where nobody set a target."""

    TARGET = "target"
    BASELINE = "baseline"


@dataclass(frozen=True)
class GapPart:
    """How much of a gap one factor explains; the parts of a split add up to its gap exactly.

    `actual` and `wanted` are people, policies by person, policies, or fen by policy; None = cannot be said.
    """

    factor: Factor
    actual: float | None
    wanted: float | None
    gap_fen: int


@dataclass(frozen=True)
class GapSplit:
    """Premium against what was wanted of the period, split into its factors; `gap_fen` below zero = short of it.

    The target is that up to the last day counted, by season and working days. Both days are of the period.
    """

    actual_fen: int
    target_fen: int
    parts: tuple[GapPart, ...]
    measure: GapMeasure = GapMeasure.TARGET
    start: date | None = None
    end: date | None = None

    @property
    def gap_fen(self) -> int:
        """Return actual less target."""
        return self.actual_fen - self.target_fen


@dataclass(frozen=True)
class StageCount:
    """Branches in a stage now, a week before and thirteen weeks before."""

    stage: Stage
    now: int
    week_before: int
    quarter_before: int


@dataclass(frozen=True)
class StageFlow:
    """Branches that were in one stage and are in another; None = not there yet, or not there any more."""

    before: Stage | None
    after: Stage | None
    branches: int


@dataclass(frozen=True)
class SetByHand:
    """A branch whose stage is set by hand, and the last day it is."""

    branch_code: str
    branch_name: str
    stage: Stage
    until: date


@dataclass(frozen=True)
class StagesNow:
    """Where the branches stand, and how they came there in a week and in thirteen; `by_hand` the next to end first."""

    counts: tuple[StageCount, ...]
    flow_week: tuple[StageFlow, ...]
    flow_quarter: tuple[StageFlow, ...]
    overrides: int
    restated: int
    by_hand: tuple[SetByHand, ...] = ()


@dataclass(frozen=True)
class Mover:
    """A branch whose stage changed in the week: `is_up` None = neither; the sentence comes from key and facts."""

    branch_code: str
    branch_name: str
    before: Stage
    after: Stage
    is_up: bool | None
    reason_key: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Moves:
    """The branches that moved: all counted, the first few of each direction told."""

    up: int
    down: int
    level: int
    told: tuple[Mover, ...]


@dataclass(frozen=True)
class CadenceLine:
    """Contacts due and done of a role or of a person's branches, this week and over the four weeks to it.

    `key` is a `StaffRole` or a user name. Contacts count up to what was due.
    """

    key: str
    branches: int
    due: int
    done: int
    due_weeks: int
    done_weeks: int


@dataclass(frozen=True)
class CadencePage:
    """Contacts against target: by role, by person, and how many days anything was logged on at all."""

    by_role: tuple[CadenceLine, ...]
    by_person: tuple[CadenceLine, ...]
    logged_share: float | None
    never_reached: int


@dataclass(frozen=True)
class Indicator:
    """One indicator of a branch that lags its target most: `lag` is what is missing as a share of the target."""

    kpi: str
    value: float
    target: float
    lag: float


@dataclass(frozen=True)
class WeakBranch:
    """A branch the meeting looks at: its three weakest indicators, and what its premium is short of."""

    branch_code: str
    branch_name: str
    supervisor: str | None
    stage: Stage
    attention: str
    indicators: tuple[Indicator, ...]
    gap: GapSplit | None


@dataclass(frozen=True)
class Weakest:
    """The weakest branches, and the split of the whole scope's gap."""

    branches: tuple[WeakBranch, ...]
    whole: GapSplit | None


@dataclass(frozen=True)
class Worked:
    """The clearest effects of actions that may be claimed; `further` may be too, `waiting` have too few cases yet."""

    effects: tuple[ActionEffect, ...]
    waiting: int
    further: int = 0


@dataclass(frozen=True)
class DecisionShown:
    """A decision as it stood on the page; `branch_code` None = about the topic as a whole."""

    decision_id: int
    topic: Topic
    branch_code: str | None
    branch_name: str | None
    words: str
    owner: str
    due_on: date
    measure: str
    state: DecisionState
    outcome: str | None
    decided_in: date


@dataclass(frozen=True)
class PlannedWork:
    """Lines of the plans of the week to come, by kind."""

    kind: PlanKind
    lines: int
    carried: int


@dataclass(frozen=True)
class DayAhead:
    """An unusual day of the week to come: a day off from Monday to Friday, or a weekend day that is worked."""

    day: date
    is_worked: bool


@dataclass(frozen=True)
class NextWeek:
    """What the week to come holds."""

    week_start: date
    workdays: int
    planned: tuple[PlannedWork, ...]
    people: int
    people_with_plan: int
    actions_due: int
    actions_overdue: int
    events: int
    unlike: tuple[DayAhead, ...]


@dataclass(frozen=True)
class ReviewFigures:
    """One review: what each page shows. None = a topic that was not asked for, or left out of the agenda."""

    scope: ReviewScope
    week_start: date
    shown_at: datetime
    data_to: date | None
    decided: tuple[DecisionShown, ...] | None = None
    goals: tuple[KpiCard, ...] | None = None
    stages: StagesNow | None = None
    moves: Moves | None = None
    cadence: CadencePage | None = None
    weakest: Weakest | None = None
    worked: Worked | None = None
    decisions: tuple[DecisionShown, ...] | None = None
    next_week: NextWeek | None = None

    def set_by_hand(self, branch_code: str) -> SetByHand | None:
        """Return how the stage of a branch is set by hand; None where it is not, or stages were not asked for."""
        found = self.stages.by_hand if self.stages else ()
        return next((one for one in found if one.branch_code == branch_code), None)

    def has(self, topic: Topic) -> bool:
        """Tell whether the topic was asked for."""
        return getattr(self, topic.value) is not None
