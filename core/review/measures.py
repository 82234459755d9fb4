"""The numbers and the KPIs of the figures of a review, as they stand in `measures.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

MEASURES_FILE = Path(__file__).with_name("measures.toml")


@dataclass(frozen=True)
class MeasureLimits:
    """The numbers; the file says what each is and where it comes from."""

    peers_min: int
    peer_coverage_min: float
    baseline_weeks: int
    baseline_weeks_min: int
    flow_weeks: int
    moves_told: int
    weak_branches_max: int
    weak_indicators_max: int
    weak_weeks: int
    cadence_weeks: int


@dataclass(frozen=True)
class RegionClass:
    """A size of region: from how many operating branches on."""

    key: str
    branches_min: int


@dataclass(frozen=True)
class IndicatorRule:
    """A KPI a single branch may lag in, and the least denominator that says anything."""

    kpi: str
    denominator_min: float


@dataclass(frozen=True)
class Measures:
    """Everything the file says."""

    limits: MeasureLimits
    region_classes: tuple[RegionClass, ...]
    goals: tuple[str, ...]
    indicators: tuple[IndicatorRule, ...]
    rising_chances: frozenset[str]
    falling_chances: frozenset[str]
    valid_from: date


@cache
def measures() -> Measures:
    """Return the rules as shipped."""
    content = tomllib.loads(MEASURES_FILE.read_text(encoding="utf-8"))
    return Measures(
        limits=MeasureLimits(**content["limits"]),
        region_classes=tuple(RegionClass(**row) for row in content["region_class"]),
        goals=tuple(row["kpi"] for row in content["goal"]),
        indicators=tuple(IndicatorRule(**row) for row in content["indicator"]),
        rising_chances=frozenset(content["chances"]["rising"]),
        falling_chances=frozenset(content["chances"]["falling"]),
        valid_from=content["valid_from"],
    )
