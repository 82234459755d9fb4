"""Which days the figures of a page are of, up to which day there are data, and whether they may still change."""

from datetime import date, timedelta

from core.language import Language, text
from core.review.agenda import Slide
from core.review.figures import ReviewFigures, Topic
from core.review.measures import measures_on

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
WITHOUT_DATA = (Topic.DECIDED, Topic.DECISIONS, Topic.NEXT_WEEK)
PROVISIONAL = "*"
"""Stands behind a figure that cooling-off may still change."""


def period_of(figures: ReviewFigures, slide: Slide) -> tuple[date, date]:
    """Return the first and the last day the figures of a page are of."""
    monday, limits = figures.week_start, measures_on(figures.week_start).limits
    sunday = monday + WEEK - DAY
    weeks, is_first = 1, slide.part == 1
    match slide.topic:
        case Topic.GOALS if figures.goals:
            card = figures.goals[0]
            return card.start, min(card.end, sunday)
        case Topic.STAGES if slide.part == 2 and not slide.most:
            weeks = limits.flow_weeks
        case Topic.CADENCE if not is_first:
            weeks = limits.cadence_weeks
        case Topic.WEAKEST if not is_first:
            weeks = limits.weak_weeks
        case Topic.WEAKEST if figures.weakest and figures.weakest.whole:
            whole = figures.weakest.whole
            if whole.start and whole.end:
                return whole.start, whole.end
        case Topic.NEXT_WEEK:
            return monday + WEEK, sunday + WEEK
    return sunday - weeks * WEEK + DAY, sunday


def is_provisional(figures: ReviewFigures, slide: Slide) -> bool:
    """Tell whether cooling-off may still change figures of a page: premium to the same day as those of the goals."""
    return slide.topic in (Topic.GOALS, Topic.WEAKEST) and any(card.is_provisional for card in figures.goals or ())


def period_words(language: Language, figures: ReviewFigures, slide: Slide) -> str:
    """Return the days, up to which day there are data, and whether figures are provisional: one short line."""
    start, end = period_of(figures, slide)
    weeks = ((end - start).days + 1) / 7
    if slide.topic is Topic.WORKED:
        words = [text(language, "All weeks to {day}", day=f"{end:%m-%d}")]
    elif weeks > 1 and weeks == int(weeks) and slide.topic is not Topic.GOALS:
        words = [text(language, "{count} weeks to {day}", count=int(weeks), day=f"{end:%m-%d}")]
    else:
        words = [f"{start:%m-%d} – {end:%m-%d}"]
    if slide.topic not in WITHOUT_DATA and figures.data_to:
        words.append(text(language, "data to {day}", day=f"{figures.data_to:%m-%d}"))
    if is_provisional(figures, slide):
        words.append(text(language, "{mark} provisional", mark=PROVISIONAL))
    return " · ".join(words)
