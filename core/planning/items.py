"""What a week plan is made of: goals, contacts, coaching actions and events, and what became of each.

Values of the enums are stored and never renamed; their words are in `core/planning/words.py`.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.facts import ContactMethod, StaffRole
from core.planning.causes import NamedCause


class PlanKind(StrEnum):
    """What a line of the plan is about, in the order a plan shows them."""

    GOAL = "goal"
    CONTACT = "contact"
    ACTION = "action"
    EVENT = "event"


class EventKind(StrEnum):
    """Kinds of event a week plan holds."""

    MICRO_SALON = "micro_salon"
    SCENE_EVENT = "scene_event"
    APPRECIATION_EVENT = "appreciation_event"
    POLICY_REVIEW = "policy_review"
    PRIVATE_ROUNDTABLE = "private_roundtable"
    MONTHLY_PROJECT = "monthly_project"
    SHARING_SESSION = "sharing_session"
    RECOGNITION = "recognition"


class GoalMeasure(StrEnum):
    """What a goal counts: net policies, or net premium in yuan."""

    POLICIES = "policies"
    PREMIUM = "premium"


class ItemOrigin(StrEnum):
    """Where a line came from."""

    BY_HAND = "by_hand"
    TODAY = "today"
    TARGET = "target"
    OPEN_ACTION = "open_action"
    CARRIED = "carried"
    ADJUSTMENT = "adjustment"


class ChangeKind(StrEnum):
    """What was changed about a locked plan."""

    ADDED = "added"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True)
class PlanLine:
    """What somebody plans: one contact, action or event of a week, or a goal.

    `day` None = some day of the week. `topic` is a key of the contact rules or a free text.
    `suggestion_id` is the open action behind an action line; one that is only intended has its
    `action_key` alone. `gap` is the part of a goal that was missing last week.
    """

    kind: PlanKind
    branch_id: int | None = None
    day: date | None = None
    role: StaffRole | None = None
    topic: str | None = None
    method: ContactMethod | None = None
    action_key: str | None = None
    suggestion_id: int | None = None
    event_kind: EventKind | None = None
    measure: GoalMeasure | None = None
    goal: Decimal | None = None
    gap: Decimal | None = None
    text: str | None = None


@dataclass(frozen=True)
class PlanItem:
    """A line as stored.

    `times_carried` counts the weeks it was missed before, along `carried_from`. `is_dropped` lines were
    dropped after the lock; what was taken out before is not there any more. `ticked_on` is a tick by hand.
    `looked_after_by` has the branch now, None where nobody has; it `is_handed_on` where that is not the supervisor of
    the plan any more. Of a line that is not `is_in_sight` the reader may know that it was planned and what became of
    it, not where: the branch is outside his scope.
    """

    item_id: int
    week_start: date
    supervisor: str
    branch_code: str | None
    branch_name: str | None
    line: PlanLine
    origin: ItemOrigin
    carried_from: int | None
    times_carried: int
    is_added_late: bool
    is_changed_late: bool
    is_dropped: bool
    ticked_on: date | None
    tick_note: str | None
    cause: str | None
    cause_note: str | None
    adjustment: str | None
    adjustment_action: str | None
    version: int
    more_causes: tuple[NamedCause, ...] = ()
    looked_after_by: str | None = None
    is_handed_on: bool = False
    is_in_sight: bool = True

    @property
    def causes(self) -> tuple[str, ...]:
        """The codes of all its causes, the first one first."""
        return (*((self.cause,) if self.cause else ()), *(one.code for one in self.more_causes))


@dataclass(frozen=True)
class WeekPlan:
    """The plan of a supervisor for a week.

    `started_at` is when goals, open actions and what was missed were taken over first. `approved_version` is the
    version that was approved; a later one was changed since.
    """

    plan_id: int
    supervisor: str
    week_start: date
    started_at: datetime | None
    approved_on: date | None
    approved_by: str | None
    approved_version: int | None
    approval_comment: str | None
    version: int

    @property
    def is_started(self) -> bool:
        """Tell whether anything was taken over yet."""
        return self.started_at is not None

    @property
    def is_approved(self) -> bool:
        """Tell whether the plan stands as it was approved."""
        return self.approved_version == self.version


@dataclass(frozen=True)
class ItemChange:
    """A change of a locked plan: what, when, by whom, why, and the values that differ."""

    item_id: int
    kind: ChangeKind
    at: datetime
    by: str | None
    reason: str | None
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class DayFeedback:
    """The line a supervisor wrote about a day."""

    supervisor: str
    day: date
    words: str
    written_at: datetime
    version: int


def without_place(item: PlanItem) -> PlanItem:
    """Return a line without what tells of its branch: its kind, day and goal stay, and the codes of its causes."""
    line = item.line
    return replace(
        item,
        branch_code=None,
        branch_name=None,
        line=PlanLine(line.kind, day=line.day, measure=line.measure, goal=line.goal, gap=line.gap),
        tick_note=None,
        cause_note=None,
        adjustment=None,
        adjustment_action=None,
        more_causes=tuple(NamedCause(one.code, "") for one in item.more_causes),
        looked_after_by=None,
    )


def stored_line(line: PlanLine) -> dict[str, Any]:
    """Return a line as it is stored: texts stripped, None for nothing."""
    found = {one.name: getattr(line, one.name) for one in fields(line)}
    return {name: value.strip() or None if isinstance(value, str) else value for name, value in found.items()}


def told_line(line: PlanLine) -> dict[str, Any]:
    """Return what a line says, in values that can be kept as text and compared; what it leaves open is not there."""
    found = {name: value for name, value in stored_line(line).items() if value is not None}
    return {
        name: format(value.normalize(), "f")
        if isinstance(value, Decimal)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for name, value in found.items()
    }


def told_differences(old: dict[str, Any], new: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of two lines that differ, before and after."""
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return {name: old.get(name) for name in changed}, {name: new.get(name) for name in changed}
