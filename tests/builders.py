"""Small worlds for tests: one function a row, everything with a plain default."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.facts import Actor, BranchStatus, PaymentMode, PolicyStatus, StaffRole, UserRole
from db.changes import utc_now
from db.models import (
    BankRow,
    BranchEventRow,
    BranchRow,
    ContactRow,
    ImportBatchRow,
    ImportChangeRow,
    OrgUnitRow,
    PolicyRow,
    StaffRow,
)

ADMIN = Actor(user_id=0, username="boss", display_name="Boss", role=UserRole.ADMIN)


def manager_of(region_path: str) -> Actor:
    """A manager bounded by a region."""
    return Actor(user_id=0, username="manager", display_name="Manager", role=UserRole.MANAGER, region_path=region_path)


def supervisor(username: str = "li") -> Actor:
    """A supervisor; sees the branches that name him."""
    return Actor(user_id=0, username=username, display_name=username, role=UserRole.SUPERVISOR)


def head_of(branch_id: int) -> Actor:
    """A branch head; sees one branch."""
    return Actor(user_id=0, username="head", display_name="Head", role=UserRole.BRANCH_HEAD, branch_id=branch_id)


def add_unit(session: Session, path: str) -> OrgUnitRow:
    """Find or add the unit of a path, and those above it."""
    found = session.scalar(select(OrgUnitRow).where(OrgUnitRow.path == path))
    if found:
        return found
    above, _, name = path.rpartition("/")
    parent = add_unit(session, above) if above else None
    row = OrgUnitRow(path=path, name=name, parent_id=parent.id if parent else None)
    session.add(row)
    session.flush()
    return row


def add_branch(
    session: Session,
    code: str = "B1",
    *,
    bank: str = "青禾银行",
    region: str = "东区分公司/云州中支",
    supervisor: str | None = "li",
    cooperation_start: date = date(2024, 1, 1),
    status: str = BranchStatus.ACTIVE,
    **more: Any,
) -> BranchRow:
    """Add a branch with its bank and unit."""
    bank_row = session.scalar(select(BankRow).where(BankRow.name == bank))
    if bank_row is None:
        bank_row = BankRow(name=bank)
        session.add(bank_row)
        session.flush()
    row = BranchRow(
        branch_code=code,
        branch_name=f"{bank}{code}支行",
        bank_id=bank_row.id,
        org_unit_id=add_unit(session, region).id,
        supervisor=supervisor,
        cooperation_start=cooperation_start,
        status=status,
        **more,
    )
    session.add(row)
    session.flush()
    return row


def add_supervisor_change(
    session: Session, branch_id: int, before: str | None, day: date, *, undone: bool = False
) -> None:
    """Add the trail of an import that gave a branch its present supervisor at noon of a day."""
    moment = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    batch = ImportBatchRow(
        imported_at=moment, source_names="x", digest="x", counts={}, undone_at=moment if undone else None
    )
    session.add(batch)
    session.flush()
    session.add(
        ImportChangeRow(
            import_batch_id=batch.id,
            table_name=BranchRow.__tablename__,
            row_id=branch_id,
            before={"supervisor": before},
            version_after=2,
        )
    )


def add_staff(
    session: Session, branch: BranchRow, code: str = "S1", *, role: str = StaffRole.WEALTH_MANAGER, **more: Any
) -> StaffRow:
    """Add a person to a branch."""
    row = StaffRow(staff_code=code, branch_id=branch.id, staff_name=f"员工{code}", role=role, **more)
    session.add(row)
    session.flush()
    return row


def add_contact(
    session: Session,
    branch: BranchRow,
    contact_on: date,
    *,
    role: str = StaffRole.WEALTH_MANAGER,
    staff: StaffRow | None = None,
    method: str = "visit",
    **more: Any,
) -> ContactRow:
    """Add a contact; the rollups are the caller's."""
    count = session.query(ContactRow).count()
    row = ContactRow(
        fingerprint=count + 1,
        contact_on=contact_on,
        week_start=week_start_of(contact_on),
        branch_id=branch.id,
        staff_id=staff.id if staff else None,
        role=staff.role if staff else role,
        method=method,
        **more,
    )
    session.add(row)
    session.flush()
    return row


def add_policy(
    session: Session,
    branch: BranchRow,
    issued_on: date,
    *,
    ref: str | None = None,
    premium_fen: int = 1_000_000,
    payment_mode: str = PaymentMode.REGULAR,
    status: str = PolicyStatus.IN_FORCE,
    staff: StaffRow | None = None,
    **more: Any,
) -> PolicyRow:
    """Add a policy; the rollups are the caller's."""
    row = PolicyRow(
        policy_ref=ref or f"P{session.query(PolicyRow).count() + 1:06d}",
        issued_on=issued_on,
        week_start=week_start_of(issued_on),
        branch_id=branch.id,
        staff_id=staff.id if staff else None,
        payment_mode=payment_mode,
        premium_fen=premium_fen,
        status=status,
        **more,
    )
    session.add(row)
    session.flush()
    return row


def add_event(
    session: Session,
    branch: BranchRow,
    day: date,
    *,
    state: str = "held",
    kind: str = "micro_salon",
    came: int | None = 6,
    confirmed: int | None = 10,
    **more: Any,
) -> BranchEventRow:
    """Add a customer event, held with ten confirmed and six who came."""
    plain = {
        "relation": "traffic_customer",
        "tier": "mass",
        "theme": "theme_health_retirement",
        "insurer_level": "channel_manager",
        "bank_level": "branch",
        "is_project": False,
        "recorded_at": utc_now(),
    }
    is_held = state == "held"
    row = BranchEventRow(
        branch_id=branch.id,
        day=day,
        kind=kind,
        state=state,
        came=came if is_held else None,
        confirmed=confirmed if is_held else None,
        **(plain | more),
    )
    session.add(row)
    session.flush()
    return row
