"""The diagnoses of gaps: who may see them and own them, and how they stand. Changes are in `db/diagnosis_changes.py`.

A diagnosis about a scope is seen by whoever may hold its weekly review, one about a branch by whoever sees the
branch; a branch head sees none. What a branch does about it is an action of the branch, read from there.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session

from core.coaching.actions import BranchAction, Owner
from core.facts import Actor, UserRole
from core.planning.diagnosis import DiagnosedCause, DiagnosisState, FigureNow, Gap, GapDiagnosis, state_on
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope, ScopeKind
from db.access import NotAllowedError, branch_in_scope, is_visible, require_role
from db.coaching import actions_numbered
from db.contacts import FIELD_ROLES
from db.models import (
    BranchRow,
    GapDiagnosisActionRow,
    GapDiagnosisCauseRow,
    GapDiagnosisRow,
    OrgUnitRow,
    UserRow,
)
from db.reviews import require_meeting_scope, scope_is_visible

OF_BRANCH = "branch"
"""What stands for the kind of a scope where a diagnosis is about one branch."""
NOT_YOURS = "not one of your gaps"
STATES = tuple(DiagnosisState)


def diagnosis_is_visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on diagnoses the actor may see."""
    if actor.role not in FIELD_ROLES:
        return false()
    row = GapDiagnosisRow
    branches = select(BranchRow.id).where(is_visible(actor))
    return or_(
        scope_is_visible(actor, row.scope_kind, row.scope_key),
        and_(row.scope_kind == OF_BRANCH, row.branch_id.in_(branches)),
    )


def sight_of_gap(session: Session, *, actor: Actor, scope: ReviewScope | None, branch_id: int | None) -> Actor:
    """Return the actor who sees the branches a gap is about only: one branch, or those of a scope.

    Raises:
        NotAllowedError: not the actor's, nobody's, or a branch head.
    """
    require_role(actor, *FIELD_ROLES)
    try:
        if branch_id is not None:
            branch_in_scope(session, actor=actor, branch_id=branch_id)
            return replace(actor, role=UserRole.BRANCH_HEAD, branch_id=branch_id)
        if scope is not None:
            return require_meeting_scope(session, actor=actor, scope=scope)
    except NotAllowedError:
        pass
    raise NotAllowedError(NOT_YOURS)


def diagnoses(session: Session, *, actor: Actor, today: date, most: int = 100) -> tuple[GapDiagnosis, ...]:
    """Return the latest diagnoses the actor may see: what is to be reviewed by urgency, then what is over."""
    query = _visible(actor).order_by(GapDiagnosisRow.closed_on.is_not(None), GapDiagnosisRow.id.desc()).limit(most)
    found = _records(session, query, actor, today)
    return tuple(
        sorted(
            found,
            key=lambda one: (
                STATES.index(one.state) if one.is_open else len(STATES),
                (one.is_open and one.review_on) or date.min,
                -(one.closed_on or one.decided_on).toordinal(),
                -one.diagnosis_id,
            ),
        )
    )


def reviews_owned(session: Session, *, actor: Actor, today: date) -> tuple[GapDiagnosis, ...]:
    """Return the diagnoses the actor owns whose review is due, the oldest first."""
    row = GapDiagnosisRow
    mine = (row.owner == actor.username, row.closed_on.is_(None), row.review_on <= today)
    return tuple(_records(session, _visible(actor).where(*mine).order_by(row.review_on, row.id), actor, today))


def find_diagnosis(session: Session, *, actor: Actor, diagnosis_id: int, today: date) -> GapDiagnosis | None:
    """Return a diagnosis, None where there is none or it is not the actor's."""
    found = _records(session, _visible(actor).where(GapDiagnosisRow.id == diagnosis_id), actor, today)
    return next(iter(found), None)


def diagnosis_actions(
    session: Session, *, actor: Actor, diagnosis_id: int, today: date
) -> tuple[tuple[str, BranchAction], ...]:
    """Return what the branches do about a gap, with the cause it answers; only of branches in scope."""
    action, cause = GapDiagnosisActionRow, GapDiagnosisCauseRow
    query = (
        select(action.suggestion_id, cause.code)
        .join(cause, and_(cause.diagnosis_id == action.diagnosis_id, cause.number == action.number))
        .join(GapDiagnosisRow, GapDiagnosisRow.id == action.diagnosis_id)
        .where(action.diagnosis_id == diagnosis_id, diagnosis_is_visible(actor))
        .order_by(action.number)
    )
    pairs = session.execute(query).all()
    known = {
        one.suggestion_id: one
        for one in actions_numbered(session, actor=actor, suggestion_ids={key for key, _ in pairs}, today=today)
    }
    order = {code: number for number, code in enumerate(dict.fromkeys(code for _, code in pairs))}
    found = [(code, known[key]) for key, code in pairs if key in known]
    return tuple(sorted(found, key=lambda one: (order[one[0]], one[1].branch_code)))


