"""Figures of the branches in scope for a period, summed in the database; `core.kpis` makes the KPIs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from core.cadence.weeks import CadenceWeeks
from core.calendar import month_end, week_start_of, weeks_between
from core.facts import Actor, PaymentMode, PolicyStatus, UserRole
from core.kpis.definitions import kpi_definition
from core.kpis.operating import operating_branches
from core.kpis.table import FIGURES, SHARED_SELLERS, kpi_table
from core.settings import ACTIVE_MIN_POLICIES
from db.access import scoped
from db.branches import branches_in_scope
from db.cadence import cadence_weeks
from db.calendar_days import working_calendar
from db.engine import plain_rows
from db.models import BranchTotalRow, PolicyRow, StageWeekRow
from db.settings import setting_value
from db.statuses import status_history
from db.targets import kpi_targets

Column = NDArray[np.int64]
WEEK = timedelta(weeks=1)
WEEKS_AT_ONCE = 26
"""Weeks of contacts held in memory at a time."""
COOLING_OFF_DAYS = 15
UNKNOWN_WEEK = "unknown_week"
"""The reason of a stage in a week in which a whole region has no policy record, while it usually has some."""


@dataclass(frozen=True)
class PolicySpread:
    """Whether the mean premium misleads: yuan, None without policies."""

    median_cny: float | None
    largest_share: float | None


def kpis_by(
    session: Session,
    *,
    actor: Actor,
    start: date,
    end: date,
    by: Sequence[str],
    today: date,
    known: CadenceWeeks | None = None,
) -> list[pa.Table]:
    """Return the KPIs of a period, both ends included, one `core.kpis.table.kpi_table` for each `by`.

    `by` names all, branch, region, bank or supervisor. `known` is the cadence of the same branches on
    the same day where it was asked already; it saves asking again if it spans the period. Targets of totals are the
    company's own: only who sees all branches has them beside his figures.
    """
    figures = branch_figures(session, actor=actor, start=start, end=end, today=today, known=known)
    is_whole = actor.role is UserRole.ADMIN
    targets = [row for row in kpi_targets(session) if is_whole or not kpi_definition(row.kpi).is_total]
    return [kpi_table(figures, by=unit, start=start, end=end, targets=targets) for unit in by]


def branch_figures(
    session: Session,
    *,
    actor: Actor,
    start: date,
    end: date,
    today: date,
    known: CadenceWeeks | None = None,
    with_contacts: bool = True,
    branches: pa.Table | None = None,
) -> pa.Table:
    """Return one row per branch in scope, by code, with what the KPIs of a period are made of.

    Columns: branch_id, branch_code, branch_name, region, bank, supervisor, size_tier (on the last
    day of the period, or today where it is later), `core.kpis.table.FIGURES` and `SHARED_SELLERS`.
    Contacts take more than half of the time; without them none is due and none done. `branches` are
    those in scope on that day where the caller has asked for them already.
    """
    branches = branches_in_scope(session, actor=actor, as_of=min(end, today)) if branches is None else branches
    place = {branch_id: number for number, branch_id in enumerate(branches["branch_id"].to_pylist())}
    columns: dict[str, Column] = {name: np.zeros(len(place), dtype=np.int64) for name in FIGURES}
    for query in (_issued(start, end), _refunded(start, end)):
        rows = plain_rows(session, scoped(query, actor, PolicyRow.branch_id))
        at = [place[row[0]] for row in rows]
        for name, *values in zip(query.selected_columns.keys(), *rows, strict=True):
            if name in columns:
                columns[name][at] = [int(value or 0) for value in values]
    is_operating = operating_branches(
        status_history(session, actor=actor, branches=branches),
        cooperation_start=branches["cooperation_start"].to_numpy(),
        start=start,
        end=end,
        calendar=working_calendar(session),
    )
    is_operating[[place[each] for each in _without_feed(session, actor=actor, start=start, end=end)]] = False
    enough = int(setting_value(session, key=ACTIVE_MIN_POLICIES, day=end))
    columns["operating"] = is_operating.astype(np.int64)
    columns["active"] = (is_operating & (columns["net_policies"] >= enough)).astype(np.int64)
    columns["without_policy"] = (is_operating & (columns["net_policies"] == 0)).astype(np.int64)
    if with_contacts:
        columns["contacts_done"], columns["contacts_due"] = _contacts(
            session, actor=actor, start=start, end=end, today=today, branches=len(place), known=known
        )
    for branch_id, (total, own) in _totals(session, actor=actor, start=start, end=end).items():
        columns["total_fen"][place[branch_id]], columns["own_with_total_fen"][place[branch_id]] = total, own
    table = branches.select(["branch_id", "branch_code", "branch_name", "region", "bank", "supervisor", "size_tier"])
    for name, amounts in columns.items():
        table = table.append_column(name, pa.array(amounts))
    shared: list[list[int]] = [[] for _ in place]
    for branch_id, staff_id in session.execute(scoped(_shared_sellers(start, end), actor, PolicyRow.branch_id)):
        shared[place[branch_id]].append(staff_id)
    return table.append_column(SHARED_SELLERS, pa.array(shared, pa.list_(pa.int64())))


def policy_spread(session: Session, *, actor: Actor, start: date, end: date) -> PolicySpread:
    """Return the median premium of the net policies of a period, and the largest one's share of the total."""
    is_net = and_(PolicyRow.issued_on.between(start, end), PolicyRow.status != PolicyStatus.CANCELLED)
    sums = select(func.count(), func.sum(PolicyRow.premium_fen), func.max(PolicyRow.premium_fen)).where(is_net)
    count, total, largest = session.execute(scoped(sums, actor, PolicyRow.branch_id)).one()
    if not count:
        return PolicySpread(None, None)
    middle = select(PolicyRow.premium_fen).where(is_net).order_by(PolicyRow.premium_fen)
    middle = middle.offset((count - 1) // 2).limit(2 - count % 2)
    values = list(session.scalars(scoped(middle, actor, PolicyRow.branch_id)))
    return PolicySpread(sum(values) / len(values) / 100, float(largest / total))


def is_provisional(*, end: date, today: date) -> bool:
    """Tell whether cooling-off still runs for policies of the period."""
    return today < end + timedelta(days=COOLING_OFF_DAYS)


def _without_feed(session: Session, *, actor: Actor, start: date, end: date) -> set[int]:
    """Return the branches whose region sent no policies in any week of the period: it is missing, not zero.

    The last week is asked first: nearly always nothing is missing there, and nothing else is asked.
    """
    missing: set[int] | None = None
    for week in reversed(weeks_between(start, end)):
        query = select(StageWeekRow.branch_id).where(
            StageWeekRow.week_start == week, StageWeekRow.reason_key == UNKNOWN_WEEK
        )
        found = set(session.scalars(scoped(query, actor, StageWeekRow.branch_id)))
        missing = found if missing is None else missing & found
        if not missing:
            break
    return missing or set()


def _sum(amount: Any, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, amount), else_=0))


