"""One A4 page as a file that any browser opens and prints: headings, lists and small tables, nothing else.

The fonts are those of the reader's machine, so that Chinese text is right wherever Chinese is read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from core.language import Language
from core.reports.tables import Stamp

_STYLE = """
@page { size: A4; margin: 14mm }
body { font: 10.5pt/1.45 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "Source Han Sans SC", sans-serif;
  color: #1f2937; margin: 0 auto; max-width: 182mm }
h1 { font-size: 16pt; margin: 0 0 1mm } h2 { font-size: 12pt; margin: 5mm 0 1.5mm }
p { margin: 0 0 1.5mm } .small { font-size: 8.5pt; color: #4b5563 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: 1mm 2mm; vertical-align: top;
  border-bottom: 0.3mm solid #d1d5db } td + td, th + th { width: 32% } li { margin-bottom: 1mm }
.told td + td, .told th + th { width: auto } .told td:first-child, .told th:first-child { width: 28% }
.pair { display: flex; gap: 8mm } .pair > section { flex: 1 }
"""


@dataclass(frozen=True)
class Part:
    """A titled part of the page: lines of text, a numbered list, or a table with a head of the same width.

    `is_told`: the cells after the first hold sentences and share what the first one leaves. `is_beside`: the next
    part stands beside this one.
    """

    title: str
    lines: Sequence[str] = ()
    numbered: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    is_told: bool = False
    is_beside: bool = False


def a4_page(parts: Iterable[Part], stamp: Stamp, *, note: str) -> bytes:
    """Return the page as UTF-8 HTML; every text is escaped, and the foot says who made it, when and for whom.

    Args:
        parts: what the page shows, in order.
        stamp: title, maker and moment.
        note: a line under the title.
    """
    body = [f"<h1>{escape(stamp.title)}</h1>", f'<p class="small">{escape(note)}</p>']
    beside: list[str] = []
    for part in parts:
        beside.append(_drawn(part))
        if not part.is_beside:
            body.append(_together(beside))
            beside = []
    body.append(_together(beside))
    body.append(f'<p class="small">{escape(" · ".join(_foot(stamp)))}</p>')
    return (
        f'<!doctype html><html lang="{_tag(stamp.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(stamp.title)}</title><style>{_STYLE}</style></head><body>{''.join(body)}</body></html>"
    ).encode()


def _together(drawn: Sequence[str]) -> str:
    """Return parts as they stand on the page: one alone over its width, several beside each other."""
    if len(drawn) < 2:  # one alone or none
        return "".join(drawn)
    return f'<div class="pair">{"".join(f"<section>{one}</section>" for one in drawn)}</div>'


def _drawn(part: Part) -> str:
    said = [f"<h2>{escape(part.title)}</h2>", *(f"<p>{escape(line)}</p>" for line in part.lines)]
    if part.numbered:
        said.append("<ol>" + "".join(f"<li>{escape(line)}</li>" for line in part.numbered) + "</ol>")
    if part.rows:
        head = "".join(f"<th>{escape(cell)}</th>" for cell in part.head)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in part.rows)
        kind = ' class="told"' if part.is_told else ""
        said.append(f"<table{kind}><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    return "".join(said)


def _foot(stamp: Stamp) -> tuple[str, str]:
    internal, made = stamp.lines(rows=1, total=1)[1:3]
    return internal, made


def _tag(language: Language) -> str:
    return "zh-CN" if language == "zh" else "en"
