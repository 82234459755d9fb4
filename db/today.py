"""Everything that stands on Today: one provider for each kind of line, named in `core/today/today_order.csv`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.cadence.owed import Absence, OwedStatus, Workdays
from core.calendar import week_start_of
from core.coaching.actions import BranchAction
from core.facts import Actor, BranchStatus, ContactMethod, StaffRole, Stage
from core.planning.diagnosis import DiagnosisState
from core.planning.items import PlanKind, PlanLine
from core.review.figures import DecisionState
from core.today.capacity import Asked, Capacity, capacity
from core.today.coverage import LoggedDays
from core.today.lines import LineKey, Snooze, Thing, TodayLine, TodayList, today_list
from core.today.plan import PlanKey, planned_next, waiting_since
from core.today.rules import line_kinds, today_rules
from db.access import scoped
from db.branches import branches_in_scope
from db.cadence import cadence_weeks
from db.calendar_days import working_calendar
from db.changes import account_of
from db.coaching import open_actions
from db.coaching_notes import open_commitments
from db.contacts import FIELD_ROLES
from db.diagnoses import reviews_owned
from db.handovers import handovers
from db.logged_days import logged_days
from db.models import PlanItemRow
from db.owed import owed_contacts
from db.planning_facts import work_in_sight
from db.review_decisions import decisions_owned
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
    """What a provider is asked: whose list, on which day, over which branches, and what is laid aside."""

    session: Session
    actor: Actor
    today: date
    branches: pa.Table
    workdays: Workdays
    logged: LoggedDays
    snoozes: tuple[Snooze, ...]
    stages: pd.DataFrame

    def place(self, branch_id: int) -> Mapping[str, Any]:
        """Return the fields of a line that say which branch it is about, 0 = about none."""
        return self._places[branch_id]

    @cached_property
    def _places(self) -> dict[int, Mapping[str, Any]]:
        named = self.branches.select(["branch_id", "branch_code", "branch_name", "supervisor"])
        rests = pc.equal(self.branches["status"], BranchStatus.SUSPENDED.value)
        rows = named.append_column("is_suspended", rests).to_pylist()
        return {0: {"branch_id": 0}, **{row["branch_id"]: row for row in rows}}

    @cached_property
    def actions(self) -> tuple[BranchAction, ...]:
        """The open actions in scope, asked once."""
        return open_actions(self.session, actor=self.actor, today=self.today)

    def workdays_since(self, day: date) -> int:
        """Return the working days after a day up to today, at least 0."""
        if day not in self._workdays_since:
            since = self.workdays.since(np.array([day], dtype="datetime64[D]"))
            self._workdays_since[day] = max(int(since[0]), 0)
        return self._workdays_since[day]

    @cached_property
    def _workdays_since(self) -> dict[date, int]:
        return {}


Provider = Callable[[TodayQuestion], Iterable[TodayLine]]


def today_lines(
    session: Session,
    *,
    actor: Actor,
    today: date,
    branches: pa.Table | None = None,
    stages: pd.DataFrame | None = None,
    logged: LoggedDays | None = None,
) -> TodayList:
    """Return the lines of all branches in scope, worst first, and those that rest.

    `branches`, `stages` and `logged` are those in scope where the caller has asked for them already: as
    `branches_in_scope` on the day, `stages_now`, and the days logged over `memory_weeks` at least.
    """
    branches = branches_in_scope(session, actor=actor, as_of=today) if branches is None else branches
    if logged is None:
        first, last = week_start_of(today) - timedelta(weeks=today_rules().memory_weeks), week_start_of(today)
        logged = logged_days(session, actor=actor, first_week=first, last_week=last, today=today, branches=branches)
    question = TodayQuestion(
        session=session,
        actor=actor,
        today=today,
        branches=branches,
        workdays=Workdays.around(today, working_calendar(session)),
        logged=logged,
        snoozes=snoozes(session, actor=actor),
        stages=stages_now(session, actor=actor) if stages is None else stages,
    )
    asked = dict.fromkeys(kind.provider for kind in line_kinds().values())
    closed = set(branches.filter(pc.equal(branches["status"], BranchStatus.CLOSED.value))["branch_id"].to_pylist())
    planned = _planned(session, actor, today)
    by_key: dict[LineKey, TodayLine] = {}
    for line in (line for name in asked for line in PROVIDERS[name](question)):
        if line.branch_id in closed and line.thing is not Thing.EXPIRED:  # what ended with the branch is told once
            continue
        owed = None
        if line.item is not None:
            owed = by_key.get((Thing.CONTACT, line.branch_id, line.role.value) if line.role else line.key)
        if owed is not None and owed.item is None:  # owed anyway, and planned
            by_key[owed.key] = replace(owed, item=line.item, waits_since=line.waits_since)
        elif line.key not in by_key:
            plan = planned_next(line, planned)
            by_key[line.key] = replace(line, planned=plan) if plan else line  # a copy is dear by the thousand
    return today_list(by_key.values(), question.snoozes, today=today)


def _planned(session: Session, actor: Actor, today: date) -> dict[PlanKey, PlanLine]:
    """Return what is planned next about each contact and action, from today on."""
    row = PlanItemRow
    query = (
        select(row.branch_id, row.role, row.suggestion_id, row.kind, row.day, row.method, row.topic, row.text)
        .where(
            row.day >= today,
            row.dropped_on.is_(None),
            row.ticked_on.is_(None),
            row.kind.in_([PlanKind.CONTACT.value, PlanKind.ACTION.value]),
        )
        .order_by(row.day.desc())
    )
    rows = session.execute(scoped(query, actor, row.branch_id))
    return {
        (each.branch_id or 0, each.role or str(each.suggestion_id)): PlanLine(
            PlanKind(each.kind),
            branch_id=each.branch_id,
            day=each.day,
            method=ContactMethod(each.method) if each.method else None,
            topic=each.topic,
            text=each.text,
        )
        for each in rows
    }


def _contacts(question: TodayQuestion) -> Iterable[TodayLine]:
    found, vacant = owed_contacts(
        question.session,
        actor=question.actor,
        today=question.today,
        snoozes=question.snoozes,
        branches=question.branches,
    )
    first_week = week_start_of(question.today) - timedelta(weeks=today_rules().memory_weeks)
    for one in found:
        absence = None
        if one.workdays > 0:
            is_blank = question.logged.is_unlogged_since(one.branch_id, max(week_start_of(one.due_on), first_week))
            absence = Absence.NOT_LOGGED if is_blank else Absence.NOT_REACHED
        yield TodayLine(
            kind=STATUS_KINDS[one.status],
            thing=Thing.CONTACT,
            **question.place(one.branch_id),
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
            **question.place(post.branch_id),
            subject=post.role.value,
            due_on=post.since,
            workdays=question.workdays_since(post.since) if post.since else 0,
        )


def _actions(question: TodayQuestion) -> Iterable[TodayLine]:
    last = question.today + timedelta(days=today_rules().action_ahead_days)
    for action in question.actions:
        if action.due_on is not None and action.due_on > last:
            continue
        due_on = action.due_on or question.today
        yield TodayLine(
            kind="action_overdue" if action.is_overdue(question.today) else "action_due",
            thing=Thing.ACTION,
            **question.place(action.branch_id),
            subject=str(action.suggestion_id),
            due_on=due_on,
            workdays=question.workdays_since(due_on),
            facts={"action": action},
        )


def _news(question: TodayQuestion) -> Iterable[TodayLine]:
    for one in news(question.session, actor=question.actor, today=question.today, stages=question.stages):
        yield TodayLine(
            kind=one.thing.value,
            thing=one.thing,
            **question.place(one.branch_id),
            subject=one.subject,
            due_on=one.since,
            workdays=question.workdays_since(one.since),
            is_new=one.is_new,
            facts={"before": one.before, "after": one.after, "check": one.check, "action": one.action},
        )


def _decisions(question: TodayQuestion) -> Iterable[TodayLine]:
    """Give the decisions about no branch the user owns; those about a branch are actions of it."""
    last = question.today + timedelta(days=today_rules().action_ahead_days)
    for decision in decisions_owned(question.session, actor=question.actor, today=question.today):
        if decision.due_on > last:
            continue
        yield TodayLine(
            kind="decision_overdue" if decision.state is DecisionState.OVERDUE else "decision_due",
            thing=Thing.DECISION,
            **question.place(0),
            subject=str(decision.decision_id),
            due_on=decision.due_on,
            workdays=question.workdays_since(decision.due_on),
            facts={"decision": decision},
        )


def _promises(question: TodayQuestion) -> Iterable[TodayLine]:
    """Give the promises whose day has come, to whoever wrote them down and to the supervisor of the branch."""
    actor, today, ids = question.actor, question.today, question.branches["branch_id"].to_pylist()
    owners = dict(zip(ids, question.branches["supervisor"].to_pylist(), strict=True))
    for note in open_commitments(question.session, actor=actor, due_by=today) if actor.role in FIELD_ROLES else ():
        is_own = note.author_id is not None and note.author_id == account_of(actor)
        if not is_own and owners.get(note.branch_id) != actor.username:
            continue
        yield TodayLine(
            kind="promise_due",
            thing=Thing.PROMISE,
            **question.place(note.branch_id),
            subject=str(note.note_id),
            due_on=note.entry.due_on,
            workdays=question.workdays_since(note.entry.due_on),
            facts={"note": note},
        )


def _handovers(question: TodayQuestion) -> Iterable[TodayLine]:
    """Give the handovers nobody has confirmed, to whoever looks after the branch now."""
    own = pc.equal(question.branches["supervisor"], question.actor.username)
    mine = set(question.branches.filter(own)["branch_id"].to_pylist())
    changes = handovers(question.session, actor=question.actor, today=question.today) if mine else ()
    for change in changes:
        if change.branch_id not in mine or change.taken_over_on is not None:
            continue
        yield TodayLine(
            kind="handover_open",
            thing=Thing.HANDOVER,
            **question.place(change.branch_id),
            subject=f"{change.kind}:{change.changed_on}",
            due_on=change.changed_on,
            workdays=question.workdays_since(change.changed_on),
            facts={"change": change},
        )


def _diagnoses(question: TodayQuestion) -> Iterable[TodayLine]:
    """Give the diagnoses the user owns whose review is due; they are about many branches, or looked at as a whole."""
    for diagnosis in reviews_owned(question.session, actor=question.actor, today=question.today):
        due_on = diagnosis.review_on or question.today
        yield TodayLine(
            kind="diagnosis_overdue" if diagnosis.state is DiagnosisState.OVERDUE else "diagnosis_due",
            thing=Thing.DIAGNOSIS,
            **question.place(0),
            subject=str(diagnosis.diagnosis_id),
            due_on=due_on,
            workdays=question.workdays_since(due_on),
            facts={"diagnosis": diagnosis},
        )


def _plan(question: TodayQuestion) -> Iterable[TodayLine]:
    """Yield the lines of this week's plans that wait, each as one; an open action as what it is."""
    session, actor, today = question.session, question.actor, question.today
    week, calendar = week_start_of(today), working_calendar(session)
    waiting = [
        (one.item, day)
        for one in work_in_sight(session, actor=actor, week_start=week, today=today)
        if (day := waiting_since(one, today=today, calendar=calendar))
    ]
    numbers = {item.line.suggestion_id for item, _ in waiting} - {None}
    open_now = {action.suggestion_id: action for action in question.actions if action.suggestion_id in numbers}
    known = set(question.branches["branch_id"].to_pylist())
    for item, day in sorted(waiting, key=lambda one: (one[1], one[0].item_id)):
        line, action = item.line, open_now.get(item.line.suggestion_id or 0)
        if line.branch_id not in known and (line.branch_id is not None or item.supervisor != actor.username):
            continue  # what is about no branch is its owner's alone
        facts: dict[str, Any] = {}
        thing, subject = Thing.PLAN, str(item.item_id)
        if action:
            thing, subject, facts = Thing.ACTION, str(action.suggestion_id), {"action": action}
        yield TodayLine(
            kind="plan_late" if day < today else "plan_due",
            thing=thing,
            **question.place(line.branch_id or 0),
            subject=subject,
            due_on=day,
            workdays=question.workdays_since(day),
            facts=facts,
            item=item,
            waits_since=day,
        )


PROVIDERS: Mapping[str, Provider] = {
    "contacts": _contacts,
    "actions": _actions,
    "news": _news,
    "plan": _plan,
    "decisions": _decisions,
    "promises": _promises,
    "diagnoses": _diagnoses,
    "handovers": _handovers,
}
"""Where the lines of each kind come from."""


def week_capacity(
    session: Session,
    *,
    actor: Actor,
    today: date,
    branches: pa.Table | None = None,
    stages: pd.DataFrame | None = None,
) -> tuple[Capacity, ...]:
    """Return what the targets of the whole week ask of each supervisor in scope, the fullest week first.

    `branches` and `stages` are those in scope where the caller has asked for them already.
    """
    week = week_start_of(today)
    cadence = cadence_weeks(
        session, actor=actor, first_week=week, last_week=week, today=week + timedelta(weeks=1), branches=branches
    )  # seen from the Monday after it, all working days of the week are due
    stages = stages_now(session, actor=actor) if stages is None else stages
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
