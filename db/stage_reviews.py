"""Decisions about the computed stage of a branch: confirmed, set by hand for a time, renewed, taken back.

A decision is a new row and never changes; the stage history is not touched. `shown_version` is the
number of the latest decision the reader saw (0 = none): whoever decides about an older state is
shown the present one instead.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.facts import Actor, BranchStatus, Stage, StageDecisionKind, UserRole
from core.stages.review import StageDecision, is_in_force, override_problems, reason_problems
from db.access import branch_in_scope, require_role, scoped
from db.branch_history import StageVerdict, find_verdict
from db.changes import (
    ChangedByOtherError,
    account_of,
    check_version,
    first_result,
    keep_result,
    lock_branch,
    record_audit,
    utc_now,
)
from db.contacts import FIELD_ROLES
from db.models import BranchRow, StageDecisionRow, UserRow

SUBJECT = "stage_decision"


def decisions_of(session: Session, *, actor: Actor, branch_id: int, as_of: date) -> tuple[StageDecision, ...]:
    """Return all decisions about a branch up to a day, latest first; none outside the actor's scope.

    Why it was decided so is what the field staff wrote for themselves: a branch head gets no reasons.
    """
    query = _decisions().where(StageDecisionRow.branch_id == branch_id, StageDecisionRow.decided_on <= as_of)
    rows = session.execute(
        scoped(query, actor, StageDecisionRow.branch_id).order_by(StageDecisionRow.number.desc())
    ).all()
    return tuple(_record(row, name, actor) for row, name in rows)


def latest_decisions(session: Session, *, actor: Actor, as_of: date) -> dict[int, StageDecision]:
    """Return the latest decision up to a day of each branch in scope that has one, by branch key.

    Reasons as for `decisions_of`.
    """
    numbers = (
        select(StageDecisionRow.branch_id, func.max(StageDecisionRow.number).label("number"))
        .where(StageDecisionRow.decided_on <= as_of)
        .group_by(StageDecisionRow.branch_id)
        .subquery()
    )
    query = _decisions().join(
        numbers,
        (numbers.c.branch_id == StageDecisionRow.branch_id) & (numbers.c.number == StageDecisionRow.number),
    )
    rows = session.execute(scoped(query, actor, StageDecisionRow.branch_id).order_by(StageDecisionRow.branch_id)).all()
    return {row.branch_id: _record(row, name, actor) for row, name in rows}


def confirm_stage(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    shown_stage: Stage,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Confirm the computed stage; it stands until the engine shows another one.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        ChangedByOtherError: another stage is computed by now, or somebody decided since it was shown.
        RefusedError: the branch is closed or has no stage, or an override is in force.
    """
    present = _present(session, actor=actor, branch_id=branch_id, shown_version=shown_version, today=today, key=key)
    if present is None:
        return
    present.check_stage(shown_stage)
    if present.in_force:
        raise RefusedError([Problem(ProblemKey.OVERRIDDEN, "branch")])
    _store(session, actor, present, StageDecisionKind.CONFIRMED, stage=present.verdict.stage, today=today, key=key)


