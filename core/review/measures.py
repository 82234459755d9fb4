"""The numbers and the KPIs of the figures of a review: dated rows with unit and source in `measures.csv`.

A change is a new row with a later `valid_from`; reviews that are over keep their figures as shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path

from core.limit_rows import LimitRow, limits_in_force, read_limits

MEASURES_FILE = Path(__file__).with_name("measures.csv")
NEWEST = date.max
"""The day on which all rows hold: for whoever asks about no day."""


@dataclass(frozen=True)
class MeasureLimits:
    """The numbers by their keys; whole ones but one."""

    peers_min: int
    peer_coverage_min: float
    baseline_weeks: int
    baseline_weeks_min: int
    flow_weeks: int
    moves_told: int
    effects_told: int
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
    """A KPI a single branch may lag in, and the least denominator that says anything; one of money is in yuan."""

    kpi: str
    denominator_min: float


@dataclass(frozen=True)
class Measures:
    """What holds on a day.

    A region is of the first class it is large enough for. Goals are the KPIs at the head of the review, in order.
    Chances are KPIs that come nearer to all (rising) or to none (falling) the longer a period is: their target and
    baseline are brought to the days counted through the chance of nothing happening; all others that grow do so
    evenly.
    """

    limits: MeasureLimits
    region_classes: tuple[RegionClass, ...]
    goals: tuple[str, ...]
    indicators: tuple[IndicatorRule, ...]
    rising_chances: frozenset[str]
    falling_chances: frozenset[str]


@cache
def measures_table() -> tuple[LimitRow, ...]:
    """Return all rows in the order of the file, as the screen "how it decides" prints them."""
    return read_limits(MEASURES_FILE, subject="review_figures")


def measures_on(day: date) -> Measures:
    """Return the measures in force on a day.

    Raises:
        LookupError: no row was in force yet.
    """
    return measures_of(measures_table(), day)


@cache
def measures_of(rows: tuple[LimitRow, ...], day: date) -> Measures:
    """Return what some rows say on a day; a place or a denominator of 0 takes a KPI out.

    Raises:
        LookupError: no row was in force yet.
    """
    values = limits_in_force(rows, day=day, of="measures of the review")
    whole = {one.name: int(values[one.name]) for one in fields(MeasureLimits) if one.type is int}
    regions, goals = _named(values, "region"), _named(values, "goal")
    chances = _named(values, "chance")
    largest_first = sorted(regions, key=lambda key: -regions[key])
    return Measures(
        limits=MeasureLimits(**whole, peer_coverage_min=values["peer_coverage_min"]),
        region_classes=tuple(RegionClass(key, int(regions[key])) for key in largest_first),
        goals=tuple(sorted((kpi for kpi in goals if goals[kpi] > 0), key=goals.__getitem__)),
        indicators=tuple(IndicatorRule(kpi, least) for kpi, least in _named(values, "indicator").items() if least > 0),
        rising_chances=frozenset(kpi for kpi, way in chances.items() if way > 0),
        falling_chances=frozenset(kpi for kpi, way in chances.items() if way < 0),
    )


def _named(values: Mapping[str, float], kind: str) -> dict[str, float]:
    """Return the numbers of a kind by what they are about, in their order."""
    return {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{kind}.")}
