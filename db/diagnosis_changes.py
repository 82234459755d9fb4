"""Diagnosing a gap, handing a diagnosis on or moving its review, and the review that closes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.coaching.suggestion import BY_DIAGNOSIS
from core.facts import Actor
from core.planning.diagnosis import (
    DiagnosisEntry,
    FigureNow,
    GapDiagnosis,
    change_problems,
    closing_problems,
    diagnosis_problems,
)
from db.access import NotAllowedError, require_role, scoped
from db.changes import account_of, check_version, first_result, keep_result, record_audit, utc_now
from db.coaching_changes import take_on
from db.contacts import FIELD_ROLES
from db.diagnoses import (
    NOT_YOURS,
    OF_BRANCH,
    diagnosis_is_visible,
    diagnosis_owners,
    find_diagnosis,
    sight_of_gap,
)
from db.models import BranchRow, GapDiagnosisActionRow, GapDiagnosisCauseRow, GapDiagnosisRow

SUBJECT = "diagnosis"


@dataclass(frozen=True)
class Diagnosed:
    """A diagnosis just stored: how many actions of branches are new, and how many were open there already."""

    diagnosis_id: int
    new_actions: int = 0
    open_before: int = 0


def diagnose(session: Session, *, actor: Actor, entry: DiagnosisEntry, today: date, key: str) -> Diagnosed:
    """Keep the diagnosis of a gap; its actions become open actions of the branches, one for each cause.

    The gap is as the store worked it out. The branch's supervisor owns its action, where it has none whoever
    diagnosed. Where the cause or the action is open at the branch already, that action is seen again and stays. A
    diagnosis without an action is closed at once.

    Raises:
        NotAllowedError: not one of the actor's scopes or branches, a branch outside them, or a branch head.
        RefusedError: as `core.planning.diagnosis.diagnosis_problems`; the gap was diagnosed already; a closed branch.
    """
    require_role(actor, *FIELD_ROLES)
    seen = sight_of_gap(session, actor=actor, scope=entry.scope, branch_id=entry.branch_id)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return Diagnosed(**(first or {"diagnosis_id": 0}))
    owners = diagnosis_owners(session, actor=actor, scope=entry.scope, branch_id=entry.branch_id)
    problems = diagnosis_problems(entry, owners, today=today)
    if problems:
        raise RefusedError(problems)
    row = _added(session, entry, actor=actor, today=today)
    is_new = [
        one
        for number, cause in enumerate(entry.causes, start=1)
        if cause.action
        for one in _act(session, row, entry, number=number, actor=actor, seen=seen, today=today, key=key)
    ]
    causes: dict[str, Any] = {}
    for number, cause in enumerate(entry.causes, start=1):
        end = "" if number == 1 else f"_{number}"
        causes |= {
            f"cause{end}": cause.code,
            f"cause_note{end}": cause.evidence.strip(),
            f"action{end}": cause.action,
            f"adjustment{end}": cause.words.strip() or None,
            f"branches{end}": len(cause.branch_ids) if cause.action else None,
        }
    record_audit(
        session,
        actor=actor,
        action="open",
        subject=SUBJECT,
        subject_id=row.id,
        branch_id=row.branch_id,
        after={
            "scope": str(entry.scope) if entry.scope else None,
            "kpi": row.kpi,
            "start_on": row.start_on,
            "counted_to": row.counted_to,
            "actual": round(row.actual, 4),
            "target": round(row.target, 4),
            **{name: value for name, value in causes.items() if value is not None},
            "owner": row.owner,
            "due_on": row.due_on,
            "expected": row.expected or None,
            "review_on": row.review_on,
        },
    )
    done = Diagnosed(row.id, sum(is_new), len(is_new) - sum(is_new))
    keep_result(session, key=key, actor=actor, result=vars(done))
    return done


def _added(session: Session, entry: DiagnosisEntry, *, actor: Actor, today: date) -> GapDiagnosisRow:
    """Add the rows of a diagnosis and its causes; refuse a gap that has one."""
    gap, acts = entry.gap, not entry.is_no_action
    scope = {
        "scope_kind": entry.scope.kind.value if entry.scope else OF_BRANCH,
        "scope_key": entry.scope.key if entry.scope else str(entry.branch_id),
    }
    row = GapDiagnosisRow(
        **scope,
        branch_id=entry.branch_id,
        kpi=gap.kpi,
        period_kind=gap.kind.value,
        start_on=gap.start,
        end_on=gap.end,
        counted_to=gap.counted_to,
        actual=gap.actual,
        target=gap.target,
        due_share=gap.due_share,
        own_level=gap.level,
        owner=entry.owner if acts else None,
        due_on=entry.due_on if acts else None,
        expected=entry.expected.strip() if acts else "",
        review_on=entry.review_on if acts else None,
        decided_on=today,
        decided_at=utc_now(),
        decided_by=account_of(actor),
        closed_on=None if acts else today,
    )
    same = select(GapDiagnosisRow.decided_on).filter_by(
        **scope, kpi=row.kpi, period_kind=row.period_kind, start_on=row.start_on
    )
    before = session.scalar(same)
    if before is None:
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()
        except IntegrityError:  # somebody stored the same one a moment ago; on PostgreSQL both get this far
            before = session.scalar(same)
    if before is not None:
        raise RefusedError([Problem(ProblemKey.ALREADY_DIAGNOSED, "diagnosis_gap", {"day": before})])
    session.add_all(
        GapDiagnosisCauseRow(
            diagnosis_id=row.id,
            number=number,
            code=cause.code,
            evidence=cause.evidence.strip(),
            action_key=cause.action or None,
            words=cause.words.strip(),
        )
        for number, cause in enumerate(entry.causes, start=1)
    )
    session.flush()
    return row


def _act(
    session: Session,
    row: GapDiagnosisRow,
    entry: DiagnosisEntry,
    *,
    number: int,
    actor: Actor,
    seen: Actor,
    today: date,
    key: str,
) -> list[bool]:
    """Let the branches of a cause take its action on; tell of each whether the action is a new one."""
    cause = entry.causes[number - 1]
    wanted = sorted(set(cause.branch_ids))
    supervisors = _supervisors(session, seen, wanted)
    found = []
    for branch_id in wanted:
        taken = take_on(
            session,
            actor=actor,
            branch_id=branch_id,
            action_key=cause.action or "",
            reason_key=BY_DIAGNOSIS,
            facts={"cause": cause.code, "diagnosis": row.id, "kpi": row.kpi, "on": today.isoformat()},
            owner=supervisors[branch_id] or actor.username,
            due_on=entry.due_on,
            today=today,
            key=f"{key}-{number}-{branch_id}",
        )
        session.add(
            GapDiagnosisActionRow(
                diagnosis_id=row.id, number=number, branch_id=branch_id, suggestion_id=taken.suggestion_id
            )
        )
        found.append(taken.is_new)
    session.flush()
    return found


def _supervisors(session: Session, seen: Actor, branch_ids: Sequence[int]) -> dict[int, str | None]:
    """Return who looks after some branches of a gap.

    Raises:
        NotAllowedError: one of them is not a branch the gap is about.
    """
    query = select(BranchRow.id, BranchRow.supervisor).where(BranchRow.id.in_(branch_ids))
    rows = session.execute(scoped(query, seen, BranchRow.id))
    found = {branch_id: name for branch_id, name in rows}  # noqa: C416  # dict() takes no row of the store
    if set(found) != set(branch_ids):
        raise NotAllowedError(NOT_YOURS)
    return found


def change_diagnosis(
    session: Session,
    *,
    actor: Actor,
    diagnosis_id: int,
    owner: str,
    review_on: date,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Give an open diagnosis another owner or review date.

    Raises:
        NotAllowedError: not one of the actor's diagnoses.
        RefusedError: it is closed; an owner who does not see all of it; a day that is over, before the actions are
            due, or too far ahead.
        ChangedByOtherError: somebody changed or closed it since it was shown.
    """
    row, diagnosis = _to_change(session, actor, diagnosis_id, today)
    if first_result(session, key=key, actor=actor) is not None:
        return
    _check(session, row, shown_version)
    owners = diagnosis_owners(session, actor=actor, scope=diagnosis.scope, branch_id=diagnosis.branch_id)
    problems = change_problems(diagnosis, owners, owner=owner, review_on=review_on, today=today)
    values = {"owner": owner, "review_on": review_on}
    _store(session, actor, row, action="change", problems=problems, values=values, key=key)


