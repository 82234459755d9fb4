"""The days of a week plan: ticks, the daily line of feedback, and why something was missed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor
from core.planning.causes import NamedCause, cause_problems, told_causes
from core.planning.check import NOT_KEPT
from core.planning.items import DayFeedback
from core.planning.lock import day_of
from core.planning.rules import plan_rules_on
from db.access import NotAllowedError, require_role
from db.changes import account_of, check_version, first_result, keep_result, lock_name, record_audit, utc_now
from db.coaching import action_of
from db.contacts import FIELD_ROLES
from db.models import DailyFeedbackRow
from db.planning_effects import Answered, answer_cause, explained, follow_cause, lock_answers, plans_reached
from db.planning_facts import plan_in_sight
from db.planning_rows import item_row, item_rows, line_is_in_sight, more_causes_of, owner_is_visible, require_owner


def tick_items(
    session: Session,
    *,
    actor: Actor,
    shown_versions: Mapping[int, int],
    is_done: bool,
    note: str | None = None,
    now: datetime,
    key: str,
) -> int:
    """Tick lines by hand, or take the ticks back, and return how many changed.

    Whoever looks after a branch now ticks what the plan of the supervisor before him holds for it.

    Args:
        session: the writing transaction.
        actor: who ticks.
        shown_versions: the version each line was shown with, by its key.
        is_done: False takes the tick back.
        note: what came of it, kept with each line.
        now: the moment; a week can be completed for some days after its end.
        key: drawn with the form.

    Raises:
        NotAllowedError: a line outside the actor's scope, a branch head.
        ChangedByOtherError: somebody changed one since it was shown; nothing is ticked then.
        RefusedError: the week has not begun or is too long ago, or the note may not be stored.
    """
    require_role(actor, *FIELD_ROLES)
    today = day_of(now)
    rules = plan_rules_on(today)
    found = item_rows(session, actor=actor, item_ids=shown_versions, among=line_is_in_sight)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return int(first.get("ticked", 0))
    problems = list(text_problems("plan_text", note, most=rules.text_most_characters))
    for row, plan in found:
        current = {"day": row.day, "ticked_on": row.ticked_on}
        check_version(
            session,
            shown=shown_versions[row.id],
            stored=row.version,
            current=current,
            subject="plan_item",
            subject_ids=[row.id],
        )
        if is_done and today < plan.week_start:
            problems.append(Problem(ProblemKey.WEEK_AHEAD, "week", {"week": plan.week_start}))
        problems += _too_late(plan.week_start + timedelta(days=6), today=today)
    if problems:
        raise RefusedError(problems)
    ticked = 0
    for row, _ in found:
        if (row.ticked_on is not None) is is_done and not note:
            continue
        before = {"ticked_on": row.ticked_on, "note": row.tick_note}
        row.ticked_on = (row.ticked_on or today) if is_done else None
        row.tick_note = (note or "").strip() or row.tick_note if is_done else None
        row.version += 1
        ticked += 1
        after = {"ticked_on": row.ticked_on, "note": row.tick_note}
        record_audit(
            session,
            actor=actor,
            action="tick",
            subject="plan_item",
            subject_id=row.id,
            branch_id=row.branch_id,
            before=before,
            after=after,
        )
    keep_result(session, key=key, actor=actor, result={"ticked": ticked})
    return ticked


def explain_miss(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    shown_version: int,
    cause: str | None,
    note: str | None,
    adjustment: str | None,
    action_key: str | None,
    now: datetime,
    key: str,
    more: Sequence[NamedCause] = (),
) -> Answered:
    """Give a missed line its causes and what changes: words, an action of the playbook, or both.

    `more` are the second and the third cause, each with what shows it. A line that was carried on already follows,
    and the action becomes an open one of the branch as `answer_cause` says; what came of it is returned. Whoever
    looks after the branch now may explain what the plan of the supervisor before him missed.

    Raises:
        NotAllowedError: no such line in the actor's scope, a branch head, no such action.
        ChangedByOtherError: somebody changed it since it was shown.
        RefusedError: the line is not missed, no known cause, or a cause that asks for an adjustment without one.
    """
    require_role(actor, *FIELD_ROLES)
    today = day_of(now)
    reached = plans_reached(item_id, today=today)
    row, plan = item_row(session, actor=actor, item_id=item_id, among=line_is_in_sight, beside=reached)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return Answered(**first.get("answered", {}))
    before = {
        "cause": row.cause,
        "cause_note": row.cause_note,
        "adjustment": row.adjustment,
        "action": row.adjustment_action,
        **told_causes(more_causes_of(row)),
    }
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="plan_item",
        subject_ids=[row.id],
    )
    stood = explained(row)
    most = plan_rules_on(today).text_most_characters
    problems = list(cause_problems(cause, note=note, adjustment=adjustment, action=action_key, most=most, more=more))
    week = plan_in_sight(session, actor=actor, supervisor=plan.supervisor, week_start=plan.week_start, today=today)
    if not any(one.item.item_id == item_id and one.state in NOT_KEPT for one in week):
        problems.insert(0, Problem(ProblemKey.NOT_MISSED, "line"))
    if problems:
        raise RefusedError(problems)
    if action_key is not None:
        action_of(session, action_key=action_key, as_of=today)
    lock_answers(session, row=row)
    row.cause, row.cause_note = cause, _words(note)
    row.adjustment, row.adjustment_action = _words(adjustment), action_key
    further = told_causes([NamedCause(one.code, one.evidence.strip()) for one in more])
    for name, value in further.items():
        setattr(row, name, value)
    row.version += 1
    after = {
        "cause": cause,
        "cause_note": row.cause_note,
        "adjustment": row.adjustment,
        "action": action_key,
        **further,
    }
    record_audit(
        session,
        actor=actor,
        action="explain",
        subject="plan_item",
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after=after,
    )
    follow_cause(session, actor=actor, row=row, before=stood, now=now)
    answered = answer_cause(session, actor=actor, row=row, before=stood, plan=plan, today=today, key=key)
    keep_result(session, key=key, actor=actor, result={"item_id": row.id, "answered": asdict(answered)})
    return answered


def feedback_between(
    session: Session, *, actor: Actor, first: date, last: date, supervisor: str | None = None
) -> tuple[DayFeedback, ...]:
    """Return the daily feedback in scope, both days included, of one supervisor or of all; by day and name."""
    row = DailyFeedbackRow
    query = select(row).where(row.day.between(first, last), owner_is_visible(actor, row.supervisor))
    if supervisor is not None:
        query = query.where(row.supervisor == supervisor)
    return tuple(
        DayFeedback(one.supervisor, one.day, one.words, one.written_at, one.version)
        for one in session.scalars(query.order_by(row.day, row.supervisor))
    )


def write_feedback(
    session: Session,
    *,
    actor: Actor,
    supervisor: str,
    day: date,
    words: str,
    shown_version: int,
    now: datetime,
    key: str,
) -> None:
    """Write the line about a day, or change it; only the supervisor himself does. `shown_version` 0 = none was there.

    Raises:
        NotAllowedError: somebody else's feedback.
        ChangedByOtherError: it was written or changed since it was shown, in another window.
        RefusedError: a day to come or too long ago, no words, or words that may not be stored.
    """
    require_role(actor, *FIELD_ROLES)
    require_owner(session, actor=actor, supervisor=supervisor)
    if actor.username != supervisor:
        raise NotAllowedError("not one of your branches")
    lock_name(session, f"daily_feedback {supervisor} {day}")
    if first_result(session, key=key, actor=actor) is not None:
        return
    today = day_of(now)
    row = session.scalar(
        select(DailyFeedbackRow)
        .where(DailyFeedbackRow.supervisor == supervisor, DailyFeedbackRow.day == day)
        .with_for_update()
    )
    before = {"words": row.words} if row else None
    check_version(
        session,
        shown=shown_version,
        stored=row.version if row else 0,
        current=before or {},
        subject="daily_feedback",
        subject_ids=[row.id] if row else (),
    )
    problems = [Problem(ProblemKey.IN_FUTURE, "day", {"day": day, "today": today})] if day > today else []
    problems += _too_late(day, today=today)
    problems += text_problems("feedback", words, most=plan_rules_on(today).text_most_characters, needed=True)
    if problems:
        raise RefusedError(problems)
    if row is None:
        row = DailyFeedbackRow(
            supervisor=supervisor, day=day, words=words.strip(), written_at=now, written_by=account_of(actor)
        )
        session.add(row)
    else:
        row.words = words.strip()
        row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="write",
        subject="daily_feedback",
        subject_id=row.id,
        before=before,
        after={"day": day, "words": row.words},
    )
    keep_result(session, key=key, actor=actor, result={"day": day.isoformat(), "at": utc_now().isoformat()})


def _too_late(day: date, *, today: date) -> list[Problem]:
    oldest = today - timedelta(days=plan_rules_on(today).write_days_back)
    return [Problem(ProblemKey.TOO_LATE, "day", {"day": day, "oldest": oldest})] if day < oldest else []


def _words(words: str | None) -> str | None:
    return (words or "").strip() or None
