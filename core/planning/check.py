"""Plan against fact: what became of every line, judged on a day.

A contact line is kept by the contacts logged for its branch and role. A day with a contact keeps the lines
of that day; a day on which nothing was planned keeps one line of an earlier day or of some day, so a visit
moved to Thursday counts once, and a call on Monday does not stand for the talk planned for Friday. An event line
is kept in the same way by an event of its kind held at its branch, and one held earlier in the week keeps it too:
nobody holds an event by chance. An action line is kept when its action is closed as done in the week or before, or
when such an action is closed at its branch in the week. A tick by hand keeps any line, but is told apart from a
record. A goal is judged once its week is over and its data are in.

Somebody else may have settled a line that was not kept: its action was dismissed or expired, its branch rests, or
another plan of the week took it on. It is neither late nor missed, and no cause is asked for. Where that happened
by the day of the line, the plan was not broken and the line does not count; later it counts as not kept.

A branch rests for a line where it rests on the line's day; for a goal, and a line for some day, the last working day
of the week decides. A goal of a branch suspended or closed by the end of its week is not counted, no cause is asked
for and nothing of it is added to the next one, unless it was reached before. One that is at work again by the last
working day is judged by its goal as planned: that it rested is for the supervisor to name as the cause.

A week without a working day asks for nothing. What somebody plans in it all the same is not late, and a miss of nobody
once it is over: done it counts, else it is put off to the next week that has a working day.

A line another plan of the week took on counts from that day on in that plan alone, kept or not: what the successor
makes or misses neither raises nor lowers the share of whoever planned it first.

A branch that goes to another supervisor takes what waits with it: he is asked about it. In the week of whose plan it
is, a line that was not kept counts as it did, unless the branch went by its day.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from core.coaching.actions import DECISION_ACTION
from core.facts import StaffRole
from core.planning.causes import may_all_close
from core.planning.goals import is_reached
from core.planning.items import GoalMeasure, PlanItem, PlanKind, without_place
from core.planning.lock import is_over


class ItemState(StrEnum):
    """What became of a line.

    LATE = its day is over, the week is not; NO_DATA = the week's policies are not in; SETTLED = see `Settlement`.
    """

    OPEN = "open"
    DONE = "done"
    TICKED = "ticked"
    LATE = "late"
    MISSED = "missed"
    DROPPED = "dropped"
    NO_DATA = "no_data"
    SETTLED = "settled"


class SettledBy(StrEnum):
    """What settled a line without keeping it."""

    DISMISSED = "dismissed"
    EXPIRED = "expired"
    BRANCH_RESTS = "branch_rests"
    HANDED_OVER = "handed_over"
    NO_WORKING_DAY = "no_working_day"


@dataclass(frozen=True)
class Settlement:
    """What settled a line, and the day; of a dismissal the chosen reason and the text beside it."""

    by: SettledBy
    on: date
    reason: str | None = None
    words: str | None = None


KEPT = frozenset({ItemState.DONE, ItemState.TICKED})
NOT_KEPT = frozenset({ItemState.LATE, ItemState.MISSED})


@dataclass(frozen=True)
class Sold:
    """Net policies, and net premium in yuan, of a branch in the week."""

    policies: int = 0
    premium: Decimal = Decimal(0)


@dataclass(frozen=True)
class Rest:
    """A time a branch was suspended or closed, both days included; `until` is `date.max` while it still is."""

    since: date
    until: date = date.max


@dataclass(frozen=True)
class WeekFacts:
    """What happened in a week.

    `contact_days` has a bit for each day with a contact (bit 0 = Monday) by branch and role, `event_days` one for
    each day with an event held by branch and kind. `done_on` is the day an action was closed as done by its number,
    `acted_on` the first day of the week on which one was, by branch and the action's key. `let_go` are the actions
    that were dismissed or expired, by number, `resting` the times branches were suspended or closed, `handed_over` the
    lines another plan of the week holds, `left_on` the day a branch went from a supervisor to another one.
    `locked_goals` are the goals somebody set otherwise after the lock, as they stood before it, by the line.
    `is_complete` = the policies of its working days are in, the last of which is `last_day`; None = its Sunday.
    A week `is_workless` that has none.
    """

    contact_days: Mapping[tuple[int, StaffRole], int] = field(default_factory=dict)
    event_days: Mapping[tuple[int, str], int] = field(default_factory=dict)
    done_on: Mapping[int, date] = field(default_factory=dict)
    acted_on: Mapping[tuple[int, str], date] = field(default_factory=dict)
    sold: Mapping[int, Sold] = field(default_factory=dict)
    let_go: Mapping[int, Settlement] = field(default_factory=dict)
    resting: Mapping[int, Sequence[Rest]] = field(default_factory=dict)
    handed_over: Mapping[int, date] = field(default_factory=dict)
    left_on: Mapping[tuple[str, int], date] = field(default_factory=dict)
    locked_goals: Mapping[int, Decimal] = field(default_factory=dict)
    is_complete: bool = False
    last_day: date | None = None
    is_workless: bool = False


@dataclass(frozen=True)
class CheckedItem:
    """A line with its state; `kept_on` is the day it was done, `fact` what was reached of a goal.

    `left_on` is the day its branch went to another supervisor, as far as that is known. `locked_goal` is the goal it
    is judged by where somebody set another one after the lock.
    """

    item: PlanItem
    state: ItemState
    kept_on: date | None = None
    fact: Decimal | None = None
    settlement: Settlement | None = None
    left_on: date | None = None
    locked_goal: Decimal | None = None

    @property
    def goal(self) -> Decimal | None:
        """The goal the line is judged by."""
        return self.item.line.goal if self.locked_goal is None else self.locked_goal

    @property
    def is_settled_in_time(self) -> bool:
        """Tell whether the line was settled by its day or its branch went by then, one for some day by Sunday."""
        if self.state in KEPT:
            return False
        days = [day for day in (self.settlement.on if self.settlement else None, self.left_on) if day is not None]
        return bool(days) and min(days) <= (self.item.line.day or _sunday(self.item))

    @property
    def is_unexplained(self) -> bool:
        """Tell whether a missed line has no cause yet."""
        return self.state is ItemState.MISSED and self.item.cause is None and not self.is_moot

    @property
    def is_moot(self) -> bool:
        """Tell whether it is a goal nobody can be asked about: its branch rests or went, or nobody worked in its week.

        Who has a branch that went has a goal of his own.
        """
        return self.item.line.kind is PlanKind.GOAL and self.is_settled_in_time

    @property
    def is_put_off(self) -> bool:
        """Tell whether it waited in a week without a working day, and goes on without being a miss."""
        return self.settlement is not None and self.settlement.by is SettledBy.NO_WORKING_DAY

    @property
    def is_closed(self) -> bool:
        """Tell whether a missed line was closed with a cause that asks for no action."""
        return may_all_close(self.item.causes) and not self.item.adjustment and not self.item.adjustment_action


def checked_items(items: Sequence[PlanItem], facts: WeekFacts, *, today: date) -> tuple[CheckedItem, ...]:
    """Return every line of one week with what became of it, in the order given; where, only of those in sight."""
    kept = kept_contacts(items, facts.contact_days) | kept_events(items, facts.event_days)
    found = []
    for item in items:
        one = _checked(item, facts, kept.get(item.item_id), today=today)
        if item.is_handed_on:
            one = replace(one, left_on=facts.left_on.get((item.supervisor, item.line.branch_id or 0)))
        found.append(one if item.is_in_sight else _without_place(one))
    return tuple(found)


def _without_place(one: CheckedItem) -> CheckedItem:
    settled = one.settlement and replace(one.settlement, reason=None, words=None)
    return replace(one, item=without_place(one.item), fact=None, settlement=settled)


def still_with_owner(lines: Iterable[CheckedItem]) -> tuple[CheckedItem, ...]:
    """Return the lines whose branch nobody else has by now."""
    return tuple(one for one in lines if not one.item.is_handed_on)


def kept_contacts(items: Iterable[PlanItem], contact_days: Mapping[tuple[int, StaffRole], int]) -> dict[int, date]:
    """Return the day on which each kept contact line was kept, by the key of the line."""
    groups: dict[tuple[int, StaffRole], list[PlanItem]] = {}
    for item in items:
        line = item.line
        if line.kind is PlanKind.CONTACT and line.branch_id is not None and line.role and not item.is_dropped:
            groups.setdefault((line.branch_id, line.role), []).append(item)
    return _kept(groups, contact_days, is_early_too=False)


def kept_events(items: Iterable[PlanItem], event_days: Mapping[tuple[int, str], int]) -> dict[int, date]:
    """Return the day on which each kept event line was kept, by the key of the line; none of those without a branch."""
    groups: dict[tuple[int, str], list[PlanItem]] = {}
    for item in items:
        line = item.line
        if line.kind is PlanKind.EVENT and line.branch_id is not None and line.event_kind and not item.is_dropped:
            groups.setdefault((line.branch_id, line.event_kind.value), []).append(item)
    return _kept(groups, event_days, is_early_too=True)


def is_kept_instead(items: Iterable[PlanItem], item: PlanItem, day: date) -> bool:
    """Tell whether a contact on a day keeps another line of its branch and role, which is planned for that very day."""
    return any(
        one.line.day == day != item.line.day
        and (one.line.kind, one.line.branch_id, one.line.role)
        == (PlanKind.CONTACT, item.line.branch_id, item.line.role)
        and not one.is_dropped
        for one in items
    )


Group = TypeVar("Group", bound=Hashable)


def _kept(
    groups: Mapping[Group, Sequence[PlanItem]], days_of: Mapping[Group, int], *, is_early_too: bool
) -> dict[int, date]:
    """Return the day each kept line of a group was kept on: its own day, else a later one nothing was planned for."""
    found: dict[int, date] = {}
    for group, lines in groups.items():
        mask = days_of.get(group, 0)
        if not mask:
            continue
        days = [lines[0].week_start + timedelta(days=number) for number in range(7) if mask >> number & 1]
        planned = {item.line.day for item in lines}
        found |= {item.item_id: item.line.day for item in lines if item.line.day in days and item.line.day}
        free = [day for day in days if day not in planned]
        rest = [item for item in lines if item.item_id not in found]
        for item in sorted(rest, key=lambda one: (one.line.day or date.max, one.item_id)):
            later = [day for day in free if item.line.day is None or day > item.line.day]
            day = next(iter(later or free if is_early_too else later), None)
            if day is not None:
                found[item.item_id] = day
                free.remove(day)
    return found


def _checked(item: PlanItem, facts: WeekFacts, kept_on: date | None, *, today: date) -> CheckedItem:
    if item.line.kind is PlanKind.GOAL:
        return _checked_goal(item, facts, today=today)
    if item.line.kind is PlanKind.ACTION:
        kept_on = _done_on(item, facts)
    if item.is_dropped:
        return CheckedItem(item, ItemState.DROPPED)
    handed_on = facts.handed_over.get(item.item_id, date.max)
    if kept_on is not None and kept_on < handed_on:
        return CheckedItem(item, ItemState.DONE, kept_on)
    if item.ticked_on is not None and item.ticked_on < handed_on:
        return CheckedItem(item, ItemState.TICKED, item.ticked_on)
    settlement = _settlement(item, facts, today=today)
    if settlement is not None:
        return CheckedItem(item, ItemState.SETTLED, settlement=settlement)
    if is_over(item.week_start, today=today):
        return CheckedItem(item, ItemState.MISSED)
    is_late = item.line.day is not None and item.line.day < today and not facts.is_workless
    return CheckedItem(item, ItemState.LATE if is_late else ItemState.OPEN)


def _sunday(item: PlanItem) -> date:
    return item.week_start + timedelta(days=6)


def _settlement(item: PlanItem, facts: WeekFacts, *, today: date) -> Settlement | None:
    """Return what settled a line by a day.

    A branch that began to rest after the week settles nothing of it. Once it is at work again, what was to be done
    before or after its rest is asked about.
    """
    last = item.line.day or facts.last_day or _sunday(item)
    rests = [
        one
        for one in facts.resting.get(item.line.branch_id or 0, ())
        if one.until == date.max or one.since <= last <= one.until
    ]
    rests_since = min((one.since for one in rests), default=date.max)
    if item.line.suggestion_id is not None and (let_go := facts.let_go.get(item.line.suggestion_id)):
        return let_go
    if item.item_id in facts.handed_over:
        return Settlement(SettledBy.HANDED_OVER, facts.handed_over[item.item_id])
    if rests_since <= min(today, _sunday(item)):
        return Settlement(SettledBy.BRANCH_RESTS, rests_since)
    if facts.is_workless and is_over(item.week_start, today=today):
        return Settlement(SettledBy.NO_WORKING_DAY, item.week_start)
    return None


def _done_on(item: PlanItem, facts: WeekFacts) -> date | None:
    """Return the day the action of a line was done: the very one, else one taken on since the line was planned."""
    line = item.line
    done_on = None if line.suggestion_id is None else facts.done_on.get(line.suggestion_id)
    if done_on and done_on <= _sunday(item):
        return done_on
    if line.action_key == DECISION_ACTION:
        return None
    return facts.acted_on.get((line.branch_id or 0, line.action_key or ""))


def _checked_goal(item: PlanItem, facts: WeekFacts, *, today: date) -> CheckedItem:
    line = item.line
    sold = facts.sold.get(line.branch_id or 0, Sold())
    fact = Decimal(sold.policies) if line.measure is GoalMeasure.POLICIES else sold.premium
    one = CheckedItem(item, ItemState.OPEN, fact=fact, locked_goal=facts.locked_goals.get(item.item_id))
    if item.is_dropped:
        return replace(one, state=ItemState.DROPPED)
    goal = one.goal
    if goal is None or line.measure is None:
        return one
    over = is_over(item.week_start, today=today)
    if over and not facts.is_complete:
        one = replace(one, fact=None)
    elif is_reached(line.measure, goal=goal, fact=fact) if over else fact >= goal:
        return replace(one, state=ItemState.DONE)
    settlement = _settlement(item, facts, today=today)
    if settlement is not None:
        return replace(one, state=ItemState.SETTLED, settlement=settlement)
    if not over:
        return one
    return replace(one, state=ItemState.MISSED if facts.is_complete else ItemState.NO_DATA)
