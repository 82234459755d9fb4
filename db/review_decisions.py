"""Decisions of the weekly reviews: what was decided and what became of it. Changes are in `db/decision_changes.py`.

A decision about a branch is an action of that branch, under a reason of its own: state, owner, due date and
outcome are read from the action, so each follows the other whichever of the two is changed. A decision about no
branch is kept by itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from core.coaching.actions import Owner
from core.facts import Actor, BranchStatus, SuggestionState
from core.review.decisions import STATE_OF_ACTION, Decision, state_on
from core.review.figures import DecisionShown, DecisionState, ReviewFigures, Topic
from core.review.scope import ReviewScope, narrowed
from db.access import is_visible
from db.coaching import owners_of
from db.models import BranchRow, ReviewDecisionRow, ReviewMeetingRow, SuggestionRow
from db.review_people import topic_owners
from db.reviews import meeting_is_visible


def decisions_of(session: Session, *, actor: Actor, meeting_id: int, today: date) -> tuple[Decision, ...]:
    """Return what was decided in a review, in the order it was; nothing of one that is not the actor's."""
    query = _all(actor).where(ReviewDecisionRow.meeting_id == meeting_id, meeting_is_visible(actor))
    return _records(session, query.order_by(ReviewDecisionRow.id), today)


def decisions_before(
    session: Session, *, actor: Actor, scope: ReviewScope, week_start: date, today: date
) -> tuple[Decision, ...]:
    """Return what a review opens with: all decisions of the one before it, and earlier ones open after its week.

    Oldest first, and what is settled stays in its place: what is spoken about keeps its number. Nothing of reviews
    that are not the actor's.
    """
    meeting = ReviewMeetingRow
    bounds = (
        meeting.scope_kind == scope.kind.value,
        meeting.scope_key == scope.key,
        meeting.week_start < week_start,
        meeting_is_visible(actor),
    )
    last = select(func.max(meeting.week_start)).where(*bounds).scalar_subquery()
    over = week_start + timedelta(weeks=1)
    settled_since = or_(
        and_(ReviewDecisionRow.suggestion_id.is_(None), ReviewDecisionRow.settled_on >= over),
        SuggestionRow.decided_on >= over,  # of an open one the day it was taken on
    )
    is_wanted = or_(meeting.week_start == last, _is_open(), settled_since)
    query = _all(actor).where(*bounds, is_wanted).order_by(meeting.week_start, ReviewDecisionRow.id)
    return _records(session, query, today)


def decisions_owned(session: Session, *, actor: Actor, today: date) -> tuple[Decision, ...]:
    """Return the open decisions about no branch that the actor owns, by due date; those of branches are actions."""
    row = ReviewDecisionRow
    mine = (row.owner == actor.username, row.branch_id.is_(None), row.state == DecisionState.OPEN.value)
    return _records(session, _all(actor).where(*mine).order_by(row.due_on, row.id), today)


def owners_for(session: Session, *, actor: Actor, scope: ReviewScope, branch_id: int | None) -> tuple[Owner, ...]:
    """Return who may own a decision: those who look after the branch, or the own staff of the scope.

    Raises:
        NotAllowedError: not one of the actor's branches.
    """
    if branch_id is not None:
        return owners_of(session, actor=actor, branch_id=branch_id)
    return topic_owners(session, actor=narrowed(actor, scope))


def with_decisions(
    session: Session, *, actor: Actor, figures: ReviewFigures, meeting_id: int | None, today: date
) -> ReviewFigures:
    """Return the figures of a review with what it opens with and what was decided in it; no review = nothing yet."""
    before = decisions_before(session, actor=actor, scope=figures.scope, week_start=figures.week_start, today=today)
    taken = decisions_of(session, actor=actor, meeting_id=meeting_id, today=today) if meeting_id else ()
    return replace(figures, decided=_shown(before), decisions=_shown(taken))


def _shown(decisions: Sequence[Decision]) -> tuple[DecisionShown, ...]:
    return tuple(
        DecisionShown(
            decision_id=one.decision_id,
            topic=one.topic,
            branch_code=one.branch_code,
            branch_name=one.branch_name,
            words=one.words,
            owner=one.owner,
            due_on=one.due_on,
            measure=one.measure,
            state=one.state,
            outcome=one.outcome,
            decided_in=one.decided_in,
        )
        for one in decisions
    )


def _all(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Return the question for decisions with review, branch and action; those of branches out of sight are left out."""
    return (
        select(
            ReviewDecisionRow,
            ReviewMeetingRow.week_start,
            BranchRow.branch_code,
            BranchRow.branch_name,
            BranchRow.status,
            SuggestionRow,
        )
        .join(ReviewMeetingRow, ReviewMeetingRow.id == ReviewDecisionRow.meeting_id)
        .outerjoin(BranchRow, BranchRow.id == ReviewDecisionRow.branch_id)
        .outerjoin(SuggestionRow, SuggestionRow.id == ReviewDecisionRow.suggestion_id)
        .where(decided_branch_is_visible(actor))
    )


def decided_branch_is_visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on decisions about no branch or one in the actor's scope."""
    branches = select(BranchRow.id).where(is_visible(actor))
    return or_(ReviewDecisionRow.branch_id.is_(None), ReviewDecisionRow.branch_id.in_(branches))


def _is_open() -> ColumnElement[bool]:
    settled = (SuggestionState.DONE.value, SuggestionState.DISMISSED.value)
    return or_(
        and_(ReviewDecisionRow.suggestion_id.is_(None), ReviewDecisionRow.state == DecisionState.OPEN.value),
        and_(ReviewDecisionRow.suggestion_id.is_not(None), SuggestionRow.state.not_in(settled)),
    )


def _records(session: Session, query: Select[*tuple[Any, ...]], today: date) -> tuple[Decision, ...]:
    return tuple(_record(found, today) for found in session.execute(query))


def _record(found: Row[*tuple[Any, ...]], today: date) -> Decision:
    row: ReviewDecisionRow
    action: SuggestionRow | None
    row, week_start, branch_code, branch_name, status, action = found
    if action is not None:
        state = STATE_OF_ACTION[SuggestionState(action.state)]
        owner, due_on = action.owner or row.owner, action.due_on or row.due_on
        outcome, version = action.outcome or action.dismissed_reason, action.version
    else:
        state, owner, due_on = DecisionState(row.state), row.owner, row.due_on
        outcome, version = row.outcome, row.version
    return Decision(
        decision_id=row.id,
        meeting_id=row.meeting_id,
        topic=Topic(row.topic),
        branch_id=row.branch_id,
        branch_code=branch_code,
        branch_name=branch_name,
        words=row.words,
        owner=owner,
        due_on=due_on,
        measure=row.measure,
        state=state if status == BranchStatus.CLOSED else state_on(state, due_on, today=today),  # let go in a review
        outcome=outcome,
        decided_in=week_start,
        decided_on=row.decided_on,
        suggestion_id=row.suggestion_id,
        version=version,
    )
