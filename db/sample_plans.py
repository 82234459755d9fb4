"""The week plans of the sample city: last week checked, this week begun, a miss carried along over three weeks."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar import SHANGHAI, week_start_of
from core.coaching.problems import ProblemKey, RefusedError
from core.facts import COMMAND_LINE, Actor, BranchStatus, ContactMethod, StaffRole
from core.planning.check import ItemState
from core.planning.items import EventKind, PlanItem, PlanKind, PlanLine
from core.planning.lock import fitting_day, lock_moment
from core.sample.plan import names
from db.calendar_days import working_calendar
from db.models import BranchRow
from db.planning import add_item, change_item, drop_item
from db.planning_days import explain_miss, tick_items, write_feedback
from db.planning_facts import checked_week
from db.planning_team import approve_plan
from db.planning_weeks import find_plan, start_plan

WEEK = timedelta(weeks=1)
TALKS: tuple[tuple[StaffRole, str, ContactMethod], ...] = (
    (StaffRole.BRANCH_HEAD, "coordination", ContactMethod.VISIT),
    (StaffRole.WEALTH_MANAGER, "selling_skill", ContactMethod.VISIT),
    (StaffRole.TELLER, "recognition_in_branch", ContactMethod.ONE_ON_ONE),
    (StaffRole.ACCOUNT_MANAGER, "customer_operation", ContactMethod.PHONE),
)
PLANNED_BRANCHES = 8
"""Branches with planned contacts in the demo supervisor's weeks."""
OTHERS = 3
"""Supervisors beside him who began a plan for this week; the rest have none."""


def leave_plans(session: Session, *, supervisor: Actor, manager: Actor, today: date) -> None:
    """Let the demo supervisor have planned since three weeks ago, and a few others this week."""
    query = (
        select(BranchRow.id)
        .where(BranchRow.supervisor == supervisor.username, BranchRow.status == BranchStatus.ACTIVE)
        .order_by(BranchRow.branch_code)
    )
    own = list(session.scalars(query))
    if not own:
        return
    week = _Week(session, supervisor, own, week_start_of(today), names()["traces"]["plans"])
    sharing = PlanLine(PlanKind.EVENT, branch_id=own[0], day=None, event_kind=EventKind.SHARING_SESSION)
    first = week.moved(-3)
    first.add(replace(sharing, day=first.day(3)), "sharing")
    week.moved(-2).start()
    last = week.moved(-1)
    last.start()
    last.plan_contacts()
    last.change_after_lock()
    approved = find_plan(session, actor=manager, supervisor=supervisor.username, week_start=last.monday)
    approve_plan(
        session,
        actor=manager,
        supervisor=supervisor.username,
        week_start=last.monday,
        shown_version=approved.version if approved else 0,
        comment=last.words["approval"],
        now=last.at(1, 9),
        key="sample-plan-approval",
    )
    last.write_days(4)
    last.close(today)
    week.start()
    week.plan_contacts(shift=1)  # the talks missed last week stand there already
    week.write_days((today - week.monday).days)
    others = select(BranchRow.supervisor).where(
        BranchRow.supervisor.is_not(None), BranchRow.supervisor != supervisor.username
    )
    for owner in list(session.scalars(others.distinct().order_by(BranchRow.supervisor).limit(OTHERS))):
        start_plan(
            session,
            actor=COMMAND_LINE,
            supervisor=owner or "",
            week_start=week.monday,
            now=week.at(0, 9),
            key=f"sample-plan-{owner}",
        )


