"""Taking a decision in the room, changing it, settling it.

Whoever sees the review may; the owner of a decision about no branch may settle it without seeing the review.
A decision about a branch is changed and settled as the action it is.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.coaching.actions import DECISION_ACTION, reason_code
from core.coaching.dismissals import OTHER
from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.coaching.suggestion import BY_DECISION
from core.facts import Actor, BranchStatus
from core.review.decisions import DecisionEntry, decision_problems
from core.review.figures import DecisionState, Topic
from core.review.rules import meeting_rules_on
from core.review.scope import narrowed
from db.access import NotAllowedError, branch_in_scope, require_role
from db.action_changes import change_action, drop, finish
from db.changes import account_of, check_version, first_result, keep_result, record_audit, utc_now
from db.coaching import OPEN
from db.coaching_changes import add_decided
from db.contacts import FIELD_ROLES
from db.models import BranchRow, ReviewDecisionRow, ReviewMeetingRow
from db.review_changes import keep_up, open_meeting
from db.review_decisions import decided_branch_is_visible, owners_for
from db.reviews import NOT_YOURS, meeting_is_visible, scope_of


def decide(session: Session, *, actor: Actor, meeting_id: int, entry: DecisionEntry, today: date, key: str) -> int:
    """Keep a decision of a review that is still held; one about a branch becomes an open action of it.

    Returns:
        The key of the decision.

    Raises:
        NotAllowedError: not one of the actor's reviews, or a branch outside its scope.
        RefusedError: the review is over; no words, or words that may not be stored; an owner who is not to be
            chosen; a due date that is over or too far ahead; a closed branch.
    """
    meeting = open_meeting(session, actor=actor, meeting_id=meeting_id)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return int(first.get("decision_id", 0))
    scope = scope_of(meeting)
    branch = None
    if entry.branch_id is not None:
        branch = branch_in_scope(session, actor=narrowed(actor, scope), branch_id=entry.branch_id)
    problems = list(
        decision_problems(entry, owners_for(session, actor=actor, scope=scope, branch_id=entry.branch_id), today=today)
    )
    if branch is not None and branch.status == BranchStatus.CLOSED:
        problems.append(Problem(ProblemKey.CLOSED, "branch"))
    if problems:
        raise RefusedError(problems)
    row = ReviewDecisionRow(
        meeting_id=meeting.id,
        topic=entry.topic.value,
        branch_id=entry.branch_id,
        words=entry.words.strip(),
        owner=entry.owner,
        due_on=entry.due_on,
        measure=entry.measure.strip(),
        state=DecisionState.OPEN.value,
        decided_on=today,
        decided_at=utc_now(),
        decided_by=account_of(actor),
    )
    session.add(row)
    keep_up(session, meeting)
    session.flush()
    if branch is not None:
        row.suggestion_id = _acted_on(
            session, row, actor=actor, branch=branch, week_start=meeting.week_start, today=today
        )
        session.flush()
    record_audit(
        session,
        actor=actor,
        action="decide",
        subject="review_decision",
        subject_id=row.id,
        branch_id=row.branch_id,
        after={
            "review": meeting.id,
            "topic": row.topic,
            "branch": branch.branch_code if branch else None,
            "words": row.words,
            "owner": row.owner,
            "due_on": row.due_on,
            "measure": row.measure,
        },
    )
    keep_result(session, key=key, actor=actor, result={"decision_id": row.id})
    return row.id


def _acted_on(
    session: Session, row: ReviewDecisionRow, *, actor: Actor, branch: BranchRow, week_start: date, today: date
) -> int:
    """Make a decision an open action of its branch; it has no last day, as nothing decided is ever dropped unsaid."""
    facts = {"decision": row.id, "week": week_start.isoformat(), "words": row.words}
    action = add_decided(
        session,
        actor=actor,
        branch=branch,
        action_key=DECISION_ACTION,
        today=today,
        said={"state": OPEN, "owner": row.owner, "due_on": row.due_on},
        values={
            "reason_key": BY_DECISION,
            "reason_code": reason_code(DECISION_ACTION, facts),
            "facts": facts,
            "taken_on": today,
        },
    )
    return action.id


def change_decision(
    session: Session,
    *,
    actor: Actor,
    decision_id: int,
    owner: str,
    due_on: date,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Give an open decision another owner or due date.

    Raises:
        NotAllowedError: not a decision of the actor's reviews.
        RefusedError: as for `decide`, or it was settled already.
        ChangedByOtherError: somebody changed or settled it since it was shown.
    """
    row, meeting = _to_change(session, actor, decision_id)
    if row.suggestion_id is not None:
        change_action(
            session,
            actor=actor,
            suggestion_id=row.suggestion_id,
            shown_version=shown_version,
            owner=owner,
            due_on=due_on,
            today=today,
            key=key,
        )
        return
    if first_result(session, key=key, actor=actor) is not None:
        return
    entry = DecisionEntry(Topic(row.topic), None, row.words, owner, due_on, row.measure)
    owners = owners_for(session, actor=actor, scope=scope_of(meeting), branch_id=None)
    problems = decision_problems(entry, owners, today=today, due_before=row.due_on)
    _store(
        session,
        actor,
        row,
        action="change",
        shown_version=shown_version,
        problems=problems,
        values={"owner": owner, "due_on": due_on},
        key=key,
    )


