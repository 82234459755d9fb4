"""Everything that stands on Today: one provider for each kind of line, named in `core/today/today_order.csv`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from sqlalchemy.orm import Session

from core.cadence.owed import Absence, OwedStatus, Workdays
from core.calendar import week_start_of
from core.facts import Actor, StaffRole, Stage
from core.today.capacity import Asked, Capacity, capacity
from core.today.lines import Snooze, Thing, TodayLine, TodayList, today_list
from core.today.rules import line_kinds, today_rules
from db.branches import branches_in_scope
from db.cadence import cadence_weeks
from db.calendar_days import working_calendar
from db.coaching import open_actions
from db.logged_days import logged_days
from db.owed import owed_contacts
from db.snoozes import snoozes
from db.stage_history import stages_now
from db.today_news import news

STATUS_KINDS = {
    OwedStatus.DUE: "contact_due",
    OwedStatus.LATE: "contact_late",
    OwedStatus.MISSED: "contact_missed",
    OwedStatus.NEVER: "contact_never",
}


@dataclass(frozen=True)
class TodayQuestion:
    """What a provider is asked: whose list, on which day, and what is laid aside."""

    session: Session
    actor: Actor
    today: date
    workdays: Workdays
    snoozes: tuple[Snooze, ...]

    def workdays_since(self, day: date) -> int:
        """Return the working days after a day up to today, at least 0."""
        return max(int(self.workdays.since(np.array([day], dtype="datetime64[D]"))[0]), 0)


Provider = Callable[[TodayQuestion], Iterable[TodayLine]]


def today_lines(session: Session, *, actor: Actor, today: date) -> TodayList:
    """Return the lines of all branches in scope, worst first, and those that rest."""
    workdays = Workdays.around(today, working_calendar(session))
    question = TodayQuestion(session, actor, today, workdays, snoozes(session, actor=actor))
    asked = dict.fromkeys(kind.provider for kind in line_kinds().values())
    branches = branches_in_scope(session, actor=actor, as_of=today)
    names = {
        row["branch_id"]: row
        for row in branches.select(["branch_id", "branch_code", "branch_name", "supervisor"]).to_pylist()
    }
    lines = [replace(line, **names[line.branch_id]) for name in asked for line in PROVIDERS[name](question)]
    return today_list(lines, question.snoozes, today=today)


def _contacts(question: TodayQuestion) -> Iterable[TodayLine]:
    found, vacant = owed_contacts(
        question.session, actor=question.actor, today=question.today, snoozes=question.snoozes
    )
    this_week = week_start_of(question.today)
    first_week = this_week - timedelta(weeks=today_rules().memory_weeks)
    logged = logged_days(
        question.session,
        actor=question.actor,
        first_week=first_week,
        last_week=this_week,
        today=question.today,
    )
    for one in found:
        absence = None
        if one.workdays > 0:
            is_blank = logged.nothing_logged(one.branch_id, max(week_start_of(one.due_on), first_week))
            absence = Absence.NOT_LOGGED if is_blank else Absence.NOT_VISITED
        yield TodayLine(
            kind=STATUS_KINDS[one.status],
            thing=Thing.CONTACT,
            branch_id=one.branch_id,
            subject=one.role.value,
            due_on=one.due_on,
            workdays=one.workdays,
            last_on=one.last_on,
            facts={"absence": absence, "staff_id": one.staff_id, "people": one.people},
        )
    for post in vacant:
        yield TodayLine(
            kind="post_vacant",
            thing=Thing.POST,
            branch_id=post.branch_id,
            subject=post.role.value,
            due_on=post.since,
            workdays=question.workdays_since(post.since) if post.since else 0,
        )


def _actions(question: TodayQuestion) -> Iterable[TodayLine]:
    last = question.today + timedelta(days=today_rules().action_ahead_days)
    for action in open_actions(question.session, actor=question.actor, today=question.today):
        if action.due_on is not None and action.due_on > last:
            continue
        due_on = action.due_on or question.today
        yield TodayLine(
            kind="action_overdue" if action.is_overdue(question.today) else "action_due",
            thing=Thing.ACTION,
            branch_id=action.branch_id,
            subject=str(action.suggestion_id),
            due_on=due_on,
            workdays=question.workdays_since(due_on),
            facts={"action": action},
        )


def _news(question: TodayQuestion) -> Iterable[TodayLine]:
    for one in news(question.session, actor=question.actor, today=question.today):
        yield TodayLine(
            kind=one.thing.value,
            thing=one.thing,
            branch_id=one.branch_id,
            subject=one.subject,
            due_on=one.first_seen_on,
            workdays=question.workdays_since(one.first_seen_on),
            is_new=one.is_new,
            facts={"before": one.before, "after": one.after, "check": one.check},
        )


PROVIDERS: Mapping[str, Provider] = {"contacts": _contacts, "actions": _actions, "news": _news}
"""Where the lines of each kind come from."""


def week_capacity(session: Session, *, actor: Actor, today: date) -> tuple[Capacity, ...]:
    """Return what the targets of the whole week ask of each supervisor in scope, the fullest week first."""
    week = week_start_of(today)
    cadence = cadence_weeks(
        session, actor=actor, first_week=week, last_week=week, today=week + timedelta(weeks=1)
    )  # seen from the Monday after it, all working days of the week are due
    stages = stages_now(session, actor=actor)
    stage_of = dict(zip(stages["branch_id"].tolist(), stages["stage"].tolist(), strict=True))
    ids, owners = cadence.branches["branch_id"].to_pylist(), cadence.branches["supervisor"].to_pylist()
    sums: dict[str | None, dict[tuple[StaffRole, str | None], list[int]]] = {}
    for role, branch in zip(*np.nonzero(cadence.due[:, :, 0]), strict=True):
        of_owner = sums.setdefault(owners[branch], {})
        count = of_owner.setdefault((cadence.roles[role], stage_of.get(ids[branch])), [0, 0])
        count[0] += 1
        count[1] += int(cadence.due[role, branch, 0])
    workdays = working_calendar(session).workdays(week)
    found = [
        capacity(
            [
                Asked(role, Stage(stage) if stage else None, branches, contacts)
                for (role, stage), (branches, contacts) in of_owner.items()
            ],
            supervisor=owner,
            workdays=workdays,
        )
        for owner, of_owner in sums.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.half_days_asked, one.supervisor or "")))
