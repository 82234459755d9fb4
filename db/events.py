"""Customer events: planned, held, cancelled; written down and changed by whoever looks after the branch.

Guests are counts. An event is never deleted: what does not take place is cancelled with a note.
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.events.entries import BranchEvent, EventEntry, Guests, ProjectPlan, columns_of, event_problems
from core.events.figures import FOLLOWED_COLUMNS, policies_followed
from core.events.rules import event_rules
from core.facts import Actor, BranchStatus, CustomerTier, EventState, PolicyStatus, UserRole
from db.access import NotAllowedError, branch_in_scope, require_role, scoped
from db.changes import account_of, check_version, first_result, keep_result, lock_name, record_audit, utc_now
from db.contacts import FIELD_ROLES
from db.models import BranchEventRow, BranchRow, ContactWeekRow, PolicyRow

MOST_EVENTS = 2_000
"""Events a list shows at once; more are a matter of a narrower period."""


def events_between(session: Session, *, actor: Actor, start: date, end: date) -> tuple[BranchEvent, ...]:
    """Return the events of the branches in scope from `start` to before `end`, the latest day first.

    Of more than `MOST_EVENTS` the latest.
    """
    query = _events(actor).where(BranchEventRow.day >= start, BranchEventRow.day < end).limit(MOST_EVENTS)
    return _read(session, query, actor)


def events_of_branch(session: Session, *, actor: Actor, branch_id: int, limit: int = 20) -> tuple[BranchEvent, ...]:
    """Return the latest events of a branch, the latest day first; none outside the actor's scope."""
    return _read(session, _events(actor).where(BranchEventRow.branch_id == branch_id).limit(limit), actor)


def find_event(session: Session, *, actor: Actor, event_id: int) -> BranchEvent | None:
    """Return an event of the branches in scope, None where there is no such one."""
    return next(iter(_read(session, _events(actor).where(BranchEventRow.id == event_id), actor)), None)


def _events(actor: Actor) -> Select[BranchEventRow, str, str]:
    query = select(BranchEventRow, BranchRow.branch_code, BranchRow.branch_name)
    query = query.join(BranchRow, BranchRow.id == BranchEventRow.branch_id)
    query = query.order_by(BranchEventRow.day.desc(), BranchEventRow.id.desc())
    return scoped(query, actor, BranchEventRow.branch_id)


def _read(session: Session, query: Select[BranchEventRow, str, str], actor: Actor) -> tuple[BranchEvent, ...]:
    """Return events; the note beside one is the field staff's own, a branch head gets none."""
    rows = session.execute(query).all()
    is_head = actor.role is UserRole.BRANCH_HEAD
    return tuple(
        BranchEvent(
            row.id, row.branch_id, code, name, replace(_entry(row), note="") if is_head else _entry(row), row.version
        )
        for row, code, name in rows
    )


def _entry(row: BranchEventRow) -> EventEntry:
    plan = ProjectPlan(
        row.project_start_on,
        row.project_end_on,
        row.project_target or "",
        row.project_resources or "",
        row.project_result or "",
    )
    return EventEntry(
        day=row.day,
        kind=row.kind,
        relation=row.relation,
        tier=CustomerTier(row.tier),
        theme=row.theme,
        insurer_level=row.insurer_level,
        bank_level=row.bank_level,
        state=EventState(row.state),
        title=row.title or "",
        guests=Guests(row.invited, row.confirmed, row.came, row.walk_ins, row.policies),
        approval_number=row.approval_number or "",
        approved_on=row.approved_on,
        event_ref=row.event_ref or "",
        project=plan if row.is_project else None,
        note=row.note or "",
    )


def record_event(
    session: Session, *, actor: Actor, branch_id: int, entry: EventEntry, today: date, key: str
) -> dict[str, Any]:
    """Store a new event and return its id.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        RefusedError: with all that is wrong with the entry; the branch is closed; the number is another event's.
    """
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    before = first_result(session, key=key, actor=actor)
    if before is not None:
        return before
    problems = [*event_problems(entry, today=today), *_ref_problems(session, entry, event_id=None)]
    if branch.status == BranchStatus.CLOSED:
        problems.insert(0, Problem(ProblemKey.CLOSED, "branch"))
    if problems:
        raise RefusedError(problems)
    columns = columns_of(entry)
    row = BranchEventRow(branch_id=branch.id, recorded_at=utc_now(), recorded_by=account_of(actor), **columns)
    session.add(row)
    session.flush()
    after = {"branch": branch.branch_code, **_filled(columns)}
    record_audit(
        session,
        actor=actor,
        action="record",
        subject="branch_event",
        subject_id=row.id,
        branch_id=row.branch_id,
        after=after,
    )
    return keep_result(session, key=key, actor=actor, result={"event_id": row.id})


