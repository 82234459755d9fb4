"""Whose branches a review is about. A scope narrows what its chair may see and never widens it."""

from dataclasses import dataclass, replace
from enum import StrEnum

from core.facts import Actor, UserRole


class ScopeKind(StrEnum):
    """What bounds a review."""

    ALL = "all"
    REGION = "region"
    TEAM = "team"


@dataclass(frozen=True)
class ReviewScope:
    """The branches of a review: all, below a region path (浙江分公司/杭州中支), or of a supervisor by user name."""

    kind: ScopeKind
    key: str = ""

    def __str__(self) -> str:
        """Return the scope as addresses and files carry it, read back by `review_scope`."""
        return self.kind.value if self.kind is ScopeKind.ALL else f"{self.kind}:{self.key}"


def review_scope(words: str) -> ReviewScope | None:
    """Return the scope an address names, None where it names none."""
    kind, _, key = words.partition(":")
    if kind not in list(ScopeKind) or (kind == ScopeKind.ALL) == bool(key):
        return None
    return ReviewScope(ScopeKind(kind), key)


def widest_scope(actor: Actor) -> ReviewScope:
    """Return the scope of everything an actor may see; a branch head has none of his own and gets an empty team."""
    match actor.role:
        case UserRole.ADMIN:
            return ReviewScope(ScopeKind.ALL)
        case UserRole.MANAGER:
            return ReviewScope(ScopeKind.REGION, actor.region_path or "")
        case _:
            return ReviewScope(ScopeKind.TEAM, actor.username)


def narrowed(actor: Actor, scope: ReviewScope) -> Actor:
    """Return the actor who sees the branches of a scope only; whoever asks checks first that the scope is his.

    The team of a supervisor is bounded by the region of the manager who asks, as it may reach beyond it.
    """
    match scope.kind:
        case ScopeKind.ALL:
            return actor
        case ScopeKind.REGION:
            return replace(actor, role=UserRole.MANAGER, region_path=scope.key)
        case ScopeKind.TEAM:
            return replace(actor, role=UserRole.SUPERVISOR, username=scope.key)