def settle(
    session: Session,
    *,
    actor: Actor,
    decision_id: int,
    is_done: bool,
    outcome: str,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Close an open decision as done or dropped, with what came of it or why.

    Raises:
        NotAllowedError: not a decision of the actor's reviews, and not one of his own.
        RefusedError: no outcome, or one that may not be stored; it was settled already.
        ChangedByOtherError: somebody changed or settled it since it was shown.
    """
    row, _ = _to_change(session, actor, decision_id)
    if row.suggestion_id is not None:
        shared: dict[str, Any] = {"shown_version": shown_version, "today": today, "key": key}
        if is_done:
            finish(
                session,
                actor=actor,
                suggestion_id=row.suggestion_id,
                outcome=outcome,
                measure_met=None,
                proof_contact_id=None,
                **shared,
            )
        else:
            drop(session, actor=actor, suggestion_id=row.suggestion_id, dismissal=OTHER, reason=outcome, **shared)
        return
    if first_result(session, key=key, actor=actor) is not None:
        return
    state = DecisionState.DONE if is_done else DecisionState.DROPPED
    _store(
        session,
        actor,
        row,
        action="settle",
        shown_version=shown_version,
        problems=text_problems("decision_outcome", outcome, most=meeting_rules_on(today).most_outcome, needed=True),
        values={"state": state.value, "outcome": outcome.strip(), "settled_on": today},
        key=key,
    )


def _to_change(session: Session, actor: Actor, decision_id: int) -> tuple[ReviewDecisionRow, ReviewMeetingRow]:
    require_role(actor, *FIELD_ROLES)
    is_own = and_(ReviewDecisionRow.owner == actor.username, ReviewDecisionRow.branch_id.is_(None))
    query = (
        select(ReviewDecisionRow, ReviewMeetingRow)
        .join(ReviewMeetingRow, ReviewMeetingRow.id == ReviewDecisionRow.meeting_id)
        .where(
            ReviewDecisionRow.id == decision_id,
            decided_branch_is_visible(actor),
            or_(meeting_is_visible(actor), is_own),
        )
        .with_for_update(of=ReviewDecisionRow)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotAllowedError(NOT_YOURS)
    row, meeting = found
    return row, meeting


def _store(
    session: Session,
    actor: Actor,
    row: ReviewDecisionRow,
    *,
    action: str,
    shown_version: int,
    problems: Sequence[Problem],
    values: dict[str, Any],
    key: str,
) -> None:
    before = {"state": row.state, "owner": row.owner, "due_on": row.due_on, "outcome": row.outcome}
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="review_decision",
        subject_ids=[row.id],
    )
    if row.state != DecisionState.OPEN.value:
        problems = [Problem(ProblemKey.DECISION_SETTLED, "decision"), *problems]
    if problems:
        raise RefusedError(problems)
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action=action,
        subject="review_decision",
        subject_id=row.id,
        branch_id=row.branch_id,
        before={name: before.get(name) for name in values},
        after=values,
    )
    keep_result(session, key=key, actor=actor, result={"decision_id": row.id})
