"""Self-checks: the branch head fills in one a month, whoever looks after the branch reads it.

Each answer is stored as it is given, with a version of its own, so that a phone and a laptop open at
once meet only where both change the same answer.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.calendar import last_complete_week
from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.events.figures import show_up_rate
from core.facts import Actor, BranchStatus, CadenceStatus, PolicyStatus, UserRole
from core.self_check.checks import Answer, SelfCheck
from core.self_check.comparison import BranchRecord
from core.self_check.rules import ACCEPTED, self_check_rules
from db.access import branch_in_scope, require_role, scoped
from db.branch_history import cadence_of_branch, find_verdict
from db.changes import account_of, check_version, first_result, keep_result, record_audit, utc_now
from db.engine import plain_rows
from db.events import guests_of_branch
from db.models import BranchRow, PolicyRow, SelfCheckAnswerRow, SelfCheckRow

WEEK = timedelta(weeks=1)


def checks_of_branch(session: Session, *, actor: Actor, branch_id: int, limit: int | None = None) -> list[SelfCheck]:
    """Return the self-checks of a branch, the latest month first; empty for a foreign branch.

    A check still being filled in is seen by the branch head only.
    """
    query = select(SelfCheckRow).where(SelfCheckRow.branch_id == branch_id).order_by(SelfCheckRow.month_start.desc())
    if actor.role is not UserRole.BRANCH_HEAD:
        query = query.where(SelfCheckRow.finished_on.is_not(None))
    return _with_answers(session, scoped(query.limit(limit), actor, SelfCheckRow.branch_id))


def checks_finished_since(session: Session, *, actor: Actor, since: date) -> list[SelfCheck]:
    """Return the self-checks finished from a day on in the branches in scope, the latest first, without answers."""
    query = select(*SelfCheckRow.__table__.columns).where(SelfCheckRow.finished_on >= since)
    query = query.order_by(SelfCheckRow.finished_on.desc(), SelfCheckRow.id.desc())
    return [_record(row, {}) for row in plain_rows(session, scoped(query, actor, SelfCheckRow.branch_id))]


def _with_answers(session: Session, query: Select[SelfCheckRow]) -> list[SelfCheck]:
    rows = session.scalars(query).all()
    answers: dict[int, dict[str, Answer]] = {row.id: {} for row in rows}
    for answer in _answers(session, [row.id for row in rows]):
        answers[answer.check_id][answer.question_key] = Answer(answer.value, answer.version)
    return [_record(row, answers[row.id]) for row in rows]


def _answers(session: Session, check_ids: Sequence[int]) -> Sequence[SelfCheckAnswerRow]:
    if not check_ids:
        return []
    return session.scalars(select(SelfCheckAnswerRow).where(SelfCheckAnswerRow.check_id.in_(check_ids))).all()


def _record(row: Any, answers: dict[str, Answer]) -> SelfCheck:
    return SelfCheck(
        check_id=row.id,
        branch_id=row.branch_id,
        month_start=row.month_start,
        started_on=row.started_on,
        finished_on=row.finished_on,
        answers=answers,
        need=row.need,
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


def save_answer(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    question_key: str,
    value: int,
    shown_version: int,
    today: date,
) -> SelfCheck:
    """Store one answer to the check of this month, which begins with its first answer.

    Args:
        session: the writing transaction.
        actor: the branch head.
        branch_id: the branch, re-checked against the scope.
        question_key: a key of the rules.
        value: one of those the question takes.
        shown_version: version of the answer that was shown, 0 where none was.
        today: the day in Shanghai.

    Raises:
        NotAllowedError: not the head of this branch.
        RefusedError: no such answer, or the branch is closed.
        ChangedByOtherError: the answer was changed elsewhere since it was shown.
    """
    row = _check_of_month(session, actor=actor, branch_id=branch_id, today=today)
    question = self_check_rules().question(question_key)
    if question is None or value not in ACCEPTED[question.kind]:
        raise RefusedError([Problem(ProblemKey.ANSWER, question_key, {"value": value})])
    stored = session.get(SelfCheckAnswerRow, (row.id, question_key))
    check_version(
        session,
        shown=shown_version,
        stored=stored.version if stored else 0,
        current={"value": stored.value if stored else None},
        subject="self_check",
        subject_ids=[row.id],
    )
    before = {"value": stored.value} if stored else None
    if stored is None:
        stored = SelfCheckAnswerRow(check_id=row.id, question_key=question_key, version=0)
        session.add(stored)
    stored.value, stored.answered_at, stored.answered_by = value, utc_now(), account_of(actor)
    stored.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="answer",
        subject="self_check",
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after={"question": question_key, "value": value},
    )
    return _record(row, {one.question_key: Answer(one.value, one.version) for one in _answers(session, [row.id])})


def finish_check(
    session: Session, *, actor: Actor, branch_id: int, need: str, shown_version: int, today: date, key: str
) -> None:
    """End the check of this month with its free line; ended before, the line is replaced.

    Raises:
        NotAllowedError: not the head of this branch.
        RefusedError: too few answers, or a line that may not be stored; the branch is closed.
        ChangedByOtherError: it was ended or changed elsewhere since it was shown.
    """
    rules = self_check_rules()
    row = _check_of_month(session, actor=actor, branch_id=branch_id, today=today)
    if first_result(session, key=key, actor=actor) is not None:
        return
    before = {"need": row.need, "finished_on": row.finished_on}
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="self_check",
        subject_ids=[row.id],
    )
    problems = list(text_problems("need", need, most=rules.limits.most_characters))
    answered, asked = len(_answers(session, [row.id])), len(rules.questions)
    least = ceil(rules.limits.answered_share * asked)
    if answered < least:
        facts = {"answered": answered, "asked": asked, "least": least}
        problems.insert(0, Problem(ProblemKey.TOO_FEW_ANSWERS, "check", facts))
    if problems:
        raise RefusedError(problems)
    row.need = need.strip() or None
    row.finished_on, row.finished_at = today, utc_now()
    row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="finish",
        subject="self_check",
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after={"need": row.need, "finished_on": today},
    )
    keep_result(session, key=key, actor=actor, result={"check_id": row.id})


def _check_of_month(session: Session, *, actor: Actor, branch_id: int, today: date) -> SelfCheckRow:
    """Return the check of this month, locked; it is begun where there is none."""
    require_role(actor, UserRole.BRANCH_HEAD)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    if branch.status == BranchStatus.CLOSED:
        raise RefusedError([Problem(ProblemKey.CLOSED, "branch")])
    session.execute(select(BranchRow.id).where(BranchRow.id == branch.id).with_for_update())  # one begins, not two
    month_start = today.replace(day=1)
    row = session.scalar(
        select(SelfCheckRow).where(SelfCheckRow.branch_id == branch.id, SelfCheckRow.month_start == month_start)
    )
    if row is None:
        row = SelfCheckRow(
            branch_id=branch.id, month_start=month_start, started_on=today, started_by=account_of(actor), version=1
        )
        session.add(row)
        session.flush()
    return row
