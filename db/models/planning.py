"""The week plans of supervisors: lines, what was changed after the lock, and the daily feedback.

A plan belongs to a user name, like a branch; whoever bears it may have no account yet.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity, LongText


class WeekPlanRow(Base):
    """The plan of a supervisor for a week; `version` rises with every change of its lines.

    An approval holds for the version it names.
    """

    __tablename__ = "week_plan"
    __table_args__ = (UniqueConstraint("supervisor", "week_start"), Index(None, "week_start"))
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    supervisor: Mapped[str]
    week_start: Mapped[date]
    started_at: Mapped[datetime | None]  # when goals, open actions and misses were taken over
    approved_on: Mapped[date | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_version: Mapped[int | None]
    approval_comment: Mapped[str | None] = mapped_column(LongText)
    version: Mapped[int] = mapped_column(default=1)


class PlanItemRow(Base):
    """One line of a plan. A contact that keeps it is not stored here: the contacts tell.

    `carried_from` is the missed line of an earlier week. A line is never deleted: one dropped before
    the lock is no more, one dropped after it stays on show (`is_dropped_late`).
    """

    __tablename__ = "plan_item"
    __table_args__ = (
        Index(None, "plan_id"),
        Index(None, "branch_id"),  # undo of an import
        Index(None, "suggestion_id"),
        Index(None, "carried_from"),
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("week_plan.id"))
    kind: Mapped[str]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date | None]
    role: Mapped[str | None]
    topic: Mapped[str | None] = mapped_column(LongText)
    method: Mapped[str | None]
    action_key: Mapped[str | None]
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestion.id"))
    event_kind: Mapped[str | None]
    measure: Mapped[str | None]
    goal: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    gap: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))  # the part of the goal missing last week
    text: Mapped[str | None] = mapped_column(LongText)
    origin: Mapped[str]
    carried_from: Mapped[int | None] = mapped_column(ForeignKey("plan_item.id"))
    times_carried: Mapped[int] = mapped_column(default=0)
    is_added_late: Mapped[bool] = mapped_column(default=False)
    is_changed_late: Mapped[bool] = mapped_column(default=False)
    dropped_on: Mapped[date | None]
    is_dropped_late: Mapped[bool] = mapped_column(default=False)
    ticked_on: Mapped[date | None]
    tick_note: Mapped[str | None] = mapped_column(LongText)
    cause: Mapped[str | None]
    cause_note: Mapped[str | None] = mapped_column(LongText)
    cause_2: Mapped[str | None]
    cause_note_2: Mapped[str | None] = mapped_column(LongText)
    cause_3: Mapped[str | None]
    cause_note_3: Mapped[str | None] = mapped_column(LongText)
    adjustment: Mapped[str | None] = mapped_column(LongText)
    adjustment_action: Mapped[str | None]
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)


class PlanItemChangeRow(Base):
    """A change of a line after the lock: who, when, why, and the values that differ."""

    __tablename__ = "plan_item_change"
    __table_args__ = (Index(None, "item_id"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("plan_item.id"))
    kind: Mapped[str]
    reason: Mapped[str | None] = mapped_column(LongText)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class DailyFeedbackRow(Base):
    """The line a supervisor wrote about a day."""

    __tablename__ = "daily_feedback"
    __table_args__ = (UniqueConstraint("supervisor", "day"), Index(None, "day"))
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    supervisor: Mapped[str]
    day: Mapped[date]
    words: Mapped[str] = mapped_column(LongText)
    written_at: Mapped[datetime]  # of the first writing: it decides whether it came in time
    written_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)
