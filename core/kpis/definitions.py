"""What each KPI means, in words, and its dated targets: the rows of `definitions.toml` and `targets.csv`."""

import csv
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from core.facts import SizeTier
from core.language import Language

KpiUnit = Literal["share", "count", "cny", "ratio"]
ROOM = Path(__file__).parent


@dataclass(frozen=True)
class KpiWords:
    """The words of a definition in one language."""

    title: str
    formula: str
    numerator: str
    denominator: str
    edge: str


@dataclass(frozen=True)
class KpiDefinition:
    """One KPI. `ladder` are the levels of its target, lowest first; `good` the direction of good.

    `is_total` = a sum with the denominator 1. `is_target_monthly` = the target grows with the period.
    """

    key: str
    number: str
    en: KpiWords
    zh: KpiWords
    unit: KpiUnit
    per: str
    good: Literal["up", "down"]
    is_total: bool
    is_target_monthly: bool
    ladder: tuple[float, ...]
    needs_positive_denominator: bool
    only_where_given: bool

    def words(self, language: Language) -> KpiWords:
        """Return the words in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class KpiTarget:
    """A dated target in the unit of the KPI; `tier` None = any, `target` None = no target from then on."""

    kpi: str
    tier: SizeTier | None
    target: Decimal | None
    valid_from: date
    source_en: str
    source_zh: str
    is_stored: bool = False
    version: int = 0

    def source(self, language: Language) -> str:
        """Return where the number comes from."""
        return self.source_zh if language == "zh" else self.source_en


@cache
def kpi_definitions() -> tuple[KpiDefinition, ...]:
    """Return all KPIs in the order they are shown."""
    rows = tomllib.loads((ROOM / "definitions.toml").read_text(encoding="utf-8"))
    return tuple(
        KpiDefinition(
            key=key,
            number=row["number"],
            en=_words(row, "en"),
            zh=_words(row, "zh"),
            unit=row["unit"],
            per=row["per"],
            good=row["good"],
            is_total=row["form"] == "total",
            is_target_monthly=row.get("target_per") == "month",
            ladder=tuple(row.get("ladder", ())),
            needs_positive_denominator=row.get("needs_positive_denominator", False),
            only_where_given=row.get("only_where_given", False),
        )
        for key, row in rows.items()
    )


def kpi_definition(key: str) -> KpiDefinition:
    """Return one KPI.

    Raises:
        LookupError: no KPI of this key.
    """
    found = next((row for row in kpi_definitions() if row.key == key), None)
    if found is None:
        raise LookupError(f"no KPI {key!r}; there are {', '.join(row.key for row in kpi_definitions())}")
    return found


def _words(row: dict[str, str], language: Language) -> KpiWords:
    return KpiWords(
        title=row[f"title_{language}"],
        formula=row[f"formula_{language}"],
        numerator=row[f"numerator_{language}"],
        denominator=row[f"denominator_{language}"],
        edge=row[f"edge_{language}"],
    )


@cache
def shipped_kpi_targets() -> tuple[KpiTarget, ...]:
    """Return the default targets."""
    with (ROOM / "targets.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            KpiTarget(
                kpi=row["kpi"],
                tier=SizeTier(row["tier"]) if row["tier"] else None,
                target=Decimal(row["target"]),
                valid_from=date.fromisoformat(row["valid_from"]),
                source_en=row["source_en"],
                source_zh=row["source_zh"],
            )
            for row in csv.DictReader(file)
        )


def kpi_target_on(targets: Iterable[KpiTarget], *, kpi: str, tier: SizeTier | None, day: date) -> float | None:
    """Return the target of a KPI for a tier on a day; None = no target.

    A stored row wins over a shipped one, a row of the tier over one of any tier, then the later one.
    """
    found = [row for row in targets if row.kpi == kpi and row.tier in (None, tier) and row.valid_from <= day]
    if not found:
        return None
    best = max(found, key=lambda row: (row.is_stored, row.tier is not None, row.valid_from))
    return None if best.target is None else float(best.target)
