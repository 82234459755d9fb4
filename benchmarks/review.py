"""How long the figures of each page of a weekly review take, of everything and of one region, and of a past week.

Medians of runs in one process, past any cache. Run: python -m benchmarks.review
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from tempfile import gettempdir

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a file or as a module

from benchmarks.ground import ADMINISTRATOR, prepared_ground
from core.facts import Actor, UserRole
from core.review.figures import Topic
from core.review.scope import ReviewScope, ScopeKind
from db.branches import data_dates
from db.engine import reading
from db.review_figures import review_figures
from db.review_scope import scopes_of

MOST_SECONDS = 0.3
PAST_WEEKS = 8
ELSEWHERE = frozenset({Topic.DECIDED, Topic.DECISIONS})
"""Topics that are entered, not counted."""


def seconds(question: Callable[[], object], *, repeats: int) -> float:
    """Return the median of some runs after one that reads the pages of the file."""
    question()
    found = []
    for _ in range(repeats):
        started = time.perf_counter()
        question()
        found.append(time.perf_counter() - started)
    return median(found)


def costs(url: str, *, today: date, repeats: int) -> dict[tuple[str, Topic], float]:
    """Return the seconds of each topic by what it was asked about."""
    actor = Actor(user_id=0, username=ADMINISTRATOR, display_name=ADMINISTRATOR, role=UserRole.ADMIN)
    found: dict[tuple[str, Topic], float] = {}
    with reading(url) as session:
        week = data_dates(session, actor=actor, today=today).last_week
        if week is None:
            sys.exit("the store holds no policies")
        region = next(scope for scope in scopes_of(session, actor=actor) if scope.kind is ScopeKind.REGION)
        asked = {
            "all": (ReviewScope(ScopeKind.ALL), week),
            "a region": (region, week),
            f"all, {PAST_WEEKS} weeks before": (ReviewScope(ScopeKind.ALL), week - timedelta(weeks=PAST_WEEKS)),
        }
        for name, (scope, week_start) in asked.items():
            for topic in (one for one in Topic if one not in ELSEWHERE):
                found[name, topic] = seconds(
                    lambda scope=scope, week_start=week_start, topic=topic: review_figures(  # type: ignore[misc]
                        session, actor=actor, scope=scope, week_start=week_start, today=today, topics={topic}
                    ),
                    repeats=repeats,
                )
    return found


def main() -> int:
    """Print the table; exit status 1 where a page takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--branches", type=int, default=1000)
    parser.add_argument("--weeks", type=int, default=114)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the store is kept for the next run")
    options = parser.parse_args()
    folder = options.folder or Path(gettempdir()) / f"branch-coach-{options.branches}-{options.weeks}"
    ground = prepared_ground(folder, branches=options.branches, weeks=options.weeks)
    found = costs(ground.url, today=date.today(), repeats=options.repeats)  # noqa: DTZ011  # the store is made for it
    names = list(dict.fromkeys(name for name, _ in found))
    print(ground)
    print("| page | " + " | ".join(f"{name}, ms" for name in names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for topic in dict.fromkeys(topic for _, topic in found):
        print(f"| {topic} | " + " | ".join(f"{found[name, topic] * 1000:.0f}" for name in names) + " |")
    return 0 if max(found.values()) < MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
