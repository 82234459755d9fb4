"""An action decided for a branch, as the screens show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.facts import SuggestionState


@dataclass(frozen=True)
class BranchAction:
    """A suggestion somebody decided about.

    `decided_on` is the day it was taken on and, once closed, the day it was closed. `measure_met`
    None = open, dismissed, or too early to say.
    """

    suggestion_id: int
    branch_id: int
    branch_code: str
    branch_name: str
    action_key: str
    state: SuggestionState
    reason_key: str
    facts: Mapping[str, Any]
    owner: str | None
    due_on: date | None
    decided_on: date | None
    outcome: str | None
    measure_met: bool | None
    dismissed_reason: str | None
    version: int

    def is_overdue(self, today: date) -> bool:
        """Tell whether an open action is past its due date; the due day itself is in time."""
        return self.state is SuggestionState.TAKEN and self.due_on is not None and self.due_on < today


@dataclass(frozen=True)
class Owner:
    """Somebody who may own an action of a branch."""

    username: str
    display_name: str
