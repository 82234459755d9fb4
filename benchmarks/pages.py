"""What a rerun of each screen costs the server, beside an empty page on the same server in the same run.

Cold: the first rerun after a committed write, when no cached answer holds any more. Warm: further reruns
of the same screen, in turn with reruns of the empty page. Medians. Run: python -m benchmarks.pages
"""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import gettempdir

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a file or as a module

from benchmarks.driver import DriveError, Rerun, Tab, running_server, sign_in
from benchmarks.ground import ADMINISTRATOR, PASSWORD, Ground, prepared_ground, raise_version

EMPTY = "empty"
MOST_TIMES_EMPTY = 4.0
MOST_COLD_SECONDS = 1.0
COLD_REPEATS = 3


@dataclass(frozen=True)
class Cost:
    """What one screen costs, in seconds."""

    screen: str
    cold: float
    warm: float
    empty: float
    sent_bytes: int

    @property
    def times_empty(self) -> float:
        """Return how many empty pages a warm rerun costs."""
        return self.warm / self.empty

    @property
    def holds(self) -> bool:
        """Tell whether the screen keeps to both limits."""
        return self.times_empty <= MOST_TIMES_EMPTY and self.cold < MOST_COLD_SECONDS


def checked(rerun: Rerun, page: str) -> Rerun:
    """Return the rerun if a signed-in user would have seen the screen.

    Raises:
        DriveError: somebody else's name, no heading, or an error on the page.
    """
    failures = rerun.failures()
    behind = "Weekly review" if page == "meeting" else ADMINISTRATOR  # the screen for the projector names nobody
    if failures or not any(behind in words for words in (*rerun.headings(), *rerun.texts())):
        raise DriveError(f"{page or 'start'}: {failures or 'not the screen of a signed-in user'}")
    return rerun


async def costs(base: str, ground: Ground, *, repeats: int) -> list[Cost]:
    """Measure every screen in the navigation."""
    cookie = await sign_in(base, ADMINISTRATOR, PASSWORD)
    empty = await Tab.opened(base, cookie)
    await empty.rerun()
    screens = [page for page in empty.pages if page not in ("", EMPTY)]  # the bare address shows one of them
    for page in screens:  # the first visit of all reads the script files
        checked(await empty.rerun(page, query=_query(page, ground)), page)
    found = []
    for page in screens:
        tab = await Tab.opened(base, cookie)
        checked(await tab.rerun(EMPTY), EMPTY)
        cold, warm, beside = [], [], []
        for _ in range(COLD_REPEATS):
            raise_version(ground.url)
            cold.append(checked(await tab.rerun(page, query=_query(page, ground)), page).seconds)
        for _ in range(repeats):
            again = checked(await tab.rerun(page, query=_query(page, ground)), page)
            warm.append(again.seconds)
            beside.append(checked(await empty.rerun(EMPTY), EMPTY).seconds)
        await tab.close()
        found.append(Cost(page, median(cold), median(warm), median(beside), again.sent_bytes))
    await empty.close()
    return found


def _query(page: str, ground: Ground) -> str:
    return f"branch={ground.branch_code}" if page == "branch" else ""


def main() -> int:
    """Print the table; exit status 1 where a screen breaks a limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--branches", type=int, default=1000)
    parser.add_argument("--weeks", type=int, default=114, help="114 weeks of 1,000 branches hold 1,000,000 contacts")
    parser.add_argument("--repeats", type=int, default=25)
    parser.add_argument("--folder", type=Path, help="where the store is kept for the next run")
    options = parser.parse_args()
    folder = options.folder or Path(gettempdir()) / f"branch-coach-{options.branches}-{options.weeks}"
    ground = prepared_ground(folder, branches=options.branches, weeks=options.weeks)
    with running_server(ground.url, log=folder / "server.log") as base:
        found = asyncio.run(costs(base, ground, repeats=options.repeats))
    print(ground)
    print("| screen | cold, ms | warm, ms | empty page, ms | times empty | sent, kB | holds |")
    print("|---|---|---|---|---|---|---|")
    for cost in found:
        print(
            f"| {cost.screen} | {cost.cold * 1000:.0f} | {cost.warm * 1000:.0f} | {cost.empty * 1000:.0f} "
            f"| {cost.times_empty:.1f} | {cost.sent_bytes / 1000:.0f} | {'yes' if cost.holds else 'NO'} |"
        )
    return 0 if all(cost.holds for cost in found) else 1


if __name__ == "__main__":
    sys.exit(main())
