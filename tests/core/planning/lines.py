"""Lines of a plan for tests, everything with a plain default."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from core.facts import StaffRole
from core.planning.items import EventKind, GoalMeasure, ItemOrigin, PlanItem, PlanKind, PlanLine

WEEK = date(2026, 11, 16)


def item(item_id: int, line: PlanLine, **more) -> PlanItem:
    plain = PlanItem(
        item_id=item_id,
        week_start=WEEK,
        supervisor="li",
        branch_code="B1",
        branch_name="B1",
        line=line,
        origin=ItemOrigin.BY_HAND,
        carried_from=None,
        times_carried=0,
        is_added_late=False,
        is_changed_late=False,
        is_dropped=False,
        ticked_on=None,
        tick_note=None,
        cause=None,
        cause_note=None,
        adjustment=None,
        adjustment_action=None,
        version=1,
    )
    return replace(plain, **more)


def contact(item_id: int, day: int | None, *, branch: int = 1, role=StaffRole.BRANCH_HEAD, topic=None, **more):
    planned = None if day is None else date(2026, 11, 16 + day)
    line = PlanLine(PlanKind.CONTACT, branch_id=branch, day=planned, role=role, topic=topic)
    return item(item_id, line, **more)


def action(item_id: int, *, branch: int = 1, key="targeted_drill", suggestion=None, day=None, **more):
    line = PlanLine(PlanKind.ACTION, branch_id=branch, day=day, action_key=key, suggestion_id=suggestion)
    return item(item_id, line, **more)


def event(item_id: int, day: int | None = None, **more):
    planned = None if day is None else date(2026, 11, 16 + day)
    return item(item_id, PlanLine(PlanKind.EVENT, branch_id=1, day=planned, event_kind=EventKind.MICRO_SALON), **more)


def goal(item_id: int, number: str, *, measure=GoalMeasure.POLICIES, branch: int = 1, **more):
    return item(item_id, PlanLine(PlanKind.GOAL, branch_id=branch, measure=measure, goal=Decimal(number)), **more)
