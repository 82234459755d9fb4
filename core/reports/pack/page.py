"""What a page of the pack says, before anybody decides where it stands: one description for slides and PDF."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from core.review.figures import Topic

MOST_NUMBERS = 7
"""Figures beside each other on one page (weekly review, D9): more is not read from six metres."""
NO_FIGURE = "–"
NO_ROW = ""

Unit = Literal["count", "share", "money"]
"""What a chart shows: whole numbers, shares from 0 to 1, yuan."""


class ChartKind(StrEnum):
    """How a chart is drawn."""

    COLUMNS = "columns"
    BARS = "bars"
    WATERFALL = "waterfall"


@dataclass(frozen=True)
class Number:
    """A figure in large type over its name."""

    label: str
    words: str


@dataclass(frozen=True)
class Series:
    """Values of one kind, one for each category; None = cannot be said.

    `points` colours each category. `words` stand at each in the place of its value.
    """

    name: str
    values: tuple[float | None, ...]
    colour: str
    points: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart: its categories and series.

    Of a waterfall there is one series: the first value and the last are totals, those between are the steps.
    """

    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit


@dataclass(frozen=True)
class Table:
    """A table of a fixed number of rows: fewer are filled up with empty ones, more are left to the workbook.

    `shares` are those of the width. `lines` a row may take. Columns in `right` hold figures. A cell that is too long
    loses whole pieces between `cut_at`, where that is given and one fits. `is_whole`: nothing is cut, rows are as high
    as their words need, and what does not fit stands on further pages.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    most: int
    lines: int = 1
    right: frozenset[int] = frozenset()
    cut_at: str = ""
    is_whole: bool = False

    @property
    def shown(self) -> tuple[tuple[str, ...], ...]:
        """Return the rows that stand on the page, always `most` of them."""
        empty = (NO_ROW,) * len(self.head)
        return (*self.rows[: self.most], *(empty for _ in range(self.most - len(self.rows))))


@dataclass(frozen=True)
class Page:
    """One page: title, the sentence that matters, at most seven numbers, one chart or one table.

    `corrections` are the figures on it that were corrected since they were shown, in words. `period` says of which
    days its figures are, None where it has no figures of days. `part` counts the pages of what one has no room for.
    """

    key: str
    topic: Topic | None
    title: str
    sentence: str
    numbers: tuple[Number, ...] = ()
    chart: Chart | None = None
    table: Table | None = None
    lines: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    period: str | None = None
    part: tuple[int, int] = (1, 1)
