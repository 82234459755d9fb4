"""What happens to open actions without anybody deciding: they expire, and their reasons are seen again.

Both are brought up to date with every import, and expired ones before a new one is taken on.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.cadence.attainment import STATUSES
from core.calendar import last_complete_week
from core.coaching.actions import expired_on
from core.facts import COMMAND_LINE, Actor, BranchStatus, CadenceStatus, SuggestionState
from db.cadence import cadence_weeks
from db.changes import record_audit, utc_now
from db.models import BranchRow, StageWeekRow, SuggestionRow

SHORT = [STATUSES.index(one) for one in (CadenceStatus.SHORT, CadenceStatus.NONE)]


def renew_actions(session: Session, *, as_of: date) -> None:
    """Close what expired, and count the reasons of open actions that the last complete week shows again."""
    session.flush()
    close_expired(session, today=as_of)
    _see_warnings_again(session, as_of=as_of)
    _see_gaps_again(session, as_of=as_of)


def close_expired(session: Session, *, today: date, branch_id: int | None = None) -> int:
    """Close the open actions past their last day, of one branch or of all, and return how many there were.

    What is open at a closed branch ended with it (`db.coaching`): it is left as it stands, as the branch may be opened
    again or the import that closed it undone.
    """
    at_work = select(BranchRow.id).where(BranchRow.status != BranchStatus.CLOSED)
    query = select(SuggestionRow).where(
        SuggestionRow.state == SuggestionState.TAKEN,
        SuggestionRow.expires_on < today,
        SuggestionRow.branch_id.in_(at_work),
    )
    if branch_id is not None:
        query = query.where(SuggestionRow.branch_id == branch_id)
    rows = session.scalars(query.order_by(SuggestionRow.id).with_for_update(key_share=True)).all()
    for row in rows:
        before = {"state": row.state, "owner": row.owner, "due_on": row.due_on}
        row.state = SuggestionState.EXPIRED
        row.decided_on = expired_on(row.expires_on) if row.expires_on else today
        row.decided_at, row.decided_by = utc_now(), None
        row.version += 1
        session.flush()
        record_audit(
            session,
            actor=None,
            action="expire",
            subject="suggestion",
            subject_id=row.id,
            branch_id=row.branch_id,
            before=before,
            after={"state": row.state, "expires_on": row.expires_on},
        )
    return len(rows)


def seen_again(
    session: Session, row: SuggestionRow, *, actor: Actor | None, week_start: date, facts: Mapping[str, Any]
) -> None:
    """Refresh the facts of an open action; a week later than the last one counts as seen again.

    The version stays: what somebody is about to decide about the action is as right as before.
    """
    before = {"week_start": row.week_start, "seen_count": row.seen_count}
    if week_start > row.week_start:
        row.week_start = week_start
        row.seen_count += 1
    row.facts = dict(facts)
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="see_again",
        subject="suggestion",
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after={"week_start": row.week_start, "seen_count": row.seen_count},
    )


def _open_for(session: Session, subject: str) -> list[SuggestionRow]:
    query = select(SuggestionRow).where(
        SuggestionRow.state == SuggestionState.TAKEN, SuggestionRow.reason_code.startswith(f"{subject}:")
    )
    return list(session.scalars(query.order_by(SuggestionRow.id)))


def _see_warnings_again(session: Session, *, as_of: date) -> None:
    rows = _open_for(session, "badge")
    newest = session.scalar(
        select(func.max(StageWeekRow.week_start)).where(StageWeekRow.week_start <= last_complete_week(as_of))
    )
    if newest is None:
        return
    shown_in = newest + timedelta(weeks=1)  # a suggestion rests on the last complete week
    rows = [row for row in rows if row.week_start < shown_in]
    wanted = {row.branch_id for row in rows}
    badges = {
        branch_id: set(words.split(","))
        for branch_id, words in session.execute(
            select(StageWeekRow.branch_id, StageWeekRow.badges).where(
                StageWeekRow.week_start == newest, StageWeekRow.badges != ""
            )
        )
        if branch_id in wanted
    }
    for row in rows:
        if row.reason_code.removeprefix("badge:") in badges.get(row.branch_id, ()):
            seen_again(session, row, actor=None, week_start=shown_in, facts=row.facts)


def _see_gaps_again(session: Session, *, as_of: date) -> None:
    week = last_complete_week(as_of)
    shown_in = week + timedelta(weeks=1)
    rows = [row for row in _open_for(session, "role") if row.week_start < shown_in]
    if not rows:
        return
    cadence = cadence_weeks(session, actor=COMMAND_LINE, first_week=week, last_week=week, today=as_of)
    is_short = np.isin(cadence.verdict.status[:, :, 0], SHORT) & cadence.is_row[:, :, 0]
    places = {branch_id: place for place, branch_id in enumerate(cadence.branches["branch_id"].to_pylist())}
    roles = {role.value: number for number, role in enumerate(cadence.roles)}
    for row in rows:
        at = roles.get(row.reason_code.removeprefix("role:")), places.get(row.branch_id)
        if at[0] is not None and at[1] is not None and is_short[at]:
            actual, target = cadence.verdict.actual[*at, 0], cadence.verdict.target_min[*at, 0]
            now = {"actual": int(actual), "target_min": int(target)}
            seen_again(session, row, actor=None, week_start=shown_in, facts={**row.facts, **now})
