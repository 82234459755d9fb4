"""Coaching of branches: what fits now, what was taken on, and what became of it.

A suggestion is worked out when it is asked for; a row is stored once somebody takes it on or
dismisses it. An open action is closed with an outcome or dropped with a reason.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from core.calendar import last_complete_week, week_start_of
from core.coaching.actions import BranchAction, Owner
from core.coaching.playbook import Action, find_action
from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.coaching.suggestion import BY_STAGE, CoachingCase, PastAction, Suggestion, suggestions
from core.facts import Actor, Badge, BranchStatus, Stage, SuggestionState, UserRole
from core.stages.review import override_since
from db.access import NotAllowedError, branch_in_scope, require_role, scoped
from db.branch_history import cadence_gaps
from db.changes import ChangedByOtherError, check_version, first_result, keep_result, record_audit, utc_now
from db.contacts import FIELD_ROLES
from db.models import BranchRow, OrgUnitRow, StageWeekRow, SuggestionRow, UserRow
from db.playbook import playbook
from db.staff import roles_in_post
from db.stage_reviews import decisions_of

MOST_TEXT = 500
OPEN = SuggestionState.TAKEN


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
        PastAction(one.action_key, one.state, one.decided_on, one.measure_met)
        for one in actions_of(session, actor=actor, branch_id=branch_id)
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


def _decided(actor: Actor) -> Select[SuggestionRow, str, str]:
    query = select(SuggestionRow, BranchRow.branch_code, BranchRow.branch_name).join(
        BranchRow, BranchRow.id == SuggestionRow.branch_id
    )
    return scoped(query, actor, SuggestionRow.branch_id)


def _record(row: SuggestionRow, branch_code: str, branch_name: str) -> BranchAction:
    return BranchAction(
        suggestion_id=row.id,
        branch_id=row.branch_id,
        branch_code=branch_code,
        branch_name=branch_name,
        action_key=row.action_key,
        state=SuggestionState(row.state),
        reason_key=row.reason_key,
        facts=row.facts,
        owner=row.owner,
        due_on=row.due_on,
        decided_on=row.decided_on,
        outcome=row.outcome,
        measure_met=row.measure_met,
        dismissed_reason=row.dismissed_reason,
        version=row.version,
    )


def actions_of(session: Session, *, actor: Actor, branch_id: int) -> tuple[BranchAction, ...]:
    """Return all decided actions of a branch, open ones first by due date, then the latest decided."""
    rows = session.execute(_decided(actor).where(SuggestionRow.branch_id == branch_id)).all()
    return tuple(sorted((_record(row, code, name) for row, code, name in rows), key=_open_first))


def _open_first(action: BranchAction) -> tuple[bool, int, int]:
    if action.state is OPEN:
        return False, (action.due_on or date.max).toordinal(), action.suggestion_id
    return True, -(action.decided_on or date.min).toordinal(), -action.suggestion_id


def open_actions(session: Session, *, actor: Actor) -> tuple[BranchAction, ...]:
    """Return the open actions of all branches in scope, by due date and branch code."""
    query = _decided(actor).where(SuggestionRow.state == OPEN)
    rows = session.execute(query.order_by(SuggestionRow.due_on, BranchRow.branch_code, SuggestionRow.id)).all()
    return tuple(_record(row, code, name) for row, code, name in rows)


def closed_actions(session: Session, *, actor: Actor, since: date) -> tuple[BranchAction, ...]:
    """Return the actions done or dismissed from a day on, latest first."""
    query = _decided(actor).where(SuggestionRow.state != OPEN, SuggestionRow.decided_on >= since)
    rows = session.execute(query.order_by(SuggestionRow.decided_on.desc(), SuggestionRow.id.desc())).all()
    return tuple(_record(row, code, name) for row, code, name in rows)


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


def take_on(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    action_key: str,
    reason_key: str,
    facts: Mapping[str, Any],
    owner: str,
    due_on: date,
    today: date,
    key: str,
) -> None:
    """Make a suggestion an open action with an owner and a due date.

    Raises:
        NotAllowedError: not one of the actor's branches, a branch head, or no such action.
        RefusedError: the due date is over, or the owner does not look after the branch.
        ChangedByOtherError: the action is open there already.
    """
    problems: list[Problem] = []
    if due_on < today:
        problems.append(Problem(ProblemKey.DUE_IN_PAST, "due_on", {"day": due_on, "today": today}))
    if owner not in {one.username for one in owners_of(session, actor=actor, branch_id=branch_id)}:
        problems.append(Problem(ProblemKey.OWNER, "owner", {"owner": owner}))
    _decide(
        session,
        actor=actor,
        branch_id=branch_id,
        action_key=action_key,
        today=today,
        key=key,
        problems=problems,
        values={"state": OPEN, "owner": owner, "due_on": due_on, "reason_key": reason_key, "facts": dict(facts)},
    )


def dismiss(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    action_key: str,
    reason_key: str = BY_STAGE,
    facts: Mapping[str, Any],
    reason: str,
    today: date,
    key: str,
) -> None:
    """Put a suggestion aside with a reason; it rests for its interval.

    Raises:
        NotAllowedError: as for `take_on`.
        RefusedError: no reason, or one that may not be stored.
        ChangedByOtherError: the action is open there already.
    """
    _decide(
        session,
        actor=actor,
        branch_id=branch_id,
        action_key=action_key,
        today=today,
        key=key,
        problems=text_problems("reason", reason, most=MOST_TEXT, needed=True),
        values={
            "state": SuggestionState.DISMISSED,
            "dismissed_reason": reason.strip(),
            "reason_key": reason_key,
            "facts": dict(facts),
        },
    )


def _decide(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    action_key: str,
    today: date,
    key: str,
    problems: tuple[Problem, ...] | list[Problem],
    values: dict[str, Any],
) -> None:
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    action_of(session, action_key=action_key, as_of=today)
    if branch.status == BranchStatus.CLOSED:
        problems = [*problems, Problem(ProblemKey.CLOSED, "branch")]
    if problems:
        raise RefusedError(problems)
    open_row = session.scalar(
        select(SuggestionRow).where(
            SuggestionRow.branch_id == branch.id, SuggestionRow.action_key == action_key, SuggestionRow.state == OPEN
        )
    )
    if open_row is not None:
        current = {"owner": open_row.owner, "due_on": open_row.due_on}
        raise ChangedByOtherError("already taken on since you opened it", current)
    row = SuggestionRow(
        branch_id=branch.id,
        action_key=action_key,
        week_start=week_start_of(today),
        created_at=utc_now(),
        decided_at=utc_now(),
        decided_on=today,
        decided_by=actor.user_id or None,
        **values,
    )
    session.add(row)
    session.flush()
    shown = {name: value for name, value in values.items() if name not in ("facts", "reason_key")}
    record_audit(
        session,
        actor=actor,
        action="take_on" if values["state"] is OPEN else "dismiss",
        subject="suggestion",
        subject_id=row.id,
        after={"branch": branch.branch_code, "action": action_key, **shown},
    )
    keep_result(session, key=key, actor=actor, result={"suggestion_id": row.id})


def action_of(session: Session, *, action_key: str, as_of: date) -> Action:
    """Return the action as it runs on a day.

    Raises:
        NotAllowedError: the playbook has no such action.
    """
    action = find_action(playbook(session, as_of=as_of), action_key)
    if action is None:
        raise NotAllowedError(f"no action {action_key!r} in the playbook")
    return action


def finish(
    session: Session,
    *,
    actor: Actor,
    suggestion_id: int,
    shown_version: int,
    outcome: str,
    measure_met: bool | None,
    today: date,
    key: str,
) -> None:
    """Close an open action as done, with what came of it; `measure_met` None = too early to say.

    Raises:
        NotAllowedError: no such action in the actor's branches, or a branch head.
        RefusedError: no outcome, or one that may not be stored.
        ChangedByOtherError: somebody changed or closed it since it was shown.
    """
    _close(
        session,
        actor=actor,
        suggestion_id=suggestion_id,
        shown_version=shown_version,
        today=today,
        key=key,
        problems=text_problems("outcome", outcome, most=MOST_TEXT, needed=True),
        values={"state": SuggestionState.DONE, "outcome": outcome.strip(), "measure_met": measure_met},
    )


def drop(
    session: Session,
    *,
    actor: Actor,
    suggestion_id: int,
    shown_version: int,
    reason: str,
    today: date,
    key: str,
) -> None:
    """Dismiss an open action with a reason.

    Raises:
        NotAllowedError, RefusedError, ChangedByOtherError: as for `finish`.
    """
    _close(
        session,
        actor=actor,
        suggestion_id=suggestion_id,
        shown_version=shown_version,
        today=today,
        key=key,
        problems=text_problems("reason", reason, most=MOST_TEXT, needed=True),
        values={"state": SuggestionState.DISMISSED, "dismissed_reason": reason.strip()},
    )


def _close(
    session: Session,
    *,
    actor: Actor,
    suggestion_id: int,
    shown_version: int,
    today: date,
    key: str,
    problems: tuple[Problem, ...],
    values: dict[str, Any],
) -> None:
    require_role(actor, *FIELD_ROLES)
    query = select(SuggestionRow).where(SuggestionRow.id == suggestion_id)
    row = session.scalar(scoped(query, actor, SuggestionRow.branch_id).with_for_update())
    if row is None:
        raise NotAllowedError("not one of your branches")
    if first_result(session, key=key, actor=actor) is not None:
        return
    before = {"state": row.state, "owner": row.owner, "due_on": row.due_on, "outcome": row.outcome}
    check_version(shown=shown_version, stored=row.version, current=before)
    if row.state != OPEN:
        problems = (Problem(ProblemKey.NOT_OPEN, "action"), *problems)
    if problems:
        raise RefusedError(problems)
    for name, value in values.items():
        setattr(row, name, value)
    row.decided_on, row.decided_at, row.decided_by = today, utc_now(), actor.user_id or None
    row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="finish" if values["state"] is SuggestionState.DONE else "drop",
        subject="suggestion",
        subject_id=row.id,
        before=before,
        after=values,
    )
    keep_result(session, key=key, actor=actor, result={"suggestion_id": row.id})
