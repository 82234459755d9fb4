"""Contacts against targets of the branches in scope: the facts from the weekly rollups, judged by core."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from core.cadence.attainment import CadenceFacts, attainment
from core.cadence.presence import Posts, people_in_post, person_workdays
from core.cadence.targets import STAGE_CODES, CadenceScope, TargetGrid, target_grid
from core.cadence.weeks import CadenceWeeks, contact_gap_weeks
from core.calendar import week_start_of, weeks_between
from core.facts import Actor, StaffRole, Stage
from core.settings import CADENCE_SCOPE, setting_on
from core.statuses import CLOSED, SUSPENDED, days_array, status_grid
from db.access import scoped
from db.branches import branches_in_scope
from db.calendar_days import working_calendar
from db.engine import plain_rows
from db.models import BranchRow, ContactPersonWeekRow, ContactRow, ContactWeekRow, StaffRow, StageWeekRow
from db.number_lists import number_list, numbers_in
from db.settings import settings
from db.statuses import status_history
from db.targets import cadence_targets

Grid = NDArray[Any]
WEEK = timedelta(weeks=1)
DAYS_IN_WEEK = 7
DEEP_MINUTES = 10
GAP_WINDOW = 5 * WEEK
"""How far back due weeks are looked for before a gap is judged; holidays may leave out two."""
EARLIEST, LATEST = date(1970, 1, 5), date(9000, 1, 1)
EARLIEST_DAY, LATEST_DAY = np.datetime64(EARLIEST), np.datetime64(LATEST)


class FutureWeekError(ValueError):
    """The week lies after the current one; the message says which is the last."""


def cadence_weeks(session: Session, *, actor: Actor, first_week: date, last_week: date, today: date) -> CadenceWeeks:
    """Return targets, contacts and status by role, branch and week, both weeks included.

    In the unfinished week the working days before today are due, contacts made today count.

    Raises:
        FutureWeekError: the last week is after the week of today.
    """
    current = week_start_of(today)
    if last_week > current:
        raise FutureWeekError(f"the week of {last_week} is not yet begun; the last one is that of {current}")
    weeks = weeks_between(first_week, last_week)
    branches = branches_in_scope(session, actor=actor, as_of=today)
    scopes = _scopes(session, weeks)
    targets = target_grid(cadence_targets(session), weeks=weeks, scopes=scopes)
    starts = branches["cooperation_start"].to_numpy()
    mondays = days_array(weeks, EARLIEST_DAY)
    statuses = status_grid(status_history(session, actor=actor, branches=branches), mondays)
    due_masks, counted_masks = _masks(session, weeks, starts, mondays, today)
    question = _Question(session, actor, targets.roles, weeks, branches)
    contacts, days_masks, deep = question.contacts()
    people, workdays_in_post, person_days, has_staff = question.people(targets, due_masks, counted_masks)
    facts = CadenceFacts(
        due_masks=due_masks,
        counted_masks=counted_masks,
        is_suspended=statuses == SUSPENDED,
        stages=question.stages() if (targets.minimum != targets.minimum[:, :1]).any() else _no_stages(branches, weeks),
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


def _scopes(session: Session, weeks: Sequence[date]) -> list[CadenceScope]:
    stored = settings(session)
    return ["person" if setting_on(stored, key=CADENCE_SCOPE, day=week) == "person" else "role" for week in weeks]


def _masks(
    session: Session, weeks: Sequence[date], starts: Grid, mondays: Grid, today: date
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the working days due and the working days that count, bits by branch and week."""
    calendar = working_calendar(session)
    due = np.array([calendar.workday_mask(week, before=today) for week in weeks], dtype=np.uint8)
    counted = np.array(
        [calendar.workday_mask(week, before=today + timedelta(days=1)) for week in weeks], dtype=np.uint8
    )
    days_before = np.clip((starts[:, None] - mondays[None, :]).astype(np.int64), 0, DAYS_IN_WEEK)
    from_start = ((0x7F << days_before) & 0x7F).astype(np.uint8)
    return due[None, :] & from_start, counted[None, :] & from_start


def _no_stages(branches: pa.Table, weeks: Sequence[date]) -> NDArray[np.int8]:
    return np.zeros((len(branches), len(weeks)), dtype=np.int8)


