"""The working calendar: the statutory one with the days an administrator set over it."""

from datetime import date
from typing import Any, cast

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar import DayKind, WorkingCalendar, is_of_past_week
from core.coaching.problems import MOST_RULE_TEXT, RefusedError, text_problems
from core.facts import Actor, RestatementCause, UserRole
from db.access import require_role
from db.changes import account_of, check_version, first_result, keep_result, lock_name, record_audit, utc_now
from db.dated_rules import RuleRefusedError
from db.models import CalendarDayRow
from db.rollups import write_alone

SUBJECT = "calendar_day"
KINDS: tuple[DayKind, ...] = ("off", "work")


def working_calendar(session: Session) -> WorkingCalendar:
    """Return the calendar in force."""
    rows = session.execute(select(CalendarDayRow.day, CalendarDayRow.kind))
    return WorkingCalendar({day: cast("DayKind", kind) for day, kind in rows})


def calendar_days(session: Session) -> pa.Table:
    """Return one row per day set over the statutory calendar, latest first: day, kind, name, source, version."""
    of = CalendarDayRow
    rows = session.execute(select(of.day, of.kind, of.name, of.source, of.version).order_by(of.day.desc())).all()
    words = pa.string()
    types = (("day", pa.date32()), ("kind", words), ("name", words), ("source", words), ("version", pa.int64()))
    return pa.table({name: pa.array([row[place] for row in rows], kind) for place, (name, kind) in enumerate(types)})


def set_calendar_day(
    session: Session,
    *,
    actor: Actor,
    day: date,
    kind: str,
    name: str,
    source: str,
    shown_version: int,
    today: date,
    write_key: str,
    reason: str = "",
) -> dict[str, Any]:
    """Set a day to off or work over the statutory calendar, and return the day.

    A day set before is changed; the audit trail keeps what it was. A day of a week that is over corrects the
    past: targets and figures of that week follow, stored stages are worked out anew and noted as restated, and
    the trail keeps the reason. A review that was held keeps the figures it showed.

    Args:
        session: the writing transaction.
        actor: an administrator.
        day: the day.
        kind: off or work.
        name: of the day.
        source: who decided it.
        shown_version: of the day as the form was drawn with, 0 = it was not set.
        today: the day in Shanghai.
        write_key: of the form as drawn.
        reason: why the past changes; needed for a day of a week that is over.

    Raises:
        NotAllowedError: the actor is no administrator.
        ChangedByOtherError: somebody set the day since it was shown.
        RuleRefusedError: `unknown_value`.
        RefusedError: a text is missing, or may not be stored.
    """
    require_role(actor, UserRole.ADMIN)
    before = first_result(session, key=write_key, actor=actor)
    if before is not None:
        return before
    if kind not in KINDS:
        raise RuleRefusedError("unknown_value")
    corrects_past = is_of_past_week(day, today)
    texts = [("day_name", name), ("source", source), *([("past_reason", reason)] if corrects_past else [])]
    problems = [one for place, words in texts for one in text_problems(place, words, most=MOST_RULE_TEXT, needed=True)]
    if problems:
        raise RefusedError(problems)
    if corrects_past:
        write_alone(session)  # before all else is locked, as an import does: stages follow from one calendar
    lock_name(session, f"calendar_day {day}")
    row = session.get(CalendarDayRow, day, with_for_update=True)
    was = None if row is None else {"kind": row.kind, "name": row.name, "source": row.source}
    check_version(
        session,
        shown=shown_version,
        stored=row.version if row else 0,
        current=was or {},
        subject=SUBJECT,
        subject_ids=[day],
    )
    if row is None:
        row = CalendarDayRow(day=day, version=0)
        session.add(row)
    row.version += 1
    row.kind, row.name, row.source = kind, name.strip(), source.strip()
    row.changed_at, row.changed_by = utc_now(), account_of(actor)
    session.flush()
    after = {"kind": row.kind, "name": row.name, "source": row.source}
    if corrects_past:
        after["reason"] = reason.strip()
        _work_stages_out_anew(session, today, account_of(actor))
    record_audit(session, actor=actor, action="set", subject=SUBJECT, subject_id=day, before=was, after=after)
    return keep_result(session, key=write_key, actor=actor, result={"day": day.isoformat()})


def _work_stages_out_anew(session: Session, today: date, user_id: int | None) -> None:
    from db.stage_history import recompute_stages  # which asks for the calendar itself
    from db.stage_shown import Cause

    recompute_stages(session, as_of=today, cause=Cause(RestatementCause.CALENDAR, user_id=user_id))
