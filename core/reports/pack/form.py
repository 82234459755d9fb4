"""The fixed form: where everything of a page stands. Points, from the top left corner of a page of 960 by 540.

The same places serve the slides and the PDF, so both look alike, week by week. Sizes: nothing under 12, what is read
in the room from 18 on; names of figures and of axes 14.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from core.language import Language, text
from core.reports.pack.fit import LINE
from core.reports.pack.page import Chart, Table
from core.reports.pack.telling import Telling
from core.review.figures import ReviewFigures

WIDTH, HEIGHT = 960.0, 540.0
MARGIN = 40.0
INNER = WIDTH - 2 * MARGIN
FOOT_SIZE, NOTE_SIZE, BODY_SIZE, SENTENCE_SIZE, VALUE_SIZE, TITLE_SIZE = 12.0, 14.0, 18.0, 20.0, 26.0, 30.0
INK, SOFT_INK, PAPER, RULE, HEAD_FILL, ACCENT = "#1f2937", "#4b5563", "#ffffff", "#d1d5db", "#e8edf3", "#56789c"
MARKED = "#9a4a12"
"""Words that say figures are other ones by now."""
NUMBERS_TOP, BODY_TOP, BODY_TOP_WITH_NUMBERS, BODY_BOTTOM = 134.0, 131.0, 228.0, 496.0
FOOT_TOP, FOOT_HEIGHT = 502.0, 33.0
CELL_PAD, ROW_PAD, RULE_WIDTH = 6.0, 5.0, 0.6
HEAD_HEIGHT = 42.0
SENTENCE_LINES = 2
NOTE_HEIGHT = NOTE_SIZE * LINE + 1
"""Room of the line above the foot that says what was corrected since; tables give up some of theirs for it."""

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Box:
    """A rectangle on the page."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class TextFrame:
    """Words in a frame they fit into; at the top of it, or in its middle."""

    name: str
    box: Box
    words: str
    size: float
    bold: bool = False
    colour: str = INK
    align: Align = "left"
    middle: bool = False


@dataclass(frozen=True)
class TableFrame:
    """A table: cells already cut to their columns. `widths` and `heights` add up to those of the box under the head."""

    name: str
    box: Box
    table: Table
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    heights: tuple[float, ...]

    @property
    def row_pad(self) -> float:
        """Room above and below the words of a row: a program makes a row higher rather than leave its margins out."""
        if self.table.is_whole:
            return ROW_PAD / 2
        return max(min(self.heights) - self.table.lines * BODY_SIZE * LINE, 0) / 2


@dataclass(frozen=True)
class ChartFrame:
    """A chart and what it shows in words, for whoever does not see it."""

    name: str
    box: Box
    chart: Chart
    alt: str


Frame = TextFrame | TableFrame | ChartFrame


@dataclass(frozen=True)
class PlacedPage:
    """A page with everything in its place."""

    key: str
    title: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True)
class Foot:
    """What every page says of itself at the bottom."""

    scope: str
    week_start: date
    data_to: date | None
    made_by: str
    made_at: datetime
    language: Language
    pages: int = field(default=0)

    def left(self) -> tuple[str, str]:
        """Return of what the page is: whose branches, and when."""
        when = text(
            self.language,
            "Week from {week} · data up to {day}",
            week=f"{self.week_start}",
            day=f"{self.data_to}" if self.data_to else "–",
        )
        return self.scope, when

    def right(self) -> tuple[str, str]:
        """Return whom it is for, and who made it when."""
        internal = text(self.language, "Internal, no customer data")
        made = text(
            self.language, "made by {name} on {moment}", name=self.made_by, moment=f"{self.made_at:%Y-%m-%d %H:%M}"
        )
        return internal, made


def foot_of(figures: ReviewFigures, told: Telling, *, made_by: str, made_at: datetime, pages: int) -> Foot:
    """Return the foot of all pages; whoever made the pack is named where persons are."""
    scope = told.scope(figures.scope)
    return Foot(scope, figures.week_start, figures.data_to, made_by, made_at, told.language, pages)
