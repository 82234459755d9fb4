"""The fixed form: where everything of a page stands. Points, from the top left corner of a page of 960 by 540.

The same places serve the slides and the PDF, so both look alike, week by week. Sizes: nothing under 12, what is read
in the room from 18 on; names of figures and of axes 14.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from core.language import Language, text
from core.reports.pack.fit import LINE, fitted, width_of
from core.reports.pack.page import MOST_NUMBERS, Chart, Page, Table
from core.reports.pack.telling import Telling
from core.review.figures import ReviewFigures
from core.review.words import corrections_told

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
    """A table: cells already cut to their columns. `widths` add up to that of the box."""

    name: str
    box: Box
    table: Table
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    row_height: float

    @property
    def row_pad(self) -> float:
        """Room above and below the words of a row: a program makes a row higher rather than leave its margins out."""
        return max(self.row_height - self.table.lines * BODY_SIZE * LINE, 0) / 2


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


def placed(page: Page, number: int, foot: Foot) -> PlacedPage:
    """Return a page with everything in its place."""
    frames: list[Frame] = []
    if page.topic is None:
        frames.extend(_cover(page))
    else:
        frames.append(_text("title", Box(MARGIN, 22, INNER, 44), page.title, TITLE_SIZE, bold=True))
        frames.append(_text("sentence", Box(MARGIN, 70, INNER, 58), page.sentence, SENTENCE_SIZE, lines=2))
        frames.extend(_numbers(page))
        top = BODY_TOP_WITH_NUMBERS if page.numbers else BODY_TOP
        body = Box(MARGIN, top, INNER, BODY_BOTTOM - top - (NOTE_HEIGHT if page.corrections else 0))
        if page.chart:
            frames.append(ChartFrame("chart", body, page.chart, f"{page.title}. {page.sentence}"))
        if page.table:
            frames.append(_table(page.table, body))
        if page.corrections:
            frames.append(_corrections(page, foot.language))
    frames.extend(_foot(number, foot))
    return PlacedPage(page.key, page.title, tuple(frames))


def _text(
    name: str,
    box: Box,
    words: str,
    size: float,
    *,
    lines: int = 1,
    bold: bool = False,
    colour: str = INK,
    align: Align = "left",
    middle: bool = False,
) -> TextFrame:
    return TextFrame(name, box, fitted(words, size, box.width, lines, bold=bold), size, bold, colour, align, middle)


def _cover(page: Page) -> Iterator[TextFrame]:
    yield _text("title", Box(MARGIN, 40, INNER, 100), page.title, 36, lines=2, bold=True)
    yield _text("sentence", Box(MARGIN, 142, INNER, 30), page.sentence, SENTENCE_SIZE, colour=SOFT_INK)
    for place in range(6):
        line = page.lines[place] if place < len(page.lines) else ""
        yield _text(f"line {place + 1}", Box(MARGIN, 184 + place * 52, INNER, 50), line, BODY_SIZE, lines=2)


def _corrections(page: Page, language: Language) -> TextFrame:
    """Return the line about what was corrected since: as many of the figures as it holds, how many more."""
    box = Box(MARGIN, BODY_BOTTOM - NOTE_HEIGHT + 1, INNER, NOTE_HEIGHT - 1)

    def said(figures: str) -> str:
        return text(language, "Figures were corrected since: {figures}", figures=figures)

    told = corrections_told(language, page.corrections, lambda told: width_of(said(told), NOTE_SIZE) <= box.width)
    return _text("corrections", box, said(told), NOTE_SIZE, colour=MARKED)


def _numbers(page: Page) -> Iterator[TextFrame]:
    shown = page.numbers[:MOST_NUMBERS]
    gap = 12.0
    width = (INNER - gap * (len(shown) - 1)) / max(len(shown), 1)
    size = _value_size([number.words for number in shown], width)
    for place, number in enumerate(shown):
        x = MARGIN + place * (width + gap)
        value = Box(x, NUMBERS_TOP, width, 38)
        label = Box(x, NUMBERS_TOP + 40, width, 40)
        yield _text(f"number {place + 1}", value, number.words, size, bold=True)
        yield _text(f"number {place + 1} name", label, number.label, NOTE_SIZE, lines=2, colour=SOFT_INK)


def _value_size(figures: Sequence[str], width: float) -> float:
    """Return the largest type in which all figures of a page fit their tiles: none is cut."""
    sizes = (VALUE_SIZE, 22.0, 20.0)
    return next((size for size in sizes if all(width_of(one, size, bold=True) <= width for one in figures)), BODY_SIZE)


def _table(table: Table, box: Box) -> TableFrame:
    widths = tuple(box.width * share / sum(table.shares) for share in table.shares)
    usual = table.lines * BODY_SIZE * LINE + ROW_PAD
    row_height = min(usual, (box.height - HEAD_HEIGHT) / table.most)
    head = tuple(
        fitted(words, NOTE_SIZE, width - 2 * CELL_PAD, 2, bold=True)
        for words, width in zip(table.head, widths, strict=True)
    )
    rows = tuple(
        tuple(_cell(words, width - 2 * CELL_PAD, table) for words, width in zip(row, widths, strict=True))
        for row in table.shown
    )
    height = HEAD_HEIGHT + row_height * len(rows)
    return TableFrame("table", Box(box.x, box.y, box.width, height), table, head, rows, widths, row_height)


def _cell(words: str, width: float, table: Table) -> str:
    """Return what of a cell fits its column: all of it, else the first whole pieces, else the beginning."""
    found = fitted(words, BODY_SIZE, width, table.lines)
    if found == words or not table.cut_at:
        return found
    pieces = words.split(table.cut_at)
    for count in range(len(pieces) - 1, 0, -1):
        some = table.cut_at.join(pieces[:count])
        if fitted(some, BODY_SIZE, width, table.lines) == some:
            return some
    return found


def _foot(number: int, foot: Foot) -> Iterator[TextFrame]:
    of_what, made = Box(MARGIN, FOOT_TOP, 400, FOOT_HEIGHT), Box(450, FOOT_TOP, 410, FOOT_HEIGHT)
    yield TextFrame("foot", of_what, _lines(foot.left(), of_what), FOOT_SIZE, colour=SOFT_INK)
    yield TextFrame("made", made, _lines(foot.right(), made), FOOT_SIZE, colour=SOFT_INK, align="right")
    page = Box(870, FOOT_TOP, 50, FOOT_HEIGHT)
    yield _text("page", page, f"{number} / {foot.pages}", FOOT_SIZE, colour=SOFT_INK, align="right")


def _lines(lines: Sequence[str], box: Box) -> str:
    return "\n".join(fitted(line, FOOT_SIZE, box.width) for line in lines)
