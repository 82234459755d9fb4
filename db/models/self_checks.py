"""Self-checks of branch heads: one a branch and month, each answer a row of its own."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity


class SelfCheckRow(Base):
    """The check of a branch for a month; `finished_on` empty = still being filled in.

    `need` and the values of the answers are the head's, `finished_need` and `finished_value` what they were when he
    finished last: that is what everybody else reads. `version` is that of the free line and of the end; each answer
    has its own.
    """

    __tablename__ = "self_check"
    __table_args__ = (
        UniqueConstraint("branch_id", "month_start"),
        Index(None, "finished_on"),  # new checks across branches
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    month_start: Mapped[date]
    started_on: Mapped[date]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    finished_on: Mapped[date | None]
    finished_at: Mapped[datetime | None]
    need: Mapped[str | None]
    finished_need: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class SelfCheckAnswerRow(Base):
    """One answer: 1 to 5, or 0 where the question does not arise; `finished_value` empty = given since the end."""

    __tablename__ = "self_check_answer"
    check_id: Mapped[int] = mapped_column(ForeignKey("self_check.id"), primary_key=True)
    question_key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
    finished_value: Mapped[int | None]
    answered_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)
