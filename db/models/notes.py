"""Coaching notes with the commitment made in them, and who read the page of a handover."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity, LongText


class CoachingNoteRow(Base):
    """A note of one session in four fields; `kept` empty = the commitment is still open."""

    __tablename__ = "coaching_note"
    __table_args__ = (
        Index(None, "branch_id", "session_on"),
        Index(None, "kept", "due_on"),  # open commitments across branches
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    session_on: Mapped[date]
    role: Mapped[str]
    goal: Mapped[str] = mapped_column(LongText)
    reality: Mapped[str] = mapped_column(LongText)
    options: Mapped[str] = mapped_column(LongText)
    will: Mapped[str] = mapped_column(LongText)
    due_on: Mapped[date]
    is_shared: Mapped[bool]
    written_at: Mapped[datetime]
    written_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    acknowledged_on: Mapped[date | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    kept: Mapped[str | None]
    kept_on: Mapped[date | None]
    kept_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    outcome: Mapped[str | None] = mapped_column(LongText)
    version: Mapped[int] = mapped_column(default=1)


class HandoverReadRow(Base):
    """Somebody confirmed that he took a branch over; `kind` is a HandoverKind, `changed_on` names the change."""

    __tablename__ = "handover_read"
    __table_args__ = (UniqueConstraint("branch_id", "kind", "changed_on"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    kind: Mapped[str]
    changed_on: Mapped[date]
    read_on: Mapped[date]
    read_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
