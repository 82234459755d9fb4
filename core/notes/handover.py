"""When a branch is handed over, and to whom."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class HandoverKind(StrEnum):
    """Who changed."""

    SUPERVISOR = "supervisor"
    BRANCH_HEAD = "branch_head"


@dataclass(frozen=True)
class Handover:
    """A change of the person in charge of a branch; user name or staff code, None = nobody, or not known.

    `before_name` and `after_name` say what those of them are called who have an account.
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
    before_name: str | None = None
    after_name: str | None = None

    @property
    def words(self) -> tuple[str | None, str | None]:
        """Return who was in charge before and who is now, by name where there is one."""
        return self.before_name or self.before, self.after_name or self.after

    def days_open(self, today: date) -> int | None:
        """Return for how many days nobody has confirmed, None once somebody did."""
        return None if self.taken_over_on else (today - self.changed_on).days
