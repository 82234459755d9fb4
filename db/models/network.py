"""Who and where: the insurer's units, banks, branches, their past statuses, staff."""

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.facts import BranchStatus
from db.models.base import Base, Identity, LongText


class OrgUnitRow(Base):
    """The insurer's unit. `path` runs from the top: 浙江分公司/杭州中支."""

    __tablename__ = "org_unit"
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    path: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id"))


class BankRow(Base):
    """Bank brand."""

    __tablename__ = "bank"
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class BranchRow(Base):
    """Bank outlet, the unit of everything. `supervisor` is a user name, with or without an account."""

    __tablename__ = "branch"
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_code: Mapped[str] = mapped_column(unique=True)
    branch_name: Mapped[str]
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"), index=True)
    org_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id"), index=True)
    city: Mapped[str | None]
    cooperation_start: Mapped[date]
    supervisor: Mapped[str | None] = mapped_column(index=True)  # scope of a supervisor
    status: Mapped[str] = mapped_column(default=BranchStatus.ACTIVE)
    status_since: Mapped[date | None]
    is_since_derived: Mapped[bool] = mapped_column(default=False)  # the day after the last policy or contact
    size_tier: Mapped[str | None]
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)


class BranchStatusRow(Base):
    """Past interval of a branch's status; `end_on` is the last day, empty = still."""

    __tablename__ = "branch_status"
    __table_args__ = (UniqueConstraint("branch_id", "start_on"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    status: Mapped[str]
    start_on: Mapped[date]
    end_on: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(LongText)
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)


class StaffRow(Base):
    """Bank person in a post; both ends of the time in post included, empty = open."""

    __tablename__ = "staff"
    __table_args__ = (Index(None, "branch_id", "role"),)  # people of a branch by role
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    staff_code: Mapped[str] = mapped_column(unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    staff_name: Mapped[str]
    role: Mapped[str]
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
