"""The figures of a week plan: how much of what was locked was kept, and what waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.calendar import WorkingCalendar
from core.planning.check import KEPT, CheckedItem, ItemState, still_with_owner
from core.planning.items import PlanKind, WeekPlan
from core.planning.lock import lock_moment
from core.planning.rules import plan_rules_on


class PlanStanding(StrEnum):
    """How the plan of a week stands."""

    MISSING = "missing"
    DRAFT = "draft"
    LOCKED = "locked"
    APPROVED = "approved"
    CHANGED = "changed"


@dataclass(frozen=True)
class PlanSummary:
    """Counts of lines.

    `frozen` are the contacts, actions and events that stood in the plan at its lock, dropped ones included, those
    settled by their day not, `kept` those of them that were done or ticked. `ticked` counts ticks without a record.
    `extra` lines were added after the lock; of a plan that `is_started_late` they count as frozen as well.
    `goals` are those of the plan at its lock in the same way, `goals_unknown` wait for the policies of the week. A
    week with few working days is `is_scored` False. What is late or `unexplained` is asked of who has the branch:
    lines handed on are not among them.
    """

    frozen: int
    kept: int
    ticked: int
    late: int
    dropped: int
    extra: int
    goals: int
    goals_reached: int
    goals_unknown: int
    unexplained: int
    carried: int
    is_scored: bool
    is_started_late: bool = False

    @property
    def completion(self) -> float | None:
        """Return the share of the locked lines that was kept, None where there are none."""
        return self.kept / self.frozen if self.frozen else None


def started_late(plan: WeekPlan | None, items: Iterable[CheckedItem], *, calendar: WorkingCalendar) -> bool:
    """Tell whether a plan was begun after its lock: taken over then, or never and without a line from before it."""
    if plan is None:
        return False
    if plan.started_at is not None:
        return plan.started_at >= lock_moment(plan.week_start, calendar)
    found = list(items)
    return bool(found) and all(one.item.is_added_late for one in found)


def plan_summary(
    items: Iterable[CheckedItem], *, week_start: date, calendar: WorkingCalendar, plan: WeekPlan | None = None
) -> PlanSummary:
    """Return the figures of the lines of one week.

    Of a plan begun after its lock every line counts: a late start does not get out of being measured.
    """
    found = list(items)
    late = started_late(plan, found, calendar=calendar)
    counted = [one for one in found if (late or not one.item.is_added_late) and not one.is_settled_in_time]
    goals = [one for one in counted if one.item.line.kind is PlanKind.GOAL]
    lines = [one for one in found if one.item.line.kind is not PlanKind.GOAL]
    frozen = [one for one in counted if one.item.line.kind is not PlanKind.GOAL]
    asked = still_with_owner(found)
    return PlanSummary(
        frozen=len(frozen),
        kept=sum(one.state in KEPT for one in frozen),
        ticked=sum(one.state is ItemState.TICKED for one in lines),
        late=sum(one.state is ItemState.LATE for one in asked),
        dropped=sum(one.state is ItemState.DROPPED for one in lines),
        extra=sum(one.item.is_added_late for one in lines),
        goals=len(goals),
        goals_reached=sum(one.state is ItemState.DONE for one in goals),
        goals_unknown=sum(one.state is ItemState.NO_DATA for one in goals),
        unexplained=sum(one.is_unexplained for one in asked),
        carried=sum(one.item.times_carried > 0 for one in lines),
        is_scored=calendar.workdays(week_start) >= plan_rules_on(week_start).scored_workdays_min,
        is_started_late=late,
    )


def standing(plan: WeekPlan | None, *, locked: bool) -> PlanStanding:
    """Return how a plan stands; an approval counts until the plan changes."""
    if plan is None:
        return PlanStanding.MISSING
    if plan.approved_version is not None:
        return PlanStanding.APPROVED if plan.is_approved else PlanStanding.CHANGED
    return PlanStanding.LOCKED if locked else PlanStanding.DRAFT
