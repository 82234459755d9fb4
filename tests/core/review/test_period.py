from dataclasses import replace
from datetime import date

import pytest

from core.review.agenda import Slide
from core.review.figures import Topic
from core.review.period import is_provisional, period_of, period_words
from tests.review_records import SPLIT, WEEK, card, figures

MONTH = replace(SPLIT, start=date(2026, 11, 1), end=date(2026, 11, 15))


@pytest.mark.parametrize(
    ("slide", "words"),
    [
        (Slide(Topic.DECIDED), "11-09 – 11-15"),
        (Slide(Topic.GOALS), "11-01 – 11-15 · data to 11-15"),
        (Slide(Topic.STAGES), "11-09 – 11-15 · data to 11-15"),
        (Slide(Topic.STAGES, 2), "13 weeks to 11-15 · data to 11-15"),
        (Slide(Topic.CADENCE, 2), "4 weeks to 11-15 · data to 11-15"),
        (Slide(Topic.WEAKEST), "11-01 – 11-15 · data to 11-15"),
        (Slide(Topic.WEAKEST, 2), "13 weeks to 11-15 · data to 11-15"),
        (Slide(Topic.WORKED), "All weeks to 11-15 · data to 11-15"),
        (Slide(Topic.NEXT_WEEK), "11-16 – 11-22"),
    ],
)
def test_every_page_says_its_days_and_how_far_the_data_reach(slide, words):
    shown = figures(weakest=replace(figures().weakest, whole=MONTH))
    assert period_words("en", shown, slide) == words


def test_a_review_kept_without_the_days_of_its_gap_goes_by_its_week():
    assert period_of(figures(), Slide(Topic.WEAKEST)) == (WEEK, date(2026, 11, 15))


def test_figures_cooling_off_may_change_are_marked_on_the_pages_that_have_premium():
    shown = figures(goals=(card(is_provisional=True),))
    marked = [topic for topic in Topic if is_provisional(shown, Slide(topic))]
    assert marked == [Topic.GOALS, Topic.WEAKEST]
    assert period_words("zh", shown, Slide(Topic.GOALS)) == "11-01 – 11-15 · 数据至11-15 · *暂定"
