"""What turning a page of a weekly review costs the server, next and back, beside an empty page in the same run.

A review that is held and one that is over, each turned by its keys in the app as the chair does. First look: after
a committed write, when no cached answer holds any more. Again: nothing was written since. Medians by page.
Run: python -m benchmarks.turning
"""

import argparse
import asyncio
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import gettempdir

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a file or as a module

from sqlalchemy import select
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.driver import DriveError, Rerun, Tab, running_server, sign_in
from benchmarks.ground import ADMINISTRATOR, PASSWORD, prepared_ground, raise_version
from core.calendar import SHANGHAI, last_complete_week
from core.facts import Actor, UserRole
from core.review.agenda import Agenda
from core.review.figures import Topic
from core.review.scope import ReviewScope, ScopeKind
from db.engine import data_version, reading, sqlite_url, writing
from db.models import UserRow
from db.review_changes import begin_meeting, close_meeting
from db.review_decisions import with_decisions
from db.review_figures import review_figures

EMPTY, PAGE = "empty", "meeting"
NEXT, BACK = "meeting_next", "meeting_back"
MOST_SECONDS = 0.3
ALL = ReviewScope(ScopeKind.ALL)


@dataclass
class Turns:
    """What the turns to the pages of a review cost, in seconds, by page."""

    review: str
    first: dict[str, list[float]] = field(default_factory=dict)
    again: dict[str, list[float]] = field(default_factory=dict)
    empty: list[float] = field(default_factory=list)

    @property
    def slowest(self) -> float:
        """Return the median of the page that takes longest."""
        return max(median(each) for each in (*self.first.values(), *self.again.values()))


def begun(url: str, *, week_start: date, now: datetime, is_over: bool) -> None:
    """Hold a review of everything with all its pages, and end it where it is to be over."""
    with reading(url) as session:
        user_id = session.scalars(select(UserRow.id).where(UserRow.username == ADMINISTRATOR)).one()
        actor = Actor(user_id=user_id, username=ADMINISTRATOR, display_name=ADMINISTRATOR, role=UserRole.ADMIN)
        today = now.date()
        live = review_figures(session, actor=actor, scope=ALL, week_start=week_start, today=today, topics=tuple(Topic))
        figures = with_decisions(session, actor=actor, figures=live, meeting_id=None, today=today)
        version = data_version(session)
    with writing(url) as session:
        meeting_id = begin_meeting(
            session,
            actor=actor,
            figures=figures,
            figures_version=version,
            agenda=Agenda(),
            present=[],
            guests=[],
            now=now,
            key=f"begin-{week_start}",
        )
    if is_over:
        with writing(url) as session:
            close_meeting(
                session,
                actor=actor,
                meeting_id=meeting_id,
                figures=figures,
                present=[],
                guests=[],
                shown_version=1,
                now=now,
                key=f"close-{week_start}",
            )


async def turns(base: str, url: str, cookie: str, *, review: str, week_start: date, repeats: int) -> Turns:
    """Turn a review from its first page to its last and back, some times."""
    found = Turns(review)
    tab, beside = await Tab.opened(base, cookie), await Tab.opened(base, cookie)
    query = f"week={week_start.isoformat()}&page={Topic.DECIDED}"
    shown = _drawn(await tab.rerun(PAGE, query=query))
    await beside.rerun(EMPTY)
    for number in range(2 * repeats):
        kept, prepare = (found.again, lambda: None) if number % 2 else (found.first, lambda: raise_version(url))
        for key in (NEXT, BACK):
            while button := _button(shown, key):
                found.empty.append((await beside.rerun(EMPTY)).seconds)
                query, shown = await _turned(tab, query, button, prepare)
                kept.setdefault(_page(query), []).append(shown.seconds)
    for each in (tab, beside):
        await each.close()
    return found


async def _turned(tab: Tab, query: str, button: str, prepare: Callable[[], object]) -> tuple[str, Rerun]:
    prepare()
    shown = _drawn(await tab.rerun(PAGE, query=query, widgets=[WidgetState(id=button, trigger_value=True)]))
    told = [one.page_info_changed.query_string for one in shown.messages if one.HasField("page_info_changed")]
    if not told:
        raise DriveError(f"{button} did not turn the page of {query}")
    return told[-1], shown


def _drawn(rerun: Rerun) -> Rerun:
    if rerun.failures() or not rerun.headings():
        raise DriveError(f"not a page of a review: {rerun.failures()}")
    return rerun


def _button(shown: Rerun, key: str) -> str | None:
    """Return the id of a key of the bar, None where it is off, as at both ends."""
    buttons = [element.button for element in shown.elements() if element.WhichOneof("type") == "button"]
    return next((one.id for one in buttons if one.id.endswith(key) and not one.disabled), None)


def _page(query: str) -> str:
    return dict(pair.split("=", 1) for pair in query.split("&"))["page"]


def main() -> int:
    """Print the table; exit status 1 where turning to a page takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--branches", type=int, default=1000)
    parser.add_argument("--weeks", type=int, default=114)
    parser.add_argument("--repeats", type=int, default=3, help="ways there and back")
    parser.add_argument("--folder", type=Path, help="where the store is kept for the next run")
    options = parser.parse_args()
    folder = options.folder or Path(gettempdir()) / f"branch-coach-{options.branches}-{options.weeks}"
    ground = prepared_ground(folder, branches=options.branches, weeks=options.weeks)
    store = folder / "turning.db"
    shutil.copy(folder / "store.db", store)  # reviews are held in it
    url, now = sqlite_url(store), datetime.now(SHANGHAI)
    last = last_complete_week(now.date())
    reviews = {"held": last, "over": last - timedelta(weeks=1)}
    for review, week_start in reviews.items():
        begun(url, week_start=week_start, now=now, is_over=review == "over")

    async def turned(base: str) -> list[Turns]:
        cookie = await sign_in(base, ADMINISTRATOR, PASSWORD)
        return [
            await turns(base, url, cookie, review=review, week_start=week_start, repeats=options.repeats)
            for review, week_start in reviews.items()
        ]

    with running_server(url, log=folder / "server.log") as base:
        found = asyncio.run(turned(base))
    print(ground)
    print("| review | page | first look, ms | times empty | again, ms | times empty |")
    print("|---|---|---|---|---|---|")
    for one in found:
        empty = median(one.empty)
        for page, first in one.first.items():
            figures = (f"{median(each) * 1000:.0f} | {median(each) / empty:.1f}" for each in (first, one.again[page]))
            print(f"| {one.review} | {page} | {' | '.join(figures)} |")
    return 0 if max(one.slowest for one in found) < MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
