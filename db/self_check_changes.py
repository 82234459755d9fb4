"""Filling in a self-check: answer by answer, the free line, and the end.

Each answer is stored as it is given, with a version of its own, so that a phone and a laptop open at once meet only
where both change the same answer. All of it is the head's draft until he finishes: then it becomes what everybody else
reads, and what he changes after that is a draft again until he finishes once more.
"""

from datetime import date
from math import ceil

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor, BranchStatus, UserRole
from core.self_check.checks import SelfCheck, may_be_filled_in
from core.self_check.rules import ACCEPTED, self_check_rules
from core.today.lines import Thing
from db.access import branch_in_scope, require_role
from db.changes import account_of, check_version, first_result, keep_result, lock_branch, record_audit, utc_now
from db.models import BranchRow, SelfCheckAnswerRow, SelfCheckRow, TodayNewsRow
from db.self_checks import answers_of, check_in_hand


def save_answer(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    question_key: str,
    value: int,
    shown_version: int,
    today: date,
    month_start: date | None = None,
) -> SelfCheck:
    """Store one answer to the check of a month, which begins with its first answer.

    Args:
        session: the writing transaction.
        actor: the branch head.
        branch_id: the branch, re-checked against the scope.
        question_key: a key of the rules.
        value: one of those the question takes.
        shown_version: version of the answer that was shown, 0 where none was.
        today: the day in Shanghai.
        month_start: the month the form was drawn for, None = the present one.

    Raises:
        NotAllowedError: not the head of this branch.
        RefusedError: no such answer, the month is over, or the branch is closed.
        ChangedByOtherError: the answer was changed elsewhere since it was shown.
    """
    branch = _branch(session, actor=actor, branch_id=branch_id)
    row = _check_of_month(session, branch, actor=actor, month_start=month_start, today=today)
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
    return check_in_hand(session, row)


def save_need(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    need: str,
    shown_version: int,
    today: date,
    month_start: date | None = None,
) -> SelfCheck:
    """Store the free line of the check of a month, as the answers are.

    Raises:
        NotAllowedError: not the head of this branch.
        RefusedError: a line that may not be stored, the month is over, or the branch is closed.
        ChangedByOtherError: the line was changed or the check finished elsewhere since it was shown.
    """
    branch = _branch(session, actor=actor, branch_id=branch_id)
    row = _check_of_month(session, branch, actor=actor, month_start=month_start, today=today)
    _check_version(session, row, shown_version)
    problems = text_problems("need", need, most=self_check_rules().limits.most_characters)
    if problems:
        raise RefusedError(problems)
    before = {"need": row.need}
    row.need = need.strip() or None
    row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="answer",
        subject="self_check",
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after={"need": row.need},
    )
    return check_in_hand(session, row)


def finish_check(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    shown_version: int,
    today: date,
    key: str,
    month_start: date | None = None,
) -> None:
    """End the check of a month: from now on everybody else reads it as it stands.

    Finished before, it takes the place of the finished one with the new day and is news again on every list of
    Today; unchanged since then, it stays as it was.

    Raises:
        NotAllowedError: not the head of this branch.
        RefusedError: too few answers, the month is over, or the branch is closed.
        ChangedByOtherError: it was ended or its line changed elsewhere since it was shown.
    """
    rules = self_check_rules()
    branch = _branch(session, actor=actor, branch_id=branch_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    row = _check_of_month(session, branch, actor=actor, month_start=month_start, today=today)
    _check_version(session, row, shown_version)
    answers, asked = answers_of(session, [row.id]), len(rules.questions)
    least = ceil(rules.limits.answered_share * asked)
    if len(answers) < least:
        facts = {"answered": len(answers), "asked": asked, "least": least}
        raise RefusedError([Problem(ProblemKey.TOO_FEW_ANSWERS, "check", facts)])
    if row.finished_on is None or check_in_hand(session, row).is_changed:
        before = {"need": row.finished_need, "finished_on": row.finished_on}
        for one in answers:
            one.finished_value = one.value
        row.finished_need, row.finished_on, row.finished_at = row.need, today, utc_now()
        row.version += 1
        noted = (TodayNewsRow.thing == Thing.SELF_CHECK.value, TodayNewsRow.subject == row.month_start.isoformat())
        session.execute(delete(TodayNewsRow).where(TodayNewsRow.branch_id == row.branch_id, *noted))
        session.flush()
        record_audit(
            session,
            actor=actor,
            action="finish",
            subject="self_check",
            subject_id=row.id,
            branch_id=row.branch_id,
            before=before,
            after={"need": row.finished_need, "finished_on": today},
        )
    keep_result(session, key=key, actor=actor, result={"check_id": row.id})


def _branch(session: Session, *, actor: Actor, branch_id: int) -> BranchRow:
    """Return the head's branch, locked: of two who begin a check at once, one does."""
    require_role(actor, UserRole.BRANCH_HEAD)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    if branch.status == BranchStatus.CLOSED:
        raise RefusedError([Problem(ProblemKey.CLOSED, "branch")])
    lock_branch(session, branch.id)
    return branch


def _check_of_month(
    session: Session, branch: BranchRow, *, actor: Actor, month_start: date | None, today: date
) -> SelfCheckRow:
    """Return the check of a month that still takes answers; this month's is begun where there is none."""
    month_start = month_start or today.replace(day=1)
    row = session.scalar(
        select(SelfCheckRow).where(SelfCheckRow.branch_id == branch.id, SelfCheckRow.month_start == month_start)
    )
    if not may_be_filled_in(check_in_hand(session, row) if row else None, month_start, today):
        raise RefusedError([Problem(ProblemKey.MONTH_OVER, "check", {"month": f"{month_start:%Y-%m}"})])
    if row is None:
        row = SelfCheckRow(
            branch_id=branch.id, month_start=month_start, started_on=today, started_by=account_of(actor), version=1
        )
        session.add(row)
        session.flush()
    return row


def _check_version(session: Session, row: SelfCheckRow, shown: int) -> None:
    check_version(
        session,
        shown=shown,
        stored=row.version,
        current={"need": row.need, "finished_on": row.finished_on},
        subject="self_check",
        subject_ids=[row.id],
    )
