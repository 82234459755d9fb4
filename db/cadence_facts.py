"""What cadence is judged by, out of the store as arrays: contacts, people in post, stages."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core.cadence.presence import Posts, people_in_post, person_workdays
from core.cadence.targets import STAGE_CODES, TargetGrid
from core.facts import Actor, StaffRole, Stage
from core.statuses import days_array
from db.access import scoped
from db.engine import plain_rows
from db.models import BranchRow, ContactPersonWeekRow, ContactRow, ContactWeekRow, StaffRow, StageWeekRow
from db.number_lists import number_list, numbers_in
from db.rollups import DEEP_MINUTES

Grid = NDArray[Any]
WEEK = timedelta(weeks=1)
DAYS_IN_WEEK = 7
EARLIEST, LATEST = np.datetime64("1970-01-05"), np.datetime64("9000-01-01")


class CadenceQuestion:
    """One question over roles, branches and weeks; turns rows into (role, branch, week) arrays."""

    def __init__(
        self, session: Session, actor: Actor, roles: Sequence[StaffRole], weeks: Sequence[date], branches: pa.Table
    ) -> None:
        """Ask about roles with a target, Mondays in a row and the branches in scope."""
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
        has_staff[[self.place[branch_id] for (branch_id,) in recorded]] = True
        steady, posts = self._steady(), self._posts()
        first_monday = (self.first - date(1970, 1, 1)).days
        in_post = steady + people_in_post(posts, shape=self.shape, first_monday=first_monday)
        if not targets.is_person.any():
            nobody = np.zeros(self.shape, dtype=np.int32)
            return in_post, nobody, nobody, has_staff
        workdays = person_workdays(posts, shape=self.shape, first_monday=first_monday, due_masks=due_masks)
        workdays += steady * np.bitwise_count(due_masks)
        return in_post, workdays, self._person_days(counted_masks), has_staff

    def _steady(self) -> Grid:
        """Return how many people are in post on every day of the weeks, by role and branch, in one column."""
        query = select(StaffRow.branch_id, StaffRow.role, func.count().label("people")).where(
            StaffRow.role.in_(self.roles), self._is_steady()
        )
        counts = scoped(query.group_by(StaffRow.branch_id, StaffRow.role), self.actor, StaffRow.branch_id).subquery()
        listed = select(counts.c.role, number_list(counts.c.branch_id), number_list(counts.c.people))
        rows: Sequence[Sequence[Any]] = plain_rows(self.session, listed.group_by(counts.c.role))
        steady = np.zeros((*self.shape[:2], 1), dtype=np.int32)
        for role, branch_ids, people in rows:
            steady[self.roles[role], self.place[numbers_in(branch_ids)], 0] = numbers_in(people)
        return steady

    def _posts(self) -> Posts:
        """Return the people in post for a part of the weeks."""
        some_day = and_(
            or_(StaffRow.joined_on.is_(None), StaffRow.joined_on < self.last + WEEK),
            or_(StaffRow.left_on.is_(None), StaffRow.left_on >= self.first),
        )
        query = select(StaffRow.branch_id, StaffRow.role, StaffRow.joined_on, StaffRow.left_on).where(
            StaffRow.role.in_(self.roles), some_day, ~self._is_steady()
        )
        rows = self._rows(query, StaffRow.branch_id)
        return Posts(
            role=np.array([self.roles[row[1]] for row in rows], dtype=np.int64),
            branch=np.array([self.place[row[0]] for row in rows], dtype=np.int64),
            joined=days_array([row[2] for row in rows], EARLIEST).astype(np.int64),
            left=days_array([row[3] for row in rows], LATEST).astype(np.int64),
        )

    def _is_steady(self) -> ColumnElement[bool]:
        return and_(
            or_(StaffRow.joined_on.is_(None), StaffRow.joined_on <= self.first),
            or_(StaffRow.left_on.is_(None), StaffRow.left_on >= self.last + timedelta(days=DAYS_IN_WEEK - 1)),
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
            days[self.roles[role], :, at_week] = np.bincount(branch, weights=made, minlength=self.shape[1])
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
