"""What follows from the facts: stage history, suggestions, playbook changes, rules, calendar, settings."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.coaching.actions import DECISION_ACTION, reason_code
from db.models.base import Base, Identity, LongText


class StageWeekRow(Base):
    """Stage of a branch as known at the end of a week, with the facts that decided it.

    `reason_key` names the sentence, `facts` holds its numbers; `rules_on` is the date of the limits.
    """

    __tablename__ = "stage_week"
    __table_args__ = (
        Index("ix_stage_week_by_week", "week_start", "stage", "branch_id"),  # one week over all branches; counts
    )
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    week_start: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[str]
    confidence: Mapped[float]
    most_likely: Mapped[str]
    since: Mapped[date]  # first week of the present stage
    expected: Mapped[float | None]  # policies a week at the branch's own level, season applied; for the chart
    reason_key: Mapped[str]
    facts: Mapped[dict[str, Any]]
    badges: Mapped[str]  # comma-separated Badge values, strongest first
    rules_on: Mapped[date]


class StageDecisionRow(Base):
    """What somebody decided about the computed stage of a branch; a row is added and never changed.

    `kind` is a StageDecisionKind. `stage` is the one confirmed, set by hand, or no longer set by hand,
    `computed_stage` the one of the week `week_start` that was shown. The latest number of a branch counts.
    """

    __tablename__ = "stage_decision"
    __table_args__ = (UniqueConstraint("branch_id", "number"),)  # two at once never both count as the next
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    number: Mapped[int]
    kind: Mapped[str]
    stage: Mapped[str]
    computed_stage: Mapped[str]
    week_start: Mapped[date]
    reason: Mapped[str | None] = mapped_column(LongText)
    decided_on: Mapped[date]  # first day of an override
    end_on: Mapped[date | None]  # last day of an override
    decided_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


def _step_reason(context: Any) -> str:
    return reason_code(context.get_current_parameters()["action_key"], {})


class SuggestionRow(Base):
    """A coaching action suggested to a branch, and what became of it.

    `reason_code` is what it answers, as `core.coaching.actions.reason_code` names it; `week_start` is the last
    week that was seen in, `seen_count` in how many weeks. A row past `expires_on` counts as expired
    whether its state says so yet or not.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        Index(None, "branch_id", "state"),
        Index(None, "state", "due_on"),  # open actions across branches
        Index(
            "uq_suggestion_open",  # one open action per branch and action, but any number of decisions
            "branch_id",
            "action_key",
            unique=True,
            sqlite_where=text(f"state = 'taken' AND action_key <> '{DECISION_ACTION}'"),
            postgresql_where=text(f"state = 'taken' AND action_key <> '{DECISION_ACTION}'"),
        ),
        Index(
            "uq_suggestion_open_reason",  # one open action per branch and reason
            "branch_id",
            "reason_code",
            unique=True,
            sqlite_where=text("state = 'taken'"),
            postgresql_where=text("state = 'taken'"),
        ),
        Index(None, "proof_contact_id"),  # a contact that proves something is not taken back
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    action_key: Mapped[str]
    week_start: Mapped[date]
    seen_count: Mapped[int] = mapped_column(default=1)
    reason_key: Mapped[str]
    reason_code: Mapped[str] = mapped_column(default=_step_reason)
    facts: Mapped[dict[str, Any]]
    state: Mapped[str]
    owner: Mapped[str | None]
    taken_on: Mapped[date | None]  # empty = dismissed at once
    due_on: Mapped[date | None]
    expires_on: Mapped[date | None]  # last day of an open action
    dismissal: Mapped[str | None]  # the chosen reason; empty = a text alone
    dismissed_reason: Mapped[str | None] = mapped_column(LongText)
    proof_contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    outcome: Mapped[str | None] = mapped_column(LongText)
    measure_met: Mapped[bool | None]  # empty = open, dismissed, or too early to say
    created_at: Mapped[datetime]
    decided_on: Mapped[date | None]  # day it was taken on, then day it was done, dismissed or expired
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)


class PlaybookChangeRow(Base):
    """An administrator's dated change to one shipped action: a new text, or switched off."""

    __tablename__ = "playbook_change"
    __table_args__ = (UniqueConstraint("action_key", "valid_from"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    action_key: Mapped[str]
    valid_from: Mapped[date]
    changes: Mapped[dict[str, Any]]
    source: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)


class TargetRow(Base):
    """A dated target or limit. `subject` is cadence, kpi or stage; `key` the role, KPI or limit.

    `stage` and `tier` narrow it, empty = any. `unit` is day or week for cadence, the KPI's unit otherwise.
    """

    __tablename__ = "target"
    __table_args__ = (Index(None, "subject", "key", "valid_from"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    subject: Mapped[str]
    key: Mapped[str]
    stage: Mapped[str | None]
    tier: Mapped[str | None]
    unit: Mapped[str]
    minimum: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    maximum: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    scope: Mapped[str | None]  # role or person, for cadence
    valid_from: Mapped[date]
    source: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)


class CalendarDayRow(Base):
    """A day an administrator set over the statutory calendar; `kind` is off or work."""

    __tablename__ = "calendar_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    source: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)


class SettingRow(Base):
    """A dated setting, such as the cadence scope."""

    __tablename__ = "setting"
    __table_args__ = (UniqueConstraint("key", "valid_from"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    key: Mapped[str]
    value: Mapped[str]
    valid_from: Mapped[date]
    source: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)


class StageRuleVersionRow(Base):
    """Numbers of the stage engine an administrator changed together from a Monday on; `stage_rule_value` holds them."""

    __tablename__ = "stage_rule_version"
    __table_args__ = (
        Index(
            "uq_stage_rule_version_start",  # a Monday begins at most one version
            "valid_from",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    valid_from: Mapped[date]
    note: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None]  # only before it came into force
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)


class StageRuleValueRow(Base):
    """One number of a version, named as `core.stages.limits.limits_table` names it; `before` is what it replaced."""

    __tablename__ = "stage_rule_value"
    version_id: Mapped[int] = mapped_column(ForeignKey("stage_rule_version.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
    before: Mapped[float]


class BranchTotalRow(Base):
    """Premium of all insurers in a branch in a month, where the bank gives it (for our share)."""

    __tablename__ = "branch_total"
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    month_start: Mapped[date] = mapped_column(primary_key=True)
    premium_fen: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)
