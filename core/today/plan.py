"""A line of Today as a line of the week plan, which lines the plan has already, and which of its lines wait today."""

from collections.abc import Mapping
from datetime import date, timedelta

from core.calendar import WorkingCalendar
from core.coaching.contacts import topics_for
from core.facts import StaffRole
from core.planning.check import CheckedItem, ItemState
from core.planning.items import PlanKind, PlanLine
from core.planning.lock import is_workless, working_days
from core.today.capacity import efforts
from core.today.lines import Thing, TodayLine

NEWS = frozenset({Thing.STAGE_CHANGE, Thing.WARNING, Thing.SELF_CHECK, Thing.EXPIRED})
PlanKey = tuple[int, str]
"""Key of the branch, and the role of a contact or the number of an action."""


def plan_line(line: TodayLine, *, day: date, words: str | None) -> PlanLine | None:
    """Return what to plan; None for a post nobody holds, a decision about no branch and a review.

    A stage change, a warning, a self-check and an action that expired are talked over with the branch head, a promise
    with the role that gave it.
    """
    if line.thing in (Thing.POST, Thing.DECISION, Thing.DIAGNOSIS, Thing.HANDOVER):
        return None
    if line.thing is Thing.ACTION:
        action = line.facts["action"]
        return PlanLine(
            PlanKind.ACTION,
            branch_id=line.branch_id,
            day=day,
            action_key=action.action_key,
            suggestion_id=action.suggestion_id,
            text=words,
        )
    role = talked_with(line)
    return PlanLine(
        PlanKind.CONTACT,
        branch_id=line.branch_id,
        day=day,
        role=role,
        topic=topics_for([role])[0].key,
        method=efforts()[role].method,
        text=words,
    )


def planned_next(line: TodayLine, plans: Mapping[PlanKey, PlanLine]) -> PlanLine | None:
    """Return what the plan has about the line from today on, None where it is not planned.

    News are talked over with the branch head, promises with who gave them: a talk that is planned stands for them too.
    """
    if line.thing in NEWS or line.thing is Thing.PROMISE:
        return plans.get((line.branch_id, talked_with(line).value))
    return plans.get((line.branch_id, line.subject)) if line.thing in (Thing.CONTACT, Thing.ACTION) else None


def talked_with(line: TodayLine) -> StaffRole:
    """Return the role a line is talked over with."""
    return line.role or StaffRole.BRANCH_HEAD


def waiting_since(one: CheckedItem, *, today: date, calendar: WorkingCalendar) -> date | None:
    """Return the day of a plan line that is to do today or late, None where it is not.

    A line for some day of the week waits from the last working day on. Goals never wait, nor what is late and somebody
    said the cause of. In a week without a working day nothing is overdue: a line is for today from its day on, one for
    some day on Sunday.
    """
    line = one.item.line
    is_said = one.state is ItemState.LATE and bool(one.item.causes)
    if one.state not in (ItemState.OPEN, ItemState.LATE) or line.kind is PlanKind.GOAL or is_said:
        return None
    week = one.item.week_start
    day = line.day or max(working_days(week, calendar), default=week + timedelta(days=6))
    if day > today:
        return None
    return today if is_workless(week, calendar) else day
