"""The figures of a week plan: how much of what was locked was kept, and what waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.calendar import WorkingCalendar
from core.planning.check import KEPT, CheckedItem, ItemState
from core.planning.items import PlanKind, WeekPlan
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
    `extra` lines were added after the lock. `goals_unknown` wait for the policies of the week. A week with few
    working days is `is_scored` False.
    """

    frozen: int
    kept: int
    ticked: int
    waiting: int
    late: int
    dropped: int
    extra: int
    goals: int
    goals_reached: int
    goals_unknown: int
    missed: int
    unexplained: int
    carried: int
    is_scored: bool

    @property
    def completion(self) -> float | None:
        """Return the share of the locked lines that was kept, None where there are none."""
        return self.kept / self.frozen if self.frozen else None


def plan_summary(items: Iterable[CheckedItem], *, week_start: date, calendar: WorkingCalendar) -> PlanSummary:
    """Return the figures of the lines of one week."""
    found = list(items)
    goals = [one for one in found if one.item.line.kind is PlanKind.GOAL]
    lines = [one for one in found if one.item.line.kind is not PlanKind.GOAL]
    frozen = [one for one in lines if not one.item.is_added_late and not one.is_settled_in_time]
    return PlanSummary(
        frozen=len(frozen),
        kept=sum(one.state in KEPT for one in frozen),
        ticked=sum(one.state is ItemState.TICKED for one in lines),
        waiting=sum(one.state is ItemState.OPEN for one in lines),
        late=sum(one.state is ItemState.LATE for one in lines),
        dropped=sum(one.state is ItemState.DROPPED for one in lines),
        extra=sum(one.item.is_added_late for one in lines),
        goals=sum(one.state is not ItemState.DROPPED for one in goals),
        goals_reached=sum(one.state is ItemState.DONE for one in goals),
        goals_unknown=sum(one.state is ItemState.NO_DATA for one in goals),
        missed=sum(one.state is ItemState.MISSED for one in found),
        unexplained=sum(one.is_unexplained for one in found),
        carried=sum(one.item.times_carried > 0 for one in lines),
        is_scored=calendar.workdays(week_start) >= plan_rules_on(week_start).scored_workdays_min,
    )


def standing(plan: WeekPlan | None, *, locked: bool) -> PlanStanding:
    """Return how a plan stands; an approval counts until the plan changes."""
    if plan is None:
        return PlanStanding.MISSING
    if plan.approved_version is not None:
        return PlanStanding.APPROVED if plan.is_approved else PlanStanding.CHANGED
    return PlanStanding.LOCKED if locked else PlanStanding.DRAFT
