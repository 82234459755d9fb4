"""The weekly reviews held: whose they may be, who may see one, what it showed. Changes are in `db/review_changes.py`.

A review is seen by whoever sees all its branches: an administrator sees all of them, a manager those of regions
and teams within his own, a supervisor those of his own team, a branch head none. Whoever sees one may hold it.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.facts import Actor, SuggestionState, UserRole
from core.review.agenda import stored_agenda
from core.review.figures import DecisionState, ReviewFigures
from core.review.meeting import Meeting, MeetingLine, kept_figures
from core.review.scope import ReviewScope, ScopeKind, narrowed
from db.access import NotAllowedError, is_visible
from db.contacts import FIELD_ROLES
from db.models import (
    BranchRow,
    OrgUnitRow,
    ReviewAttendanceRow,
    ReviewDecisionRow,
    ReviewMeetingRow,
    SuggestionRow,
)

NOT_YOURS = "not one of your reviews"


def scopes_in_reach(session: Session, *, actor: Actor) -> tuple[ReviewScope, ...]:
    """Return whose reviews the actor may hold: all branches, regions by path, teams by user name.

    Only regions and teams with branches; a team counts where all its branches are the actor's.
    """
    if actor.role not in FIELD_ROLES:
        return ()
    if session.scalar(select(BranchRow.id).where(is_visible(actor)).limit(1)) is None:
        return ()
    found: list[ReviewScope] = []
    if actor.role is UserRole.ADMIN:
        found.append(ReviewScope(ScopeKind.ALL))
    if actor.role is not UserRole.SUPERVISOR:
        used = select(OrgUnitRow.path).join(BranchRow, BranchRow.org_unit_id == OrgUnitRow.id).where(is_visible(actor))
        paths = {path[:end] for path in session.scalars(used.distinct()) for end in _ends(path)}
        top = actor.region_path or ""
        inside = sorted(path for path in paths if actor.role is UserRole.ADMIN or _is_below(path, top))
        found += [ReviewScope(ScopeKind.REGION, path) for path in inside]
    teams = session.scalars(select(BranchRow.supervisor).where(_is_own_team(actor), is_visible(actor)).distinct())
    return (*found, *(ReviewScope(ScopeKind.TEAM, name) for name in sorted(name for name in teams if name)))


def _ends(path: str) -> list[int]:
    """Return where the units of a path end: 浙江分公司/杭州中支 holds two."""
    return [place for place in range(1, len(path) + 1) if place == len(path) or path[place] == "/"]


def _is_below(path: str, top: str) -> bool:
    return bool(top) and (path == top or path.startswith(f"{top}/"))


def _is_own_team(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on branches whose supervisor has none outside the actor's scope."""
    if actor.role is not UserRole.MANAGER:
        return true()
    foreign = select(BranchRow.supervisor).where(~is_visible(actor), BranchRow.supervisor.is_not(None))
    return BranchRow.supervisor.not_in(foreign)


def require_meeting_scope(session: Session, *, actor: Actor, scope: ReviewScope) -> Actor:
    """Return the actor who sees the branches of a scope only.

    Raises:
        NotAllowedError: not a scope of the actor's; the same for one nobody knows.
    """
    if scope not in scopes_in_reach(session, actor=actor):
        raise NotAllowedError(NOT_YOURS)
    return narrowed(actor, scope)


def meeting_is_visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on reviews the actor may see."""
    return scope_is_visible(actor, ReviewMeetingRow.scope_kind, ReviewMeetingRow.scope_key)


def scope_is_visible(
    actor: Actor, kind: InstrumentedAttribute[str], scope_key: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """Return the condition on what was held or written about a scope, by the columns that name it."""
    is_team = kind == ScopeKind.TEAM.value
    match actor.role:
        case UserRole.ADMIN:
            return kind.in_([one.value for one in ScopeKind])
        case UserRole.MANAGER if actor.region_path:
            below = scope_key.startswith(f"{actor.region_path}/", autoescape=True)
            is_region = and_(kind == ScopeKind.REGION.value, or_(scope_key == actor.region_path, below))
            own = select(BranchRow.supervisor).where(is_visible(actor), _is_own_team(actor))
            return or_(is_region, and_(is_team, scope_key.in_(own)))
        case UserRole.SUPERVISOR if actor.username:
            return and_(is_team, scope_key == actor.username)
        case _:
            return false()


def find_meeting(session: Session, *, actor: Actor, scope: ReviewScope, week_start: date) -> Meeting | None:
    """Return the review of a scope and week, None where none was begun or it is not the actor's."""
    row = session.scalar(of_scope_and_week(scope, week_start).where(meeting_is_visible(actor)))
    return next(iter(_records(session, [row])), None) if row else None


