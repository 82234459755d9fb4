"""How well each own level and phase explains a count, given what the week is worth.

Counts are negative binomial around the mean, with a chance that the week is a one-off burst (a campaign,
one family) or empty for no lasting reason. Rows are kept: weeks repeat the same few counts.
"""

import numpy as np
from numpy.typing import NDArray

from core.stages.limits import StageLimits

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

MOST_COUNTED = 600
FEW_ROWS = 24


class EvidenceTable:
    """Evidence by count and exposure, computed once: `table` is (row, level, phase), each row's largest value 1."""

    def __init__(self, mean: NDArray[np.float64], limits: StageLimits) -> None:
        """Keep the mean of an ordinary week by level and phase."""
        self.mean = mean
        self.shape = limits["dispersion"]
        self.burst, self.outage = limits["burst_share"], limits["outage_share"]
        self.burst_base, self.burst_factor = limits["burst_base"], limits["burst_factor"]
        steps = np.arange(MOST_COUNTED)
        self.log_ways = np.concatenate([[0.0], np.cumsum(np.log((self.shape + steps) / (steps + 1)))])
        self.places: dict[tuple[int, float], int] = {}
        self.table = np.ones((256, *mean.shape), np.float32)  # row 0 is also asked for where nothing is judged
        self.log_largest = np.zeros(256)  # of each row, before it was scaled to 1

    def rows(self, counts: Ints, exposure: Floats) -> Ints:
        """Return the row of the table for each count under its exposure; a row keeps its place."""
        numbers, worths, pair = _distinct_pairs(np.minimum(counts, MOST_COUNTED), exposure)
        pairs = list(zip(numbers.tolist(), worths.tolist(), strict=True))
        missing = sorted(set(pairs) - self.places.keys())
        if missing:
            self._add(missing)
        return np.array([self.places[one] for one in pairs], np.int64)[pair]

    def _add(self, pairs: list[tuple[int, float]]) -> None:
        begin = len(self.places)
        end = begin + len(pairs)
        if end > len(self.table):
            grown = np.empty((max(end, 2 * len(self.table)), *self.mean.shape), np.float32)
            grown[:begin] = self.table[:begin]
            self.table = grown
            self.log_largest = np.concatenate([self.log_largest[:begin], np.zeros(len(grown) - begin)])
        chance = self._chances(np.array([one[0] for one in pairs]), np.array([one[1] for one in pairs]))
        largest = chance.max(axis=(1, 2))
        self.table[begin:end] = chance / largest[:, None, None]
        self.log_largest[begin:end] = np.log(largest)
        self.places.update(zip(pairs, range(begin, end), strict=True))

    def _chances(self, numbers: Ints, worths: NDArray[np.float64]) -> NDArray[np.float64]:
        number = numbers[:, None, None]
        mean = np.maximum(worths, 1e-6)[:, None, None] * self.mean
        log_usual = (
            self.log_ways[number]
            + number * np.log(mean / (mean + self.shape))
            + self.shape * np.log(self.shape / (mean + self.shape))
        )
        burst_mean = self.burst_base + self.burst_factor * mean
        log_burst = number * np.log(burst_mean / (1 + burst_mean)) - np.log1p(burst_mean)
        usual = (1 - self.burst - self.outage) * np.exp(log_usual)
        return np.asarray(usual + self.burst * np.exp(log_burst) + self.outage * (number == 0))


def _distinct_pairs(counts: Ints, exposure: Floats) -> tuple[Ints, NDArray[np.float64], Ints]:
    """Return distinct counts and exposures, and the pair of each row; a few rows are not worth sorting."""
    if len(counts) <= FEW_ROWS:
        return counts, exposure.astype(np.float64), np.arange(len(counts))
    worths, worth_of = np.unique(exposure, return_inverse=True)
    keys, pair = np.unique(worth_of * (MOST_COUNTED + 1) + counts, return_inverse=True)
    return keys % (MOST_COUNTED + 1), worths[keys // (MOST_COUNTED + 1)].astype(np.float64), pair
