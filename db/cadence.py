"""Contacts against targets of the branches in scope: the facts from the weekly rollups, judged by core."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from core.cadence.attainment import CadenceFacts, attainment
from core.cadence.targets import CadenceScope, TargetGrid, target_grid
from core.cadence.weeks import CadenceWeeks, contact_gap_weeks
from core.calendar import week_start_of, weeks_between
from core.facts import Actor, StaffRole
from core.settings import CADENCE_SCOPE, setting_on
from core.statuses import CLOSED, SUSPENDED, status_grid
from db.access import scoped
from db.branches import branches_in_scope
from db.cadence_facts import DAYS_IN_WEEK, WEEK, CadenceQuestion, Grid
from db.calendar_days import working_calendar
from db.models import BranchRow, ContactPersonWeekRow, StaffRow
from db.settings import settings
from db.statuses import status_history
from db.targets import cadence_targets

GAP_WINDOW = 5 * WEEK
"""How far back due weeks are looked for before a gap is judged; holidays may leave out two."""


class FutureWeekError(ValueError):
    """The week lies after the current one; the message says which is the last."""


def cadence_weeks(
    session: Session,
    *,
    actor: Actor,
    first_week: date,
    last_week: date,
    today: date,
    branches: pa.Table | None = None,
) -> CadenceWeeks:
    """Return targets, contacts and status by role, branch and week, both weeks included.

    In the unfinished week the working days before today are due, contacts made today count. `branches` are those
    in scope where the caller has asked for them already.

    Raises:
        FutureWeekError: the last week is after the week of today.
    """
    current = week_start_of(today)
    if last_week > current:
        raise FutureWeekError(f"the week of {last_week} is not yet begun; the last one is that of {current}")
    weeks = weeks_between(first_week, last_week)
    branches = branches_in_scope(session, actor=actor, as_of=today) if branches is None else branches
    targets = targets_of_weeks(session, weeks)
    starts = branches["cooperation_start"].to_numpy()
    mondays = np.array(weeks, dtype="datetime64[D]")
    statuses = status_grid(status_history(session, actor=actor, branches=branches), mondays)
    due_masks, counted_masks = workday_masks(session, weeks, starts=starts, today=today)
    question = CadenceQuestion(session, actor, targets.roles, weeks, branches)
    contacts, days_masks, deep = question.contacts()
    people, workdays_in_post, person_days, has_staff = question.people(targets, due_masks, counted_masks)
    facts = CadenceFacts(
        due_masks=due_masks,
        counted_masks=counted_masks,
        is_suspended=statuses == SUSPENDED,
        stages=question.stages() if targets.differs_by_stage else _no_stages(branches, weeks),
        has_staff=has_staff,
        people=people,
        person_workdays=workdays_in_post,
        contacts=contacts,
        days_masks=days_masks,
        person_days=person_days,
    )
    has_begun = mondays[None, :] + np.timedelta64(6, "D") >= starts[:, None]
    return CadenceWeeks(
        branches=branches,
        weeks=tuple(weeks),
        roles=targets.roles,
        is_listed=has_begun & (statuses != CLOSED),
        workdays=np.bitwise_count(due_masks).astype(np.int32),
        verdict=attainment(facts, targets),
        contacts=contacts,
        deep=deep,
    )


def contact_gaps(session: Session, *, actor: Actor, week_start: date, today: date) -> frozenset[int]:
    """Return the ids of the branches with a contact gap at the end of a complete week.

    A gap: in some role under 60 % of the minimum in each of the last two weeks with something due.
    """
    cadence = cadence_weeks(session, actor=actor, first_week=week_start - GAP_WINDOW, last_week=week_start, today=today)
    gaps = contact_gap_weeks(cadence)[:, -1] & cadence.is_listed[:, -1]
    return frozenset(cadence.branches["branch_id"].to_numpy()[gaps].tolist())


def people_not_reached(
    session: Session, *, actor: Actor, today: date, since: date | None, roles: Sequence[StaffRole]
) -> pa.Table:
    """Return the people in post today without a contact of their own, by branch, role and name.

    `since` None asks for people never reached; else for those not reached in the week of that day
    or later, who were in post by then. Contacts with a role as a group reach nobody by name.
    Columns: branch_code, branch_name, supervisor, role, staff_name, joined_on, last_week (of the
    last contact with the person, null = never).
    """
    reached = ContactPersonWeekRow.staff_id == StaffRow.id
    if since is not None:
        reached = and_(reached, ContactPersonWeekRow.week_start >= week_start_of(since))
    last_week = (
        select(func.max(ContactPersonWeekRow.week_start))
        .where(ContactPersonWeekRow.staff_id == StaffRow.id)
        .scalar_subquery()
    )
    query = (
        select(
            BranchRow.branch_code,
            BranchRow.branch_name,
            BranchRow.supervisor,
            StaffRow.role,
            StaffRow.staff_name,
            StaffRow.joined_on,
            last_week,
        )
        .join(BranchRow, BranchRow.id == StaffRow.branch_id)
        .where(
            BranchRow.status == "active",
            BranchRow.cooperation_start <= today,
            StaffRow.role.in_(roles),
            or_(StaffRow.joined_on.is_(None), StaffRow.joined_on <= (since or today)),
            or_(StaffRow.left_on.is_(None), StaffRow.left_on >= today),
            ~exists().where(reached),
        )
        .order_by(BranchRow.branch_code, StaffRow.role, StaffRow.staff_name, StaffRow.id)
    )
    rows = session.execute(scoped(query, actor, StaffRow.branch_id)).all()
    names = ("branch_code", "branch_name", "supervisor", "role", "staff_name", "joined_on", "last_week")
    types = (pa.string(),) * 5 + (pa.date32(),) * 2
    return pa.table({name: pa.array([row[at] for row in rows], types[at]) for at, name in enumerate(names)})


def targets_of_weeks(session: Session, weeks: Sequence[date]) -> TargetGrid:
    """Return the contact targets in force in each week, by role and stage."""
    stored = settings(session)
    scopes: list[CadenceScope] = [
        "person" if setting_on(stored, key=CADENCE_SCOPE, day=week) == "person" else "role" for week in weeks
    ]
    return target_grid(cadence_targets(session), weeks=weeks, scopes=scopes)


def workday_masks(
    session: Session, weeks: Sequence[date], *, starts: Grid, today: date
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the working days before today and those up to today, bits by branch and week.

    `starts` is the first day of each branch; days before it are left out.
    """
    calendar = working_calendar(session)
    mondays = np.array(weeks, dtype="datetime64[D]")
    due = np.array([calendar.workday_mask(week, before=today) for week in weeks], dtype=np.uint8)
    counted = np.array(
        [calendar.workday_mask(week, before=today + timedelta(days=1)) for week in weeks], dtype=np.uint8
    )
    days_before = np.clip((starts[:, None] - mondays[None, :]).astype(np.int64), 0, DAYS_IN_WEEK)
    from_start = ((0x7F << days_before) & 0x7F).astype(np.uint8)
    return due[None, :] & from_start, counted[None, :] & from_start


def _no_stages(branches: pa.Table, weeks: Sequence[date]) -> NDArray[np.int8]:
    return np.zeros((len(branches), len(weeks)), dtype=np.int8)
