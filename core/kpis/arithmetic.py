"""The arithmetic of the KPIs: one function each, named like the key, over sums by unit.

Ratios of groups come from summed numerators and denominators, never from averages of ratios.
Money is fen here; `core.kpis.table` turns it into yuan.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
Sums = Mapping[str, Column]
"""Sums by unit: the columns of `core.kpis.table.FIGURES`, one value a unit."""


class Ratio(NamedTuple):
    """Numerator and denominator by unit."""

    numerator: Column
    denominator: Column


def branch_activity_rate(sums: Sums) -> Ratio:
    """Active among operating branches."""
    return Ratio(sums["active"], sums["operating"])


def zero_branch_rate(sums: Sums) -> Ratio:
    """Branches without a policy among operating branches."""
    return Ratio(sums["without_policy"], sums["operating"])


def policies_per_branch(sums: Sums) -> Ratio:
    """Net policies by operating branch."""
    return Ratio(sums["net_policies"], sums["operating"])


def policies_per_active_branch(sums: Sums) -> Ratio:
    """Net policies by active branch."""
    return Ratio(sums["net_policies"], sums["active"])


def premium_per_branch(sums: Sums) -> Ratio:
    """Scale premium by operating branch."""
    return Ratio(scale_premium(sums).numerator, sums["operating"])


def premium_per_active_branch(sums: Sums) -> Ratio:
    """Scale premium by active branch."""
    return Ratio(scale_premium(sums).numerator, sums["active"])


def premium_per_policy(sums: Sums) -> Ratio:
    """Premium of the net policies by net policy, both restated."""
    return Ratio(sums["restated_fen"], sums["net_policies"])


def scale_premium(sums: Sums) -> Ratio:
    """Accepted premium less the cooling-off refunds of the period."""
    return _total(sums["accepted_fen"] - sums["refunded_fen"])


def regular_premium(sums: Sums) -> Ratio:
    """Scale premium of regular-pay policies."""
    return _total(sums["accepted_regular_fen"] - sums["refunded_regular_fen"])


def single_premium(sums: Sums) -> Ratio:
    """Scale premium of single-pay policies."""
    return _total(scale_premium(sums).numerator - regular_premium(sums).numerator)


def regular_share(sums: Sums) -> Ratio:
    """Regular premium in scale premium."""
    return Ratio(regular_premium(sums).numerator, scale_premium(sums).numerator)


def regular_single_ratio(sums: Sums) -> Ratio:
    """Regular premium to single premium."""
    return Ratio(regular_premium(sums).numerator, single_premium(sums).numerator)


def share_in_branch(sums: Sums) -> Ratio:
    """Our premium in that of all insurers, where the bank gave totals."""
    return Ratio(sums["own_with_total_fen"], sums["total_fen"])


def cooling_off_rate(sums: Sums) -> Ratio:
    """Policies of the period cancelled in cooling-off among those accepted."""
    return Ratio(sums["cancelled_policies"], sums["accepted_policies"])


def cooling_off_rate_premium(sums: Sums) -> Ratio:
    """Premium of the period's policies cancelled in cooling-off in that accepted."""
    return Ratio(sums["cancelled_fen"], sums["cancelled_fen"] + sums["restated_fen"])


def active_sellers(sums: Sums) -> Ratio:
    """Persons with a net policy."""
    return _total(sums["sellers"])


def contact_attainment(sums: Sums) -> Ratio:
    """Contacts done, up to the minimum, in the minimum."""
    return Ratio(sums["contacts_done"], sums["contacts_due"])


def _total(amount: Column) -> Ratio:
    return Ratio(amount, np.ones(len(amount), dtype=np.int64))


ARITHMETIC: dict[str, Callable[[Sums], Ratio]] = {
    function.__name__: function
    for function in (
        branch_activity_rate,
        zero_branch_rate,
        policies_per_branch,
        policies_per_active_branch,
        premium_per_branch,
        premium_per_active_branch,
        premium_per_policy,
        scale_premium,
        regular_premium,
        single_premium,
        regular_share,
        regular_single_ratio,
        share_in_branch,
        cooling_off_rate,
        cooling_off_rate_premium,
        active_sellers,
        contact_attainment,
    )
}
"""The function of each KPI, by key."""
MONEY_OVER_MONEY = frozenset({"regular_share", "regular_single_ratio", "share_in_branch", "cooling_off_rate_premium"})
"""KPIs whose denominator is money too."""
