"""Questions about the coaching of branches: what fits now, what was taken on, and what became of it.

A suggestion is worked out when it is asked for. An open action past its last day counts as expired in
every answer, whether the store has closed it yet or not; so does one whose branch closed, from that day on, as
long as the branch stays closed. Changes are in `db/coaching_changes.py`.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core.calendar import last_complete_week, week_start_of
from core.coaching.action_limits import action_limits_on
from core.coaching.actions import BranchAction, Owner, Proof, ended_with_branch_on, expired_on, is_expired, reason_code
from core.coaching.dismissals import OTHER, DismissalCount
from core.coaching.playbook import Action, find_action
from core.coaching.suggestion import CoachingCase, PastAction, Suggestion, suggestions
from core.coaching.told_to_head import facts_told_to_head
from core.facts import Actor, Badge, BranchStatus, Stage, SuggestionState, UserRole
from core.stages.review import override_since
from db.access import NotAllowedError, branch_in_scope, scoped
from db.branch_history import cadence_gaps
from db.models import BranchRow, ContactRow, OrgUnitRow, StaffRow, StageWeekRow, SuggestionRow, UserRow
from db.owed import is_real
from db.playbook import playbook
from db.staff import roles_in_post
from db.stage_reviews import decisions_of

OPEN = SuggestionState.TAKEN
PROOFS_OFFERED = 50


def suggestions_of(session: Session, *, actor: Actor, branch_id: int, as_of: date) -> tuple[Suggestion, ...]:
    """Return what fits a branch now, strongest reason first; a stage set by hand goes before the computed one.

    Empty for a foreign or closed branch and for one whose stage is not known yet.
    """
    case = _case_of(session, actor=actor, branch_id=branch_id, as_of=as_of)
    return suggestions(playbook(session, as_of=as_of), case) if case else ()


def _case_of(session: Session, *, actor: Actor, branch_id: int, as_of: date) -> CoachingCase | None:
    query = (
        select(StageWeekRow)
        .join(BranchRow, BranchRow.id == StageWeekRow.branch_id)
        .where(
            StageWeekRow.branch_id == branch_id,
            StageWeekRow.week_start <= last_complete_week(as_of),
            BranchRow.status != BranchStatus.CLOSED,
        )
        .order_by(StageWeekRow.week_start.desc())
        .limit(1)
    )
    row = session.scalar(scoped(query, actor, StageWeekRow.branch_id))
    if row is None:
        return None
    decisions = decisions_of(session, actor=actor, branch_id=branch_id, as_of=as_of)
    by_hand_on = override_since(decisions, day=as_of)
    past = tuple(
        PastAction(one.action_key, one.state, one.decided_on, one.measure_met, one.reason_code)
        for one in actions_of(session, actor=actor, branch_id=branch_id, today=as_of)
        if one.decided_on
    )
    return CoachingCase(
        as_of=as_of,
        stage=decisions[0].stage if by_hand_on else Stage(row.stage),
        stage_since=week_start_of(by_hand_on) if by_hand_on else row.since,
        badges=frozenset(Badge(word) for word in row.badges.split(",") if word),
        gaps=cadence_gaps(session, actor=actor, branch_id=branch_id, as_of=as_of),
        roles_in_post=roles_in_post(session, actor=actor, branch_id=branch_id, on=as_of),
        past=past,
        is_by_hand=by_hand_on is not None,
    )


def _decided(actor: Actor) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            SuggestionRow,
            BranchRow.branch_code,
            BranchRow.branch_name,
            ContactRow.contact_on,
            ContactRow.method,
            ContactRow.role,
            StaffRow.staff_name,
            UserRow.display_name,
            BranchRow.status,
            BranchRow.status_since,
        )
        .join(BranchRow, BranchRow.id == SuggestionRow.branch_id)
        .outerjoin(UserRow, UserRow.username == SuggestionRow.owner)
        .outerjoin(ContactRow, ContactRow.id == SuggestionRow.proof_contact_id)
        .outerjoin(StaffRow, StaffRow.id == ContactRow.staff_id)
    )
    return scoped(query, actor, SuggestionRow.branch_id)


def _record(found: Row[*tuple[Any, ...]], today: date, actor: Actor) -> BranchAction:
    """Return an action; a branch head is not told what others wrote about it or judged, so neither is any screen."""
    row: SuggestionRow
    row, branch_code, branch_name, contact_on, method, role, staff_name, owner_name, status, since = found
    state, decided_on = SuggestionState(row.state), row.decided_on
    ended_on = None
    if status == BranchStatus.CLOSED:
        closed_on = since or row.decided_on or today
        ended_on = ended_with_branch_on(state, row.expires_on, taken_on=row.taken_on, closed_on=closed_on)
    if ended_on is not None:
        state, decided_on = SuggestionState.EXPIRED, ended_on
    elif row.expires_on is not None and is_expired(state, row.expires_on, today=today):
        state, decided_on = SuggestionState.EXPIRED, expired_on(row.expires_on)
    has_proof = row.proof_contact_id is not None
    is_head, is_owner = actor.role is UserRole.BRANCH_HEAD, row.owner == actor.username
    may_read = is_owner or not is_head
    facts = facts_told_to_head(row.reason_key, row.facts, is_owner=is_owner) if is_head else row.facts
    return BranchAction(
        suggestion_id=row.id,
        branch_id=row.branch_id,
        branch_code=branch_code,
        branch_name=branch_name,
        action_key=row.action_key,
        state=state,
        reason_key=row.reason_key,
        reason_code=row.reason_code if facts == row.facts else reason_code(row.action_key, facts),
        facts=facts,
        week_start=row.week_start,
        seen_count=row.seen_count,
        owner=row.owner,
        taken_on=row.taken_on,
        due_on=row.due_on,
        expires_on=row.expires_on,
        decided_on=decided_on,
        outcome=row.outcome if may_read else None,
        measure_met=row.measure_met,
        proof=Proof(row.proof_contact_id or 0, contact_on, method, role, staff_name) if has_proof else None,
        dismissal=row.dismissal,
        dismissed_reason=row.dismissed_reason if may_read else None,
        version=row.version,
        owner_name=owner_name,
        ended_with_branch=ended_on is not None,
    )


def actions_of(session: Session, *, actor: Actor, branch_id: int, today: date) -> tuple[BranchAction, ...]:
    """Return all decided actions of a branch, open ones first by due date, then the latest decided."""
    rows = session.execute(_decided(actor).where(SuggestionRow.branch_id == branch_id)).all()
    return tuple(sorted((_record(row, today, actor) for row in rows), key=_open_first))


def actions_numbered(
    session: Session, *, actor: Actor, suggestion_ids: Collection[int], today: date
) -> tuple[BranchAction, ...]:
    """Return some decided actions, those in scope, by branch code and number."""
    query = _decided(actor).where(SuggestionRow.id.in_(suggestion_ids))
    rows = session.execute(query.order_by(BranchRow.branch_code, SuggestionRow.id)).all()
    return tuple(_record(row, today, actor) for row in rows)


def _open_first(action: BranchAction) -> tuple[bool, int, int]:
    if action.state is OPEN:
        return False, (action.due_on or date.max).toordinal(), action.suggestion_id
    return True, -(action.decided_on or date.min).toordinal(), -action.suggestion_id


def open_actions(session: Session, *, actor: Actor, today: date) -> tuple[BranchAction, ...]:
    """Return the open actions of the branches in scope that are not closed, by due date and branch code."""
    still = or_(SuggestionRow.expires_on.is_(None), SuggestionRow.expires_on >= today)
    query = _decided(actor).where(SuggestionRow.state == OPEN, still, BranchRow.status != BranchStatus.CLOSED)
    rows = session.execute(query.order_by(SuggestionRow.due_on, BranchRow.branch_code, SuggestionRow.id)).all()
    return tuple(_record(row, today, actor) for row in rows)


def closed_actions(session: Session, *, actor: Actor, since: date, today: date) -> tuple[BranchAction, ...]:
    """Return the actions done, dismissed or expired from a day on, latest first."""
    return _over(session, actor, SuggestionRow.state != OPEN, since=since, today=today)


def expired_actions(session: Session, *, actor: Actor, since: date, today: date) -> tuple[BranchAction, ...]:
    """Return the actions that expired from a day on, closed by the store or not yet, latest first."""
    return _over(session, actor, SuggestionRow.state == SuggestionState.EXPIRED, since=since, today=today)


def _over(
    session: Session, actor: Actor, is_closed: ColumnElement[bool], *, since: date, today: date
) -> tuple[BranchAction, ...]:
    """Return what the store closed from a day on, and what is open there but expired or ended with its branch."""
    closed = and_(is_closed, SuggestionRow.decided_on >= since)
    last_day = SuggestionRow.expires_on
    lapsed = and_(SuggestionRow.state == OPEN, last_day < today, last_day >= since - timedelta(days=1))
    ended = and_(SuggestionRow.state == OPEN, BranchRow.status == BranchStatus.CLOSED)
    rows = session.execute(_decided(actor).where(or_(closed, lapsed, ended))).all()
    found = (_record(row, today, actor) for row in rows)
    return tuple(sorted((one for one in found if (one.decided_on or since) >= since), key=_open_first))


def proofs_of(session: Session, *, actor: Actor, branch_id: int, since: date, until: date) -> tuple[Proof, ...]:
    """Return the contacts with a branch between two days that can show an action was done, latest first.

    Empty for a foreign branch.
    """
    query = (
        select(ContactRow.id, ContactRow.contact_on, ContactRow.method, ContactRow.role, StaffRow.staff_name)
        .outerjoin(StaffRow, StaffRow.id == ContactRow.staff_id)
        .where(
            ContactRow.branch_id == branch_id,
            ContactRow.contact_on >= since,
            ContactRow.contact_on <= until,
            is_real(),
        )
        .order_by(ContactRow.contact_on.desc(), ContactRow.id.desc())
        .limit(PROOFS_OFFERED)
    )
    return tuple(Proof(*row) for row in session.execute(scoped(query, actor, ContactRow.branch_id)))


def dismissal_counts(
    session: Session, *, actor: Actor, today: date, branch_id: int | None = None
) -> tuple[DismissalCount, ...]:
    """Return how often each action was dismissed, by reason: over all branches in scope, or at one of them.

    Ordered by action, the commonest reason first. Rows without a chosen reason count as another reason. What was
    written beside a reason is the field staff's own: a branch head gets the counts.
    """
    chosen = func.coalesce(SuggestionRow.dismissal, OTHER)
    bounds = [SuggestionRow.state == SuggestionState.DISMISSED]
    if branch_id is not None:
        bounds.append(SuggestionRow.branch_id == branch_id)
    counted = (
        select(
            SuggestionRow.action_key,
            chosen,
            func.count(),
            func.count(SuggestionRow.branch_id.distinct()),
            func.max(SuggestionRow.decided_on),
        )
        .where(*bounds)
        .group_by(SuggestionRow.action_key, chosen)
        .order_by(SuggestionRow.action_key, func.count().desc(), chosen)
    )
    latest = (SuggestionRow.decided_on.desc(), SuggestionRow.id.desc())
    place = func.row_number().over(partition_by=(SuggestionRow.action_key, chosen), order_by=latest)
    said = select(
        SuggestionRow.action_key, chosen.label("chosen"), SuggestionRow.dismissed_reason, place.label("place")
    ).where(*bounds, SuggestionRow.dismissed_reason.is_not(None), SuggestionRow.dismissed_reason != "")
    numbered = scoped(said, actor, SuggestionRow.branch_id).subquery()
    most = 0 if actor.role is UserRole.BRANCH_HEAD else action_limits_on(today).dismissed_texts_max
    texts: dict[tuple[str, str], list[str]] = {}
    wanted = select(numbered).where(numbered.c.place <= most)
    for action_key, key, words, _ in session.execute(wanted.order_by(numbered.c.place)):
        texts.setdefault((action_key, key), []).append(words)
    return tuple(
        DismissalCount(action_key, key, times, branches, last_on or today, tuple(texts.get((action_key, key), ())))
        for action_key, key, times, branches, last_on in session.execute(
            scoped(counted, actor, SuggestionRow.branch_id)
        )
    )


def owners_of(session: Session, *, actor: Actor, branch_id: int) -> tuple[Owner, ...]:
    """Return who may own an action of a branch: its supervisor, and everybody with an account who sees it.

    The branch's supervisor comes first, whether he has an account or not; the rest by user name.

    Raises:
        NotAllowedError: not one of the actor's branches.
    """
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    path = session.scalar(select(OrgUnitRow.path).where(OrgUnitRow.id == branch.org_unit_id)) or ""
    above = [path[:end] for end in range(1, len(path) + 1) if end == len(path) or path[end] == "/"]
    users = session.scalars(
        select(UserRow)
        .where(
            UserRow.is_active,
            or_(
                UserRow.role == UserRole.ADMIN,
                (UserRow.role == UserRole.MANAGER) & UserRow.region_path.in_(above),
                (UserRow.role == UserRole.SUPERVISOR) & (UserRow.username == (branch.supervisor or "")),
                (UserRow.role == UserRole.BRANCH_HEAD) & (UserRow.branch_code == branch.branch_code),
            ),
        )
        .order_by(UserRow.username)
    )
    names = {user.username: user.display_name for user in users}
    order = dict.fromkeys([name for name in (branch.supervisor, actor.username) if name] + list(names))
    return tuple(Owner(name, names.get(name, actor.display_name if name == actor.username else name)) for name in order)


def action_of(session: Session, *, action_key: str, as_of: date) -> Action:
    """Return the action as it runs on a day.

    Raises:
        NotAllowedError: the playbook has no such action.
    """
    action = find_action(playbook(session, as_of=as_of), action_key)
    if action is None:
        raise NotAllowedError(f"no action {action_key!r} in the playbook")
    return action
