"""Time and memory of the stage engine: `python -m benchmarks.stages [--branches 20000] [--weeks 104]`.

Measures facts in memory to the whole history, then to the file `classify --history` writes, a sentence in
each row; reading the store is not part of it.
Aims: 20,000 branches over 104 weeks, sentences and file included, in under 30 s and 2 GB; all 220,000 bank branches of
a country classified in under 90 s and 6 GB (`--branches 220000`); one branch brought one new week on in under 20 ms.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a file or as a module

import numpy as np

from core.calendar import WorkingCalendar
from core.reports.program_files import write_ready_csv
from core.simulation import market, simulated
from core.stages import limits_on, stage_history
from core.stages.facts import RowFacts
from core.stages.history import StageHistory
from core.stages.lines import CLASSIFIED, classified_lines
from core.stages.outlook import Ahead
from core.stages.season import season_of

AIM_SECONDS, AIM_BYTES = 30.0, 2 * 1024**3
COUNTRY, COUNTRY_SECONDS, COUNTRY_BYTES = 220_000, 90.0, 6 * 1024**3
WEEK_SECONDS = 0.02


def main() -> int:
    """Run and print the figures; status 1 where the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--branches", type=int, default=20_000)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    panel = simulated(market("usual"), arguments.branches, arguments.weeks, arguments.seed, lost_share=0.045).panel
    limits = limits_on(panel.weeks[-1])
    before = peak_bytes()
    start = time.perf_counter()
    season = season_of(panel.weeks, WorkingCalendar())
    history = stage_history(panel, season, np.ones(arguments.branches, np.float32), limits)
    classified = time.perf_counter() - start
    classified_bytes = peak_bytes()
    one_week = seconds_of_one_week(history)
    codes = [f"B{number:06d}" for number in range(arguments.branches)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stages.csv"
        write_ready_csv(file, CLASSIFIED, classified_lines(codes, RowFacts(history)))
        size = file.stat().st_size
    rows = int((history.stage >= 0).sum())
    explained = time.perf_counter() - start
    print(f"{arguments.branches:,} branches x {arguments.weeks} weeks, {int(panel.policies.sum()):,} policies")
    print(f"classified with full history: {classified:.1f} s ({rows / classified:,.0f} branch-weeks a second)")
    print(f"with its {rows:,} rows written, a sentence in each: {explained:.1f} s, {size / 1e6:,.0f} MB")
    print(
        f"memory at most: {classified_bytes / 1024**2:,.0f} MB classified, "
        f"{peak_bytes() / 1024**2:,.0f} MB with the file, {before / 1024**2:,.0f} MB of it before the start"
    )
    print(f"one branch, one new week: {1000 * one_week:.1f} ms")
    if arguments.branches >= COUNTRY:
        reached = classified < COUNTRY_SECONDS and classified_bytes < COUNTRY_BYTES
    else:
        reached = explained < AIM_SECONDS and peak_bytes() < AIM_BYTES
    return 0 if reached and one_week < WEEK_SECONDS else 1


def seconds_of_one_week(history: StageHistory) -> float:
    """Return how long it takes to bring one branch a new week on, from the history as it stands."""
    start = time.perf_counter()
    Ahead(history, np.array([0])).add_week(np.array([1]), 1.0)
    return time.perf_counter() - start


def peak_bytes() -> int:
    """Return the most memory this process ever had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    raise SystemExit(main())
