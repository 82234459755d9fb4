"""The deck as PDF, set by typst from a constant template: words and figures are its data, never its source."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from core.language import Language
from core.reports.pack.drawing import Drawn, Rect, drawn_chart, drawn_table
from core.reports.pack.fit import LINE
from core.reports.pack.fonts import NoChineseFontError, chinese_face, installed_fonts
from core.reports.pack.form import HEIGHT, PAPER, WIDTH, ChartFrame, PlacedPage, TableFrame, TextFrame
from core.reports.tables import cleaned

TEMPLATE = Path(__file__).with_name("deck.typ")


def pdf_bytes(pages: Sequence[PlacedPage], *, language: Language, title: str, made_by: str, made_at: datetime) -> bytes:
    """Return the deck; the same pages and stamp give the same bytes.

    Raises:
        NoChineseFontError: this machine has no Chinese face.
    """
    face = chinese_face()
    if face is None:
        raise NoChineseFontError
    deck = {
        "title": cleaned(title),
        "author": cleaned(made_by),
        "made": [made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second],
        "font": face,
        "lang": language,
        "region": "cn" if language == "zh" else "gb",
        "width": WIDTH,
        "height": HEIGHT,
        "paper": PAPER,
        "line": LINE,
        "pages": [[_part(one) for one in drawn_page(page, language)] for page in pages],
    }
    compiler = typst.Compiler(
        TEMPLATE.read_bytes(), font_paths=installed_fonts(), sys_inputs={"deck": json.dumps(deck, ensure_ascii=False)}
    )
    made = compiler.compile(format="pdf", timestamp=made_at.replace(tzinfo=UTC))
    if not isinstance(made, bytes):
        raise TypeError(f"typst gave {type(made).__name__} in the place of a file")
    return made


def drawn_page(page: PlacedPage, language: Language) -> Iterator[Drawn]:
    """Yield everything of a page as rectangles and words, in the order it is drawn."""
    for frame in page.frames:
        match frame:
            case TextFrame():
                yield frame
            case TableFrame():
                yield from drawn_table(frame)
            case ChartFrame():
                yield from drawn_chart(frame, language)


def _part(drawn: Drawn) -> dict[str, Any]:
    box = {"x": drawn.box.x, "y": drawn.box.y, "width": drawn.box.width, "height": drawn.box.height}
    if isinstance(drawn, Rect):
        return {"kind": "rect", **box, "colour": drawn.colour}
    return {
        "kind": "text",
        **box,
        "words": cleaned(drawn.words),
        "size": drawn.size,
        "bold": drawn.bold,
        "colour": drawn.colour,
        "align": drawn.align,
        "middle": drawn.middle,
    }
