"""What customer events there are, and which customers, levels and themes go together: the rows of `rules.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from core.facts import CustomerTier
from core.language import Language

RULES_FILE = Path(__file__).with_name("rules.toml")


@dataclass(frozen=True)
class Named:
    """A stored key with its word in both languages; `tiers` are those it goes with, empty = not bound to any."""

    key: str
    en: str
    zh: str
    tiers: tuple[CustomerTier, ...] = ()

    def word(self, language: Language) -> str:
        """Return what it is called."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class EventKind(Named):
    """A kind of event, with the relations it is for."""

    relations: tuple[str, ...] = ()


@dataclass(frozen=True)
class TierLevels:
    """The lowest levels that act for a tier."""

    insurer_level: str
    bank_level: str


@dataclass(frozen=True)
class EventLimits:
    """The numbers of the rules."""

    least_shown: int
    show_up_target: float
    conversion_days: int
    most_guests: int
    most_days_ahead: int
    most_days_back: int
    most_project_days: int
    title_most_characters: int
    text_most_characters: int


@dataclass(frozen=True)
class EventRules:
    """Everything the file says; levels stand from the lowest up."""

    kinds: tuple[EventKind, ...]
    relations: tuple[Named, ...]
    themes: tuple[Named, ...]
    insurer_levels: tuple[Named, ...]
    bank_levels: tuple[Named, ...]
    tiers: Mapping[CustomerTier, TierLevels]
    limits: EventLimits
    blocked_words: tuple[str, ...]
    valid_from: date
    source_en: str
    source_zh: str

    def tiers_of(self, relation: str) -> tuple[CustomerTier, ...]:
        """Return the tiers a relation goes with, none where there is no such relation."""
        found = named(self.relations, relation)
        return found.tiers if found else ()

    def kinds_for(self, relation: str, tier: CustomerTier) -> tuple[EventKind, ...]:
        """Return the kinds that are offered for a relation and a tier."""
        return tuple(one for one in self.kinds if tier in one.tiers and relation in one.relations)

    def themes_for(self, tier: CustomerTier) -> tuple[Named, ...]:
        """Return the themes that are offered for a tier."""
        return tuple(one for one in self.themes if tier in one.tiers)

    def levels_for(self, tier: CustomerTier) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
        """Return the levels that may act for a tier, the insurer's and the bank's, the lowest first."""
        levels = self.tiers[tier]
        return _from(self.insurer_levels, levels.insurer_level), _from(self.bank_levels, levels.bank_level)

    def word(self, key: str | None, language: Language) -> str:
        """Return what a stored key is called, the key itself where nobody knows it."""
        if key is None:
            return ""
        every = (*self.kinds, *self.relations, *self.themes, *self.insurer_levels, *self.bank_levels)
        found = named(every, key)
        return found.word(language) if found else key


def named(rows: Iterable[Named], key: str) -> Named | None:
    """Return the row of a key, None where there is none."""
    return next((one for one in rows if one.key == key), None)


def _from(levels: tuple[Named, ...], lowest: str) -> tuple[Named, ...]:
    return levels[[one.key for one in levels].index(lowest) :]


def _tiers(row: Mapping[str, Any]) -> tuple[CustomerTier, ...]:
    return tuple(CustomerTier(tier) for tier in row.get("tiers", ()))


def _named(rows: Iterable[Mapping[str, Any]]) -> tuple[Named, ...]:
    return tuple(Named(row["key"], row["en"], row["zh"], _tiers(row)) for row in rows)


@cache
def event_rules() -> EventRules:
    """Return the rules as shipped."""
    with RULES_FILE.open("rb") as file:
        content = tomllib.load(file)
    return EventRules(
        kinds=tuple(
            EventKind(row["key"], row["en"], row["zh"], _tiers(row), tuple(row["relations"])) for row in content["kind"]
        ),
        relations=_named(content["relation"]),
        themes=_named(content["theme"]),
        insurer_levels=_named(content["insurer_level"]),
        bank_levels=_named(content["bank_level"]),
        tiers={
            CustomerTier(row["key"]): TierLevels(row["insurer_level"], row["bank_level"]) for row in content["tier"]
        },
        limits=EventLimits(**content["limits"]),
        blocked_words=tuple(content["blocked_words"]),
        valid_from=content["valid_from"],
        source_en=content["source_en"],
        source_zh=content["source_zh"],
    )
