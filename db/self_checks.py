"""Self-checks as they are read: the finished ones by whoever looks after the branch, the one in hand by its head."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.calendar import last_complete_week
from core.events.figures import show_up_rate
from core.facts import Actor, CadenceStatus, PolicyStatus, UserRole
from core.self_check.checks import Answer, SelfCheck, month_before
from core.self_check.comparison import BranchRecord
from core.self_check.rules import self_check_rules
from db.access import branch_in_scope, scoped
from db.branch_history import cadence_of_branch, find_verdict
from db.engine import plain_rows
from db.events import guests_of_branch
from db.models import PolicyRow, SelfCheckAnswerRow, SelfCheckRow

WEEK = timedelta(weeks=1)


def checks_of_branch(session: Session, *, actor: Actor, branch_id: int, limit: int | None = None) -> list[SelfCheck]:
    """Return the finished self-checks of a branch, the latest month first; empty for a foreign branch.

    As they were when the head finished them: what he has changed since is his until he finishes again.
    """
    query = select(SelfCheckRow).where(SelfCheckRow.branch_id == branch_id, SelfCheckRow.finished_on.is_not(None))
    query = scoped(query.order_by(SelfCheckRow.month_start.desc()).limit(limit), actor, SelfCheckRow.branch_id)
    rows = session.scalars(query).all()
    answers: dict[int, dict[str, Answer]] = {row.id: {} for row in rows}
    for one in answers_of(session, list(answers)):
        if one.finished_value is not None:
            answers[one.check_id][one.question_key] = Answer(one.finished_value, one.version)
    return [_finished(row, answers[row.id]) for row in rows]


def checks_finished_since(session: Session, *, actor: Actor, since: date) -> list[SelfCheck]:
    """Return the self-checks finished from a day on in the branches in scope, the latest first, without answers."""
    query = select(*SelfCheckRow.__table__.columns).where(SelfCheckRow.finished_on >= since)
    query = query.order_by(SelfCheckRow.finished_on.desc(), SelfCheckRow.id.desc())
    return [_finished(row, {}) for row in plain_rows(session, scoped(query, actor, SelfCheckRow.branch_id))]


def checks_in_hand(session: Session, *, actor: Actor, branch_id: int, today: date) -> list[SelfCheck]:
    """Return the self-checks of this month and the last as the branch head fills them in, the latest first.

    Empty for everybody else: what is not finished is seen by the branch head only.
    """
    if actor.role is not UserRole.BRANCH_HEAD:
        return []
    since = month_before(today.replace(day=1))
    query = select(SelfCheckRow).where(SelfCheckRow.branch_id == branch_id, SelfCheckRow.month_start >= since)
    rows = session.scalars(scoped(query.order_by(SelfCheckRow.month_start.desc()), actor, SelfCheckRow.branch_id)).all()
    return [check_in_hand(session, row) for row in rows]


def check_in_hand(session: Session, row: SelfCheckRow) -> SelfCheck:
    """Return a check the caller may see as the branch head fills it in."""
    answers = answers_of(session, [row.id])
    changed = row.need != row.finished_need or any(one.value != one.finished_value for one in answers)
    return replace(
        _finished(row, {one.question_key: Answer(one.value, one.version) for one in answers}),
        need=row.need,
        is_changed=row.finished_on is not None and changed,
    )


def answers_of(session: Session, check_ids: Sequence[int]) -> Sequence[SelfCheckAnswerRow]:
    """Return the answers of checks the caller may see."""
    if not check_ids:
        return []
    return session.scalars(select(SelfCheckAnswerRow).where(SelfCheckAnswerRow.check_id.in_(check_ids))).all()


def _finished(row: Any, answers: dict[str, Answer]) -> SelfCheck:
    return SelfCheck(
        check_id=row.id,
        branch_id=row.branch_id,
        month_start=row.month_start,
        started_on=row.started_on,
        finished_on=row.finished_on,
        answers=answers,
        need=row.finished_need,
        version=row.version,
    )


def branch_record(session: Session, *, actor: Actor, branch_id: int, as_of: date) -> BranchRecord:
    """Return what the records say about a branch, to hold a self-check against.

    Where no event was ever written down, nothing is held against answers about events.

    Raises:
        NotAllowedError: not one of the actor's branches.
    """
    branch_in_scope(session, actor=actor, branch_id=branch_id)
    limits = self_check_rules().limits
    last_week = last_complete_week(as_of)
    verdict = find_verdict(session, actor=actor, branch_id=branch_id, as_of=as_of)
    since = last_week - (limits.seller_weeks - 1) * WEEK
    policies = select(func.count(), func.count(func.distinct(PolicyRow.staff_id)), func.count(PolicyRow.staff_id))
    policies = policies.where(
        PolicyRow.branch_id == branch_id,
        PolicyRow.issued_on.between(since, as_of),
        PolicyRow.status != PolicyStatus.CANCELLED,
    )
    issued, sellers, credited = session.execute(scoped(policies, actor, PolicyRow.branch_id)).one()
    tomorrow = as_of + timedelta(days=1)
    events = guests_of_branch(
        session, actor=actor, branch_id=branch_id, start=tomorrow - limits.event_weeks * WEEK, end=tomorrow
    )
    return BranchRecord(
        stage=verdict.stage if verdict else None,
        badges=frozenset(verdict.badges) if verdict else frozenset(),
        active_sellers=sellers if credited or not issued else None,  # policies without a seller say nothing about them
        events=None if events is None else len(events),
        show_up_rate=show_up_rate(events or ()),
        contact_attainment=_attainment(
            session,
            actor=actor,
            branch_id=branch_id,
            first_week=last_week - (limits.contact_weeks - 1) * WEEK,
            last_week=last_week,
            today=as_of,
        ),
    )


def _attainment(
    session: Session, *, actor: Actor, branch_id: int, first_week: date, last_week: date, today: date
) -> float | None:
    """Return contacts done of those due, each role and week at most full; None where nothing was due."""
    rows = cadence_of_branch(
        session, actor=actor, branch_id=branch_id, first_week=first_week, last_week=last_week, today=today
    )
    due = rows[rows["status"] != CadenceStatus.NOT_DUE]
    owed = int(due["target_min"].sum())
    return float(due["done"].sum() / owed) if owed else None