def _issued(start: date, end: date) -> Select[*tuple[Any, ...]]:
    """What became of the policies issued in the period, by branch."""
    policy = PolicyRow
    is_cancelled = policy.status == PolicyStatus.CANCELLED
    is_net = policy.status != PolicyStatus.CANCELLED
    is_regular = policy.payment_mode == PaymentMode.REGULAR
    is_accepted = or_(is_net, policy.cancelled_on.is_not(None))
    return (
        select(
            policy.branch_id,
            func.count().label("accepted_policies"),
            _sum(1, is_net).label("net_policies"),
            _sum(1, is_cancelled).label("cancelled_policies"),
            _sum(policy.premium_fen, is_accepted).label("accepted_fen"),
            _sum(policy.premium_fen, and_(is_accepted, is_regular)).label("accepted_regular_fen"),
            _sum(policy.premium_fen, is_net).label("restated_fen"),
            _sum(policy.premium_fen, is_cancelled).label("cancelled_fen"),
            func.count(func.distinct(case((is_net, policy.staff_id)))).label("sellers"),
        )
        .where(policy.issued_on.between(start, end))
        .group_by(policy.branch_id)
    )


def _shared_sellers(start: date, end: date) -> Select[*tuple[Any, ...]]:
    """Who has net policies of the period at more than one branch, such as after a move, by branch."""
    policy = PolicyRow
    is_sold = and_(
        policy.issued_on.between(start, end), policy.status != PolicyStatus.CANCELLED, policy.staff_id.is_not(None)
    )
    several = func.min(policy.branch_id) != func.max(policy.branch_id)
    people = select(policy.staff_id).where(is_sold).group_by(policy.staff_id).having(several)
    return select(policy.branch_id, policy.staff_id).where(is_sold, policy.staff_id.in_(people)).distinct()


