"""The working calendar: the statutory one with the days an administrator set over it."""

from datetime import date
from typing import Any, cast

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar import DayKind, WorkingCalendar
from core.facts import Actor, UserRole
from db.access import require_role
from db.changes import account_of, first_result, keep_result, record_audit, utc_now
from db.models import CalendarDayRow
from db.settings import RuleRefusedError

KINDS: tuple[DayKind, ...] = ("off", "work")
NAME_LENGTH = 200


def working_calendar(session: Session) -> WorkingCalendar:
    """Return the calendar in force."""
    rows = session.execute(select(CalendarDayRow.day, CalendarDayRow.kind))
    return WorkingCalendar({day: cast("DayKind", kind) for day, kind in rows})


def calendar_days(session: Session) -> pa.Table:
    """Return one row per day set over the statutory calendar, latest first: day, kind, name, source."""
    query = select(CalendarDayRow.day, CalendarDayRow.kind, CalendarDayRow.name, CalendarDayRow.source)
    rows = session.execute(query.order_by(CalendarDayRow.day.desc())).all()
    types = (("day", pa.date32()), ("kind", pa.string()), ("name", pa.string()), ("source", pa.string()))
    return pa.table({name: pa.array([row[place] for row in rows], kind) for place, (name, kind) in enumerate(types)})


def set_calendar_day(
    session: Session, *, actor: Actor, day: date, kind: str, name: str, source: str, write_key: str
) -> dict[str, Any]:
    """Set a day to off or work over the statutory calendar, and return the day.

    A day set before is changed; the audit trail keeps what it was.

    Raises:
        NotAllowedError: the actor is no administrator.
        RuleRefusedError: `unknown_value`, `name_missing`, `source_missing`.
    """
    require_role(actor, UserRole.ADMIN)
    before = first_result(session, key=write_key, actor=actor)
    if before is not None:
        return before
    if kind not in KINDS:
        raise RuleRefusedError("unknown_value")
    if not name.strip() or len(name) > NAME_LENGTH:
        raise RuleRefusedError("name_missing")
    if not source.strip() or len(source) > NAME_LENGTH:
        raise RuleRefusedError("source_missing")
    row = session.get(CalendarDayRow, day)
    was = None if row is None else {"kind": row.kind, "name": row.name, "source": row.source}
    if row is None:
        row = CalendarDayRow(day=day)
        session.add(row)
    row.kind, row.name, row.source = kind, name.strip(), source.strip()
    row.changed_at, row.changed_by = utc_now(), account_of(actor)
    session.flush()
    after = {"kind": row.kind, "name": row.name, "source": row.source}
    record_audit(session, actor=actor, action="set", subject="calendar_day", subject_id=day, before=was, after=after)
    return keep_result(session, key=write_key, actor=actor, result={"day": day.isoformat()})
