"""Holding a weekly review: begin or join it, bring it up to date, its agenda, who is there, close it.

Once it is over nothing of it changes. What is decided in it is in `db/review_decisions.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.calendar import last_complete_week, week_start_of
from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.facts import Actor
from core.review.agenda import Agenda
from core.review.figures import ReviewFigures
from core.review.meeting import attendance_problems, kept_text
from core.review.rules import meeting_rules_on
from core.review.scope import ReviewScope, narrowed
from db.access import NotAllowedError, require_role
from db.changes import check_version, first_result, keep_result, record_audit
from db.contacts import FIELD_ROLES
from db.engine import data_version
from db.models import ReviewAttendanceRow, ReviewDecisionRow, ReviewMeetingRow
from db.review_people import people_of
from db.reviews import NOT_YOURS, meeting_is_visible, of_scope_and_week, require_meeting_scope, scope_of


def begin_meeting(
    session: Session,
    *,
    actor: Actor,
    figures: ReviewFigures,
    figures_version: int,
    agenda: Agenda,
    present: Sequence[str],
    guests: Sequence[str],
    now: datetime,
    key: str,
) -> int:
    """Begin the review of the scope and week of some figures, or join it where somebody began it already.

    `figures_version` is the state of the store they were worked out from.

    Returns:
        The key of the review.

    Raises:
        NotAllowedError: a scope that is not the actor's, or a branch head.
        RefusedError: a week that is not over or too long ago; somebody present is not known; words that
            may not be stored.
    """
    require_role(actor, *FIELD_ROLES)
    scope, week_start = figures.scope, figures.week_start
    require_meeting_scope(session, actor=actor, scope=scope)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return int(first.get("meeting_id", 0))
    there = session.scalar(of_scope_and_week(scope, week_start))
    if there is None:
        problems = (
            *_week_problems(week_start, today=now.date()),
            *_attendance_problems(session, actor, scope, present, guests, today=now.date()),
        )
        if problems:
            raise RefusedError(problems)
        there = _begun(session, actor, figures, agenda=agenda, figures_version=figures_version, now=now)
    if there.chair == actor.username and there.version == 1:
        _note_present(session, there, present, guests)
    keep_result(session, key=key, actor=actor, result={"meeting_id": there.id})
    return there.id


def _begun(
    session: Session,
    actor: Actor,
    figures: ReviewFigures,
    *,
    agenda: Agenda,
    figures_version: int,
    now: datetime,
) -> ReviewMeetingRow:
    row = ReviewMeetingRow(
        scope_kind=figures.scope.kind.value,
        scope_key=figures.scope.key,
        week_start=figures.week_start,
        chair=actor.username,
        begun_at=now,
        agenda=_stored(agenda),
        figures=kept_text(figures),
        data_version=figures_version,
    )
    try:
        with session.begin_nested():
            session.add(row)
            keep_up(session, row)
            session.flush()
    except IntegrityError:  # somebody began the same one a moment ago; on PostgreSQL both get this far
        return session.scalars(of_scope_and_week(figures.scope, figures.week_start)).one()
    record_audit(
        session,
        actor=actor,
        action="begin",
        subject="review_meeting",
        subject_id=row.id,
        after={"scope": str(figures.scope), "week_start": figures.week_start, "begun_at": now},
    )
    return row


def bring_up_to_date(
    session: Session,
    *,
    actor: Actor,
    meeting_id: int,
    figures: ReviewFigures,
    figures_version: int,
    shown_version: int,
    key: str,
) -> None:
    """Show newer figures, worked out from the state `figures_version` of the store, in a review that is still held.

    Raises:
        NotAllowedError: not one of the actor's reviews, or figures of another one.
        RefusedError: it is over.
        ChangedByOtherError: somebody changed it since it was shown.
    """
    row = _row_to_change(session, actor=actor, meeting_id=meeting_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    _check(session, row, shown_version, figures)
    before = {"data_version": row.data_version}
    row.figures, row.data_version = kept_text(figures), figures_version
    after = {"data_version": row.data_version}
    _store(session, actor, row, "bring_up_to_date", before=before, after=after, key=key)


def change_agenda(
    session: Session, *, actor: Actor, meeting_id: int, agenda: Agenda, shown_version: int, key: str
) -> None:
    """Give a review that is still held another order or choice of topics.

    Raises:
        NotAllowedError: not one of the actor's reviews.
        RefusedError: it is over.
        ChangedByOtherError: somebody changed it since it was shown.
    """
    row = _row_to_change(session, actor=actor, meeting_id=meeting_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    _check(session, row, shown_version)
    before = _told(row.agenda)
    row.agenda = _stored(agenda)
    _store(session, actor, row, "change_agenda", before=before, after=_told(row.agenda), key=key)


def join_meeting(session: Session, *, actor: Actor, meeting_id: int, key: str) -> None:
    """Note that the actor came to a review that is still held; who is noted already is not noted twice.

    Raises:
        NotAllowedError: not one of the actor's reviews.
        RefusedError: it is over.
    """
    row = open_meeting(session, actor=actor, meeting_id=meeting_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    there = select(ReviewAttendanceRow.id).where(
        ReviewAttendanceRow.meeting_id == row.id, ReviewAttendanceRow.username == actor.username
    )
    if session.scalar(there) is None:
        session.add(ReviewAttendanceRow(meeting_id=row.id, username=actor.username))
        keep_up(session, row)
        session.flush()
        record_audit(
            session,
            actor=actor,
            action="join",
            subject="review_meeting",
            subject_id=row.id,
            after={"present": actor.username},
        )
    keep_result(session, key=key, actor=actor, result={"meeting_id": row.id})


def take_back_meeting(session: Session, *, actor: Actor, meeting_id: int, shown_version: int, key: str) -> None:
    """Take back a review that was begun by mistake: nothing of it is left but the audit trail.

    Raises:
        NotAllowedError: not one of the actor's reviews.
        RefusedError: it is over, or something was decided in it.
        ChangedByOtherError: somebody changed it since it was shown.
    """
    require_role(actor, *FIELD_ROLES)
    if first_result(session, key=key, actor=actor) is not None:
        return
    row = _row_to_change(session, actor=actor, meeting_id=meeting_id)
    _check(session, row, shown_version)
    if session.scalar(select(ReviewDecisionRow.id).where(ReviewDecisionRow.meeting_id == row.id).limit(1)) is not None:
        raise RefusedError([Problem(ProblemKey.REVIEW_HAS_DECISIONS, "meeting")])
    before = {
        "scope": str(scope_of(row)),
        "week_start": row.week_start,
        "chair": row.chair,
        "begun_at": row.begun_at,
    }
    session.execute(delete(ReviewAttendanceRow).where(ReviewAttendanceRow.meeting_id == row.id))
    session.delete(row)
    session.flush()
    record_audit(
        session, actor=actor, action="take_back", subject="review_meeting", subject_id=meeting_id, before=before
    )
    keep_result(session, key=key, actor=actor, result={"meeting_id": meeting_id})


def close_meeting(
    session: Session,
    *,
    actor: Actor,
    meeting_id: int,
    figures: ReviewFigures,
    present: Sequence[str],
    guests: Sequence[str],
    shown_version: int,
    now: datetime,
    key: str,
) -> None:
    """End a review, keep its figures as shown and who was there; nothing of it changes after that.

    Raises:
        NotAllowedError: not one of the actor's reviews, or figures of another one.
        RefusedError: it is over already; somebody present is not known; words that may not be stored.
        ChangedByOtherError: somebody changed it since it was shown.
    """
    row = _row_to_change(session, actor=actor, meeting_id=meeting_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    _check(session, row, shown_version, figures)
    problems = _attendance_problems(session, actor, scope_of(row), present, guests, today=now.date())
    if problems:
        raise RefusedError(problems)
    _note_present(session, row, present, guests)
    row.figures, row.ended_at = kept_text(figures), now
    after = {"ended_at": now, "present": ", ".join((*present, *guests))}
    _store(session, actor, row, "close", before={"ended_at": None}, after=after, key=key)


def open_meeting(session: Session, *, actor: Actor, meeting_id: int) -> ReviewMeetingRow:
    """Return a review that is still held, locked for a change.

    Raises:
        NotAllowedError: not one of the actor's reviews.
        RefusedError: it is over.
    """
    row = _row_to_change(session, actor=actor, meeting_id=meeting_id)
    if row.ended_at is not None:
        raise RefusedError([Problem(ProblemKey.REVIEW_OVER, "meeting")])
    return row


def _row_to_change(session: Session, *, actor: Actor, meeting_id: int) -> ReviewMeetingRow:
    require_role(actor, *FIELD_ROLES)
    query = select(ReviewMeetingRow).where(ReviewMeetingRow.id == meeting_id, meeting_is_visible(actor))
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotAllowedError(NOT_YOURS)
    return row


def _check(session: Session, row: ReviewMeetingRow, shown_version: int, figures: ReviewFigures | None = None) -> None:
    if row.ended_at is not None:
        raise RefusedError([Problem(ProblemKey.REVIEW_OVER, "meeting")])
    if figures and (figures.scope, figures.week_start) != (scope_of(row), row.week_start):
        raise NotAllowedError(NOT_YOURS)
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current={"chair": row.chair},
        subject="review_meeting",
        subject_ids=[row.id],
    )


def keep_up(session: Session, row: ReviewMeetingRow) -> None:
    """Let a write of the review itself not count as newer data: the transaction raises the version by one."""
    if row.data_version == data_version(session):
        row.data_version += 1


def keep_up_with_decisions(session: Session, *, actor: Actor, meeting_id: int) -> None:
    """Let a change of a decision of another review, made in this one, not count as newer data in it.

    Raises:
        NotAllowedError: not one of the actor's reviews.
    """
    row = _row_to_change(session, actor=actor, meeting_id=meeting_id)
    if row.ended_at is None:
        keep_up(session, row)


def _store(
    session: Session,
    actor: Actor,
    row: ReviewMeetingRow,
    action: str,
    *,
    before: Mapping[str, object],
    after: Mapping[str, object],
    key: str,
) -> None:
    row.version += 1
    keep_up(session, row)
    session.flush()
    record_audit(
        session, actor=actor, action=action, subject="review_meeting", subject_id=row.id, before=before, after=after
    )
    keep_result(session, key=key, actor=actor, result={"meeting_id": row.id})


def _week_problems(week_start: date, *, today: date) -> tuple[Problem, ...]:
    last = last_complete_week(today)
    first = last - timedelta(weeks=meeting_rules_on(today).weeks_offered - 1)
    if week_start == week_start_of(week_start) and first <= week_start <= last:
        return ()
    return (Problem(ProblemKey.REVIEW_WEEK, "week", {"first": first, "last": last}),)


def _attendance_problems(
    session: Session, actor: Actor, scope: ReviewScope, present: Sequence[str], guests: Sequence[str], *, today: date
) -> tuple[Problem, ...]:
    known = {one.username for one in people_of(session, actor=narrowed(actor, scope))} | {actor.username}
    return attendance_problems(present, guests, known, today=today)


def _note_present(session: Session, row: ReviewMeetingRow, present: Sequence[str], guests: Sequence[str]) -> None:
    session.execute(delete(ReviewAttendanceRow).where(ReviewAttendanceRow.meeting_id == row.id))
    session.add_all(ReviewAttendanceRow(meeting_id=row.id, username=name) for name in dict.fromkeys(present))
    words = dict.fromkeys(guest.strip() for guest in guests)
    session.add_all(ReviewAttendanceRow(meeting_id=row.id, words=guest) for guest in words)
    session.flush()


def _stored(agenda: Agenda) -> dict[str, Any]:
    return {"order": [one.value for one in agenda.order], "skipped": sorted(one.value for one in agenda.skipped)}


def _told(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: ", ".join(topics) for name, topics in stored.items()}
