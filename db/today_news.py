"""What is new to a user since he last opened Today, until he notes it.

These are stage changes, early warnings, self-checks and actions that expired.

The day a user was first shown something is kept here: it is new to him until his next visit. A warning
that ends takes its row along at the next visit; one that began again after he noted it or was shown it is new
again, whether he came by in between or not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.coaching.actions import BranchAction
from core.coaching.problems import RefusedError, text_problems
from core.facts import Actor, Badge, Stage
from core.self_check.checks import SelfCheck
from core.today.lines import Thing
from core.today.rules import today_rules
from db.access import branch_in_scope, require_role, scoped
from db.changes import account_of, check_version, first_result, keep_result, lock_name, record_audit
from db.coaching import expired_actions
from db.contacts import FIELD_ROLES
from db.models import StageWeekRow, TodayNewsRow, TodayVisitRow
from db.self_checks import checks_finished_since
from db.stage_history import stages_now
from db.warnings_since import warnings_since

Key = tuple[int, Thing, str]
WEEK_END = timedelta(days=6)


@dataclass(frozen=True)
class News:
    """What is not noted yet, with what it is about: the stages of a change, the self-check, the action that expired.

    `since` is the day it came about, the same for everybody: the end of the week of a stage change or of the first
    week of a warning, the day a self-check was sent. `is_new`: not there at the visit before.
    """

    branch_id: int
    thing: Thing
    subject: str
    since: date
    is_new: bool
    before: Stage | None = None
    after: Stage | None = None
    check: SelfCheck | None = None
    action: BranchAction | None = None


def record_visit(session: Session, *, actor: Actor, today: date) -> None:
    """Keep that the user opened Today, and put what has come up since onto his list; without an account nothing.

    Raises:
        NotAllowedError: a branch head, who has no such list.
    """
    require_role(actor, *FIELD_ROLES)
    user_id = account_of(actor)
    if user_id is None:
        return
    lock_name(session, f"today_news {user_id}")  # two windows of one visitor
    visit = session.get(TodayVisitRow, user_id)
    stages = stages_now(session, actor=actor)
    present = _present(session, actor, stages, today, visit.last_on if visit else None)
    known = {
        (row.branch_id, Thing(row.thing), row.subject): row
        for row in session.scalars(select(TodayNewsRow).where(TodayNewsRow.user_id == user_id))
    }
    began = warnings_since(session, actor=actor)
    over = {
        key: row.id
        for key, row in known.items()
        if key[1] is Thing.WARNING and (key not in present or _has_begun_again(row, began))
    }
    if over:
        session.execute(delete(TodayNewsRow).where(TodayNewsRow.id.in_(over.values())))
    for (branch_id, thing, subject), one in present.items():
        if one.is_shown and ((branch_id, thing, subject) not in known or (branch_id, thing, subject) in over):
            session.add(
                TodayNewsRow(
                    user_id=user_id, branch_id=branch_id, thing=thing.value, subject=subject, first_seen_on=today
                )
            )
    if visit is None:
        session.add(TodayVisitRow(user_id=user_id, last_on=today))
    elif visit.last_on != today:
        visit.previous_on, visit.last_on = visit.last_on, today


def news(session: Session, *, actor: Actor, today: date, stages: pd.DataFrame | None = None) -> tuple[News, ...]:
    """Return what the user has not noted yet and still holds, by branch; none for a branch head.

    `stages` are `stages_now` where the caller has asked already.
    """
    if actor.role not in FIELD_ROLES:
        return ()
    user_id = account_of(actor)
    visit = session.get(TodayVisitRow, user_id) if user_id else None
    kept = session.scalars(select(TodayNewsRow).where(TodayNewsRow.user_id == user_id)) if user_id else ()
    began = warnings_since(session, actor=actor)
    rows = {(row.branch_id, Thing(row.thing), row.subject): row for row in kept if not _has_begun_again(row, began)}
    waiting = [key for key, row in rows.items() if row.noted_on is None]
    stages = stages_now(session, actor=actor) if stages is None else stages
    present = _present(session, actor, stages, today, visit.last_on if visit else None, waiting=waiting)
    previous = visit.previous_on if visit else None

    def since(key: Key) -> date:
        branch_id, thing, subject = key
        if thing is Thing.STAGE_CHANGE:
            return date.fromisoformat(subject) + WEEK_END
        began_on = began.get((branch_id, Badge(subject))) if thing is Thing.WARNING else None
        return began_on + WEEK_END if began_on else rows[key].first_seen_on if key in rows else today

    found = [
        News(
            branch_id=key[0],
            thing=key[1],
            subject=key[2],
            since=min(one.since or since(key), today),
            is_new=key not in rows or previous is None or rows[key].first_seen_on > previous,
            check=one.check,
            action=one.action,
        )
        for key, one in sorted(present.items(), key=lambda each: each[0])
        if (key in rows and rows[key].noted_on is None) or (key not in rows and one.is_shown)
    ]
    return _with_stages(session, actor, found)


def note_news(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    thing: Thing,
    subject: str,
    note: str,
    today: date,
    key: str,
    shown_version: int = 0,
) -> None:
    """Take a stage change or an early warning off the user's own list, with what he makes of it.

    `shown_version` 0 = it was on the list, 1 = the user saw what he had noted in another window.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        ChangedByOtherError: it was noted in another window.
        RefusedError: no note, or one that may not be stored.
    """
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    problems = text_problems("line_note", note, most=today_rules().most_text, needed=True)
    if problems:
        raise RefusedError(problems)
    user_id = account_of(actor)
    row, before = None, None
    if user_id is not None:
        lock_name(session, f"today_news {user_id}")
        row = session.scalar(
            select(TodayNewsRow).where(
                TodayNewsRow.user_id == user_id,
                TodayNewsRow.branch_id == branch.id,
                TodayNewsRow.thing == thing.value,
                TodayNewsRow.subject == subject,
            )
        )
        is_noted = row is not None and row.noted_on is not None
        if row and is_noted and thing is Thing.WARNING:
            is_noted = not _has_begun_again(row, warnings_since(session, actor=actor))
        before = {"note": row.note} if row and is_noted else None
        check_version(
            session,
            shown=shown_version,
            stored=1 if before else 0,
            current=before or {},
            subject="today_news",
            subject_ids=[row.id] if row else (),
        )
        if row is None:
            row = TodayNewsRow(
                user_id=user_id, branch_id=branch.id, thing=thing.value, subject=subject, first_seen_on=today
            )
            session.add(row)
        row.noted_on, row.note = today, note.strip()
        session.flush()
    record_audit(
        session,
        actor=actor,
        action="note",
        subject="today_news",
        subject_id=row.id if row else None,
        branch_id=branch.id,
        before=before,
        after={"branch": branch.branch_code, "thing": thing.value, "line": subject, "note": note.strip()},
    )
    keep_result(session, key=key, actor=actor, result={"noted": True})


def _has_begun_again(row: TodayNewsRow, began: Mapping[tuple[int, Badge], date]) -> bool:
    """Tell whether a row is about an earlier time of a warning that ended since and began again."""
    if row.thing != Thing.WARNING.value:
        return False
    since = began.get((row.branch_id, Badge(row.subject)))
    return since is not None and since + WEEK_END > (row.noted_on or row.first_seen_on)


@dataclass(frozen=True)
class _Present:
    """What holds now; `is_shown` = it goes onto a list that does not have it yet. `since` None = see its kind."""

    is_shown: bool
    since: date | None = None
    check: SelfCheck | None = None
    action: BranchAction | None = None


def _present(
    session: Session,
    actor: Actor,
    stages: pd.DataFrame,
    today: date,
    last_on: date | None,
    *,
    waiting: Iterable[Key] = (),
) -> dict[Key, _Present]:
    """Return what holds now.

    A stage change, a self-check or an expired action goes onto a list where it is young, or has come since the last
    visit; a warning always does. Of older self-checks only those `waiting` on the list are looked for.
    """
    young = today_rules().change_weeks
    since_visit = week_start_of(last_on) - timedelta(weeks=1) if last_on else date.max
    wanted = {badge.value for badge in today_rules().warning_badges}
    found: dict[Key, _Present] = {}
    changed = stages[stages["weeks_since_change"].notna()]
    for branch_id, since, weeks in zip(
        changed["branch_id"].tolist(), changed["since"], changed["weeks_since_change"], strict=True
    ):
        is_shown = weeks <= young or since >= since_visit
        found[branch_id, Thing.STAGE_CHANGE, since.isoformat()] = _Present(is_shown)
    marked = stages[stages["badges"] != ""]
    for branch_id, badges in zip(marked["branch_id"].tolist(), marked["badges"], strict=True):
        for badge in wanted.intersection(badges.split(",")):
            found[branch_id, Thing.WARNING, Badge(badge).value] = _Present(is_shown=True)
    first, remembered = today - timedelta(weeks=young), today - timedelta(weeks=today_rules().memory_weeks)
    fresh = min(first, last_on or first)
    months = (date.fromisoformat(subject) for _, thing, subject in waiting if thing is Thing.SELF_CHECK)
    for check in checks_finished_since(session, actor=actor, since=max(min([fresh, *months]), remembered)):
        on = check.finished_on
        key = (check.branch_id, Thing.SELF_CHECK, check.month_start.isoformat())
        found[key] = _Present(on is not None and on >= fresh, on, check=check)
    for action in expired_actions(session, actor=actor, since=remembered, today=today):
        on = action.decided_on
        key = (action.branch_id, Thing.EXPIRED, str(action.suggestion_id))
        found[key] = _Present(on is not None and on >= fresh, on, action=action)
    return found


def _with_stages(session: Session, actor: Actor, found: list[News]) -> tuple[News, ...]:
    """Add the stages before and after each change."""
    changes = [one for one in found if one.thing is Thing.STAGE_CHANGE]
    weeks = {date.fromisoformat(one.subject) + timedelta(weeks=step) for one in changes for step in (-1, 0)}
    query = select(StageWeekRow.branch_id, StageWeekRow.week_start, StageWeekRow.stage).where(
        StageWeekRow.branch_id.in_({one.branch_id for one in changes}), StageWeekRow.week_start.in_(weeks)
    )
    rows = session.execute(scoped(query, actor, StageWeekRow.branch_id)) if changes else ()
    stages = {(row.branch_id, row.week_start): Stage(row.stage) for row in rows}

    def told(one: News) -> News:
        if one.thing is not Thing.STAGE_CHANGE:
            return one
        week = date.fromisoformat(one.subject)
        before, after = stages.get((one.branch_id, week - timedelta(weeks=1))), stages.get((one.branch_id, week))
        return replace(one, before=before, after=after)

    return tuple(told(one) for one in found)
