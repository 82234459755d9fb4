"""Contacts owed by branch and role: last real contacts, targets and posts out of the store, judged by core.

Where targets hold for each person, a line is about the person waited for longest, and says how many wait.
A contact that only pushes information restarts nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true, union_all
from sqlalchemy.orm import Session

from core.cadence.attainment import WORKDAYS_IN_WEEK
from core.cadence.owed import NO_DAY, STATUSES, Owed, OwedStatus, Workdays, interval_workdays, owed
from core.cadence.targets import PARTS, TargetGrid
from core.calendar import WorkingCalendar, week_start_of
from core.facts import Actor, StaffRole
from core.statuses import ACTIVE, SUSPENDED, days_array, status_grid
from core.today.lines import Snooze, Thing
from core.today.rules import today_rules
from db.access import scoped
from db.branches import branches_in_scope
from db.cadence import targets_of_weeks
from db.cadence_facts import EARLIEST, CadenceQuestion
from db.calendar_days import working_calendar
from db.engine import plain_rows
from db.models import BranchRow, ContactPersonWeekRow, ContactRow, ContactWeekRow, StaffRow
from db.staff import in_post
from db.statuses import status_history

NOT_DUE = STATUSES.index(OwedStatus.NOT_DUE)
LONG_AGO = date(1970, 1, 5)


@dataclass(frozen=True)
class OwedContact:
    """A contact owed to a role at a branch; `workdays` = working days past the due day.

    `staff_id` is the person waited for longest where targets hold for each person, `people` how
    many of the role wait; a role as a group is one.
    """

    branch_id: int
    role: StaffRole
    status: OwedStatus
    due_on: date
    workdays: int
    last_on: date | None
    staff_id: int | None = None
    people: int = 1


@dataclass(frozen=True)
class VacantPost:
    """A post with a target that nobody holds; `since` is the last day of whoever held it, None = never filled."""

    branch_id: int
    role: StaffRole
    since: date | None


@dataclass(frozen=True)
class _Units:
    """Those a contact is owed to, one place each: a role at a branch, or a person. Places of role and branch."""

    role: NDArray[np.int64]
    branch: NDArray[np.int64]
    staff_id: NDArray[np.int64]
    start_on: NDArray[np.datetime64]
    last_on: NDArray[np.datetime64]
    in_last_week: NDArray[np.int64]


def owed_contacts(
    session: Session,
    *,
    actor: Actor,
    today: date,
    snoozes: Iterable[Snooze] = (),
    branches: pa.Table | None = None,
) -> tuple[tuple[OwedContact, ...], tuple[VacantPost, ...]]:
    """Return the contacts owed today at the branches in scope, and the posts nobody holds.

    Only active branches count. `snoozes` are `db.snoozes.snoozes`: explanations restart the interval.
    `branches` are those in scope where the caller has asked for them already.
    """
    branches = branches_in_scope(session, actor=actor, as_of=today) if branches is None else branches
    if not len(branches):
        return (), ()
    monday = week_start_of(today)
    targets, calendar = targets_of_weeks(session, [monday]), working_calendar(session)
    question = _Question(session, actor, today, branches, targets)
    minimum, is_daily, by_person = question.targets_now()
    history = status_history(session, actor=actor, branches=branches)
    is_active = status_grid(history, np.array([today], dtype="datetime64[D]"))[:, 0] == ACTIVE
    posts = question.posts()
    interval = interval_workdays(minimum, is_daily) * is_active[None]
    start = np.maximum(branches["cooperation_start"].to_numpy().astype("datetime64[D]"), _resumed(history, today))

    groups = question.groups(start, posts.filled_since)
    held = posts.is_held & ~(by_person & posts.has_staff[None])
    shared: dict[str, Any] = {
        "workdays": Workdays.around(today, calendar),
        "minimum": minimum,
        "restarts": question.restarts(snoozes),
        "calendar": calendar,
    }
    found = _judged(groups, interval=interval * held, **shared)
    owed_now = _lines(found, groups, question)
    if by_person.any():
        people = question.people(start)
        found = _judged(people, interval=interval * by_person, **shared)
        owed_now += _longest_waiting(_lines(found, people, question))
    is_vacant = (interval > 0) & ~posts.is_held
    vacant = [
        VacantPost(int(question.ids[branch]), targets.roles[role], _day(posts.left_on[role, branch]))
        for role, branch in zip(*np.nonzero(is_vacant), strict=True)
    ]
    return tuple(owed_now), tuple(vacant)


def _judged(
    units: _Units,
    *,
    workdays: Workdays,
    interval: NDArray[np.int64],
    minimum: NDArray[np.int64],
    restarts: NDArray[np.datetime64],
    calendar: WorkingCalendar,
) -> Owed:
    at = (units.role, units.branch)
    return owed(
        workdays,
        interval=interval[at],
        last_on=units.last_on,
        week_is_full=_week_is_full(units, minimum[at], calendar),
        start_on=units.start_on,
        restart_on=restarts[at],
        missed_after=today_rules().missed_after_workdays,
    )


def _week_is_full(units: _Units, minimum: NDArray[np.int64], calendar: WorkingCalendar) -> NDArray[np.bool_]:
    """Tell where the week of the last contact had all the contacts its target asks."""
    asked = np.ones(len(minimum), dtype=np.int64)
    several = np.nonzero((minimum > PARTS) & ~np.isnat(units.last_on))[0]
    for place in several:
        days = calendar.workdays(week_start_of(units.last_on[place].item()))
        asked[place] = -(-int(minimum[place]) * days // (PARTS * WORKDAYS_IN_WEEK))
    return (units.in_last_week >= asked) & (minimum > PARTS)


def _lines(found: Owed, units: _Units, question: "_Question") -> list[OwedContact]:
    return [
        OwedContact(
            branch_id=int(question.ids[units.branch[place]]),
            role=question.roles[units.role[place]],
            status=STATUSES[found.status[place]],
            due_on=found.due_on[place].item(),
            workdays=int(found.workdays_late[place]),
            last_on=_day(units.last_on[place]),
            staff_id=int(units.staff_id[place]) or None,
        )
        for place in np.nonzero(found.status != NOT_DUE)[0]
    ]


def _longest_waiting(lines: list[OwedContact]) -> list[OwedContact]:
    worst: dict[tuple[int, StaffRole], OwedContact] = {}
    for line in lines:
        key, others = (line.branch_id, line.role), worst.get((line.branch_id, line.role))
        first = line if others is None or line.due_on < others.due_on else others
        worst[key] = OwedContact(**{**first.__dict__, "people": (others.people if others else 0) + 1})
    return list(worst.values())


def _resumed(history: Any, today: date) -> NDArray[np.datetime64]:
    """Return the day after the last suspension of each branch that is over."""
    resumed = np.full(len(history.present), np.datetime64(LONG_AGO, "D"))
    is_over = (history.status == SUSPENDED) & (history.end < np.datetime64(today, "D"))
    np.maximum.at(resumed, history.branch[is_over], history.end[is_over] + np.timedelta64(1, "D"))
    return resumed


def _day(day: np.datetime64) -> date | None:
    found: date | None = day.astype(object)
    return found


@dataclass(frozen=True)
class _Posts:
    """Posts by role and branch: held today, since which day by those in it now, last day of who left."""

    is_held: NDArray[np.bool_]
    filled_since: NDArray[np.datetime64]
    left_on: NDArray[np.datetime64]
    has_staff: NDArray[np.bool_]


class _Question:
    """The facts of the branches in scope, as arrays by role and branch."""

    def __init__(self, session: Session, actor: Actor, today: date, branches: pa.Table, targets: TargetGrid) -> None:
        self.session, self.actor, self.today, self.targets = session, actor, today, targets
        self.roles = targets.roles
        self.ids = branches["branch_id"].to_numpy()
        self.role_place = {role.value: place for place, role in enumerate(targets.roles)}
        self.branch_place = {branch_id: place for place, branch_id in enumerate(self.ids.tolist())}
        self.shape = (len(self.roles), len(self.ids))
        self.branches = branches

    def targets_now(self) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return minimum, whether daily, and whether for each person."""
        stages = np.zeros(len(self.ids), dtype=np.int8)
        if self.targets.differs_by_stage:
            monday = week_start_of(self.today)
            stages = CadenceQuestion(self.session, self.actor, self.roles, [monday], self.branches).stages()[:, 0]
        targets = self.targets
        return targets.minimum[:, stages, 0], targets.is_daily[:, stages, 0], targets.is_person[:, stages, 0]

    def posts(self) -> _Posts:
        """Return who holds which post."""
        held = in_post(self.today)
        query = select(
            StaffRow.branch_id,
            StaffRow.role,
            func.sum(case((held, 1), else_=0)),
            func.min(case((held, func.coalesce(StaffRow.joined_on, LONG_AGO)))),
            func.max(case((StaffRow.left_on < self.today, StaffRow.left_on))),
        ).group_by(StaffRow.branch_id, StaffRow.role)
        rows = self._rows(query, StaffRow.branch_id)
        has_staff = np.zeros(len(self.ids), dtype=np.bool_)
        has_staff[[self.branch_place[row[0]] for row in rows]] = True
        is_held = np.repeat(~has_staff[None], len(self.roles), axis=0)
        since = np.full(self.shape, EARLIEST)
        left = np.full(self.shape, NO_DAY)
        rows = [row for row in rows if row[1] in self.role_place]
        at = self._at(rows)
        is_held[at] = [row[2] > 0 for row in rows]
        since[at] = days_array([row[3] for row in rows], EARLIEST)
        left[at] = days_array([row[4] for row in rows], NO_DAY)
        return _Posts(is_held, since, left, has_staff)

    def groups(self, start: NDArray[np.datetime64], filled_since: NDArray[np.datetime64]) -> _Units:
        """Return every role at every branch with its last real contact."""
        role, branch = (each.ravel() for each in np.indices(self.shape))
        last, count = np.full(self.shape, NO_DAY), np.zeros(self.shape, dtype=np.int64)
        rows = self._last_contacts()
        at = self._at(rows)
        last[at] = days_array([row[2] for row in rows], NO_DAY)
        count[at] = [row[3] for row in rows]
        start_on = np.maximum(start[None], filled_since)
        nobody = np.zeros(role.shape, dtype=np.int64)
        return _Units(role, branch, nobody, start_on.ravel(), last.ravel(), count.ravel())

    def _last_contacts(self) -> list[tuple[Any, ...]]:
        """Return branch, role, day of the last real contact and how many its week had, in this or an earlier week.

        The latest week is looked up for each branch and role: SQLite reads the weeks of years where it may group them.
        """
        if not self.role_place:
            return []
        role = union_all(*(select(literal(role).label("role")) for role in self.role_place)).subquery()
        week_start = (
            select(func.max(ContactWeekRow.week_start))
            .where(ContactWeekRow.branch_id == BranchRow.id, ContactWeekRow.role == role.c.role)
            .scalar_subquery()
        )
        latest = select(BranchRow.id.label("branch_id"), role.c.role, week_start.label("week")).join(role, true())
        week = scoped(latest, self.actor, BranchRow.id).cte("latest").prefix_with("MATERIALIZED")
        query = (
            select(ContactRow.branch_id, ContactRow.role, *_last_real())
            .select_from(week)
            .join(
                ContactRow,
                and_(
                    ContactRow.branch_id == week.c.branch_id,
                    ContactRow.contact_on >= week.c.week,
                    ContactRow.role == week.c.role,
                ),
            )
            .where(ContactRow.contact_on <= self.today)
            .group_by(ContactRow.branch_id, ContactRow.role)
        )
        rows = [tuple(row) for row in self._rows(query, ContactRow.branch_id)]
        pushed = {(row[0], row[1]) for row in rows if row[2] is None}
        if not pushed:
            return rows
        earlier = (
            select(ContactRow.branch_id, ContactRow.role, func.max(ContactRow.contact_on), func.min(1))
            .where(ContactRow.branch_id.in_({branch_id for branch_id, _ in pushed}), is_real())
            .group_by(ContactRow.branch_id, ContactRow.role)
        )
        found = [tuple(row) for row in self._rows(earlier, ContactRow.branch_id) if (row[0], row[1]) in pushed]
        return [row for row in rows if row[2] is not None] + found

    def people(self, start: NDArray[np.datetime64]) -> _Units:
        """Return everybody in post with the last real contact of his own; talks with a group reach nobody by name."""
        latest = (
            select(ContactPersonWeekRow.staff_id, func.max(ContactPersonWeekRow.week_start).label("week"))
            .group_by(ContactPersonWeekRow.staff_id)
            .subquery()
        )
        with_own = and_(
            ContactRow.branch_id == StaffRow.branch_id,
            ContactRow.contact_on >= latest.c.week,
            ContactRow.staff_id == StaffRow.id,
        )
        query = (
            select(StaffRow.branch_id, StaffRow.role, StaffRow.id, StaffRow.joined_on, *_last_real(), latest.c.week)
            .outerjoin(latest, latest.c.staff_id == StaffRow.id)
            .outerjoin(ContactRow, with_own)
            .where(StaffRow.role.in_(self.role_place), in_post(self.today))
            .group_by(StaffRow.branch_id, StaffRow.role, StaffRow.id, StaffRow.joined_on, latest.c.week)
        )
        rows = self._rows(query, StaffRow.branch_id)
        earlier = self._earlier_of({row[2] for row in rows if row[4] is None and row[6] is not None})
        role, branch = self._at(rows)
        return _Units(
            role=role,
            branch=branch,
            staff_id=np.array([row[2] for row in rows], dtype=np.int64),
            start_on=np.maximum(start[branch], days_array([row[3] for row in rows], EARLIEST)),
            last_on=days_array([row[4] or earlier.get(row[2]) for row in rows], NO_DAY),
            in_last_week=np.array([row[5] for row in rows], dtype=np.int64),
        )

    def _earlier_of(self, staff_ids: set[int]) -> dict[int, date]:
        """Return the last real contact of people whose latest week holds none."""
        if not staff_ids:
            return {}
        query = (
            select(ContactRow.staff_id, func.max(ContactRow.contact_on))
            .where(ContactRow.staff_id.in_(staff_ids), is_real())
            .group_by(ContactRow.staff_id)
        )
        return {row[0]: row[1] for row in self._rows(query, ContactRow.branch_id)}

    def restarts(self, snoozes: Iterable[Snooze]) -> NDArray[np.datetime64]:
        """Return the day of the last explanation, by role and branch."""
        days = np.full(self.shape, NO_DAY)
        for one in snoozes:
            if one.is_explained and one.thing is Thing.CONTACT and one.subject in self.role_place:
                at = (self.role_place[one.subject], self.branch_place[one.branch_id])
                days[at] = np.fmax(days[at], np.datetime64(one.snoozed_on, "D"))
        return days

    def _at(self, rows: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return (
            np.array([self.role_place[row[1]] for row in rows], dtype=np.int64),
            np.array([self.branch_place[row[0]] for row in rows], dtype=np.int64),
        )

    def _rows(self, query: Select[*tuple[Any, ...]], branch_column: Any) -> Any:
        return plain_rows(self.session, scoped(query, self.actor, branch_column))


def is_real() -> ColumnElement[bool]:
    """Return the condition on contacts that restart something: those that push no information only."""
    return or_(ContactRow.topic.is_(None), ContactRow.topic.not_in(today_rules().not_real_topics))


def _last_real() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    real = and_(ContactRow.id.is_not(None), is_real())
    return func.max(case((real, ContactRow.contact_on))), func.sum(case((real, 1), else_=0))
