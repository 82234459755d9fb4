"""The same A4 page as PDF, for whoever opens no browser: set by typst from a constant template.

Words and figures are its data, never its source. The type is made smaller until everything stands on the one page.
"""

import json
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from typing import Any

import typst

from core.reports.a4 import Part, foot_of, side_by_side
from core.reports.pack.fonts import NoChineseFontError, chinese_face, installed_fonts
from core.reports.tables import Stamp, cleaned

TEMPLATE = Path(__file__).with_name("a4.typ")
SIZES = (11.0, 10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0)
"""Points; the first in which the page holds everything is taken."""
NAMED_EVERY = 4
"""Columns of a chart over which the name of one may reach."""


def a4_pdf(parts: Iterable[Part], stamp: Stamp, *, note: str) -> bytes:
    """Return the page as `core.reports.a4.a4_page` describes it; the same content and stamp give the same bytes.

    Raises:
        NoChineseFontError: this machine has no Chinese face.
    """
    face = chinese_face()
    if face is None:
        raise NoChineseFontError
    moment = stamp.made_at.replace(microsecond=0)
    sheet = {
        "title": cleaned(stamp.title),
        "author": cleaned(stamp.made_by),
        "made": [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second],
        "font": face,
        "lang": stamp.language,
        "region": "cn" if stamp.language == "zh" else "gb",
        "note": cleaned(note),
        "foot": cleaned(foot_of(stamp)),
        "sizes": SIZES,
        "named_every": NAMED_EVERY,
        "parts": [[_told(part) for part in together] for together in side_by_side(parts)],
    }
    compiler = typst.Compiler(
        TEMPLATE.read_bytes(), font_paths=installed_fonts(), sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)}
    )
    made = compiler.compile(format="pdf", timestamp=moment.replace(tzinfo=UTC))
    if not isinstance(made, bytes):
        raise TypeError(f"typst gave {type(made).__name__} in the place of a file")
    return made


def _told(part: Part) -> dict[str, Any]:
    return {
        "title": cleaned(part.title),
        "lines": [cleaned(line) for line in part.lines],
        "numbered": [cleaned(line) for line in part.numbered],
        "head": [cleaned(cell) for cell in part.head],
        "rows": [[cleaned(cell) for cell in row] for row in part.rows],
        "told": part.is_told,
        "bars": [{"name": cleaned(bar.name), "amount": bar.amount} for bar in part.bars],
    }
