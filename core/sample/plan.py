"""What city is asked for, the tables of shapes it is drawn from, and its days.

Every subject draws from a stream of its own, so that one more contact never changes a policy.
"""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.calendar import WorkingCalendar, week_start_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FOLDER = Path(__file__).parent
MOST_BRANCHES = 300_000
MOST_WEEKS = 520


class Subject(IntEnum):
    """Streams of chance."""

    NETWORK = 1
    PEOPLE = 2
    POLICIES = 3
    CONTACTS = 4


@dataclass(frozen=True)
class CityPlan:
    """The arguments that make a city.

    `until` is the last day; the last of the `weeks` weeks holds it. `contact_weeks` keeps only the
    contacts of the last weeks, None keeps all. `lead_supervisor` is the user name one supervisor bears.

    Raises:
        ValueError: a number outside its bounds.
    """

    branches: int
    weeks: int
    seed: int
    until: date
    contact_weeks: int | None = None
    lead_supervisor: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no city can be made of."""
        for name, number, lowest, highest in (
            ("branches", self.branches, 1, MOST_BRANCHES),
            ("weeks", self.weeks, 1, MOST_WEEKS),
            ("seed", self.seed, 0, 2**63 - 1),
        ):
            if not lowest <= number <= highest:
                raise ValueError(f"{name} is {number}; give a number from {lowest} to {highest}")

    @property
    def first_day(self) -> date:
        """The Monday of the first week."""
        return week_start_of(self.until) - timedelta(weeks=self.weeks - 1)

    @property
    def day_count(self) -> int:
        """Days from the first Monday to `until`, both included."""
        return (self.until - self.first_day).days + 1

    def chance(self, subject: Subject, part: int = 0) -> np.random.Generator:
        """Return the stream of a subject; `part` numbers its blocks of branches."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, subject, part])))


@cache
def names() -> dict[str, Any]:
    """Return the invented names of `names.toml`."""
    return tomllib.loads((FOLDER / "names.toml").read_text(encoding="utf-8"))


@cache
def survey_rows() -> dict[str, Any]:
    """Return the branch surveys of `surveys.toml`."""
    return tomllib.loads((FOLDER / "surveys.toml").read_text(encoding="utf-8"))


@cache
def profiles() -> dict[str, Any]:
    """Return the shapes of `profiles.toml`."""
    return tomllib.loads((FOLDER / "profiles.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class SampleDays:
    """The days of a city, whole weeks; those after `until` hold nothing.

    `season` is the day's part of the season index of its week, 0 on days off.
    """

    is_workday: Flags
    season: Floats
    contact_factor: Floats
    words: list[str]

    @classmethod
    def of(cls, plan: CityPlan, calendar: WorkingCalendar) -> "SampleDays":
        """Lay the statutory calendar and the season over the plan's weeks."""
        season = profiles()["season"]
        days = [plan.first_day + timedelta(days=number) for number in range(plan.weeks * 7)]
        worked = np.array([day <= plan.until and calendar.is_workday(day) for day in days])
        months = np.array([season["months"][day.month - 1] for day in days])
        factor = np.ones(len(days))
        for festival in season["festival_on"]:
            near = np.array([abs((day - festival).days) <= 7 for day in days])
            factor[near] = season["festival_contact_factor"]
        return cls(worked, np.where(worked, months / 5, 0.0), factor, [day.isoformat() for day in days])


def uniform(chance: np.random.Generator, bounds: Any, rows: Ints | None = None, size: int | None = None) -> Floats:
    """Draw evenly between two bounds: one pair for `size` draws, or a pair for each of `rows`."""
    if rows is None:
        return chance.uniform(bounds[0], bounds[1], size)
    pairs = np.asarray(bounds, dtype=float)[rows]
    drawn: Floats = pairs[:, 0] + chance.random(len(rows)) * (pairs[:, 1] - pairs[:, 0])
    return drawn


def whole(chance: np.random.Generator, bounds: Any, rows: Ints) -> Ints:
    """Draw whole numbers between the pair of bounds of each row, both included."""
    pairs = np.asarray(bounds)[rows]
    return chance.integers(pairs[:, 0], pairs[:, 1] + 1)


def shared_out(chance: np.random.Generator, shares: Any, count: int) -> Ints:
    """Return kinds 0, 1, … for `count` things, in the given shares as exactly as whole numbers allow, mixed."""
    bounds = np.rint(np.cumsum(np.asarray(shares, dtype=float)) / sum(shares) * count).astype(np.int64)
    kinds = np.searchsorted(bounds, np.arange(count), side="right")
    return chance.permutation(np.minimum(kinds, len(shares) - 1)).astype(np.int64)


def chosen(chance: np.random.Generator, shares: Any, count: int) -> Ints:
    """Draw `count` kinds independently with the given shares."""
    bounds = np.cumsum(np.asarray(shares, dtype=float)) / sum(shares)
    return np.minimum(np.searchsorted(bounds, chance.random(count), side="right"), len(bounds) - 1).astype(np.int64)