class _Question:
    """One question over roles, branches and weeks; turns rows into (role, branch, week) arrays."""

    def __init__(
        self, session: Session, actor: Actor, roles: Sequence[StaffRole], weeks: Sequence[date], branches: pa.Table
    ) -> None:
        self.session, self.actor = session, actor
        self.roles = {str(role): number for number, role in enumerate(roles)}
        self.weeks = {week: number for number, week in enumerate(weeks)}
        self.first, self.last = weeks[0], weeks[-1]
        ids = branches["branch_id"].to_numpy()
        self.place = np.zeros(ids.max(initial=0) + 1, dtype=np.int64)
        self.place[ids] = np.arange(len(ids))
        self.shape = (len(roles), len(branches), len(weeks))

    def contacts(self) -> tuple[Grid, Grid, Grid]:
        """Return contacts, days masks and deep contacts; those before the cooperation start are left out."""
        row = ContactWeekRow
        columns = (row.branch_id, row.contacts, row.days_mask, row.deep)
        query = (
            select(row.role, row.week_start, *map(number_list, columns))
            .where(row.week_start.between(self.first, self.last), row.role.in_(self.roles))
            .group_by(row.week_start, row.role)
        )
        counts, masks, deep = (np.zeros(self.shape, dtype=kind) for kind in (np.int32, np.uint8, np.int32))
        for role, week, *listed in self._rows(query, row.branch_id):
            branch_ids, count, mask, much = map(numbers_in, listed)
            at = (self.roles[role], self.place[branch_ids], self.weeks[week])
            counts[at], masks[at], deep[at] = count, mask, much
        self._leave_out_early(counts, deep)
        return counts, masks, deep

    def _rows(self, query: Select[*tuple[Any, ...]], branch_column: Any) -> Sequence[Sequence[Any]]:
        return plain_rows(self.session, scoped(query, self.actor, branch_column))

    def _leave_out_early(self, counts: Grid, deep: Grid) -> None:
        beginning = select(BranchRow.id).where(BranchRow.cooperation_start.between(self.first, self.last + WEEK))
        query = (
            select(
                ContactRow.branch_id,
                ContactRow.role,
                ContactRow.week_start,
                ContactRow.topic,
                ContactRow.minutes,
                BranchRow.cooperation_start,
            )
            .join(BranchRow, BranchRow.id == ContactRow.branch_id)
            .where(
                ContactRow.branch_id.in_(beginning),  # by index: the few branches that begin, not all contacts
                ContactRow.contact_on < BranchRow.cooperation_start,
                ContactRow.contact_on >= self.first,
                ContactRow.week_start <= self.last,
                ContactRow.role.in_(self.roles),
            )
        )
        for row in self.session.execute(scoped(query, self.actor, ContactRow.branch_id)):
            at = (self.roles[row.role], self.place[row.branch_id], self.weeks[row.week_start])
            counts[at] -= 1
            deep[at] -= bool(row.topic) and (row.minutes or 0) >= DEEP_MINUTES

    def people(self, targets: TargetGrid, due_masks: Grid, counted_masks: Grid) -> tuple[Grid, Grid, Grid, Grid]:
        """Return people in post, their working days, person-days with a contact, and who has staff at all."""
        has_staff = np.zeros(self.shape[1], dtype=np.bool_)
        recorded = self._rows(select(StaffRow.branch_id).distinct(), StaffRow.branch_id)
        has_staff[self.place[[branch_id for (branch_id,) in recorded]]] = True
        posts = self._posts()
        first_monday = (self.first - date(1970, 1, 1)).days
        in_post = people_in_post(posts, shape=self.shape, first_monday=first_monday)
        if not targets.is_person.any():
            nobody = np.zeros(self.shape, dtype=np.int32)
            return in_post, nobody, nobody, has_staff
        workdays = person_workdays(posts, shape=self.shape, first_monday=first_monday, due_masks=due_masks)
        return in_post, workdays, self._person_days(counted_masks), has_staff

    def _posts(self) -> Posts:
        """Return the posts of the weeks asked: those filled throughout counted together, the others one by one."""
        staff, last_day = StaffRow, self.last + WEEK - timedelta(days=1)
        throughout = and_(
            or_(staff.joined_on.is_(None), staff.joined_on <= self.first),
            or_(staff.left_on.is_(None), staff.left_on >= last_day),
        )
        at_all = and_(
            or_(staff.joined_on.is_(None), staff.joined_on <= last_day),
            or_(staff.left_on.is_(None), staff.left_on >= self.first),
        )
        of_roles = staff.role.in_(self.roles)
        together = select(staff.branch_id, staff.role, func.count()).where(of_roles, throughout)
        single = select(staff.branch_id, staff.role, staff.joined_on, staff.left_on).where(of_roles, at_all)
        many = self._rows(together.group_by(staff.branch_id, staff.role), staff.branch_id)
        some = self._rows(single.where(~throughout), staff.branch_id)
        return Posts(
            role=np.array([self.roles[row[1]] for row in (*many, *some)], dtype=np.int64),
            branch=self.place[[row[0] for row in (*many, *some)]],
            joined=days_array([*(EARLIEST for _ in many), *(row[2] for row in some)], EARLIEST_DAY).astype(np.int64),
            left=days_array([*(LATEST for _ in many), *(row[3] for row in some)], LATEST_DAY).astype(np.int64),
            people=np.array([*(row[2] for row in many), *(1 for _ in some)], dtype=np.int64),
        )

    def _person_days(self, counted_masks: Grid) -> Grid:
        row = ContactPersonWeekRow
        query = (
            select(StaffRow.role, row.week_start, number_list(StaffRow.branch_id), number_list(row.days_mask))
            .join(StaffRow, StaffRow.id == row.staff_id)
            .where(row.week_start.between(self.first, self.last), StaffRow.role.in_(self.roles))
            .group_by(row.week_start, StaffRow.role)
        )
        days = np.zeros(self.shape, dtype=np.int32)
        for role, week, *listed in self._rows(query, StaffRow.branch_id):
            branch_ids, masks = map(numbers_in, listed)
            branch, at_week = self.place[branch_ids], self.weeks[week]
            made = np.bitwise_count(masks.astype(np.uint8) & counted_masks[branch, at_week])
            np.add.at(days, (self.roles[role], branch, at_week), made)
        return days

    def stages(self) -> NDArray[np.int8]:
        """Return the stage code of each branch at the end of the week before each week; 0 = not known."""
        row = StageWeekRow
        query = (
            select(row.week_start, row.stage, number_list(row.branch_id))
            .where(row.week_start <= self.last - WEEK)
            .group_by(row.week_start, row.stage)
            .order_by(row.week_start)
        )
        known = np.zeros(self.shape[1:], dtype=np.int8)
        for week, stage, listed in self._rows(query, row.branch_id):
            known[self.place[numbers_in(listed)], self.weeks.get(week + WEEK, 0)] = STAGE_CODES[Stage(stage)]
        place = np.where(known > 0, np.arange(self.shape[2]), 0)
        filled = np.maximum.accumulate(place, axis=1)
        return np.asarray(np.take_along_axis(known, filled, axis=1), dtype=np.int8)
