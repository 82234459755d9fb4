"""The diagnoses of gaps: what a KPI was short of, why, what changes, and what came of it."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity, LongText


class GapDiagnosisRow(Base):
    """A diagnosis of the gap of a KPI in a period; a gap is diagnosed once.

    The figures are those of the day it was made and never change; those of the review are kept when it is closed.
    """

    __tablename__ = "gap_diagnosis"
    __table_args__ = (
        UniqueConstraint("scope_kind", "scope_key", "kpi", "period_kind", "start_on"),
        Index(None, "branch_id"),  # undo of an import
        Index(None, "owner", "review_on"),  # what somebody has to review
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    scope_kind: Mapped[str]  # a ScopeKind, or "branch"
    scope_key: Mapped[str]  # region path, user name or key of the branch; empty = all branches
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    kpi: Mapped[str]
    period_kind: Mapped[str]
    start_on: Mapped[date]
    end_on: Mapped[date]
    counted_to: Mapped[date]
    actual: Mapped[float]
    target: Mapped[float]  # of the whole period
    due_share: Mapped[float]  # of the target, by counted_to
    own_level: Mapped[float | None]
    owner: Mapped[str | None]  # empty, like the next three, = closed without an action
    due_on: Mapped[date | None]
    expected: Mapped[str] = mapped_column(LongText)
    review_on: Mapped[date | None]
    result: Mapped[str | None] = mapped_column(LongText)
    lesson: Mapped[str | None] = mapped_column(LongText)
    now_start_on: Mapped[date | None]  # of the figure the review was held on
    now_end_on: Mapped[date | None]
    now_actual: Mapped[float | None]
    now_own_level: Mapped[float | None]
    decided_on: Mapped[date]
    decided_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    closed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)


class GapDiagnosisCauseRow(Base):
    """A confirmed cause of a gap: what shows it, and the action or the words that answer it."""

    __tablename__ = "gap_diagnosis_cause"
    diagnosis_id: Mapped[int] = mapped_column(ForeignKey("gap_diagnosis.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # place on the form, from 1
    code: Mapped[str]
    evidence: Mapped[str] = mapped_column(LongText)
    action_key: Mapped[str | None]
    words: Mapped[str] = mapped_column(LongText)


class GapDiagnosisActionRow(Base):
    """An action of a branch that answers a cause; two diagnoses may lead to the same one."""

    __tablename__ = "gap_diagnosis_action"
    __table_args__ = (Index(None, "branch_id"), Index(None, "suggestion_id"))
    diagnosis_id: Mapped[int] = mapped_column(ForeignKey("gap_diagnosis.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # of the cause
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestion.id"))