def _refunded(start: date, end: date) -> Select[*tuple[Any, ...]]:
    """Cooling-off refunds that happened in the period, whenever the policy was issued, by branch."""
    policy = PolicyRow
    return (
        select(
            policy.branch_id,
            func.sum(policy.premium_fen).label("refunded_fen"),
            _sum(policy.premium_fen, policy.payment_mode == PaymentMode.REGULAR).label("refunded_regular_fen"),
        )
        .where(policy.status == PolicyStatus.CANCELLED, policy.cancelled_on.between(start, end))
        .group_by(policy.branch_id)
    )


def _contacts(
    session: Session, *, actor: Actor, start: date, end: date, today: date, branches: int, known: CadenceWeeks | None
) -> tuple[Column, Column]:
    """Return contacts done and due by branch, of the weeks whose Monday lies in the period."""
    done, due = np.zeros(branches, dtype=np.int64), np.zeros(branches, dtype=np.int64)
    first = week_start_of(start + timedelta(days=6))
    last = min(week_start_of(end), week_start_of(today))
    while first <= last:
        until = min(first + (WEEKS_AT_ONCE - 1) * WEEK, last)
        if known is not None and first in known.weeks and until in known.weeks:
            weeks = known.between(first, until)
        else:
            weeks = cadence_weeks(session, actor=actor, first_week=first, last_week=until, today=today)
        done += weeks.done.sum(axis=(0, 2))
        due += weeks.due.sum(axis=(0, 2))
        first = until + WEEK
    return done, due


def _totals(session: Session, *, actor: Actor, start: date, end: date) -> dict[int, tuple[int, int]]:
    """Return bank totals of whole months in the period and our scale premium of the same months, by branch."""
    query = select(BranchTotalRow.branch_id, BranchTotalRow.month_start, BranchTotalRow.premium_fen)
    query = query.where(BranchTotalRow.month_start.between(start, end))
    rows = session.execute(scoped(query, actor, BranchTotalRow.branch_id)).all()
    found: dict[int, tuple[int, int]] = {}
    for month in sorted({row.month_start for row in rows}):
        last_day = month_end(month)
        if last_day > end:
            continue
        own: dict[int, int] = {}
        for sums, name, sign in (
            (_issued(month, last_day), "accepted_fen", 1),
            (_refunded(month, last_day), "refunded_fen", -1),
        ):
            for sum_row in session.execute(scoped(sums, actor, PolicyRow.branch_id)).mappings():
                branch_id = sum_row["branch_id"]
                own[branch_id] = own.get(branch_id, 0) + sign * int(sum_row[name] or 0)
        for row in rows:
            if row.month_start == month:
                total, ours = found.get(row.branch_id, (0, 0))
                found[row.branch_id] = (total + row.premium_fen, ours + own.get(row.branch_id, 0))
    return found
