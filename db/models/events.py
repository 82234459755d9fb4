"""Customer events of branches, and the slots of the six ones an administrator filled."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity, LongText


class BranchEventRow(Base):
    """A customer event: for whom, by which levels, and what came of it in counts; empty count = not counted.

    Keys are those of `core/events/rules.toml`. The `project_` columns are filled where `is_project`.
    """

    __tablename__ = "branch_event"
    __table_args__ = (
        Index(None, "branch_id", "day"),
        Index(None, "day"),  # events of all branches in a period
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date]
    kind: Mapped[str]
    relation: Mapped[str]
    tier: Mapped[str]
    theme: Mapped[str]
    title: Mapped[str | None]
    insurer_level: Mapped[str]
    bank_level: Mapped[str]
    state: Mapped[str]
    invited: Mapped[int | None]
    confirmed: Mapped[int | None]
    came: Mapped[int | None]  # of those confirmed
    walk_ins: Mapped[int | None]
    policies: Mapped[int | None]  # as written down by whoever was there
    approval_number: Mapped[str | None]
    approved_on: Mapped[date | None]
    event_ref: Mapped[str | None] = mapped_column(unique=True)  # as policies name it
    is_project: Mapped[bool] = mapped_column(default=False)
    project_start_on: Mapped[date | None]
    project_end_on: Mapped[date | None]
    project_target: Mapped[str | None] = mapped_column(LongText)
    project_resources: Mapped[str | None] = mapped_column(LongText)
    project_result: Mapped[str | None] = mapped_column(LongText)
    note: Mapped[str | None] = mapped_column(LongText)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)


class SixOneSlotRow(Base):
    """What an administrator put into a slot of the six ones from a day on; `counts` empty = free again."""

    __tablename__ = "six_one_slot"
    __table_args__ = (UniqueConstraint("slot", "valid_from"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    slot: Mapped[int]
    title: Mapped[str]
    counts: Mapped[str | None]
    period: Mapped[str]
    target: Mapped[int]
    valid_from: Mapped[date]
    source: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)
