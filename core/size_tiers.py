"""Which size tier a branch has: set by hand, else from its sellers in post.

Sellers are wealth managers and account managers. A branch without any staff recorded is
taken to be of standard size, since nothing speaks for another.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.facts import SizeTier, StaffRole

GUIDE_FILE = Path(__file__).with_name("size_tiers.csv")
SELLER_ROLES = (StaffRole.WEALTH_MANAGER, StaffRole.ACCOUNT_MANAGER)
TIER_WITHOUT_STAFF = SizeTier.STANDARD


@dataclass(frozen=True)
class TierGuide:
    """From how many sellers in post a branch belongs to the tier, from a day on."""

    tier: SizeTier
    min_sellers: int
    valid_from: date
    unit: str
    source: str


@cache
def tier_guide() -> tuple[TierGuide, ...]:
    """Return the shipped guide, largest tier first."""
    with GUIDE_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            TierGuide(
                tier=SizeTier(row["tier"]),
                min_sellers=int(row["min_sellers"]),
                valid_from=date.fromisoformat(row["valid_from"]),
                unit=row["unit"],
                source=row["source"],
            )
            for row in csv.DictReader(file)
        )


def size_tier(*, set_by_hand: SizeTier | None, sellers_in_post: int, has_staff: bool) -> SizeTier:
    """Return the tier in force.

    Args:
        set_by_hand: the stored tier, None where nobody set one.
        sellers_in_post: wealth managers and account managers in post.
        has_staff: whether any person was ever recorded for the branch.
    """
    if set_by_hand is not None:
        return set_by_hand
    if not has_staff:
        return TIER_WITHOUT_STAFF
    return next(row.tier for row in tier_guide() if sellers_in_post >= row.min_sellers)
