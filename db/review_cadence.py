"""Contacts against target in a week of a scope: by role, by person, and how much was logged at all."""

from datetime import date, timedelta

import numpy as np
from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from core.cadence.weeks import CadenceWeeks
from core.facts import Actor, BranchStatus
from core.review.figures import CadenceLine, CadencePage
from core.review.measures import measures_on
from db.access import scoped
from db.logged_days import logged_days
from db.models import BranchRow, ContactPersonWeekRow, StaffRow
from db.review_weakest import cadence_of

WEEK = timedelta(weeks=1)


def cadence_page(
    session: Session, *, actor: Actor, week_start: date, as_of: date, contacts: CadenceWeeks | None = None
) -> CadencePage:
    """Return the contacts of a week and of the weeks up to it, as they stood on a day.

    `contacts` are `cadence_of` these or more weeks where the caller has asked already.
    """
    weeks = measures_on(week_start).limits.cadence_weeks
    cadence = cadence_of(session, actor=actor, week_start=week_start, as_of=as_of, weeks=weeks, known=contacts)
    logged = logged_days(
        session,
        actor=actor,
        first_week=cadence.weeks[0],
        last_week=cadence.weeks[-1],
        today=as_of,
        branches=cadence.branches,
    )
    return CadencePage(
        by_role=_by_role(cadence),
        by_person=_by_person(cadence),
        logged_share=logged.coverage().share,
        never_reached=_never_reached(session, actor, cadence, as_of),
    )


def _by_role(cadence: CadenceWeeks) -> tuple[CadenceLine, ...]:
    """Return one line a role something is due to in the weeks, in the order of the roles."""
    lines = (
        CadenceLine(
            key=str(role),
            branches=int((cadence.due[place, :, -1] > 0).sum()),
            due=int(cadence.due[place, :, -1].sum()),
            done=int(cadence.done[place, :, -1].sum()),
            due_weeks=int(cadence.due[place].sum()),
            done_weeks=int(cadence.done[place].sum()),
        )
        for place, role in enumerate(cadence.roles)
    )
    return tuple(line for line in lines if line.due_weeks)


def _by_person(cadence: CadenceWeeks) -> tuple[CadenceLine, ...]:
    """Return one line a person who looks after branches with something due, the lowest share of the weeks first."""
    owners = np.array([owner or "" for owner in cadence.branches["supervisor"].to_pylist()], dtype=object)
    if not len(owners):
        return ()
    names, place = np.unique(owners.astype(str), return_inverse=True)

    def summed(values: np.ndarray) -> list[int]:
        return [int(value) for value in np.bincount(place, weights=values, minlength=len(names))]

    due, done = cadence.due.sum(axis=0), cadence.done.sum(axis=0)
    columns = zip(
        names,
        summed((due[:, -1] > 0).astype(float)),
        summed(due[:, -1]),
        summed(done[:, -1]),
        summed(due.sum(axis=1)),
        summed(done.sum(axis=1)),
        strict=True,
    )
    lines = [CadenceLine(str(name), *sums) for name, *sums in columns]
    lines = [line for line in lines if line.key and line.due_weeks]
    return tuple(sorted(lines, key=lambda line: (line.done_weeks / line.due_weeks, line.key)))


def _never_reached(session: Session, actor: Actor, cadence: CadenceWeeks, as_of: date) -> int:
    """Return how many people in post on a day had no contact of their own up to the last week.

    As `db.cadence.people_not_reached` lists them, but without what was logged for later weeks.
    """
    reached = and_(ContactPersonWeekRow.staff_id == StaffRow.id, ContactPersonWeekRow.week_start <= cadence.weeks[-1])
    query = (
        select(func.count())
        .select_from(StaffRow)
        .join(BranchRow, BranchRow.id == StaffRow.branch_id)
        .where(
            BranchRow.status == BranchStatus.ACTIVE,
            BranchRow.cooperation_start <= as_of,
            StaffRow.role.in_(cadence.roles),
            or_(StaffRow.joined_on.is_(None), StaffRow.joined_on <= as_of),
            or_(StaffRow.left_on.is_(None), StaffRow.left_on >= as_of),
            ~exists().where(reached),
        )
    )
    return session.scalar(scoped(query, actor, StaffRow.branch_id)) or 0
