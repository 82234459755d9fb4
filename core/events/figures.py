"""Figures of customer events: groups too small to tell, show-up (K32), policies that followed (K33).

Rates of several events come from summed counts. A missing count is not zero: the event is left out.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.events.entries import Guests
from core.events.rules import event_rules

FOLLOWED_COLUMNS = ("event_id", "branch_id", "day", "event_ref", "guests", "recorded")
DAYS_A_BRANCH = 100_000


def is_told(count: float | None) -> bool:
    """Tell whether a count of customers may be shown: it is known, and none of them can be picked out."""
    return count is not None and not 0 < count < event_rules().limits.least_shown


def shown_count(count: int | None) -> str:
    """Return a count of customers as it is shown: "<3" for a small group, nothing where it was not counted."""
    if count is None:
        return ""
    return str(count) if is_told(count) else f"<{event_rules().limits.least_shown}"


def show_up_rate(guests: Iterable[Guests]) -> float | None:
    """Return confirmed guests who came of those confirmed, over the events that counted both.

    None where nobody was confirmed, or where so few were that they could be told.
    """
    both = [(one.came, one.confirmed) for one in guests if one.came is not None and one.confirmed is not None]
    return rate(sum(came for came, _ in both), sum(confirmed for _, confirmed in both))


def rate(part: float, whole: float) -> float | None:
    """Return part of whole, None where the whole is nothing or too small a group to tell."""
    return part / whole if whole > 0 and is_told(whole) else None


def policies_followed(events: pd.DataFrame, policies: pd.DataFrame, *, as_of: np.datetime64) -> pd.DataFrame:
    """Return the events with the policies they are held to have brought.

    A policy whose reference names the event counts, and else at most so many as were written down of those
    the branch issued from the day on within the days of the rules.

    Args:
        events: held ones, columns as `FOLLOWED_COLUMNS`: event_ref text or None, guests who were there,
            recorded policies (NaN = not written down).
        policies: those not cancelled, with branch_id, issued_on, event_ref.
        as_of: the day; while the days still run, nothing is said.

    Returns:
        The events with `policies` (float, NaN = not known or still running).
    """
    days = event_rules().limits.conversion_days
    found = events.copy()
    starts = _places(events["branch_id"], events["day"])
    issued = np.sort(_places(policies["branch_id"], policies["issued_on"]))
    within = np.searchsorted(issued, starts + days, side="right") - np.searchsorted(issued, starts, side="left")
    tags = policies["event_ref"].dropna().value_counts()
    tagged = events["event_ref"].map(tags).fillna(0).to_numpy(dtype=np.float64)
    recorded = events["recorded"].to_numpy(dtype=float)
    brought = np.where(tagged > 0, tagged, np.minimum(recorded, within))
    is_over = events["day"].to_numpy().astype("datetime64[D]") + np.timedelta64(days, "D") < as_of
    found["policies"] = np.where(is_over, brought, np.nan)
    return found


def _places(branches: pd.Series, days: pd.Series) -> NDArray[np.int64]:
    """Return one number for branch and day, so that the days of a branch lie side by side."""
    ordinals = days.to_numpy().astype("datetime64[D]").astype(np.int64)
    places: NDArray[np.int64] = branches.to_numpy(dtype=np.int64) * DAYS_A_BRANCH + ordinals
    return places
