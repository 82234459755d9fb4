"""Where everything of a page of the pack stands, and how many pages a table takes whose words are not cut."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.language import Language, bracketed, text
from core.reports.pack.fit import LINE, fitted, whole_lines, width_of
from core.reports.pack.form import (
    BODY_BOTTOM,
    BODY_SIZE,
    BODY_TOP,
    BODY_TOP_WITH_NUMBERS,
    CELL_PAD,
    FOOT_HEIGHT,
    FOOT_SIZE,
    FOOT_TOP,
    HEAD_HEIGHT,
    INK,
    INNER,
    MARGIN,
    MARKED,
    NOTE_HEIGHT,
    NOTE_SIZE,
    NUMBERS_TOP,
    ROW_PAD,
    SENTENCE_LINES,
    SENTENCE_SIZE,
    SOFT_INK,
    TITLE_SIZE,
    VALUE_SIZE,
    Align,
    Box,
    ChartFrame,
    Foot,
    Frame,
    PlacedPage,
    TableFrame,
    TextFrame,
)
from core.reports.pack.page import MOST_NUMBERS, NO_ROW, Page, Table
from core.review.words import corrections_told

PERIOD_WIDTH, PERIOD_GAP = 290.0, 10.0
"""Room right of a title for the days its figures are of."""


def placed(page: Page, number: int, foot: Foot) -> PlacedPage:
    """Return a page with everything in its place."""
    frames: list[Frame] = []
    if page.topic is None:
        frames.extend(_cover(page))
    else:
        frames.extend(_head(page, foot.language))
        frames.append(_text("sentence", Box(MARGIN, 70, INNER, 58), page.sentence, SENTENCE_SIZE, lines=SENTENCE_LINES))
        frames.extend(_numbers(page))
        body = _body(page)
        if page.chart:
            frames.append(ChartFrame("chart", body, page.chart, f"{page.title}. {page.sentence}"))
        if page.table:
            frames.append(_table(page.table, body))
        if page.corrections:
            frames.append(_corrections(page, foot.language))
    frames.extend(_foot(number, foot))
    return PlacedPage(page.key, page.title, tuple(frames))


def parted(page: Page) -> list[Page]:
    """Return a page, or those a table takes of which nothing is cut; a row higher than a page is divided."""
    table = page.table
    if table is None or not table.is_whole:
        return [page]
    widths, room = _widths(table, INNER), _body(page).height - HEAD_HEIGHT
    pages: list[list[tuple[str, ...]]] = [[]]
    left = room
    for row in table.rows:
        lines = [whole_lines(words, BODY_SIZE, width - 2 * CELL_PAD) for words, width in zip(row, widths, strict=True)]
        fit = int((room - ROW_PAD) / (BODY_SIZE * LINE))
        high = max(map(len, lines))
        for start in range(0, high, fit):
            height = _whole_height(min(fit, high - start))
            if height > left:
                pages.append([])
                left = room
            pages[-1].append(tuple("\n".join(of_cell[start : start + fit]) for of_cell in lines))
            left -= height
    return [
        replace(page, table=replace(table, rows=tuple(rows)), part=(number, len(pages)))
        for number, rows in enumerate(pages, start=1)
    ]


def _head(page: Page, language: Language) -> Iterator[TextFrame]:
    title, width = page.title, INNER
    if page.part[1] > 1:
        title += bracketed(language, "{} / {}".format(*page.part))
    if page.period is not None:
        width -= PERIOD_WIDTH + PERIOD_GAP
        period = Box(MARGIN + width + PERIOD_GAP, 22, PERIOD_WIDTH, 44)
        yield _text("period", period, page.period, NOTE_SIZE, lines=2, colour=SOFT_INK, align="right", middle=True)
    yield _text("title", Box(MARGIN, 22, width, 44), title, TITLE_SIZE, bold=True)


def _body(page: Page) -> Box:
    top = BODY_TOP_WITH_NUMBERS if page.numbers else BODY_TOP
    return Box(MARGIN, top, INNER, BODY_BOTTOM - top - (NOTE_HEIGHT if page.corrections else 0))


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
    widths = _widths(table, box.width)
    head = tuple(
        fitted(words, NOTE_SIZE, width - 2 * CELL_PAD, 2, bold=True)
        for words, width in zip(table.head, widths, strict=True)
    )
    room, usual = box.height - HEAD_HEIGHT, table.lines * BODY_SIZE * LINE + ROW_PAD
    if table.is_whole:
        rows, heights = _whole_rows(table, room, usual)
    else:
        heights = (min(usual, room / table.most),) * table.most
        rows = tuple(
            tuple(_cell(words, width - 2 * CELL_PAD, table) for words, width in zip(row, widths, strict=True))
            for row in table.shown
        )
    return TableFrame(
        "table", Box(box.x, box.y, box.width, HEAD_HEIGHT + sum(heights)), table, head, rows, widths, heights
    )


def _widths(table: Table, width: float) -> tuple[float, ...]:
    return tuple(width * share / sum(table.shares) for share in table.shares)


def _whole_height(lines: int) -> float:
    return lines * BODY_SIZE * LINE + ROW_PAD


def _whole_rows(table: Table, room: float, usual: float) -> tuple[tuple[tuple[str, ...], ...], tuple[float, ...]]:
    """Return rows as high as their words, and empty ones that fill the room, so that the table is always as high."""
    heights = [_whole_height(max(words.count("\n") + 1 for words in row)) for row in table.rows]
    left = room - sum(heights)
    empty = int(left / usual)
    if empty:
        heights += [left / empty] * empty
    elif heights:
        heights[-1] += left
    return (*table.rows, *((NO_ROW,) * len(table.head) for _ in range(empty))), tuple(heights)


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
