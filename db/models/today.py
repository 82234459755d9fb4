"""What a supervisor did with the lines of Today: laid aside, explained, noted; and when each user last looked."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity, LongText


class SnoozeRow(Base):
    """A line of Today laid aside with a reason; kept after its end, so that it can be counted.

    `thing` and `subject` name the line within its branch (`core.today.lines`). On `until_on` it is
    back. `is_explained`: a missed contact was explained, and is due anew on that day. `due_on`: since when the line
    waited, so that a rest ends with what it was given for.
    """

    __tablename__ = "snooze"
    __table_args__ = (Index(None, "branch_id", "thing", "subject"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    thing: Mapped[str]
    subject: Mapped[str]
    snoozed_on: Mapped[date]
    due_on: Mapped[date | None]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(LongText)
    is_explained: Mapped[bool] = mapped_column(default=False)
    snoozed_at: Mapped[datetime]
    snoozed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_on: Mapped[date | None]  # taken back before its end
    version: Mapped[int] = mapped_column(default=1)


class TodayVisitRow(Base):
    """When a user last opened Today, and on which day before that."""

    __tablename__ = "today_visit"
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    last_on: Mapped[date]
    previous_on: Mapped[date | None]  # None = the first visit


class TodayNewsRow(Base):
    """A stage change, early warning or self-check a user was shown; it stays on his list until he notes it.

    `subject` is the Monday of the new stage's first week, the badge, or the month of the check.
    """

    __tablename__ = "today_news"
    __table_args__ = (
        UniqueConstraint("user_id", "branch_id", "thing", "subject"),
        Index(None, "branch_id"),  # undo of an import
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    thing: Mapped[str]
    subject: Mapped[str]
    first_seen_on: Mapped[date]
    noted_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(LongText)


class WarningSinceRow(Base):
    """Since which week an early warning has held at a branch; the row goes with the warning."""

    __tablename__ = "warning_since"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    badge: Mapped[str] = mapped_column(primary_key=True)
    week_start: Mapped[date]
