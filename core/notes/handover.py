"""When a branch is handed over, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class HandoverKind(StrEnum):
    """Who changed."""

    SUPERVISOR = "supervisor"
    BRANCH_HEAD = "branch_head"


@dataclass(frozen=True)
class Handover:
    """A change of the person in charge of a branch; user name or staff code, None = nobody, or not known.

    `names` says what those of them are called who have an account, by user name.
    `taken_over_on` None = nobody has confirmed yet that he read the page.
    """

    branch_id: int
    branch_code: str
    branch_name: str
    kind: HandoverKind
    changed_on: date
    before: str | None
    after: str | None
    taken_over_on: date | None = None
    taken_over_by: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> tuple[str | None, str | None]:
        """Return who was in charge before and who is now, by name where there is one."""
        before, after = (self.names.get(one, one) if one else None for one in (self.before, self.after))
        return before, after

    def days_open(self, today: date) -> int | None:
        """Return for how many days nobody has confirmed, None once somebody did."""
        return None if self.taken_over_on else (today - self.changed_on).days