def of_scope_and_week(scope: ReviewScope, week_start: date) -> Select[ReviewMeetingRow]:
    """Return the question for the one review of a scope and week; its caller bounds it."""
    row = ReviewMeetingRow
    return select(row).where(
        row.scope_kind == scope.kind.value, row.scope_key == scope.key, row.week_start == week_start
    )


def meetings_held(session: Session, *, actor: Actor, most: int = 50) -> tuple[MeetingLine, ...]:
    """Return the latest reviews the actor may see with what was decided in them, latest week first."""
    row, decision = ReviewMeetingRow, ReviewDecisionRow
    found = session.scalars(
        select(row).where(meeting_is_visible(actor)).order_by(row.week_start.desc(), row.id.desc()).limit(most)
    ).all()
    is_done = or_(
        and_(decision.suggestion_id.is_(None), decision.state == DecisionState.DONE.value),
        SuggestionRow.state == SuggestionState.DONE.value,
    )
    counted = (
        select(decision.meeting_id, func.count(), func.count().filter(is_done))
        .outerjoin(SuggestionRow, SuggestionRow.id == decision.suggestion_id)
        .where(decision.meeting_id.in_([each.id for each in found]))
        .group_by(decision.meeting_id)
    )
    counts = {meeting_id: (taken, done) for meeting_id, taken, done in session.execute(counted)}
    held = _records(session, found)
    return tuple(MeetingLine(one, *counts.get(one.meeting_id, (0, 0))) for one in held)


def figures_shown(session: Session, *, actor: Actor, meeting_id: int) -> ReviewFigures:
    """Return the figures a review shows, kept from when it began, was brought up to date, or was closed.

    Raises:
        NotAllowedError: not one of the actor's reviews.
    """
    query = select(ReviewMeetingRow.figures).where(ReviewMeetingRow.id == meeting_id, meeting_is_visible(actor))
    words = session.scalar(query)
    if words is None:
        raise NotAllowedError(NOT_YOURS)
    return kept_figures(words)


def scope_of(row: ReviewMeetingRow) -> ReviewScope:
    """Return whose branches a review is about."""
    return ReviewScope(ScopeKind(row.scope_kind), row.scope_key)


def present_at(session: Session, meeting_ids: Sequence[int]) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return who was at reviews the caller was shown: accounts by user name, others in words as they were noted."""
    row = ReviewAttendanceRow
    query = select(row.meeting_id, row.username, row.words).where(row.meeting_id.in_(meeting_ids)).order_by(row.id)
    present: dict[int, list[str]] = {}
    guests: dict[int, list[str]] = {}
    for meeting_id, username, words in session.execute(query):
        (present if username else guests).setdefault(meeting_id, []).append(username or words or "")
    return {each: (tuple(sorted(present.get(each, []))), tuple(guests.get(each, []))) for each in meeting_ids}


def _records(session: Session, rows: Sequence[ReviewMeetingRow]) -> list[Meeting]:
    there = present_at(session, [row.id for row in rows])
    return [
        Meeting(
            meeting_id=row.id,
            scope=scope_of(row),
            week_start=row.week_start,
            chair=row.chair,
            begun_at=row.begun_at,
            ended_at=row.ended_at,
            agenda=stored_agenda(row.agenda["order"], row.agenda["skipped"]),
            present=there[row.id][0],
            guests=there[row.id][1],
            data_version=row.data_version,
            version=row.version,
        )
        for row in rows
    ]