def override_stage(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    stage: Stage | None,
    reason: str,
    end_on: date,
    shown_stage: Stage,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Set a stage by hand from today to its last day; one that is in force ends with that.

    Raises:
        NotAllowedError: as for `confirm_stage`.
        ChangedByOtherError: as for `confirm_stage`.
        RefusedError: the branch is closed or has no stage; no stage is given, or the computed one; no reason,
            or one that may not be stored; the last day is over or too far ahead.
    """
    present = _present(session, actor=actor, branch_id=branch_id, shown_version=shown_version, today=today, key=key)
    if present is None:
        return
    present.check_stage(shown_stage)
    problems = override_problems(
        stage=stage, computed_stage=present.verdict.stage, reason=reason, end_on=end_on, today=today
    )
    if problems or stage is None:
        raise RefusedError(problems)
    kind = StageDecisionKind.OVERRIDDEN
    _store(session, actor, present, kind, stage=stage, reason=reason, end_on=end_on, today=today, key=key)


def renew_override(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    reason: str,
    end_on: date,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Let the override in force hold on from today to a new last day.

    Raises:
        NotAllowedError: as for `confirm_stage`.
        ChangedByOtherError: somebody decided since it was shown.
        RefusedError: as for `override_stage`, or none is in force.
    """
    present = _present(session, actor=actor, branch_id=branch_id, shown_version=shown_version, today=today, key=key)
    if present is None:
        return
    old = present.override_in_force()
    problems = override_problems(
        stage=old.stage, computed_stage=present.verdict.stage, reason=reason, end_on=end_on, today=today
    )
    if problems:
        raise RefusedError(problems)
    kind = StageDecisionKind.RENEWED
    _store(session, actor, present, kind, stage=old.stage, reason=reason, end_on=end_on, today=today, key=key)


def withdraw_override(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    reason: str,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """End the override in force before its last day; the computed stage is a proposal again.

    Raises:
        NotAllowedError: as for `confirm_stage`.
        ChangedByOtherError: somebody decided since it was shown.
        RefusedError: none is in force; no reason, or one that may not be stored.
    """
    present = _present(session, actor=actor, branch_id=branch_id, shown_version=shown_version, today=today, key=key)
    if present is None:
        return
    old = present.override_in_force()
    problems = reason_problems(reason, today=today)
    if problems:
        raise RefusedError(problems)
    kind = StageDecisionKind.WITHDRAWN
    _store(session, actor, present, kind, stage=old.stage, reason=reason, today=today, key=key)


@dataclass(frozen=True)
class _Present:
    """The state a decision is made about, with the branch locked against a second one."""

    branch: BranchRow
    verdict: StageVerdict
    latest: StageDecision | None
    in_force: StageDecision | None

    @property
    def shown(self) -> dict[str, Any]:
        """What a form shows beside a decision about an older state."""
        return {
            "kind": self.latest.kind if self.latest else None,
            "stage": self.in_force.stage if self.in_force else self.verdict.stage,
            "end_on": self.in_force.end_on if self.in_force else None,
            "reason": self.latest.reason if self.latest else None,
            "computed_stage": self.verdict.stage,
        }

    @property
    def version(self) -> int:
        """Number of the latest decision, 0 = none."""
        return self.latest.number if self.latest else 0

    def check_stage(self, shown_stage: Stage) -> None:
        if shown_stage is not self.verdict.stage:
            message = "another stage is computed by now"
            raise ChangedByOtherError(message, self.shown, subject=SUBJECT, version=self.version)

    def override_in_force(self) -> StageDecision:
        if self.in_force is None:
            raise RefusedError([Problem(ProblemKey.NOT_OVERRIDDEN, "branch")])
        return self.in_force


def _present(
    session: Session, *, actor: Actor, branch_id: int, shown_version: int, today: date, key: str
) -> _Present | None:
    """Return the present state after checking actor and version, None where the submit was stored before."""
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    lock_branch(session, branch.id)
    if first_result(session, key=key, actor=actor) is not None:
        return None
    verdict = find_verdict(session, actor=actor, branch_id=branch.id, as_of=today)
    if branch.status == BranchStatus.CLOSED or verdict is None:
        is_closed = branch.status == BranchStatus.CLOSED
        raise RefusedError([Problem(ProblemKey.CLOSED if is_closed else ProblemKey.NO_STAGE, "branch")])
    latest = next(iter(decisions_of(session, actor=actor, branch_id=branch.id, as_of=date.max)), None)
    present = _Present(branch, verdict, latest, latest if is_in_force(latest, day=today) else None)
    number = StageDecisionRow.number == present.version
    stands = select(StageDecisionRow.id).where(StageDecisionRow.branch_id == branch.id, number)
    check_version(
        session,
        shown=shown_version,
        stored=present.version,
        current=present.shown,
        subject=SUBJECT,
        subject_ids=session.scalars(stands).all(),
    )
    return present


def _store(
    session: Session,
    actor: Actor,
    present: _Present,
    kind: StageDecisionKind,
    *,
    stage: Stage,
    reason: str | None = None,
    end_on: date | None = None,
    today: date,
    key: str,
) -> None:
    row = StageDecisionRow(
        branch_id=present.branch.id,
        number=present.version + 1,
        kind=kind,
        stage=stage,
        computed_stage=present.verdict.stage,
        week_start=present.verdict.week_start,
        reason=reason.strip() if reason else None,
        decided_on=today,
        end_on=end_on,
        decided_at=utc_now(),
        decided_by=account_of(actor),
    )
    session.add(row)
    session.flush()
    old = present.in_force
    record_audit(
        session,
        actor=actor,
        action=kind.value,
        subject=SUBJECT,
        subject_id=row.id,
        branch_id=row.branch_id,
        before={"stage": old.stage, "reason": old.reason, "end_on": old.end_on} if old else None,
        after={
            "branch": present.branch.branch_code,
            "stage": stage,
            "computed_stage": row.computed_stage,
            "reason": row.reason,
            "end_on": end_on,
        },
    )
    keep_result(session, key=key, actor=actor, result={"number": row.number})


def _decisions() -> Select[StageDecisionRow, str | None]:
    return select(StageDecisionRow, UserRow.display_name).outerjoin(UserRow, UserRow.id == StageDecisionRow.decided_by)


def _record(row: StageDecisionRow, decided_by: str | None, actor: Actor) -> StageDecision:
    return StageDecision(
        number=row.number,
        kind=StageDecisionKind(row.kind),
        stage=Stage(row.stage),
        computed_stage=Stage(row.computed_stage),
        week_start=row.week_start,
        reason=None if actor.role is UserRole.BRANCH_HEAD else row.reason,
        decided_on=row.decided_on,
        end_on=row.end_on,
        decided_by=decided_by,
    )