class _Week:
    """One week of the demo supervisor, filled through the changes everybody makes."""

    def __init__(
        self, session: Session, actor: Actor, branches: list[int], monday: date, words: dict[str, Any]
    ) -> None:
        self.session, self.actor, self.branches, self.monday, self.words = session, actor, branches, monday, words
        self.calendar = working_calendar(session)

    def moved(self, weeks: int) -> "_Week":
        """Return another week of the same supervisor."""
        return _Week(self.session, self.actor, self.branches, self.monday + weeks * WEEK, self.words)

    def at(self, day: int, hour: int) -> datetime:
        """Return an hour of a day, counted from Monday = 0."""
        return datetime.combine(self.monday + timedelta(days=day), time(hour), tzinfo=SHANGHAI)

    def day(self, number: int) -> date:
        """Return a working day on or after a day counted from Monday = 0."""
        return fitting_day(self.monday + timedelta(days=number), self.calendar, week_start=self.monday)

    def start(self) -> None:
        """Take over on Monday morning."""
        start_plan(
            self.session,
            actor=self.actor,
            supervisor=self.actor.username,
            week_start=self.monday,
            now=self.at(0, 9),
            key=f"sample-plan-{self.monday}",
        )

    def add(self, line: PlanLine, key: str, *, now: datetime | None = None, reason: str | None = None) -> None:
        """Add a line, on Monday morning where no moment is given; one that was carried there already stays."""
        try:
            add_item(
                self.session,
                actor=self.actor,
                line=line,
                week_start=self.monday,
                now=now or self.at(0, 9),
                key=f"sample-plan-{self.monday}-{key}",
                supervisor=self.actor.username,
                reason=reason,
            )
        except RefusedError as refused:
            if {one.key for one in refused.problems} != {ProblemKey.ALREADY_PLANNED}:
                raise

    def plan_contacts(self, shift: int = 0) -> None:
        """Plan a talk or two at each of some branches, and a salon at the second one; `shift` turns the talks."""
        for number, branch_id in enumerate(self.branches[:PLANNED_BRANCHES]):
            for place in range(1 + number % 2):
                role, topic, method = TALKS[(number + place + shift) % len(TALKS)]
                day = self.day((number + 2 * place) % 5)
                line = PlanLine(PlanKind.CONTACT, branch_id=branch_id, day=day, role=role, topic=topic, method=method)
                self.add(line, f"{number}-{place}")
        for branch_id in self.branches[1:2]:
            salon = PlanLine(PlanKind.EVENT, branch_id=branch_id, day=self.day(2), event_kind=EventKind.MICRO_SALON)
            self.add(salon, "salon")

    def change_after_lock(self) -> None:
        """Add, move and drop a line once the plan is locked."""
        later = lock_moment(self.monday, self.calendar) + timedelta(hours=15)
        if self.day(4) < later.date():  # a holiday week that begins on Friday
            return
        line = PlanLine(
            PlanKind.CONTACT,
            branch_id=self.branches[-1],
            day=self.day(4),
            role=StaffRole.RETAIL_HEAD,
            topic="compliance",
        )
        self.add(line, "late", now=later, reason=self.words["late_reason"])
        talks = [
            item
            for item in self.items(later.date())
            if item.line.kind is PlanKind.CONTACT and item.line.day and item.line.day > later.date()
        ]
        if len(talks) < 2:  # one to move, one to drop
            return
        moved, dropped = talks[0], talks[-1]
        change_item(
            self.session,
            actor=self.actor,
            item_id=moved.item_id,
            line=replace(moved.line, day=self.day(4)),
            shown_version=moved.version,
            reason=self.words["change_reason"],
            now=later,
            key=f"sample-plan-{self.monday}-moved",
        )
        drop_item(
            self.session,
            actor=self.actor,
            item_id=dropped.item_id,
            shown_version=dropped.version,
            reason=self.words["drop_reason"],
            now=later,
            key=f"sample-plan-{self.monday}-dropped",
        )

    def items(self, today: date) -> list[PlanItem]:
        """Return the lines as they stand."""
        found = checked_week(
            self.session, actor=self.actor, supervisor=self.actor.username, week_start=self.monday, today=today
        )
        return [one.item for one in found]

    def write_days(self, days: int) -> None:
        """Write the feedback of the first working days, each in its evening."""
        for number, words in enumerate(self.words["feedback"][:days]):
            day = self.monday + timedelta(days=number)
            if self.calendar.is_workday(day):
                write_feedback(
                    self.session,
                    actor=self.actor,
                    supervisor=self.actor.username,
                    day=day,
                    words=words,
                    shown_version=0,
                    now=self.at(number, 19),
                    key=f"sample-feedback-{day}",
                )

    def close(self, today: date) -> None:
        """Tick the salon that was held, name the causes of the misses, and leave one unexplained."""
        after = datetime.combine(today, time(8), tzinfo=SHANGHAI)
        week = checked_week(
            self.session, actor=self.actor, supervisor=self.actor.username, week_start=self.monday, today=today
        )
        missed = [one.item for one in week if one.state is ItemState.MISSED]
        held = [one for one in missed if one.line.kind is PlanKind.EVENT and not one.times_carried]
        tick_items(
            self.session,
            actor=self.actor,
            shown_versions={one.item_id: one.version for one in held},
            is_done=True,
            now=after,
            key=f"sample-plan-{self.monday}-held",
        )
        waiting = [one for one in missed if one not in held]
        unexplained = next((one for one in waiting if one.line.kind is PlanKind.CONTACT), None)
        order = sorted(waiting, key=lambda one: (-one.times_carried, one.line.kind is PlanKind.GOAL, one.item_id))
        chosen = [one for one in order if one is not unexplained]
        rows = {kind: cycle([row for row in self.words["causes"] if kind in row["kinds"]]) for kind in PlanKind}
        for item in chosen:
            row = next(rows[item.line.kind])
            explain_miss(
                self.session,
                actor=self.actor,
                item_id=item.item_id,
                shown_version=item.version,
                cause=row["cause"],
                note=row["note"],
                adjustment=row["adjustment"],
                action_key=row["action"] or None,
                now=after,
                key=f"sample-cause-{item.item_id}",
            )
