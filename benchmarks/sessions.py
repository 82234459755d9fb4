"""How many people at once: signed-in sessions that rerun a screen, against the empty page under the same load.

Every session signs in by the form; the accounts see different branches. Run: python -m benchmarks.sessions
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import gettempdir

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a file or as a module

from benchmarks.driver import DriveError, Tab, running_server, sign_in
from benchmarks.ground import PASSWORD, Ground, prepared_ground

EMPTY = "empty"
SCREENS = ("overview", "today")
"""What opens first for managers and for supervisors."""
MOST_TIMES_EMPTY = 4.0
SIGNING_IN_AT_ONCE = 4


@dataclass(frozen=True)
class Load:
    """What many sessions saw: the times of all reruns in seconds, and what failed."""

    page: str
    seconds: Sequence[float]
    failures: Sequence[str]

    def percentile(self, share: int) -> float:
        """Return the time that so many of a hundred reruns stayed within."""
        return quantiles(self.seconds, n=100, method="inclusive")[share - 1]


async def signed_in(base: str, usernames: Sequence[str], count: int) -> list[tuple[str, Tab]]:
    """Open so many sessions, each by a sign-in of its own."""
    few = asyncio.Semaphore(SIGNING_IN_AT_ONCE)

    async def one(username: str) -> tuple[str, Tab]:
        async with few:
            return username, await Tab.opened(base, await sign_in(base, username, PASSWORD))

    return list(await asyncio.gather(*(one(usernames[number % len(usernames)]) for number in range(count))))


async def load_of(page: str, tabs: Sequence[tuple[str, Tab]], *, reruns: int, think_seconds: float) -> Load:
    """Have every session rerun the page, all at once, each with its own rhythm."""
    seconds: list[float] = []
    failures: list[str] = []

    async def one(number: int, username: str, tab: Tab) -> None:
        await asyncio.sleep(think_seconds * number / len(tabs))
        try:
            for turn in range(reruns + 1):
                rerun = await tab.rerun(page)
                if rerun.failures() or not rerun.headings() or not any(username in words for words in rerun.texts()):
                    raise DriveError(f"{username}: {rerun.failures() or 'not the screen of a signed-in user'}")
                if turn:  # the first opens the page
                    seconds.append(rerun.seconds)
                await asyncio.sleep(think_seconds)
        except (DriveError, OSError, TimeoutError) as error:
            failures.append(f"{username}: {error!r}")

    await asyncio.gather(*(one(number, username, tab) for number, (username, tab) in enumerate(tabs)))
    return Load(page, seconds, failures)


async def loads(
    base: str, ground: Ground, *, screens: Sequence[str], sessions: int, reruns: int, think_seconds: float
) -> list[Load]:
    """Measure the empty page, then each screen."""
    tabs = await signed_in(base, ground.usernames, sessions)
    found = []
    for page in (EMPTY, *screens):
        for _, tab in tabs[: len(ground.usernames)]:  # every scope is asked once before, as on a working day
            await tab.rerun(page)
        found.append(await load_of(page, tabs, reruns=reruns, think_seconds=think_seconds))
    await asyncio.gather(*(tab.close() for _, tab in tabs))
    return found


def main() -> int:
    """Print the table; exit status 1 where a session failed or the limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--branches", type=int, default=1000)
    parser.add_argument("--weeks", type=int, default=114)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--reruns", type=int, default=10)
    parser.add_argument("--think", type=float, default=1.0, help="seconds between an answer and the next rerun")
    parser.add_argument("--screens", nargs="+", default=SCREENS, help="menu names, each held against the empty page")
    parser.add_argument("--folder", type=Path, help="where the store is kept for the next run")
    options = parser.parse_args()
    folder = options.folder or Path(gettempdir()) / f"branch-coach-{options.branches}-{options.weeks}"
    ground = prepared_ground(folder, branches=options.branches, weeks=options.weeks)
    with running_server(ground.url, log=folder / "server.log") as base:
        found = asyncio.run(
            loads(
                base,
                ground,
                screens=options.screens,
                sessions=options.sessions,
                reruns=options.reruns,
                think_seconds=options.think,
            )
        )
    print(ground)
    print(f"{options.sessions} sessions, {options.reruns} reruns each, {options.think:g} s of think time")
    print("| page | reruns | failed | p50, ms | p95, ms | p95, times empty |")
    print("|---|---|---|---|---|---|")
    for load in found:
        figures = ["-", "-", "-"]
        if len(load.seconds) > 1:
            figures = [f"{load.percentile(share) * 1000:.0f}" for share in (50, 95)]
            figures.append(f"{load.percentile(95) / found[0].percentile(95):.1f}")
        print(f"| {load.page} | {len(load.seconds)} | {len(load.failures)} | {' | '.join(figures)} |")
    failures = [failure for load in found for failure in load.failures]
    for failure in failures[:10]:
        print(failure)
    if failures:
        return 1
    worst = max(load.percentile(95) for load in found[1:]) / found[0].percentile(95)
    return 0 if worst <= MOST_TIMES_EMPTY else 1


if __name__ == "__main__":
    sys.exit(main())
