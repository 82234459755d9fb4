"""The facts the stage engine reads, from the store into arrays.

Everything dated after the last week is left out. Policies keep the day they are lost, so that each
week counts what counted then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, cast, func, or_, select
from sqlalchemy.orm import Session

from core.calendar import WorkingCalendar, last_complete_week, week_start_of, weeks_between
from core.facts import BranchStatus, PaymentMode, PolicyStatus, SizeTier, StaffRole
from core.size_tiers import SELLER_ROLES, size_tier
from core.stages.badges import Departures, LatePolicies
from core.stages.history import StageHistory, stage_history
from core.stages.limits import StageLimits, rules_over
from core.stages.panel import Panel
from core.stages.season import first_week_share, season_of
from core.statuses import NEVER, STATUS_CODES, StatusHistory, days_array, status_grid
from db.calendar_days import working_calendar
from db.models import BranchRow, BranchStatusRow, ContactRow, PolicyRow, StaffRow
from db.stage_rules import stage_rules

LATE_WEEKS = 26
ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class StageFacts:
    """What the engine reads of a store up to the end of the last week."""

    branch_ids: NDArray[np.int64]
    branch_codes: tuple[str, ...]
    panel: Panel
    calendar: WorkingCalendar
    rules: tuple[StageLimits, ...]
    """By `rules_on`; each week goes by the last that began by its Monday."""

    @property
    def limits(self) -> StageLimits:
        """The numbers in force in the last week."""
        return self.rules[-1]

    @property
    def last_week(self) -> date:
        """Monday of the last week."""
        return self.panel.weeks[-1]

    @cached_property
    def history(self) -> StageHistory:
        """Stages of all branches and weeks."""
        season = season_of(self.panel.weeks, self.calendar)
        starts: list[date] = self.panel.start_on.astype(object).tolist()
        share = {day: first_week_share(day, self.calendar) for day in set(starts)}
        first_share = np.array([share[day] for day in starts], np.float32)
        return stage_history(self.panel, season, first_share, self.rules)

    def coming_exposure(self, count: int) -> list[float]:
        """Return the exposure of the coming weeks; 0 where too few working days let nothing be judged."""
        weeks = [self.last_week + timedelta(weeks=number) for number in range(1, count + 1)]
        season = season_of(weeks, self.calendar)
        exposure = self.history.worth.coming(season)
        return [float(worth) for worth in np.where(season.judged(self.limits), exposure, 0)]


def last_week(session: Session, *, as_of: date) -> date | None:
    """Return the last complete week on or before the day that is not after the week of the last policy."""
    last = session.scalar(select(func.max(PolicyRow.issued_on)).where(PolicyRow.issued_on <= as_of))
    return None if last is None else min(last_complete_week(as_of), week_start_of(last))


def stage_facts(session: Session, *, week_start: date) -> StageFacts | None:
    """Read what was known by the end of a week; None where no branch has a history by then."""
    branches = _branches(session)
    first_weeks = _first_weeks(session, branches, week_start)
    if not first_weeks:
        return None
    weeks = weeks_between(min(first_weeks.values()), week_start)
    places = {row.id: place for place, row in enumerate(branches)}
    policies = _policy_columns(session, places, weeks)
    panel = Panel(
        weeks=weeks,
        bank=np.unique([row.bank_id for row in branches], return_inverse=True)[1],
        region=np.unique([row.org_unit_id for row in branches], return_inverse=True)[1],
        start_on=days_array([row.cooperation_start for row in branches], NEVER),
        first_week=np.array(
            [(first_weeks[row.id] - weeks[0]).days // 7 if row.id in first_weeks else len(weeks) for row in branches]
        ),
        status=_statuses(session, branches, places, weeks),
        **policies,
    )
    return StageFacts(
        branch_ids=np.array([row.id for row in branches], np.int64),
        branch_codes=tuple(row.branch_code for row in branches),
        panel=panel,
        calendar=working_calendar(session),
        rules=rules_over(weeks, stage_rules(session)),
    )


def late_policies(session: Session, facts: StageFacts) -> LatePolicies:
    """Return the policies of the last 26 weeks, as known by the end of the last week."""
    sunday = facts.last_week + timedelta(days=6)
    query = (
        select(
            PolicyRow.branch_id,
            PolicyRow.week_start,
            PolicyRow.staff_id,
            PolicyRow.payment_mode,
            PolicyRow.premium_fen,
            PolicyRow.status,
            PolicyRow.cancelled_on,
        )
        .where(PolicyRow.issued_on > sunday - timedelta(weeks=LATE_WEEKS), PolicyRow.issued_on <= sunday)
        .order_by(PolicyRow.id)
    )
    places = {branch_id: place for place, branch_id in enumerate(facts.branch_ids.tolist())}
    rows = [tuple(row) for row in session.execute(query)]
    branch, week, seller, mode, premium, status, cancelled = zip(*rows, strict=True) if rows else ((),) * 7
    lost = np.array([_is_lost(*one, sunday) for one in zip(status, cancelled, strict=True)], np.bool_)
    weeks_ago = {day: (facts.last_week - day).days // 7 for day in set(week)}
    return LatePolicies(
        branch=np.array([places[branch_id] for branch_id in branch], np.int64),
        weeks_ago=np.array([weeks_ago[day] for day in week], np.int64),
        seller=np.array([-1 if staff_id is None else staff_id for staff_id in seller], np.int64),
        is_regular=np.array([word == PaymentMode.REGULAR for word in mode], np.bool_),
        premium_fen=np.array(premium, np.int64),
        is_net=~lost,
        is_cancelled=lost & np.array([word == PolicyStatus.CANCELLED for word in status], np.bool_),
    )


def departures(session: Session, facts: StageFacts) -> Departures:
    """Return who left within the last 26 weeks."""
    sunday = facts.last_week + timedelta(days=6)
    query = select(StaffRow.id, StaffRow.branch_id, StaffRow.role, StaffRow.left_on).where(
        StaffRow.left_on > sunday - timedelta(weeks=LATE_WEEKS), StaffRow.left_on <= sunday
    )
    places = {branch_id: place for place, branch_id in enumerate(facts.branch_ids.tolist())}
    rows = session.execute(query).all()
    return Departures(
        branch=np.array([places[row.branch_id] for row in rows], np.int64),
        seller=np.array([row.id for row in rows], np.int64),
        is_head=np.array([row.role == StaffRole.BRANCH_HEAD for row in rows], np.bool_),
        weeks_ago=np.array([(facts.last_week - week_start_of(row.left_on)).days // 7 for row in rows], np.int64),
    )


def size_standards(session: Session, facts: StageFacts) -> NDArray[np.float64]:
    """Return the size standard of each branch, policies per 13 ordinary weeks."""
    sunday = facts.last_week + timedelta(days=6)
    in_post = or_(StaffRow.joined_on.is_(None), StaffRow.joined_on <= sunday) & or_(
        StaffRow.left_on.is_(None), StaffRow.left_on >= sunday
    )
    with_staff = set(session.scalars(select(StaffRow.branch_id).distinct()))
    people = (
        select(StaffRow.branch_id, func.count())
        .where(StaffRow.role.in_(SELLER_ROLES), in_post)
        .group_by(StaffRow.branch_id)
    )
    sellers = dict(session.execute(people).all())
    by_hand = dict(session.execute(select(BranchRow.id, BranchRow.size_tier)).all())
    tiers = (
        size_tier(
            set_by_hand=SizeTier(tier) if (tier := by_hand[branch_id]) else None,
            sellers_in_post=sellers.get(branch_id, 0),
            has_staff=branch_id in with_staff,
        )
        for branch_id in facts.branch_ids.tolist()
    )
    return np.array([facts.limits.standards[tier] for tier in tiers])


def _branches(session: Session) -> list[Any]:
    query = select(
        BranchRow.id,
        BranchRow.branch_code,
        BranchRow.bank_id,
        BranchRow.org_unit_id,
        BranchRow.cooperation_start,
        BranchRow.status,
        BranchRow.status_since,
    )
    return list(session.execute(query.order_by(BranchRow.branch_code)))


def _first_weeks(session: Session, branches: Sequence[Any], week_start: date) -> dict[int, date]:
    """Return the first week of each history that begins by the week.

    It holds the cooperation start or the first record of the region, whichever is later.
    """
    first_policy = select(func.min(PolicyRow.issued_on)).where(PolicyRow.branch_id == BranchRow.id).scalar_subquery()
    first_contact = (
        select(func.min(ContactRow.contact_on)).where(ContactRow.branch_id == BranchRow.id).scalar_subquery()
    )
    region_first: dict[int, date] = {}
    for unit, policy_on, contact_on in session.execute(select(BranchRow.org_unit_id, first_policy, first_contact)):
        for day in (policy_on, contact_on):
            if day is not None:
                region_first[unit] = min(region_first.get(unit, day), day)
    found = {
        row.id: week_start_of(max(row.cooperation_start, region_first[row.org_unit_id]))
        for row in branches
        if row.org_unit_id in region_first
    }
    return {branch_id: first for branch_id, first in found.items() if first <= week_start}


def _statuses(
    session: Session, branches: Sequence[Any], places: dict[int, int], weeks: Sequence[date]
) -> NDArray[np.int8]:
    rows = session.execute(
        select(BranchStatusRow.branch_id, BranchStatusRow.status, BranchStatusRow.start_on, BranchStatusRow.end_on)
    ).all()
    history = StatusHistory(
        present=np.array([STATUS_CODES[BranchStatus(row.status)] for row in branches], np.int8),
        present_since=days_array([row.status_since for row in branches], np.datetime64("NaT")),
        branch=np.array([places[row.branch_id] for row in rows], np.int64),
        status=np.array([STATUS_CODES[BranchStatus(row.status)] for row in rows], np.int8),
        start=days_array([row.start_on for row in rows], NEVER),
        end=days_array([row.end_on for row in rows], NEVER),
    )
    return status_grid(history, np.array(list(weeks), "datetime64[D]"))


def _policy_columns(session: Session, places: dict[int, int], weeks: Sequence[date]) -> dict[str, NDArray[np.int64]]:
    first, never = weeks[0].toordinal(), len(weeks)
    parts = list(_policy_parts(session, places, weeks))
    branch, week, lost, events = (
        np.concatenate([part[number] for part in parts]) if parts else np.zeros(0, np.int64) for number in range(4)
    )
    lost_week = np.where(lost == 0, never, np.where(lost < 0, 0, (lost - first) // 7))
    return {
        "branch": branch,
        "week": (week - first) // 7,
        "lost_week": np.clip(lost_week, 0, never),
        "policies": np.ones(len(branch), np.int64),
        "from_events": events,
    }


def _policy_parts(
    session: Session, places: dict[int, int], weeks: Sequence[date]
) -> Iterator[tuple[NDArray[np.int64], ...]]:
    """Yield branch place, ordinal of the Monday, ordinal of the day lost (0 = never, -1 = from the start), event."""
    query = select(
        PolicyRow.branch_id,
        cast(PolicyRow.week_start, String),
        cast(PolicyRow.cancelled_on, String),
        PolicyRow.status,
        PolicyRow.event_ref.is_not(None),
    ).where(PolicyRow.week_start >= weeks[0], PolicyRow.week_start <= weeks[-1])
    ordinals = _Ordinals()
    result = session.execute(query.execution_options(yield_per=ROWS_AT_ONCE))
    for part in result.partitions():
        branch, week, lost, status, event = zip(*part, strict=True)
        yield (
            np.array([places[branch_id] for branch_id in branch], np.int64),
            np.array([ordinals[day] for day in week], np.int64),
            np.array(
                [
                    ordinals[day] if day else -1 if word == PolicyStatus.CANCELLED else 0
                    for day, word in zip(lost, status, strict=True)
                ],
                np.int64,
            ),
            np.array(event, np.int64),
        )


class _Ordinals(dict[str, int]):
    """Numbers of days by their ISO text, each worked out once: a date for each row takes most of the reading."""

    def __missing__(self, day: str) -> int:
        self[day] = number = date.fromisoformat(day).toordinal()
        return number


def _is_lost(status: str, cancelled_on: date | None, sunday: date) -> bool:
    return status == PolicyStatus.CANCELLED if cancelled_on is None else cancelled_on <= sunday
