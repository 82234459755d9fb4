"""Whom a review speaks of: the own staff that has to do with its branches, and who may own what is decided."""

from sqlalchemy import and_, false, or_, select, true
from sqlalchemy.orm import Session

from core.coaching.actions import Owner
from core.facts import Actor, UserRole
from core.review.names import Person, persons
from db.access import is_visible, scoped
from db.contacts import FIELD_ROLES
from db.engine import plain_rows
from db.models import BranchRow, OrgUnitRow, StaffRow, UserRow

RANKS = (UserRole.ADMIN, UserRole.MANAGER, UserRole.SUPERVISOR, UserRole.BRANCH_HEAD)


def people_of(session: Session, *, actor: Actor) -> tuple[Person, ...]:
    """Return who has to do with the branches the actor sees, by rank and user name; supervisors without account too.

    Accounts that are closed stay in it: an old decision may name them.
    """
    if actor.role not in FIELD_ROLES:
        return ()
    found = {name: (display_name, role) for name, display_name, role, _ in _accounts(session, actor)}
    for name in session.scalars(select(BranchRow.supervisor).where(is_visible(actor)).distinct()):
        if name:
            found.setdefault(name, (name, UserRole.SUPERVISOR))
    order = sorted(found, key=lambda name: (RANKS.index(found[name][1]), name))
    return persons((name, *found[name]) for name in order)


def topic_owners(session: Session, *, actor: Actor) -> tuple[Owner, ...]:
    """Return who may own a decision about no branch: active accounts of the own staff, by rank and user name."""
    if actor.role not in FIELD_ROLES:
        return ()
    found = [row for row in _accounts(session, actor) if row[3] and row[2] in FIELD_ROLES]
    order = sorted(found, key=lambda row: (RANKS.index(row[2]), row[0]))
    return tuple(Owner(name, display_name) for name, display_name, _, _ in order)


def staff_codes(session: Session, *, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Return name and code of the people of the bank at the branches the actor sees."""
    query = select(StaffRow.staff_name, StaffRow.staff_code).order_by(StaffRow.staff_code)
    return tuple(
        (row.staff_name, row.staff_code) for row in plain_rows(session, scoped(query, actor, StaffRow.branch_id))
    )


def _accounts(session: Session, actor: Actor) -> list[tuple[str, str, UserRole, bool]]:
    """Return user name, display name, role and activity of the accounts whose branches overlap with the actor's."""
    teams = select(BranchRow.supervisor).where(is_visible(actor), BranchRow.supervisor.is_not(None))
    codes = select(BranchRow.branch_code).where(is_visible(actor))
    used = select(OrgUnitRow.path).join(BranchRow, BranchRow.org_unit_id == OrgUnitRow.id).where(is_visible(actor))
    paths = set(session.scalars(used.distinct()))
    above = {path[:end] for path in paths for end in range(1, len(path) + 1) if end == len(path) or path[end] == "/"}
    top = actor.region_path if actor.role is UserRole.MANAGER else None
    below = UserRow.region_path.startswith(f"{top}/", autoescape=True) if top else false()
    is_manager = or_(UserRow.region_path.in_(above), UserRow.region_path == (top or ""), below)
    query = select(UserRow.username, UserRow.display_name, UserRow.role, UserRow.is_active).where(
        or_(
            UserRow.role == UserRole.ADMIN,
            and_(UserRow.role == UserRole.MANAGER, true() if actor.role is UserRole.ADMIN else is_manager),
            and_(
                UserRow.role == UserRole.SUPERVISOR,
                true()
                if actor.role is UserRole.ADMIN
                else or_(UserRow.username == actor.username, UserRow.username.in_(teams)),
            ),
            and_(UserRow.role == UserRole.BRANCH_HEAD, UserRow.branch_code.in_(codes)),
        )
    )
    return [(name, display_name, UserRole(role), active) for name, display_name, role, active in session.execute(query)]
