"""How much room words take, and what of them fits: so that no text of the pack leaves its frame.

Widths are shares of the type size. Each is the larger of those in DejaVu Sans, one of the widest faces a machine may
put in the place of ours, and in Noto Sans CJK, so that what fits here fits with any face a reader is likely to have.
"""

import re
import unicodedata
from collections.abc import Callable

LINE = 1.35
"""Height of a line as a share of the type size."""
BOLD = 1.14
"""How much wider bold type is at most."""
WIDE, OTHER = 1.0, 0.85
"""Chinese signs and whatever may be drawn as wide; other signs outside ASCII."""
CUT = "…"

_BY_WIDTH = {
    0.30: "'Iijl",
    0.35: " ,.:;f|",
    0.40: "!()-/[\\]t",
    0.45: "r",
    0.50: '"*',
    0.55: "?Jcsz",
    0.60: "FL_kvxy",
    0.65: "$0123456789EPSTY`abdeghnopqu{}",
    0.70: "ABCKRVXZ",
    0.75: "HNU",
    0.80: "&DGOQ",
    0.85: "#+<=>^w~",
    0.90: "M",
    0.95: "%",
    1.00: "@Wm",
}
_WIDTHS = {sign: width for width, signs in _BY_WIDTH.items() for sign in signs}
_LATIN = "!-~¡-\u024f"
_PIECES = re.compile(rf"[{_LATIN}]+|\s+|.", re.DOTALL)
"""A line breaks between words of letters and around each Chinese sign."""
_MEETINGS = re.compile(r"[0-9A-Za-z%¥](?=[\u2e80-\u9fff])|[\u2e80-\u9fff](?=[0-9A-Za-z¥])")
MEETING = 0.25
"""Room some programs leave where a Chinese sign stands beside a letter or digit."""


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """Return how wide words are on one line, in the unit of the size."""
    signs = sum(_width(sign) for sign in words)
    return (signs * (BOLD if bold else 1) + MEETING * len(_MEETINGS.findall(words))) * size


def _width(sign: str) -> float:
    known = _WIDTHS.get(sign)
    if known is not None:
        return known
    return WIDE if unicodedata.east_asian_width(sign) in "WFA" else OTHER


def wrapped(words: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return the lines words take in a width; none of their pieces is wider than that."""
    lines: list[str] = []
    for part in words.split("\n"):
        line = ""
        for piece in _PIECES.findall(part):
            if line and width_of((line + piece).rstrip(), size, bold=bold) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    return lines


def fitted(words: str, size: float, width: float, lines: int = 1, *, bold: bool = False) -> str:
    """Return the words, cut at the end where they take more than so many lines.

    A word of letters that is wider than a line is cut as well: not every program breaks one.
    """
    words = "".join(
        _cut(piece, lambda tried: width_of(tried, size, bold=bold) <= width) for piece in _PIECES.findall(words)
    )
    return _cut(words, lambda tried: len(wrapped(tried, size, width, bold=bold)) <= lines)


def whole_lines(words: str, size: float, width: float) -> list[str]:
    """Return the lines of words of which nothing is cut: a word of letters wider than a line is broken."""
    lines: list[str] = []
    for line in wrapped(words, size, width):
        rest = line
        while width_of(rest, size) > width:
            fits = max(1, sum(width_of(rest[:end], size) <= width for end in range(1, len(rest))))
            lines.append(rest[:fits])
            rest = rest[fits:]
        lines.append(rest)
    return lines


def _cut(words: str, fits: Callable[[str], bool]) -> str:
    if fits(words):
        return words
    short, long = 0, len(words)
    while long - short > 1:
        tried = (short + long) // 2
        if fits(words[:tried].rstrip() + CUT):
            short = tried
        else:
            long = tried
    return words[:short].rstrip() + CUT
