"""The deck as PPTX: native charts with their data behind them, tables, and text that Office sets in a Chinese face."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Pt

from core.language import Language
from core.reports.pack.fit import LINE
from core.reports.pack.form import (
    BODY_SIZE,
    CELL_PAD,
    HEAD_FILL,
    HEAD_HEIGHT,
    HEIGHT,
    INK,
    NOTE_SIZE,
    ROW_PAD,
    RULE,
    RULE_WIDTH,
    WIDTH,
    Align,
    Box,
    ChartFrame,
    PlacedPage,
    TableFrame,
    TextFrame,
)
from core.reports.pack.pptx_chart import add_chart
from core.reports.pack.pptx_text import CHINESE_FACE, rgb, set_face
from core.reports.pack.still import stilled
from core.reports.tables import cleaned

TITLE_ONLY = 5
"""Place of the layout with a title alone in the template of python-pptx; titles make the outline."""
PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The table style without fills and lines."""
ALIGNED: dict[Align, PP_ALIGN] = {"left": PP_ALIGN.LEFT, "center": PP_ALIGN.CENTER, "right": PP_ALIGN.RIGHT}


def pptx_bytes(
    pages: Sequence[PlacedPage], *, language: Language, title: str, made_by: str, made_at: datetime
) -> bytes:
    """Return the deck; the same pages and stamp give the same bytes."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDTH), Pt(HEIGHT)
    _set_theme_face(deck)
    facts = deck.core_properties
    facts.title, facts.author, facts.last_modified_by = cleaned(title), cleaned(made_by), cleaned(made_by)
    facts.created = facts.modified = made_at
    facts.language = "zh-CN" if language == "zh" else "en-US"
    for page in pages:
        slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
        for frame in page.frames:
            match frame:
                case TextFrame():
                    _add_text(slide, frame)
                case TableFrame():
                    _add_table(slide, frame)
                case ChartFrame():
                    add_chart(slide, frame, language)
    buffer = BytesIO()
    deck.save(buffer)
    return stilled(buffer.getvalue(), made_at)


def _add_text(slide: Any, frame: TextFrame) -> None:
    shape = slide.shapes.title if frame.name == "title" else slide.shapes.add_textbox(0, 0, 0, 0)
    shape.name = frame.name
    _put(shape, frame.box)
    body = shape.text_frame
    body.word_wrap, body.auto_size = True, MSO_AUTO_SIZE.NONE
    body.vertical_anchor = MSO_ANCHOR.MIDDLE if frame.middle else MSO_ANCHOR.TOP
    body.margin_left = body.margin_right = body.margin_top = body.margin_bottom = 0
    _write(body.paragraphs[0], frame.words, frame.size, bold=frame.bold, colour=frame.colour, align=frame.align)


def _write(paragraph: Any, words: str, size: float, *, bold: bool, colour: str, align: Align) -> None:
    """Write words on lines of a fixed height, so that every program gives them the same room."""
    paragraph.alignment = ALIGNED[align]
    paragraph.line_spacing = Pt(size * LINE)
    for place, line in enumerate(cleaned(words).split("\n")):
        if place:
            paragraph.add_line_break()
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = rgb(colour)
        set_face(run._r.get_or_add_rPr())  # noqa: SLF001  # python-pptx has no East Asian face of its own


def _add_table(slide: Any, frame: TableFrame) -> None:
    shape = slide.shapes.add_table(
        len(frame.rows) + 1, len(frame.head), 0, 0, Pt(frame.box.width), Pt(frame.box.height)
    )
    shape.name = frame.name
    _put(shape, frame.box)
    table = shape.table
    table.horz_banding = False
    shape._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = PLAIN_TABLE  # noqa: SLF001
    for place, width in enumerate(frame.widths):
        table.columns[place].width = Pt(width)
    table.rows[0].height = Pt(HEAD_HEIGHT)
    for number, height in enumerate(frame.heights, start=1):
        table.rows[number].height = Pt(height)
    for place, words in enumerate(frame.head):
        cell = table.cell(0, place)
        cell.fill.solid()
        cell.fill.fore_color.rgb = rgb(HEAD_FILL)
        _fill_cell(cell, words, NOTE_SIZE, bold=True, align=_align(frame, place))
    for number, row in enumerate(frame.rows, start=1):
        for place, words in enumerate(row):
            cell = table.cell(number, place)
            _fill_cell(cell, words, BODY_SIZE, bold=False, align=_align(frame, place), pad=frame.row_pad)
            if any(row):
                _rule(cell)


def _align(frame: TableFrame, place: int) -> Align:
    return "right" if place in frame.table.right else "left"


def _fill_cell(cell: Any, words: str, size: float, *, bold: bool, align: Align, pad: float = ROW_PAD / 2) -> None:
    cell.margin_left = cell.margin_right = Pt(CELL_PAD)
    cell.margin_top = cell.margin_bottom = Pt(pad)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    _write(cell.text_frame.paragraphs[0], words, size, bold=bold, colour=INK, align=align)


def _rule(cell: Any) -> None:
    """Draw a line under a cell."""
    facts = cell._tc.get_or_add_tcPr()  # noqa: SLF001  # python-pptx draws no lines of cells
    line, fill, colour = OxmlElement("a:lnB"), OxmlElement("a:solidFill"), OxmlElement("a:srgbClr")
    line.set("w", str(Pt(RULE_WIDTH)))
    colour.set("val", RULE.lstrip("#"))
    fill.append(colour)
    line.append(fill)
    facts.insert(0, line)  # lines stand before fills


def _put(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = Pt(box.x), Pt(box.y), Pt(box.width), Pt(box.height)


def _set_theme_face(deck: Any) -> None:
    """Give the theme our Chinese face as well: whatever a reader types on a slide goes by it."""
    theme = deck.slide_master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    theme._blob = theme.blob.replace(b'<a:ea typeface=""/>', f'<a:ea typeface="{CHINESE_FACE}"/>'.encode())  # noqa: SLF001