def change_event(
    session: Session,
    *,
    actor: Actor,
    event_id: int,
    entry: EventEntry,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Put what was filled in into the place of a stored event; it stays with its branch.

    Raises:
        NotAllowedError: no such event in the actor's branches, or a branch head.
        RefusedError: with all that is wrong with the entry; the number is another event's.
        ChangedByOtherError: somebody changed it since it was shown.
    """
    require_role(actor, *FIELD_ROLES)
    query = select(BranchEventRow).where(BranchEventRow.id == event_id)
    row = session.scalar(scoped(query, actor, BranchEventRow.branch_id).with_for_update())
    if row is None:
        raise NotAllowedError("not one of your branches")
    if first_result(session, key=key, actor=actor) is not None:
        return
    stored = _entry(row)
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=columns_of(stored),
        subject="branch_event",
        subject_ids=[row.id],
    )
    problems = event_problems(entry, today=today, before=stored) + _ref_problems(session, entry, event_id=row.id)
    if problems:
        raise RefusedError(problems)
    before, after = columns_of(stored), columns_of(entry)
    changed = {name for name in after if after[name] != before[name]}
    for name in changed:
        setattr(row, name, after[name])
    row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="change",
        subject="branch_event",
        subject_id=row.id,
        branch_id=row.branch_id,
        before={name: before[name] for name in sorted(changed)},
        after={name: after[name] for name in sorted(changed)},
    )
    keep_result(session, key=key, actor=actor, result={"event_id": row.id})


def _filled(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if value not in (None, False)}


def _ref_problems(session: Session, entry: EventEntry, *, event_id: int | None) -> tuple[Problem, ...]:
    """Point out a number another event has, in whichever branch; nothing of that event is told."""
    ref = entry.event_ref.strip()
    if ref:
        lock_name(session, f"event_ref {ref}")
    taken = select(BranchEventRow.id).where(BranchEventRow.event_ref == ref, BranchEventRow.id != (event_id or 0))
    if not ref or session.scalar(taken) is None:
        return ()
    return (Problem(ProblemKey.EVENT_REF_TAKEN, "event_ref", {"ref": ref}),)


def event_sums(session: Session, *, actor: Actor, start: date, end: date) -> pd.DataFrame:
    """Return one row per branch in scope with an event held from `start` to before `end`, by key.

    Columns: branch_id, held; confirmed and came over the events that counted both; guests over those
    that counted who came, walk-ins included; at 0 where none did.
    """
    event, counted = BranchEventRow, BranchEventRow.confirmed.is_not(None) & BranchEventRow.came.is_not(None)
    query = (
        select(
            event.branch_id,
            func.count().label("held"),
            func.coalesce(func.sum(case((counted, event.confirmed))), 0).label("confirmed"),
            func.coalesce(func.sum(case((counted, event.came))), 0).label("came"),
            func.coalesce(func.sum(event.came + func.coalesce(event.walk_ins, 0)), 0).label("guests"),
        )
        .where(event.state == EventState.HELD, event.day >= start, event.day < end)
        .group_by(event.branch_id)
        .order_by(event.branch_id)
    )
    rows = session.execute(scoped(query, actor, event.branch_id)).all()
    names = ["branch_id", "held", "confirmed", "came", "guests"]
    return pd.DataFrame([tuple(row) for row in rows], columns=names).astype("int64")


def contact_counts(session: Session, *, actor: Actor, start: date, end: date) -> pd.DataFrame:
    """Return branch_id and contacts of the weeks that begin from `start` to before `end`, by branch key."""
    week = ContactWeekRow
    query = (
        select(week.branch_id, func.sum(week.contacts))
        .where(week.week_start >= start, week.week_start < end)
        .group_by(week.branch_id)
        .order_by(week.branch_id)
    )
    rows = [tuple(row) for row in session.execute(scoped(query, actor, week.branch_id))]
    return pd.DataFrame(rows, columns=["branch_id", "contacts"]).astype("int64")


def events_with_policies(session: Session, *, actor: Actor, start: date, end: date, as_of: date) -> pd.DataFrame:
    """Return the events held from `start` to before `end` with the policies that followed.

    Columns as `core.events.figures.policies_followed`.
    """
    event = BranchEventRow
    query = select(
        event.id,
        event.branch_id,
        event.day,
        event.event_ref,
        event.came + func.coalesce(event.walk_ins, 0),
        event.policies,
    ).where(event.state == EventState.HELD, event.day >= start, event.day < end)
    rows = [tuple(row) for row in session.execute(scoped(query, actor, event.branch_id).order_by(event.id))]
    held = pd.DataFrame(rows, columns=list(FOLLOWED_COLUMNS))
    held = held.astype({"day": "datetime64[s]", "guests": "float64", "recorded": "float64", "branch_id": "int64"})
    last = end + timedelta(days=event_rules().limits.conversion_days)
    bought = select(PolicyRow.branch_id, PolicyRow.issued_on, PolicyRow.event_ref).where(
        PolicyRow.issued_on.between(start, last),
        PolicyRow.status != PolicyStatus.CANCELLED,
        PolicyRow.branch_id.in_(select(event.branch_id).where(event.day >= start, event.day < end)),
    )
    policies = pd.DataFrame(
        [tuple(row) for row in session.execute(scoped(bought, actor, PolicyRow.branch_id))],
        columns=["branch_id", "issued_on", "event_ref"],
    ).astype({"branch_id": "int64", "issued_on": "datetime64[s]"})
    return policies_followed(held, policies, as_of=np.datetime64(as_of, "D"))


def guests_of_branch(
    session: Session, *, actor: Actor, branch_id: int, start: date, end: date
) -> tuple[Guests, ...] | None:
    """Return the guests of each event held from `start` to before `end`, by key.

    None where no event of any day before `end` was written down, and for a foreign branch.
    """
    known = select(BranchEventRow.id).where(BranchEventRow.branch_id == branch_id, BranchEventRow.day < end).limit(1)
    if session.scalar(scoped(known, actor, BranchEventRow.branch_id)) is None:
        return None
    query = select(BranchEventRow).where(
        BranchEventRow.branch_id == branch_id,
        BranchEventRow.state == EventState.HELD,
        BranchEventRow.day >= start,
        BranchEventRow.day < end,
    )
    rows = session.scalars(scoped(query, actor, BranchEventRow.branch_id).order_by(BranchEventRow.id))
    return tuple(_entry(row).guests for row in rows)
