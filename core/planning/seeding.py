"""What a new week takes over: goals, open actions, what was missed and what was to change about it.

What was missed waits until it was carried on, kept, dropped or closed, however many weeks had no plan. The same
thing missed in several weeks comes once, with all its misses. Taking over twice gives nothing twice: a line is left
out where the plan holds it already, and one that stands there for another reason gets the count of the misses. A
goal whose gap was worked out before the week before was complete follows once it is.

A week without a working day takes nothing over: the next one that has one does, and the weeks between count as no
misses. What somebody planned in such a week and did not do goes on without another miss.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from core.calendar import WorkingCalendar
from core.planning.check import NOT_KEPT, CheckedItem, ItemState
from core.planning.goals import gap_of, week_share
from core.planning.items import GoalMeasure, ItemOrigin, PlanItem, PlanKind, PlanLine
from core.planning.lines import Thing, are_same, thing_of
from core.planning.lock import fitting_day, is_over

WEEK = timedelta(weeks=1)
JUDGED = (ItemState.DONE, ItemState.MISSED)


@dataclass(frozen=True)
class Seed:
    """A line to take over, where it comes from, and how often it was missed before.

    `changes` is the line of the plan it changes, None for a new one; `carried_before` what the line it comes from was
    carried from itself. A goal is not `is_final` while nobody can tell what is missing from the week before.
    """

    line: PlanLine
    origin: ItemOrigin
    carried_from: int | None = None
    times_carried: int = 0
    changes: int | None = None
    carried_before: int | None = None
    is_final: bool = True


@dataclass(frozen=True)
class OpenAction:
    """An action somebody took on for a branch of the plan; `reason_code` is what it answers."""

    suggestion_id: int
    branch_id: int
    action_key: str
    due_on: date | None
    reason_code: str = ""


@dataclass(frozen=True)
class MonthTarget:
    """The month target of a branch, by the first day of each month of the week; None = no target.

    `since` is the day the cooperation with it began, as far as it matters.
    """

    branch_id: int
    measure: GoalMeasure
    by_month: Mapping[date, Decimal | None]
    since: date | None = None


def carried(
    past: Iterable[CheckedItem],
    *,
    week_start: date,
    today: date,
    calendar: WorkingCalendar,
    followed: Collection[int] = (),
    open_actions: Collection[OpenAction] = (),
    closed_answers: Collection[tuple[int, str]] = (),
    closed_actions: Collection[int] = (),
) -> tuple[Seed, ...]:
    """Return the missed lines of earlier weeks once more, with what is to change about them, the latest week first.

    A line closed with a cause that asks for no action stays behind, and one whose action is no longer open. A chosen
    action comes as a line of its own; where it is open at the branch, the line is about that one.

    Args:
        past: the lines of earlier weeks with what became of them.
        week_start: Monday of the week that takes over.
        today: no line is put on a day before it.
        calendar: the working days.
        followed: lines that were carried on already, also where the later one was taken out again.
        open_actions: of the branches.
        closed_answers: branch and reason of actions that are closed; they are not chosen again.
        closed_actions: numbers of the actions that are closed.
    """
    found = sorted(past, key=lambda one: -one.item.week_start.toordinal())
    latest = _latest(found)
    misses = [one for one in found if (one.state is ItemState.MISSED or one.is_put_off) and not one.is_closed]
    ends = [
        one
        for one in misses
        if one.item.line.kind is not PlanKind.GOAL
        and one.item.item_id not in followed
        and one.item.line.suggestion_id not in closed_actions
    ]
    older: dict[Thing, int] = {}
    for one in ends:
        thing = thing_of(one.item.line)
        if one.item.week_start < latest[thing]:
            older[thing] = older.get(thing, 0) + _times_missed(one)
    ending = {one.item.item_id for one in ends if one.item.week_start == latest[thing_of(one.item.line)]}
    seeds: list[Seed] = []
    for one in misses:
        item = one.item
        if item.item_id in ending:
            times = _times_missed(one) + older.pop(thing_of(item.line), 0)
            seeds.append(_carried(item, times, week_start=week_start, today=today, calendar=calendar))
        action = _chosen_action(item, open_actions, closed_answers)
        if action and latest.get(thing_of(action), date.min) <= item.week_start:
            seeds.append(Seed(action, ItemOrigin.ADJUSTMENT))
    return tuple(seeds)


def _times_missed(one: CheckedItem) -> int:
    return one.item.times_carried + (one.state is ItemState.MISSED)


def _latest(found: Iterable[CheckedItem]) -> dict[Thing, date]:
    """Return the last week each thing was planned in."""
    weeks: dict[Thing, date] = {}
    for one in found:
        thing = thing_of(one.item.line)
        weeks[thing] = max(weeks.get(thing, date.min), one.item.week_start)
    return weeks


def _day_left(day: date, *, week_start: date, today: date, calendar: WorkingCalendar) -> date:
    """Return the working day of a week on or after a day and not before today; today where none of them is left."""
    return max(fitting_day(max(day, today), calendar, week_start=week_start), today)


def _carried(item: PlanItem, times: int, *, week_start: date, today: date, calendar: WorkingCalendar) -> Seed:
    moved = None if item.line.day is None else item.line.day + (week_start - item.week_start)
    day = None if moved is None else _day_left(moved, week_start=week_start, today=today, calendar=calendar)
    line = replace(item.line, day=day, text=item.adjustment or item.line.text)
    return Seed(line, ItemOrigin.CARRIED, item.item_id, times)


def _chosen_action(
    item: PlanItem, open_actions: Collection[OpenAction], closed_answers: Collection[tuple[int, str]]
) -> PlanLine | None:
    """Return the line of the action that was chosen with the cause of a miss; None where it is done with."""
    branch, reason = item.line.branch_id, f"cause:{item.cause}"
    if not item.adjustment_action:
        return None
    words = item.adjustment if item.line.kind is PlanKind.GOAL else None
    here = [one for one in open_actions if one.branch_id == branch]
    answer = next(
        (one for one in here if one.reason_code == reason),
        next((one for one in here if one.action_key == item.adjustment_action), None),
    )
    key = answer.action_key if answer else item.adjustment_action
    if key == item.line.action_key or (answer is None and (branch, reason) in closed_answers):
        return None
    number = answer.suggestion_id if answer else None
    return PlanLine(PlanKind.ACTION, branch_id=branch, action_key=key, suggestion_id=number, text=words)


def handed_over(
    waiting: Iterable[CheckedItem],
    *,
    week_start: date,
    today: date,
    calendar: WorkingCalendar,
    followed: Collection[int] = (),
) -> tuple[Seed, ...]:
    """Return the lines of this very week that wait in the plan of who looked after their branch before.

    A line closed with a cause stays behind.
    """
    found: list[Seed] = []
    for one in waiting:
        item = one.item
        waits = one.state in (ItemState.OPEN, *NOT_KEPT) and item.line.kind is not PlanKind.GOAL and not one.is_closed
        if not waits or item.item_id in followed:
            continue
        day = item.line.day and _day_left(item.line.day, week_start=week_start, today=today, calendar=calendar)
        line = replace(item.line, day=day, text=item.adjustment or item.line.text)
        found.append(Seed(line, ItemOrigin.CARRIED, item.item_id, item.times_carried, carried_before=item.carried_from))
    return tuple(found)


def action_seeds(
    actions: Iterable[OpenAction], *, week_start: date, today: date, calendar: WorkingCalendar
) -> tuple[Seed, ...]:
    """Return a line for each open action due by the end of the week; what is overdue comes on the first day left."""
    end = week_start + timedelta(days=6)
    return tuple(
        Seed(
            PlanLine(
                PlanKind.ACTION,
                branch_id=one.branch_id,
                day=_day_left(one.due_on, week_start=week_start, today=today, calendar=calendar),
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
    today: date,
) -> tuple[Seed, ...]:
    """Return the goal of each branch with a month target: its part of the month, last week's gap on top.

    A goal that is not judged yet gives no gap: what is missing before the week is over may still come. Nor does one of
    a branch that rested or went to somebody else within the week.
    """
    before = {
        (one.item.line.branch_id, one.item.line.measure): one
        for one in sorted(last_week, key=lambda one: not one.is_moot)  # one that counts goes before one that does not
        if one.item.line.kind is PlanKind.GOAL
    }
    found: list[Seed] = []
    for target in targets:
        share = week_share(target.by_month, week_start=week_start, calendar=calendar, since=target.since)
        if share is None:
            continue
        last = before.get((target.branch_id, target.measure))
        month = max(one for one in target.by_month.values() if one is not None)
        is_judged = (
            last is not None and (last.state in JUDGED or last.is_moot) and is_over(last.item.week_start, today=today)
        )
        gap = (
            gap_of(last.goal, last.fact, month_target=month, week_start=week_start)
            if last and is_judged and not last.is_moot
            else Decimal(0)
        )
        if not share + gap:  # a week without a working day asks for nothing
            continue
        line = PlanLine(
            PlanKind.GOAL, branch_id=target.branch_id, measure=target.measure, goal=share + gap, gap=gap or None
        )
        is_final = last is None or is_judged or last.state is ItemState.DROPPED
        found.append(Seed(line, ItemOrigin.TARGET, is_final=is_final))
    return tuple(found)


def without_target(targets: Iterable[MonthTarget]) -> tuple[int, ...]:
    """Return the branches that have no month target of any measure, in the order given."""
    found: dict[int, bool] = {}
    for target in targets:
        has_one = any(one is not None for one in target.by_month.values())
        found[target.branch_id] = found.get(target.branch_id, False) or has_one
    return tuple(branch_id for branch_id, has_target in found.items() if not has_target)


def not_yet(seeds: Iterable[Seed], present: Sequence[PlanItem]) -> tuple[Seed, ...]:
    """Return the seeds a plan does not hold, and what they change about the lines it holds.

    `present` are its lines with those taken out again.
    """
    carried_before = {one.carried_from for one in present if one.carried_from is not None}
    lines = [one.line for one in present]
    found: list[Seed] = []
    for seed in seeds:
        if seed.carried_from in carried_before:
            continue
        if any(are_same(line, seed.line) for line in lines):
            there = next((one for one in present if are_same(one.line, seed.line)), None)
            change = _changed(there, seed) if there else None
            if change and all(one.changes != change.changes for one in found):
                found.append(change)
            continue
        found.append(seed)
        lines.append(seed.line)
    return tuple(found)


def _changed(there: PlanItem, seed: Seed) -> Seed | None:
    """Return what a seed changes about the line that stands there already: its count of misses, or its goal."""
    if there.is_dropped:
        return None
    comes_back = seed.carried_before == there.item_id
    if seed.origin is ItemOrigin.CARRIED and (there.carried_from is None or comes_back):
        return replace(seed, line=there.line, changes=there.item_id)
    is_goal = seed.origin is ItemOrigin.TARGET and there.origin is ItemOrigin.TARGET and seed.is_final
    if is_goal and there.line.gap != seed.line.gap and _share_of(there.line) == _share_of(seed.line):
        return replace(seed, line=replace(there.line, goal=seed.line.goal, gap=seed.line.gap), changes=there.item_id)
    return None


def _share_of(line: PlanLine) -> Decimal:
    """Return a goal without its gap; one somebody set by hand differs from the part of the month."""
    return (line.goal or Decimal(0)) - (line.gap or Decimal(0))
