"""Whose branches an actor may hold a review about: every region and every team inside his own scope."""

from dataclasses import replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.facts import Actor, UserRole
from core.review.scope import ReviewScope, ScopeKind, narrowed, widest_scope
from db.access import NotAllowedError, is_visible, scoped
from db.branches import filter_options, find_branch
from db.models import BranchRow, OrgUnitRow

LEADERS = frozenset({UserRole.ADMIN, UserRole.MANAGER})


def require_scope(session: Session, *, actor: Actor, scope: ReviewScope) -> None:
    """Refuse a scope that is not inside what the actor may see.

    Raises:
        NotAllowedError: not all of it is his; no such region; a supervisor without a branch in his scope;
            a branch head. The message is the same for what does not exist.
    """
    if not _is_his(session, actor, scope):
        raise NotAllowedError("not one of your branches")


def sight_of(
    session: Session, *, actor: Actor, scope: ReviewScope | None = None, branch_code: str | None = None
) -> Actor:
    """Return the actor who sees the branches of a scope, or one branch of it; None = all the actor may see.

    Raises:
        NotAllowedError: the scope is not the actor's, or the branch is not in it.
    """
    seen = actor
    if scope is not None:
        require_scope(session, actor=actor, scope=scope)
        seen = narrowed(actor, scope)
    if branch_code is None:
        return seen
    branch = find_branch(session, actor=seen, branch_code=branch_code)
    if branch is None:
        raise NotAllowedError("not one of your branches")
    return replace(seen, role=UserRole.BRANCH_HEAD, branch_id=branch.branch_id)


def scopes_of(session: Session, *, actor: Actor) -> tuple[ReviewScope, ...]:
    """Return the scopes an actor may choose, the widest first, then regions by path, then teams by user name.

    Empty for a branch head, and for whoever has no branch yet.
    """
    options = filter_options(session, actor=actor)
    if actor.role is UserRole.BRANCH_HEAD or not options.regions:
        return ()
    if actor.role is UserRole.SUPERVISOR:
        return (widest_scope(actor),)
    regions = tuple(ReviewScope(ScopeKind.REGION, path) for path in options.regions if _is_below(actor, path))
    teams = tuple(ReviewScope(ScopeKind.TEAM, name) for name in options.supervisors)
    return tuple(dict.fromkeys((widest_scope(actor), *regions, *teams)))


def _is_his(session: Session, actor: Actor, scope: ReviewScope) -> bool:
    match scope.kind:
        case ScopeKind.ALL:
            return actor.role is UserRole.ADMIN and not scope.key
        case ScopeKind.REGION:
            if actor.role not in LEADERS or not _is_below(actor, scope.key):
                return False
            below = OrgUnitRow.path.startswith(scope.key + "/", autoescape=True)
            known = select(OrgUnitRow.id).where(or_(OrgUnitRow.path == scope.key, below)).limit(1)
            return session.scalar(known) is not None
        case ScopeKind.TEAM:
            if actor.role not in LEADERS and (actor.role, actor.username) != (UserRole.SUPERVISOR, scope.key):
                return False
            led = select(BranchRow.id).where(BranchRow.supervisor == scope.key, is_visible(actor)).limit(1)
            return session.scalar(scoped(led, actor, BranchRow.id)) is not None


def _is_below(actor: Actor, path: str) -> bool:
    """Tell whether a region is the actor's or below it."""
    if actor.role is UserRole.ADMIN:
        return bool(path)
    return bool(actor.region_path) and (path == actor.region_path or path.startswith(f"{actor.region_path}/"))
