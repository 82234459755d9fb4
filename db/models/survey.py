"""Branch surveys: saved states of their parts with the answers, and the sheets of the short questionnaire."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity, LongText


class SurveyVersionRow(Base):
    """One saved state of one part of a branch's survey; a row is added and never changed.

    `number` counts the saved states of the branch over all parts: the survey as of a number is, for each
    section, its latest state up to there. `methods` are comma-separated Method values.
    """

    __tablename__ = "survey_version"
    __table_args__ = (
        UniqueConstraint("branch_id", "number"),  # two at once never both count as the next
        Index(None, "branch_id", "section", "number"),  # the latest state of each part
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    number: Mapped[int]
    section: Mapped[str]
    surveyed_on: Mapped[date]
    methods: Mapped[str]
    confidence: Mapped[str]
    note: Mapped[str | None] = mapped_column(LongText)
    saved_on: Mapped[date]
    saved_at: Mapped[datetime]
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class SurveyAnswerRow(Base):
    """One answer of a saved state; `methods`, `confidence` and `note` are empty where they are those of the part.

    `surveyed_on` is always given: it is what the age of the answer is counted from.
    """

    __tablename__ = "survey_answer"
    version_id: Mapped[int] = mapped_column(ForeignKey("survey_version.id"), primary_key=True)
    field_key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    is_unknown: Mapped[bool]
    is_filled: Mapped[bool]
    surveyed_on: Mapped[date]
    methods: Mapped[str | None]
    confidence: Mapped[str | None]
    note: Mapped[str | None] = mapped_column(LongText)


class SurveySheetRow(Base):
    """One anonymous sheet of the short questionnaire: the role of whoever answered, and points by question."""

    __tablename__ = "survey_sheet"
    __table_args__ = (Index(None, "branch_id", "answered_on"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    role: Mapped[str]
    answered_on: Mapped[date]
    points: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
