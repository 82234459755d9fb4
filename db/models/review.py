"""The weekly reviews that were held: what they showed, who was there, and what was decided."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity, LongText


class ReviewMeetingRow(Base):
    """A review of a scope and a week; a second one of the same is joined, never begun.

    `figures` are the pages as shown (`core.review.meeting.kept_text`), worked out from the state `data_version`
    of the store; once the review is over (`ended_at`) the row never changes.
    """

    __tablename__ = "review_meeting"
    __table_args__ = (UniqueConstraint("scope_kind", "scope_key", "week_start"), Index(None, "week_start"))
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    scope_kind: Mapped[str]
    scope_key: Mapped[str]  # region path or user name; empty = all branches
    week_start: Mapped[date]
    chair: Mapped[str]  # user name of whoever began it
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    agenda: Mapped[dict[str, Any]]  # order and skipped topics
    figures: Mapped[str] = mapped_column(LongText)
    data_version: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)


class ReviewAttendanceRow(Base):
    """Somebody who was there: an account by user name, or others of the own staff by rank or code in words."""

    __tablename__ = "review_attendance"
    __table_args__ = (Index(None, "meeting_id"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("review_meeting.id"))
    username: Mapped[str | None]
    words: Mapped[str | None]


class ReviewDecisionRow(Base):
    """A decision of a review. One about a branch is an action of that branch as well (`suggestion_id`).

    State, owner, due date and outcome of such a one are those of its action; the columns here then
    hold what was decided in the room.
    """

    __tablename__ = "review_decision"
    __table_args__ = (
        Index(None, "meeting_id"),
        Index(None, "branch_id"),  # undo of an import
        Index(None, "owner", "state"),  # what somebody has to do
        UniqueConstraint("suggestion_id"),
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("review_meeting.id"))
    topic: Mapped[str]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    words: Mapped[str] = mapped_column(LongText)
    owner: Mapped[str]
    due_on: Mapped[date]
    measure: Mapped[str]
    state: Mapped[str]
    outcome: Mapped[str | None] = mapped_column(LongText)
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestion.id"))
    decided_on: Mapped[date]
    decided_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    settled_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
