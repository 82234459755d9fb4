"""Row scope: which branches a signed-in user may see. Every query goes through here and fails closed.

An administrator sees all, a manager the subtree of the region path, a supervisor the branches
that name him, a branch head one branch. A role without its bound sees nothing. A supervisor with a
region path stands for his team within that region: what a manager sees of it (`core.review.scope.narrowed`).
"""

from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.facts import Actor, UserRole
from db.models import BranchRow, OrgUnitRow

Columns = TypeVarTuple("Columns")


class NotAllowedError(Exception):
    """The actor may not do this, or the thing does not exist for the actor."""


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `branch` rows the actor may see."""
    match actor.role:
        case UserRole.ADMIN:
            return true()
        case UserRole.MANAGER if actor.region_path:
            return _lies_in(actor.region_path)
        case UserRole.SUPERVISOR if actor.username and actor.region_path:
            return and_(BranchRow.supervisor == actor.username, _lies_in(actor.region_path))
        case UserRole.SUPERVISOR if actor.username:
            return BranchRow.supervisor == actor.username
        case UserRole.BRANCH_HEAD if actor.branch_id is not None:
            return BranchRow.id == actor.branch_id
        case _:
            return false()


def _lies_in(region_path: str) -> ColumnElement[bool]:
    below = OrgUnitRow.path.startswith(region_path + "/", autoescape=True)
    units = select(OrgUnitRow.id).where(or_(OrgUnitRow.path == region_path, below))
    return BranchRow.org_unit_id.in_(units)


def scoped(query: Select[*Columns], actor: Actor, branch_column: InstrumentedAttribute[Any]) -> Select[*Columns]:
    """Bound a query to the branches the actor may see; `branch_column` holds the branch key."""
    if actor.role is UserRole.ADMIN:
        return query
    if branch_column.class_ is BranchRow:
        return query.where(is_visible(actor))
    return query.where(branch_column.in_(select(BranchRow.id).where(is_visible(actor))))


def branch_in_scope(session: Session, *, actor: Actor, branch_id: int) -> BranchRow:
    """Return the branch row.

    Raises:
        NotAllowedError: no such branch for this actor; the message is the same either way.
    """
    row = session.scalar(select(BranchRow).where(BranchRow.id == branch_id, is_visible(actor)))
    if row is None:
        raise NotAllowedError("not one of your branches")
    return row


def require_role(actor: Actor, *roles: UserRole) -> None:
    """Refuse an actor of another role.

    Raises:
        NotAllowedError: the actor has none of the roles.
    """
    if actor.role not in roles:
        raise NotAllowedError("not allowed for this role")
