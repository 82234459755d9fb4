"""Where the numbers of the stage engine come from: `python benchmarks/stage_priors.py [--worlds 24] [--rounds 12]`.

Draws development worlds: lives and markets with random lengths, levels, moves, rates and noise, kept where the
stages are about as common as in the sample profile of the trade. The engine's phases, moves, levels and dispersion
are fitted to all of them together with the true stages known (EM), beginning at the shipped numbers. The profiles
of `benchmarks/stage_quality.py` are not among them. Prints the fitted numbers beside the shipped ones; nothing is
written.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a file or as a module

import numpy as np

from core.calendar import WorkingCalendar
from core.simulation import Market, Simulated, simulated
from core.simulation.chain import built_chain
from core.stages import StageLimits, limits_on
from core.stages.fit_sample import Sample
from core.stages.fitting import fitted, log_likelihood
from core.stages.season import season_of

STAGE_MIX = ((0.0, 1.0), (0.16, 0.30), (0.25, 0.42), (0.15, 0.25), (0.12, 0.24))
"""Share of branch-weeks by stage: startup follows from the new branches, the others lie around the sample profile."""
WEEKS, TRIED_BRANCHES = 156, 400


def main() -> int:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=24)
    parser.add_argument("--branches", type=int, default=60, help="of each world")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    worlds = list(_worlds(arguments.worlds, arguments.branches, arguments.seed))
    sample, shipped = _joined([_sample_of(world) for world in worlds]), limits_on(worlds[0].panel.weeks[-1])
    print(f"shipped: log likelihood {log_likelihood(sample, shipped):.4f} a branch-week")
    found = fitted(sample, shipped, arguments.rounds)
    print(f"fitted: log likelihood {log_likelihood(sample, found):.4f} a branch-week")
    _print_numbers(shipped, found)
    return 0


def _worlds(count: int, branches: int, seed: int) -> Iterator[Simulated]:
    found = number = 0
    while found < count:
        drawn = np.random.default_rng([seed, number])
        chain, settings = built_chain(_life(drawn)), _market(drawn)
        number += 1
        if _has_the_mix(simulated(settings, TRIED_BRANCHES, WEEKS, seed * 1000 + number, chain=chain)):
            found += 1
            yield simulated(settings, branches, WEEKS, seed * 1000 + number + 1, chain=chain)


def _has_the_mix(world: Simulated) -> bool:
    known = world.truth[world.truth >= 0]
    shares = np.bincount(known, minlength=len(STAGE_MIX)) / len(known)
    return all(low <= share <= high for share, (low, high) in zip(shares, STAGE_MIX, strict=True))


def _market(drawn: np.random.Generator) -> Market:
    def between(low: float, high: float) -> float:
        return float(drawn.uniform(low, high))

    return Market(
        rate_median=float(np.exp(between(np.log(0.6), np.log(4)))),
        rate_spread=between(0.3, 0.9),
        shape=between(3, 12),
        campaign_share=between(0, 0.03),
        season_power=1.0,
        departures_a_year=between(0, 0.5),
        new_share=between(0.2, 0.6),
    )


def _life(drawn: np.random.Generator) -> dict[str, Any]:
    """Return a life as `life.toml` has one, every number drawn within what the stages mean."""

    def between(low: float, high: float) -> float:
        return float(drawn.uniform(low, high))

    def shares(*usual: float) -> list[float]:
        return [float(one) for one in drawn.dirichlet(np.array(usual) * 6)]

    kinds, given_up = shares(0.3, 0.4, 0.3), between(0.3, 0.95)
    adjustment, slump, mature = between(16, 36), between(20, 46), between(30, 80)
    return {
        "startup": {
            "length": {"least": 8, "mean": between(14, 30), "spread": between(5, 12), "most": 70},
            "kinds": [
                {
                    "share": kinds[0], "begin": between(0, 0.02), "rise": 0.001, "most": 0.05,
                    "next": {"growth": 1 - given_up, "slump": given_up},
                    "length": {"least": 20, "mean": 28, "spread": 5, "most": 40},
                },
                {
                    "share": kinds[1], "begin": between(0.03, 0.1), "rise": between(0, 0.005),
                    "most": between(0.12, 0.2),
                    "next": {"growth": 0.93, "slump": 0.04, "adjustment": 0.03},
                },
                {
                    "share": kinds[2], "begin": between(0.05, 0.15), "rise": between(0.003, 0.012), "most": 0.25,
                    "next": {"growth": 0.93, "adjustment": 0.07},
                },
            ],
        },
        "growth": {
            "begin": {"startup": between(0.18, 0.32), "slump": between(0.15, 0.3), "adjustment": between(0.4, 0.6)},
            "lengths": [
                [int(between(10, 16)), 0.2], [int(between(16, 24)), 0.3],
                [int(between(24, 32)), 0.3], [int(between(30, 46)), 0.2],
            ],
            "curve": between(0.7, 1.5),
            "break_off": between(0.002, 0.01),
            "broken": {"adjustment": 0.6, "slump": 0.4},
            "next": dict(zip(("mature", "adjustment", "slump"), shares(0.88, 0.08, 0.04), strict=True)),
        },
        "mature": {
            "length": {"least": int(between(8, 24)), "mean": mature, "spread": between(0.5, 0.9) * mature, "most": 180},
            "levels": [[between(0.86, 0.94), 0.3], [1.0, 0.4], [between(1.06, 1.14), 0.3]],
            "next": dict(zip(("adjustment", "slump"), shares(0.72, 0.28), strict=True)),
        },
        "adjustment": {
            "length": {
                "least": int(between(4, 9)), "mean": adjustment, "spread": between(0.4, 0.7) * adjustment, "most": 70,
            },
            "levels": [
                list(pair)
                for pair in zip((0.3, 0.4, 0.5, 0.6, 0.7), shares(0.15, 0.22, 0.25, 0.23, 0.15), strict=True)
            ],
            "next": dict(zip(("mature", "growth", "slump"), shares(0.35, 0.33, 0.32), strict=True)),
        },
        "slump": {
            "length": {"least": int(between(8, 13)), "mean": slump, "spread": between(0.4, 0.7) * slump, "most": 90},
            "levels": [[0.0, 0.4], [0.05, 0.35], [0.12, 0.25]],
            "next": dict(zip(("growth", "adjustment"), shares(0.8, 0.2), strict=True)),
        },
    }  # fmt: skip


def _sample_of(world: Simulated) -> Sample:
    weeks = world.panel.weeks
    limits, season = limits_on(weeks[-1]), season_of(weeks, WorkingCalendar())
    judged, counts = season.judged(limits), world.counts.copy()
    for week in np.flatnonzero(~judged[:-1]):
        counts[:, week + 1] += counts[:, week]
        counts[:, week] = 0
    valid = (np.arange(len(weeks))[None, :] >= world.panel.first_week[:, None]) & judged[None, :]
    age = world.weeks_before[:, None] + np.cumsum(valid, axis=1) - valid
    return Sample(
        counts=counts,
        exposure=np.where(valid, season.exposure(limits.months), 0).astype(np.float32),
        age=age.astype(np.int32),
        first_week=world.panel.first_week,
        weeks_before=world.weeks_before,
        branch=np.arange(len(counts)),
        stage=world.truth,
    )


def _joined(samples: list[Sample]) -> Sample:
    names = ("counts", "exposure", "age", "first_week", "weeks_before", "stage")
    columns = {name: np.concatenate([getattr(one, name) for one in samples]) for name in names}
    return Sample(**columns, branch=np.arange(len(columns["counts"])))  # no branch of a world begins anew


def _print_numbers(shipped: StageLimits, found: StageLimits) -> None:
    for key in ("dispersion", "potential_median", "potential_spread"):
        print(f"{key}: {shipped[key]:.3g} -> {found[key]:.3g}")
    for old, new in zip(shipped.phases, found.phases, strict=True):
        print(
            f"{old.name}: level {old.level_share:.3f} -> {new.level_share:.3f}, "
            f"weeks {old.mean_weeks:.1f} -> {new.mean_weeks:.1f}"
        )
        for (phase, following), share in found.moves.items():
            if phase == old.name:
                print(f"    to {following}: {shipped.moves[phase, following]:.3f} -> {share:.3f}")


if __name__ == "__main__":
    raise SystemExit(main())
