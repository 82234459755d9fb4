"""Packs made once for all tests of this folder that run on one worker."""

from functools import cache

import pytest

from core.reports.pack.deck import deck_pages
from core.reports.pack.form import PlacedPage, foot_of
from core.reports.pack.formats import PackFormat
from core.reports.pack.pack import pack_files
from core.reports.pack.page import Page
from core.reports.pack.placing import placed
from core.reports.pack.telling import Telling
from core.review.meeting import ReviewShown
from tests.core.reports.pack import reviews


@cache
def made(kind: str, language: str) -> dict[PackFormat, bytes]:
    """The files of a pack by format: of a review in full, of nothing, of the most, of the week after."""
    shown = shown_of(kind, language)
    made_at = shown.figures.shown_at
    files = pack_files(shown, made_at=made_at, language=language, titles=reviews.TITLES[language], made_by="陈静")
    return {one.file_format: one.content for one in files}


def shown_of(kind: str, language: str) -> ReviewShown:
    """What a pack without names is made of; the fullest is of a review that is over and was corrected since."""
    figures = reviews.without_names(figures_of(kind), language)
    return reviews.over(figures) if kind == "full" else ReviewShown(figures)


@cache
def figures_of(kind: str):
    return {
        "review": reviews.review,
        "nothing": reviews.nothing,
        "full": reviews.full,
        "next": lambda: reviews.review(reviews.NEXT, more=3),
    }[kind]()


@cache
def pages_of(kind: str, language: str) -> tuple[list[Page], list[PlacedPage]]:
    """The pages of a pack, and the same with everything in its place."""
    shown = shown_of(kind, language)
    figures, told = shown.figures, Telling(language, reviews.TITLES[language])
    pages = deck_pages(shown, told)
    foot = foot_of(figures, told, made_by="陈静", made_at=figures.shown_at, pages=len(pages))
    return pages, [placed(page, number, foot) for number, page in enumerate(pages, start=1)]


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=["full", "nothing", "review"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param
