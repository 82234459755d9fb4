"""Plan against fact: what became of every line, judged on a day.

A contact line is kept by the contacts logged for its branch and role. A day with a contact keeps the lines
of that day; a day on which nothing was planned keeps one line of an earlier day or of some day, so a visit
moved to Thursday counts once, and a call on Monday does not stand for the talk planned for Friday. An action
line is kept when its action is closed as done in the week or before. A tick by hand keeps any line, but is
told apart from a record. A goal is judged once its week is over and its data are in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from core.facts import StaffRole
from core.planning.causes import may_all_close
from core.planning.goals import is_reached
from core.planning.items import GoalMeasure, PlanItem, PlanKind
from core.planning.lock import is_over


class ItemState(StrEnum):
    """What became of a line. LATE = its day is over, the week is not; NO_DATA = the week's policies are not in."""

    OPEN = "open"
    DONE = "done"
    TICKED = "ticked"
    LATE = "late"
    MISSED = "missed"
    DROPPED = "dropped"
    NO_DATA = "no_data"


KEPT = frozenset({ItemState.DONE, ItemState.TICKED})
NOT_KEPT = frozenset({ItemState.LATE, ItemState.MISSED})


@dataclass(frozen=True)
class Sold:
    """Net policies, and net premium in yuan, of a branch in the week."""

    policies: int = 0
    premium: Decimal = Decimal(0)


@dataclass(frozen=True)
class WeekFacts:
    """What happened in a week.

    `contact_days` has a bit for each day with a contact (bit 0 = Monday) by branch and role, `done_on` the day
    an action was closed as done by its key. `is_complete` = policies up to the end of the week are in.
    """

    contact_days: Mapping[tuple[int, StaffRole], int] = field(default_factory=dict)
    done_on: Mapping[int, date] = field(default_factory=dict)
    sold: Mapping[int, Sold] = field(default_factory=dict)
    is_complete: bool = False


@dataclass(frozen=True)
class CheckedItem:
    """A line with its state; `kept_on` is the day it was done, `fact` what was reached of a goal."""

    item: PlanItem
    state: ItemState
    kept_on: date | None = None
    fact: Decimal | None = None

    @property
    def is_unexplained(self) -> bool:
        """Tell whether a missed line has no cause yet."""
        return self.state is ItemState.MISSED and self.item.cause is None

    @property
    def is_closed(self) -> bool:
        """Tell whether a missed line was closed with a cause that asks for no action."""
        return may_all_close(self.item.causes) and not self.item.adjustment and not self.item.adjustment_action


def checked_items(items: Sequence[PlanItem], facts: WeekFacts, *, today: date) -> tuple[CheckedItem, ...]:
    """Return every line of one week with what became of it, in the order given."""
    kept = kept_contacts(items, facts.contact_days)
    return tuple(_checked(item, facts, kept.get(item.item_id), today=today) for item in items)


def kept_contacts(items: Iterable[PlanItem], contact_days: Mapping[tuple[int, StaffRole], int]) -> dict[int, date]:
    """Return the day on which each kept contact line was kept, by the key of the line."""
    groups: dict[tuple[int, StaffRole], list[PlanItem]] = {}
    for item in items:
        line = item.line
        if line.kind is PlanKind.CONTACT and line.branch_id is not None and line.role and not item.is_dropped:
            groups.setdefault((line.branch_id, line.role), []).append(item)
    found: dict[int, date] = {}
    for group, lines in groups.items():
        mask = contact_days.get(group, 0)
        days = [lines[0].week_start + timedelta(days=number) for number in range(7) if mask >> number & 1]
        planned = {item.line.day for item in lines}
        found |= {item.item_id: item.line.day for item in lines if item.line.day in days and item.line.day}
        free = [day for day in days if day not in planned]
        rest = [item for item in lines if item.item_id not in found]
        for item in sorted(rest, key=lambda one: (one.line.day or date.max, one.item_id)):
            day = next((day for day in free if item.line.day is None or day > item.line.day), None)
            if day is not None:
                found[item.item_id] = day
                free.remove(day)
    return found


def _checked(item: PlanItem, facts: WeekFacts, contact_on: date | None, *, today: date) -> CheckedItem:
    if item.line.kind is PlanKind.GOAL:
        return _checked_goal(item, facts, today=today)
    kept_on = contact_on
    if item.line.suggestion_id is not None:
        done_on = facts.done_on.get(item.line.suggestion_id)
        kept_on = done_on if done_on and done_on <= item.week_start + timedelta(days=6) else kept_on
    if item.is_dropped:
        return CheckedItem(item, ItemState.DROPPED)
    if kept_on is not None:
        return CheckedItem(item, ItemState.DONE, kept_on)
    if item.ticked_on is not None:
        return CheckedItem(item, ItemState.TICKED, item.ticked_on)
    if is_over(item.week_start, today=today):
        return CheckedItem(item, ItemState.MISSED)
    is_late = item.line.day is not None and item.line.day < today
    return CheckedItem(item, ItemState.LATE if is_late else ItemState.OPEN)


def _checked_goal(item: PlanItem, facts: WeekFacts, *, today: date) -> CheckedItem:
    line = item.line
    sold = facts.sold.get(line.branch_id or 0, Sold())
    fact = Decimal(sold.policies) if line.measure is GoalMeasure.POLICIES else sold.premium
    if item.is_dropped:
        return CheckedItem(item, ItemState.DROPPED, fact=fact)
    if line.goal is None or line.measure is None:
        return CheckedItem(item, ItemState.OPEN, fact=fact)
    if not is_over(item.week_start, today=today):
        state = ItemState.DONE if fact >= line.goal else ItemState.OPEN
        return CheckedItem(item, state, fact=fact)
    if not facts.is_complete:
        return CheckedItem(item, ItemState.NO_DATA, fact=None)
    reached = is_reached(line.measure, goal=line.goal, fact=fact)
    return CheckedItem(item, ItemState.DONE if reached else ItemState.MISSED, fact=fact)
