"""How long the weekly pack of a region takes, from the question to the last byte of its files.

One process, past any cache; the first pack loads what makes the files, so it is told apart.
Run: python -m benchmarks.pack
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import gettempdir

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a file or as a module

from benchmarks.ground import ADMINISTRATOR, prepared_ground
from core.calendar import week_start_of
from core.facts import Actor, UserRole
from core.language import LANGUAGES
from core.review.scope import ReviewScope, ScopeKind
from db.branches import branches_in_scope, data_dates
from db.engine import reading
from db.review_packs import made_pack
from pages.parts.session import today

MOST_SECONDS = 20.0
BOSS = Actor(user_id=0, username=ADMINISTRATOR, display_name=ADMINISTRATOR, role=UserRole.ADMIN)


def seconds_of_a_pack(url: str, language: str) -> tuple[float, dict[str, int]]:
    """Return how long a pack of all branches takes, and the bytes of its files by format."""
    started = time.perf_counter()
    with reading(url) as session:
        last = data_dates(session, actor=BOSS, today=today()).last_week or week_start_of(today())
        files = made_pack(
            session,
            actor=BOSS,
            scope=ReviewScope(ScopeKind.ALL),
            week_start=last,
            language="zh" if language == "zh" else "en",
            today=today(),
        )
    return time.perf_counter() - started, {one.file_format.value: len(one.content) for one in files}


def main() -> int:
    """Print the seconds and sizes; exit status 1 where a pack takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--branches", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=104)
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()) / "branch-coach-pack")
    arguments = parser.parse_args()
    ground = prepared_ground(arguments.folder, branches=arguments.branches, weeks=arguments.weeks)
    with reading(ground.url) as session:
        branches = branches_in_scope(session, actor=BOSS, as_of=today()).num_rows
    print(f"{ground}; {branches} branches in the pack\n")
    print("| pack | seconds | PPTX, XLSX, PDF, digest in KB |\n|---|---|---|")
    slowest = 0.0
    for number, language in enumerate((*LANGUAGES, *LANGUAGES)):
        spent, sizes = seconds_of_a_pack(ground.url, language)
        slowest = max(slowest, spent)
        name = f"{language}, the first of the process" if number == 0 else language
        print(f"| {name} | {spent:.1f} | {', '.join(str(round(size / 1024)) for size in sizes.values())} |")
    return 0 if slowest < MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
