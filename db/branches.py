"""Which branches an actor sees, what can be filtered by, and how far the data reach.

Tables are Arrow: pages cache them whole and filter afterwards.
"""

from datetime import date, timedelta

import pyarrow as pa
from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from core.calendar import last_complete_week, week_start_of
from core.facts import Actor, Branch, BranchStatus, SizeTier
from core.portfolio import DataDates, FilterOptions
from core.size_tiers import SELLER_ROLES, size_tier
from db.access import is_visible, scoped
from db.engine import plain_rows
from db.models import BankRow, BranchRow, ContactWeekRow, OrgUnitRow, PolicyRow, StaffRow

BRANCH_COLUMNS = pa.schema(
    [
        ("branch_id", pa.int64()),
        ("branch_code", pa.string()),
        ("branch_name", pa.string()),
        ("bank", pa.string()),
        ("region", pa.string()),
        ("city", pa.string()),
        ("supervisor", pa.string()),
        ("status", pa.string()),
        ("status_since", pa.date32()),
        ("size_tier", pa.string()),
        ("cooperation_start", pa.date32()),
    ]
)

_LAST_POLICY = select(func.max(PolicyRow.issued_on))


def branches_in_scope(session: Session, *, actor: Actor, as_of: date) -> pa.Table:
    """Return one row per branch in scope, by code.

    Columns as `BRANCH_COLUMNS`: branch_id, branch_code, branch_name, bank, region (unit path),
    city and supervisor (null = not given), status, status_since, size_tier (derived from the
    sellers in post on `as_of` where not set), cooperation_start.
    """
    in_post = and_(
        StaffRow.role.in_(SELLER_ROLES),
        or_(StaffRow.joined_on.is_(None), StaffRow.joined_on <= as_of),
        or_(StaffRow.left_on.is_(None), StaffRow.left_on >= as_of),
    )
    sellers = select(StaffRow.branch_id, func.sum(case((in_post, 1), else_=0)).label("sellers"))
    people = scoped(sellers.group_by(StaffRow.branch_id), actor, StaffRow.branch_id).subquery()
    query = (
        select(
            BranchRow.id,
            BranchRow.branch_code,
            BranchRow.branch_name,
            BankRow.name,
            OrgUnitRow.path,
            BranchRow.city,
            BranchRow.supervisor,
            BranchRow.status,
            BranchRow.status_since,
            BranchRow.size_tier,
            BranchRow.cooperation_start,
            people.c.sellers,
        )
        .join(BankRow, BankRow.id == BranchRow.bank_id)
        .join(OrgUnitRow, OrgUnitRow.id == BranchRow.org_unit_id)
        .outerjoin(people, people.c.branch_id == BranchRow.id)
        .order_by(BranchRow.branch_code)
    )
    rows = plain_rows(session, scoped(query, actor, BranchRow.id))
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(12)]
    tiers = BRANCH_COLUMNS.get_field_index("size_tier")
    columns[tiers] = [
        size_tier(
            set_by_hand=SizeTier(stored) if stored else None,
            sellers_in_post=sellers or 0,
            has_staff=sellers is not None,
        )
        for stored, sellers in zip(columns[tiers], columns[-1], strict=True)
    ]
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, BRANCH_COLUMNS, strict=False)],
        schema=BRANCH_COLUMNS,
    )


def find_branch(session: Session, *, actor: Actor, branch_code: str) -> Branch | None:
    """Return the branch of this code, None where there is none in the actor's scope."""
    query = (
        select(BranchRow, BankRow.name, OrgUnitRow.path)
        .join(BankRow, BankRow.id == BranchRow.bank_id)
        .join(OrgUnitRow, OrgUnitRow.id == BranchRow.org_unit_id)
        .where(BranchRow.branch_code == branch_code)
    )
    found = session.execute(scoped(query, actor, BranchRow.id)).one_or_none()
    if found is None:
        return None
    row, bank, region = found
    return Branch(
        branch_id=row.id,
        branch_code=row.branch_code,
        branch_name=row.branch_name,
        bank=bank,
        region=region,
        city=row.city,
        cooperation_start=row.cooperation_start,
        supervisor=row.supervisor,
        status=BranchStatus(row.status),
        status_since=row.status_since,
        size_tier=SizeTier(row.size_tier) if row.size_tier else None,
        version=row.version,
    )


def filter_options(session: Session, *, actor: Actor) -> FilterOptions:
    """Return what the branches in scope can be filtered by."""
    query = (
        select(OrgUnitRow.path, BankRow.name, BranchRow.city, BranchRow.supervisor)
        .select_from(BranchRow)
        .join(BankRow, BankRow.id == BranchRow.bank_id)
        .join(OrgUnitRow, OrgUnitRow.id == BranchRow.org_unit_id)
        .distinct()
    )
    rows = session.execute(scoped(query, actor, BranchRow.id)).all()
    return FilterOptions(
        regions=tuple(sorted({unit for row in rows for unit in units_above(row.path)})),
        banks=tuple(sorted({row.name for row in rows})),
        cities=tuple(sorted({row.city for row in rows if row.city})),
        supervisors=tuple(sorted({row.supervisor for row in rows if row.supervisor})),
    )


def units_above(path: str) -> list[str]:
    """Return the unit and every unit above it: a/b/c gives a, a/b, a/b/c."""
    names = path.split("/")
    return ["/".join(names[: number + 1]) for number in range(len(names))]


def data_dates(session: Session, *, actor: Actor, today: date) -> DataDates:
    """Return how far the data reach.

    The days are those of the whole store, since a branch that sold nothing has no older data;
    an actor who sees no branch is told nothing.
    """
    if not _sees_a_branch(session, actor):
        return DataDates(None, None, None)
    last_policy_on = session.scalar(_LAST_POLICY)
    last_contact_on = _last_contact_on(session)
    last_week = min(last_complete_week(today), week_start_of(last_policy_on)) if last_policy_on else None
    return DataDates(last_policy_on, last_contact_on, last_week)


def last_policy_day(session: Session, *, actor: Actor) -> date | None:
    """Return the last day with a policy in the store, to an actor who sees a branch."""
    return policies_until(session) if _sees_a_branch(session, actor) else None


def policies_until(session: Session) -> date | None:
    """Return the last day with a policy in the store, None where there is none."""
    return session.scalar(_LAST_POLICY)


def _sees_a_branch(session: Session, actor: Actor) -> bool:
    return session.scalar(select(BranchRow.id).where(is_visible(actor)).limit(1)) is not None


def _last_contact_on(session: Session) -> date | None:
    week: date | None = session.scalar(select(func.max(ContactWeekRow.week_start)))
    if week is None:
        return None
    masks = session.scalars(select(ContactWeekRow.days_mask).where(ContactWeekRow.week_start == week).distinct())
    return week + timedelta(days=max(mask.bit_length() for mask in masks) - 1)