def close_diagnosis(
    session: Session,
    *,
    actor: Actor,
    diagnosis_id: int,
    result: str,
    lesson: str,
    figure: FigureNow | None,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Close a diagnosis with what came of it and what was learned.

    `figure` is how the KPI stands now as the store worked it out, kept beside that of the diagnosis.

    Raises:
        NotAllowedError: not one of the actor's diagnoses.
        RefusedError: it is closed; no result or no lesson, or words that may not be stored.
        ChangedByOtherError: somebody changed or closed it since it was shown.
    """
    row, diagnosis = _to_change(session, actor, diagnosis_id, today)
    if first_result(session, key=key, actor=actor) is not None:
        return
    _check(session, row, shown_version)
    problems = closing_problems(diagnosis, result=result, lesson=lesson, today=today)
    if figure is not None:
        row.now_start_on, row.now_end_on = figure.start, figure.end
        row.now_actual, row.now_own_level = figure.actual, figure.level
    values = {"result": result.strip(), "lesson": lesson.strip(), "closed_on": today}
    _store(session, actor, row, action="close", problems=problems, values=values, key=key)


def _to_change(session: Session, actor: Actor, diagnosis_id: int, today: date) -> tuple[GapDiagnosisRow, GapDiagnosis]:
    require_role(actor, *FIELD_ROLES)
    row = session.scalar(
        select(GapDiagnosisRow)
        .where(GapDiagnosisRow.id == diagnosis_id, diagnosis_is_visible(actor))
        .with_for_update(of=GapDiagnosisRow)
    )
    diagnosis = find_diagnosis(session, actor=actor, diagnosis_id=diagnosis_id, today=today)
    if row is None or diagnosis is None:
        raise NotAllowedError(NOT_YOURS)
    return row, diagnosis


def _check(session: Session, row: GapDiagnosisRow, shown_version: int) -> None:
    fields = ("owner", "review_on", "result", "lesson", "closed_on")
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current={name: getattr(row, name) for name in fields},
        subject=SUBJECT,
        subject_ids=[row.id],
    )


def _store(
    session: Session,
    actor: Actor,
    row: GapDiagnosisRow,
    *,
    action: str,
    problems: Sequence[Problem],
    values: dict[str, Any],
    key: str,
) -> None:
    if problems:
        raise RefusedError(problems)
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action=action,
        subject=SUBJECT,
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after=values,
    )
    keep_result(session, key=key, actor=actor, result={"diagnosis_id": row.id})
