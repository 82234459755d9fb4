"""The pages of the deck in their fixed order: a cover with what matters most, then the agenda of the review."""

from collections.abc import Callable
from dataclasses import replace

from core.language import text
from core.reports.digest import digest_lines
from core.reports.pack.actions import decided_page, decisions_page, next_week_page, worked_page
from core.reports.pack.attendance import with_present
from core.reports.pack.branches import cadence_page, moves_page, stages_page, weakest_page
from core.reports.pack.goals import compared_page, gap_page, goals_page
from core.reports.pack.page import Page
from core.reports.pack.placing import parted
from core.reports.pack.telling import Telling
from core.review.figures import ReviewFigures, Topic
from core.review.meeting import ReviewShown
from core.review.words import correction_words

MOST_COVER_LINES = 6

PAGES: tuple[Callable[[ReviewFigures, Telling], Page], ...] = (
    decided_page,
    goals_page,
    compared_page,
    stages_page,
    moves_page,
    cadence_page,
    gap_page,
    weakest_page,
    worked_page,
    decisions_page,
    next_week_page,
)
"""After the cover, in the order of the agenda; the gap of the whole comes before the weakest branches."""


def deck_pages(shown: ReviewShown, told: Telling) -> list[Page]:
    """Return all pages, always the same ones: a topic without figures says so on its page.

    Only a topic the review left out has none, as on the projector; decisions that one has no room for are continued on
    another.
    """
    pages = [page(shown.figures, told) for page in PAGES]
    marked = [_marked(page, shown, told) for page in pages if page.topic in shown.topics]
    return [cover_page(shown, told), *(part for page in marked for part in parted(page))]


def _marked(page: Page, shown: ReviewShown, told: Telling) -> Page:
    """Return a page with what was corrected since, that of the decisions with who took them."""
    since = tuple(correction_words(told.language, one) for one in shown.corrected(page.topic))
    if page.topic is Topic.DECISIONS and shown.meeting:
        page = replace(page, sentence=with_present(page.sentence, shown.meeting, told))
    return replace(page, corrections=since)


def cover_page(shown: ReviewShown, told: Telling) -> Page:
    """Return the first page: of what and when the pack is, and its worst news."""
    figures = shown.figures
    title = text(told.language, "Weekly review · {scope}", scope=told.scope(figures.scope))
    sentence = text(
        told.language,
        "Week from {week}. Data up to {day}.",
        week=told.day(figures.week_start),
        day=told.day(figures.data_to),
    )
    return Page("cover", None, title, sentence, lines=tuple(digest_lines(shown, told)[1 : MOST_COVER_LINES + 1]))
