"""Why premium is short of what was wanted: too few people sell, they sell too little, or the policies are too small.

Premium = active people x policies per active person x average premium. A person is active with a net policy of
the period. Premium is scale premium, so that it is the figure of the card and of the target; the average premium is
scale premium by net policy, refunds of the period included.

**How a gap is divided.** Each factor explains what changing it from wanted to actual changes, averaged over all
orders in which the factors can be changed one after another (Shapley). This is exact and treats all alike; it is
worked out in whole fractions and rounded to fen so that the parts add up to the gap exactly, the larger remainder
first. A factor that cannot be said does not change:

- nobody active, no policies: all that was wanted is missing for want of people; refunds of the period, if any, fall
  to the average premium. Policies per person and average premium are then None.
- policies, but not one with a recorded seller: people cannot be told from policies per person, and the two stand
  together as policies (`Factor.POLICIES`).

**What is wanted of each factor.** The product must be the target. A factor with a dated target of its own keeps it.
The others come from the own ordinary period or, where there is none yet, from the peers, and are stretched alike
until the product is the target: whoever must sell a fifth more than usual is asked for it in equal proportion of
people, diligence and size. Without either, the actual factors are stretched alike; where these cannot be said
either, nothing is told of the wanted side, and the gap is one of people where nobody sold, else of average premium.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from math import prod

from core.review.figures import Factor, GapMeasure, GapPart, GapSplit

FACTORS = (Factor.ACTIVE_PEOPLE, Factor.POLICIES_PER_PERSON, Factor.PREMIUM_PER_POLICY)
DIGITS = 6
"""Digits of a stretched factor; the last factor takes up what is left, so that the product is exact."""


@dataclass(frozen=True)
class Sold:
    """What was sold in a period: persons with a net policy, net policies, scale premium in fen.

    Figures of an ordinary period or of peers need not be whole.
    """

    people: float
    policies: float
    premium_fen: float

    def factors(self) -> dict[Factor, float] | None:
        """Return the three factors, None where one of them cannot be said or is not above zero."""
        if self.people <= 0 or self.policies <= 0 or self.premium_fen <= 0:
            return None
        values = (self.people, self.policies / self.people, self.premium_fen / self.policies)
        return dict(zip(FACTORS, values, strict=True))


def gap_split(
    actual: Sold,
    *,
    target_fen: int,
    bases: Sequence[Sold | None] = (),
    dated: Mapping[Factor, float] | None = None,
    measure: GapMeasure = GapMeasure.TARGET,
) -> GapSplit | None:
    """Return the split of actual less target; None where nothing was wanted (a target of zero is none).

    Args:
        actual: whole numbers of people, policies and fen.
        target_fen: what was wanted.
        bases: where the wanted factors come from, the best first: the own ordinary period, then the peers.
        dated: factors with a target of their own; a factor of zero or less is left aside.
        measure: what the target is.
    """
    if target_fen <= 0:
        return None
    if actual.people <= 0 < actual.policies:
        return _without_people(actual, target_fen, bases, dated or {}, measure)
    wanted = wanted_factors(actual, target_fen=target_fen, bases=bases, dated=dated)
    has_sold = actual.policies > 0
    told = (
        (actual.people, actual.policies / actual.people, actual.premium_fen / actual.policies)
        if has_sold
        else (actual.people, None, None)
    )
    if has_sold and wanted is not None:
        people, policies, premium = int(actual.people), int(actual.policies), int(actual.premium_fen)
        now = (Fraction(people), Fraction(policies, people), Fraction(premium, policies))
        gaps = shapley(now, [wanted[factor] for factor in FACTORS])
    elif has_sold:
        gaps = [Fraction(0), Fraction(0), Fraction(int(actual.premium_fen) - target_fen)]
    else:
        gaps = [Fraction(-target_fen), Fraction(0), Fraction(int(actual.premium_fen))]
    parts = zip(FACTORS, told, rounded(gaps), strict=True)
    return GapSplit(
        actual_fen=int(actual.premium_fen),
        target_fen=target_fen,
        parts=tuple(
            GapPart(factor, value, float(wanted[factor]) if wanted else None, gap) for factor, value, gap in parts
        ),
        measure=measure,
    )


def wanted_factors(
    actual: Sold,
    *,
    target_fen: int,
    bases: Sequence[Sold | None] = (),
    dated: Mapping[Factor, float] | None = None,
) -> dict[Factor, Fraction] | None:
    """Return what is wanted of each factor, their product exactly the target; None where nothing says."""
    kept = {factor: Fraction(value) for factor, value in (dated or {}).items() if value > 0}
    free = [factor for factor in FACTORS if factor not in kept]
    found = next((one for base in (*bases, actual) if base is not None and (one := base.factors())), None)
    if found is None or not free:
        return None
    stretch = (target_fen / (float(prod(kept.values())) * prod(found[factor] for factor in free))) ** (1 / len(free))
    for factor in free[:-1]:
        kept[factor] = max(Fraction(round(found[factor] * stretch, DIGITS)), Fraction(1, 10**DIGITS))
    kept[free[-1]] = Fraction(target_fen) / prod(kept.values())
    return {factor: kept[factor] for factor in FACTORS}


def shapley(now: Sequence[Fraction], wanted: Sequence[Fraction]) -> list[Fraction]:
    """Return how much of the product's change each factor explains, over all orders of changing them."""
    shares = [Fraction(0)] * len(now)
    orders = list(permutations(range(len(now))))
    for order in orders:
        values = list(wanted)
        for place in order:
            before = prod(values)
            values[place] = now[place]
            shares[place] += prod(values) - before
    return [share / len(orders) for share in shares]


def rounded(parts: Sequence[Fraction]) -> list[int]:
    """Return the parts in whole numbers with the same sum, which must be whole: the largest remainders go up."""
    floors = [part.numerator // part.denominator for part in parts]
    missing = int(sum(parts, Fraction(0))) - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda place: (floors[place] - parts[place], place))
    for place in by_remainder[:missing]:
        floors[place] += 1
    return floors


def _without_people(
    actual: Sold, target_fen: int, bases: Sequence[Sold | None], dated: Mapping[Factor, float], measure: GapMeasure
) -> GapSplit:
    """Split into policies and average premium, where no policy names who sold it."""
    base = next((one for one in (*bases, actual) if one is not None and one.policies > 0 and one.premium_fen > 0), None)
    policies, premium = int(actual.policies), int(actual.premium_fen)
    per_policy = dated.get(Factor.PREMIUM_PER_POLICY, 0.0)
    wanted: tuple[Fraction, Fraction] | None = None
    if per_policy > 0:
        wanted = (Fraction(target_fen) / Fraction(per_policy), Fraction(per_policy))
    elif base is not None:
        stretch = (target_fen / base.premium_fen) ** 0.5
        count = max(Fraction(round(base.policies * stretch, DIGITS)), Fraction(1, 10**DIGITS))
        wanted = (count, Fraction(target_fen) / count)
    now = (Fraction(policies), Fraction(premium, policies))
    gaps = rounded(shapley(now, wanted) if wanted else [Fraction(0), Fraction(premium - target_fen)])
    told = (Factor.POLICIES, Factor.PREMIUM_PER_POLICY)
    parts = (
        GapPart(factor, float(now[place]), float(wanted[place]) if wanted else None, gaps[place])
        for place, factor in enumerate(told)
    )
    return GapSplit(premium, target_fen, tuple(parts), measure)
