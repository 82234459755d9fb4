"""What was shown of the stages at the time, and every change of it afterwards."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity


class StageShownRow(Base):
    """Stage of a branch in a week as it was computed for the first time; a row is added and never changed.

    `stage_week` holds what the facts say now. A store that is older than this table has the stages of
    the day it was upgraded, with `shown_at` and `data_version` empty.
    """

    __tablename__ = "stage_shown"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  # read by SQLAlchemy; one tree a row instead of two
    # No foreign key: rows come from `stage_week`, which has one, and checking each again takes PostgreSQL as
    # long as writing it.
    branch_id: Mapped[int] = mapped_column(Identity, primary_key=True)
    week_start: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[str]
    confidence: Mapped[float]
    most_likely: Mapped[str]
    rules_on: Mapped[date]
    shown_at: Mapped[datetime | None]
    data_version: Mapped[int | None]  # with which readers saw it first


class StageRestatementRow(Base):
    """Another stage than the last one shown was computed for a past week; a row is added and never changed.

    `cause` is a RestatementCause. An undo gives a row of its own: the week may then show again what it
    showed at first, and both rows stay.
    """

    __tablename__ = "stage_restatement"
    __table_args__ = (Index(None, "branch_id", "week_start"),)  # the latest of a week; weeks of one branch
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    week_start: Mapped[date]
    before: Mapped[str | None]  # empty = the week had no stage
    after: Mapped[str | None]
    cause: Mapped[str]
    import_batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