def diagnosis_owners(
    session: Session, *, actor: Actor, scope: ReviewScope | None, branch_id: int | None
) -> tuple[Owner, ...]:
    """Return who may own a diagnosis: whoever sees all its branches, the actor first, the rest by user name.

    Raises:
        NotAllowedError: as for `sight_of_gap`.
    """
    seen = sight_of_gap(session, actor=actor, scope=scope, branch_id=branch_id)
    kind = scope.kind if scope is not None else None
    above: set[str] = set()
    if kind is ScopeKind.REGION and scope is not None:
        above = _ends(scope.key)
    elif kind is not ScopeKind.ALL:
        units = select(OrgUnitRow.path).join(BranchRow, BranchRow.org_unit_id == OrgUnitRow.id)
        paths = session.scalars(units.where(is_visible(seen)).distinct()).all()
        above = set.intersection(*map(_ends, paths)) if paths else set()
    supervisors: list[str] = []
    if kind in (ScopeKind.TEAM, None):
        team = session.scalars(select(BranchRow.supervisor).where(is_visible(seen)).distinct())
        supervisors = [name for name in team if name]
    users = session.execute(
        select(UserRow.username, UserRow.display_name)
        .where(
            UserRow.is_active,
            or_(
                UserRow.role == UserRole.ADMIN,
                and_(UserRow.role == UserRole.MANAGER, UserRow.region_path.in_(above)),
                and_(UserRow.role == UserRole.SUPERVISOR, UserRow.username.in_(supervisors)),
            ),
        )
        .order_by(UserRow.username)
    )
    names = {actor.username: actor.display_name}
    for username, display_name in users:
        names.setdefault(username, display_name)
    return tuple(Owner(name, display_name) for name, display_name in names.items())


def _ends(path: str) -> set[str]:
    """Return a unit and all those above it."""
    return {path[:end] for end in range(1, len(path) + 1) if end == len(path) or path[end] == "/"}


def _visible(actor: Actor) -> Select[GapDiagnosisRow, str, str]:
    return (
        select(GapDiagnosisRow, BranchRow.branch_code, BranchRow.branch_name)
        .outerjoin(BranchRow, BranchRow.id == GapDiagnosisRow.branch_id)
        .where(diagnosis_is_visible(actor))
    )


def _records(
    session: Session, query: Select[GapDiagnosisRow, str, str], actor: Actor, today: date
) -> list[GapDiagnosis]:
    rows = session.execute(query).all()
    causes = _causes(session, actor, [row.id for row, _, _ in rows])
    return [record_of(row, causes[row.id], branch_code=code, branch_name=name, today=today) for row, code, name in rows]


def _causes(session: Session, actor: Actor, diagnosis_ids: Sequence[int]) -> dict[int, list[DiagnosedCause]]:
    """Return the causes of diagnoses the caller bounded, with the branches in the actor's scope."""
    cause, action = GapDiagnosisCauseRow, GapDiagnosisActionRow
    branches: dict[tuple[int, int], list[int]] = defaultdict(list)
    acting = select(action.diagnosis_id, action.number, action.branch_id).where(
        action.diagnosis_id.in_(diagnosis_ids), action.branch_id.in_(select(BranchRow.id).where(is_visible(actor)))
    )
    for diagnosis_id, number, branch_id in session.execute(acting.order_by(action.branch_id)):
        branches[diagnosis_id, number].append(branch_id)
    found: dict[int, list[DiagnosedCause]] = defaultdict(list)
    query = select(cause).where(cause.diagnosis_id.in_(diagnosis_ids)).order_by(cause.diagnosis_id, cause.number)
    for row in session.scalars(query):
        acts = tuple(branches[row.diagnosis_id, row.number])
        found[row.diagnosis_id].append(DiagnosedCause(row.code, row.evidence, row.action_key, acts, row.words))
    return found


def record_of(
    row: GapDiagnosisRow,
    causes: Sequence[DiagnosedCause],
    *,
    branch_code: str | None,
    branch_name: str | None,
    today: date,
) -> GapDiagnosis:
    """Return a diagnosis the caller bounded as it stands on a day."""
    gap = Gap(
        kpi=row.kpi,
        kind=PeriodKind(row.period_kind),
        start=row.start_on,
        end=row.end_on,
        counted_to=row.counted_to,
        actual=row.actual,
        target=row.target,
        due_share=row.due_share,
        level=row.own_level,
    )
    now = None
    if row.now_start_on and row.now_end_on:
        now = FigureNow(row.now_start_on, row.now_end_on, row.now_actual, row.now_own_level)
    return GapDiagnosis(
        diagnosis_id=row.id,
        scope=None if row.scope_kind == OF_BRANCH else ReviewScope(ScopeKind(row.scope_kind), row.scope_key),
        branch_id=row.branch_id,
        branch_code=branch_code,
        branch_name=branch_name,
        gap=gap,
        causes=tuple(causes),
        owner=row.owner,
        due_on=row.due_on,
        expected=row.expected,
        review_on=row.review_on,
        state=state_on(row.review_on, is_closed=row.closed_on is not None, today=today),
        decided_on=row.decided_on,
        closed_on=row.closed_on,
        result=row.result,
        lesson=row.lesson,
        now=now,
        version=row.version,
    )
