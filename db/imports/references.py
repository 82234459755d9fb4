"""What rows refer to: branches and people, stored or accepted earlier in the same import.

Who may not see a branch learns nothing about it: unknown and foreign codes get one answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import Actor, UserRole
from db.access import is_visible
from db.imports.datasets import Dataset
from db.imports.messages import (
    FILE_REFUSED,
    NOT_YOURS,
    OTHER_BRANCH,
    REFUSED_BRANCH,
    REFUSED_STAFF,
    UNKNOWN_BRANCH,
    UNKNOWN_STAFF,
    Remark,
)
from db.models import BranchRow, StaffRow, UserRow

OPEN_START = "0000-00-00"
OPEN_END = "9999-99-99"


class StaffFact(NamedTuple):
    """Where and when a person is in post; ISO days that compare as text."""

    staff_code: str
    branch_code: str
    role: str
    joined_on: str
    left_on: str


NOBODY = StaffFact("", "", "", OPEN_START, OPEN_END)


@dataclass
class References:
    """Known branches (code → cooperation start) and people, as the actor may see them."""

    actor: Actor
    branches: dict[str, str] = field(default_factory=dict)
    staff: dict[str, StaffFact] = field(default_factory=dict)
    hidden_branches: frozenset[str] = frozenset()
    hidden_staff: frozenset[str] = frozenset()
    refused_branches: set[str] = field(default_factory=set)
    refused_staff: set[str] = field(default_factory=set)
    usernames: frozenset[str] = frozenset()
    refused_files: dict[Dataset, str] = field(default_factory=dict)
    """Files of which no row, or not every row, could be looked at."""

    @property
    def sees_all(self) -> bool:
        """Tell whether the actor sees every branch."""
        return self.actor.role is UserRole.ADMIN

    def branch_problem(self, branch_code: str) -> Remark | None:
        """Return why rows of this branch cannot be taken, None where they can."""
        if branch_code in self.refused_branches:
            return Remark(REFUSED_BRANCH)
        if branch_code in self.branches:
            return None
        if Dataset.BRANCHES in self.refused_files:
            return Remark(FILE_REFUSED, {"file": self.refused_files[Dataset.BRANCHES]})
        return Remark(UNKNOWN_BRANCH if self.sees_all else NOT_YOURS)

    def person(self, staff_code: str, branch_code: str) -> StaffFact | Remark:
        """Return the person at the branch, or why the code cannot be taken."""
        if not staff_code:
            return NOBODY
        if staff_code in self.refused_staff:
            return Remark(REFUSED_STAFF)
        fact = self.staff.get(staff_code)
        if fact is None and Dataset.STAFF in self.refused_files:
            return Remark(FILE_REFUSED, {"file": self.refused_files[Dataset.STAFF]})
        if fact is None:
            return Remark(UNKNOWN_STAFF)
        if branch_code and fact.branch_code != branch_code:
            return Remark(OTHER_BRANCH, {"branch": fact.branch_code})
        return fact

    def new_branch_problem(self, branch_code: str, region: str, supervisor: str | None) -> Remark | None:
        """Return why the actor may not store a branch with these values, None where he may.

        `supervisor` None = the file does not say, so that a stored branch keeps the one it has.
        """
        if self.sees_all:
            return None
        if branch_code in self.hidden_branches:
            return Remark(NOT_YOURS)
        match self.actor.role:
            case UserRole.MANAGER if self.actor.region_path:
                path = self.actor.region_path
                return None if region == path or region.startswith(path + "/") else Remark(NOT_YOURS)
            case UserRole.SUPERVISOR if self.actor.username:
                is_kept = supervisor is None and branch_code in self.branches
                return None if is_kept or supervisor == self.actor.username else Remark(NOT_YOURS)
            case _:
                return Remark(NOT_YOURS)

    def learn_branches(self, facts: Iterable[tuple[str, str]]) -> None:
        """Take up accepted rows: code and cooperation start."""
        self.branches.update(facts)

    def learn_staff(self, facts: Iterable[StaffFact]) -> None:
        """Take up accepted rows."""
        self.staff.update((fact.staff_code, fact) for fact in facts)


def references(session: Session, *, actor: Actor) -> References:
    """Return the stored branches and people the actor may refer to."""
    visible = session.execute(select(BranchRow.branch_code, BranchRow.cooperation_start).where(is_visible(actor)))
    known = References(actor=actor, branches={code: start.isoformat() for code, start in visible})
    people = session.execute(
        select(StaffRow.staff_code, BranchRow.branch_code, StaffRow.role, StaffRow.joined_on, StaffRow.left_on)
        .join(BranchRow, BranchRow.id == StaffRow.branch_id)
        .where(is_visible(actor))
    )
    known.learn_staff(
        StaffFact(
            code,
            branch,
            role,
            joined.isoformat() if joined else OPEN_START,
            left.isoformat() if left else OPEN_END,
        )
        for code, branch, role, joined, left in people
    )
    if not known.sees_all:
        known.hidden_branches = frozenset(session.scalars(select(BranchRow.branch_code))) - known.branches.keys()
        known.hidden_staff = frozenset(session.scalars(select(StaffRow.staff_code))) - known.staff.keys()
    known.usernames = frozenset(session.scalars(select(UserRow.username)))
    return known
