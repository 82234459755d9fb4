"""What a new week takes over: goals, open actions, what was missed and what was to change about it.

Taking over twice gives nothing twice: a line is left out where the plan holds it already.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from core.calendar import WorkingCalendar
from core.planning.check import CheckedItem, ItemState
from core.planning.goals import gap_of, week_share
from core.planning.items import GoalMeasure, ItemOrigin, PlanItem, PlanKind, PlanLine
from core.planning.lines import are_same
from core.planning.lock import fitting_day

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Seed:
    """A line to take over, where it comes from, and how often it was missed before."""

    line: PlanLine
    origin: ItemOrigin
    carried_from: int | None = None
    times_carried: int = 0


@dataclass(frozen=True)
class OpenAction:
    """An action somebody took on for a branch of the plan."""

    suggestion_id: int
    branch_id: int
    action_key: str
    due_on: date | None


@dataclass(frozen=True)
class MonthTarget:
    """The month target of a branch, by the first day of each month of the week; None = no target."""

    branch_id: int
    measure: GoalMeasure
    by_month: Mapping[date, Decimal | None]


def carried(last_week: Iterable[CheckedItem], *, week_start: date, calendar: WorkingCalendar) -> tuple[Seed, ...]:
    """Return the missed lines of the week before, once more, with what is to change about them.

    A line closed with a cause that asks for no action stays behind. A chosen action comes as a line of its own.
    """
    found: list[Seed] = []
    for one in last_week:
        item = one.item
        if one.state is not ItemState.MISSED or one.is_closed:
            continue
        day = None if item.line.day is None else fitting_day(item.line.day + WEEK, calendar, week_start=week_start)
        if item.line.kind is not PlanKind.GOAL:
            line = replace(item.line, day=day, text=item.adjustment or item.line.text)
            found.append(Seed(line, ItemOrigin.CARRIED, item.item_id, item.times_carried + 1))
        if item.adjustment_action and item.adjustment_action != item.line.action_key:
            line = PlanLine(
                PlanKind.ACTION,
                branch_id=item.line.branch_id,
                action_key=item.adjustment_action,
                text=item.adjustment if item.line.kind is PlanKind.GOAL else None,
            )
            found.append(Seed(line, ItemOrigin.ADJUSTMENT))
    return tuple(found)


def action_seeds(actions: Iterable[OpenAction], *, week_start: date, calendar: WorkingCalendar) -> tuple[Seed, ...]:
    """Return a line for each open action due by the end of the week; what is overdue comes on its first day."""
    end = week_start + timedelta(days=6)
    return tuple(
        Seed(
            PlanLine(
                PlanKind.ACTION,
                branch_id=one.branch_id,
                day=fitting_day(one.due_on, calendar, week_start=week_start),
                action_key=one.action_key,
                suggestion_id=one.suggestion_id,
            ),
            ItemOrigin.OPEN_ACTION,
        )
        for one in actions
        if one.due_on is not None and one.due_on <= end
    )


def goal_seeds(
    targets: Iterable[MonthTarget],
    last_week: Sequence[CheckedItem],
    *,
    week_start: date,
    calendar: WorkingCalendar,
) -> tuple[Seed, ...]:
    """Return the goal of each branch with a month target: its part of the month, last week's gap on top."""
    before = {
        (one.item.line.branch_id, one.item.line.measure): one
        for one in last_week
        if one.item.line.kind is PlanKind.GOAL
    }
    found: list[Seed] = []
    for target in targets:
        share = week_share(target.by_month, week_start=week_start, calendar=calendar)
        if share is None:
            continue
        last = before.get((target.branch_id, target.measure))
        month = max(one for one in target.by_month.values() if one is not None)
        gap = (
            gap_of(last.item.line.goal, last.fact, month_target=month, week_start=week_start)
            if last and last.state is not ItemState.DROPPED
            else Decimal(0)
        )
        line = PlanLine(
            PlanKind.GOAL, branch_id=target.branch_id, measure=target.measure, goal=share + gap, gap=gap or None
        )
        found.append(Seed(line, ItemOrigin.TARGET))
    return tuple(found)


def without_target(targets: Iterable[MonthTarget]) -> tuple[int, ...]:
    """Return the branches that have no month target of any measure, in the order given."""
    found: dict[int, bool] = {}
    for target in targets:
        has_one = any(one is not None for one in target.by_month.values())
        found[target.branch_id] = found.get(target.branch_id, False) or has_one
    return tuple(branch_id for branch_id, has_target in found.items() if not has_target)


def not_yet(seeds: Iterable[Seed], present: Sequence[PlanItem]) -> tuple[Seed, ...]:
    """Return the seeds a plan does not hold; `present` are its lines with those taken out again."""
    carried_before = {one.carried_from for one in present if one.carried_from is not None}
    lines = [one.line for one in present]
    found: list[Seed] = []
    for seed in seeds:
        if seed.carried_from in carried_before or any(are_same(line, seed.line) for line in lines):
            continue
        found.append(seed)
        lines.append(seed.line)
    return tuple(found)
