"""What a branch head is told about why an action was taken on: where it comes from and when, not what others judged.

The cause somebody named in a week plan or a gap diagnosis may be about the head himself, and the words of a decision
are meant for its owner. What the engine or the records say about his branch he may read.
"""

from collections.abc import Mapping
from typing import Any

from core.coaching.suggestion import (
    BY_BADGE,
    BY_DECISION,
    BY_DIAGNOSIS,
    BY_FAILURE,
    BY_GAP,
    BY_HAND,
    BY_MISS,
    BY_STAGE,
    BY_UPKEEP,
)

TOLD: Mapping[str, frozenset[str]] = {
    BY_BADGE: frozenset({"badge", BY_HAND}),
    BY_GAP: frozenset({"role", "actual", "target_min", BY_HAND}),
    BY_STAGE: frozenset({"stage", "weeks", BY_HAND}),
    BY_UPKEEP: frozenset({"stage", "on", BY_HAND}),
    BY_FAILURE: frozenset({"on", BY_HAND}),
    BY_DECISION: frozenset({"week"}),
    BY_DIAGNOSIS: frozenset({"on"}),
    BY_MISS: frozenset({"week"}),
}
"""Facts of each reason a branch head may read; of a reason that is not here, none."""

TASK: Mapping[str, frozenset[str]] = {BY_DECISION: frozenset({"words"})}
"""Facts that say what is to be done: whoever owns the action must know them."""


def facts_told_to_head(reason_key: str, facts: Mapping[str, Any], *, is_owner: bool) -> dict[str, Any]:
    """Return the facts of a reason a branch head may read, of an action that is his or another's."""
    told = TOLD.get(reason_key, frozenset())
    if is_owner:
        told |= TASK.get(reason_key, frozenset())
    return {name: fact for name, fact in facts.items() if name in told}
