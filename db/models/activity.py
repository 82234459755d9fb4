"""What happened: contacts and policies, and the weekly rollups kept in the writing transaction.

Money is integer fen. `week_start` is the Monday of the row's day.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity, LongText


class ContactRow(Base):
    """One exchange with one bank person, or with a role as a group where `staff_id` is empty.

    `role` is the person's role where a person is given. `fingerprint` is the digest of the
    natural key: the reference where given, else the whole row.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index(None, "branch_id", "contact_on"),  # recent contacts of one branch
        Index(None, "import_batch_id"),  # undo of an import
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    fingerprint: Mapped[int] = mapped_column(BigInteger, unique=True)
    contact_ref: Mapped[str | None]
    contact_on: Mapped[date]
    week_start: Mapped[date]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    role: Mapped[str]
    method: Mapped[str]
    supervisor: Mapped[str | None]
    minutes: Mapped[int | None] = mapped_column(SmallInteger)
    is_usual_minutes: Mapped[bool | None]  # nobody said how long: the usual minutes of the method
    topic: Mapped[str | None] = mapped_column(LongText)
    note: Mapped[str | None] = mapped_column(LongText)
    next_step: Mapped[str | None] = mapped_column(LongText)
    is_late: Mapped[bool] = mapped_column(default=False)  # logged more than a working day after it was made
    logged_at: Mapped[datetime | None]
    logged_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    version: Mapped[int] = mapped_column(default=1)


class PolicyRow(Base):
    """An accepted policy. The reference is the only link to a customer."""

    __tablename__ = "policy"
    __table_args__ = (
        Index(None, "branch_id", "issued_on"),  # drill-down, stages, KPIs by period
        Index(None, "issued_on"),  # KPIs of the whole by period
        Index(None, "cancelled_on"),  # refunds of a period
        Index(None, "import_batch_id"),  # undo of an import
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    policy_ref: Mapped[str] = mapped_column(unique=True)
    issued_on: Mapped[date]
    week_start: Mapped[date]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    product: Mapped[str | None]
    payment_mode: Mapped[str]
    premium_fen: Mapped[int] = mapped_column(BigInteger)
    customer_tier: Mapped[str | None]
    status: Mapped[str]
    cancelled_on: Mapped[date | None]
    event_ref: Mapped[str | None]
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    version: Mapped[int] = mapped_column(default=1)


class ContactWeekRow(Base):
    """Contacts of one role at one branch in one week.

    `days_mask` has a bit for each day with a contact (bit 0 = Monday), so the daily target is
    judged by whatever calendar is in force. `deep` counts contacts with a topic and 10 minutes or more.
    """

    __tablename__ = "contact_week"
    __table_args__ = (
        # weeks over all branches, answered by the index alone
        Index("ix_contact_week_by_week", "week_start", "role", "branch_id", "contacts", "days_mask", "deep"),
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    week_start: Mapped[date] = mapped_column(primary_key=True)
    contacts: Mapped[int]
    days_mask: Mapped[int] = mapped_column(SmallInteger)
    minutes: Mapped[int]
    deep: Mapped[int]


class ContactPersonWeekRow(Base):
    """Contacts with one person in one week, for targets per person and for people never reached."""

    __tablename__ = "contact_person_week"
    __table_args__ = (Index(None, "week_start"),)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    week_start: Mapped[date] = mapped_column(primary_key=True)
    contacts: Mapped[int]
    days_mask: Mapped[int] = mapped_column(SmallInteger)


class ProductionWeekRow(Base):
    """Policies of one branch by the week of issue.

    `accepted` counts all, `net` those not cancelled in cooling-off; the money columns sum all
    accepted, `cancelled_fen` the part of it whose policy is cancelled.
    """

    __tablename__ = "production_week"
    __table_args__ = (Index(None, "week_start"),)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    week_start: Mapped[date] = mapped_column(primary_key=True)
    accepted: Mapped[int]
    net: Mapped[int]
    net_regular: Mapped[int]
    premium_fen: Mapped[int] = mapped_column(BigInteger)
    regular_fen: Mapped[int] = mapped_column(BigInteger)
    cancelled_fen: Mapped[int] = mapped_column(BigInteger)
