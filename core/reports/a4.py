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
svg { width: 100% } svg rect { fill: #56789c } svg text { font-size: 2.7px; text-anchor: middle; fill: #1f2937 }
body.dense { font-size: 9pt; line-height: 1.35 } .dense h2 { font-size: 10.5pt; margin: 2.6mm 0 0.6mm }
.dense p, .dense li { margin-bottom: 0.4mm } .dense ol { margin: 0.4mm 0 } .dense th, .dense td { padding: 0.5mm 2mm }
.told td + td, .told th + th { width: auto } .told td:first-child, .told th:first-child { width: 28% }
.pair { display: flex; gap: 8mm } .pair > section { flex: 1 }
"""


@dataclass(frozen=True)
class Bar:
    """A column of a small chart: its amount over it, its name under it (empty = none)."""

    name: str
    amount: int


@dataclass(frozen=True)
class Part:
    """A titled part of the page: lines of text, a numbered list, columns, or a table with a head of the same width.

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
    bars: Sequence[Bar] = ()


def a4_page(parts: Iterable[Part], stamp: Stamp, *, note: str, is_dense: bool = False) -> bytes:
    """Return the page as UTF-8 HTML; every text is escaped, and the foot says who made it, when and for whom.

    Args:
        parts: what the page shows, in order.
        stamp: title, maker and moment.
        note: a line under the title.
        is_dense: smaller type and gaps, where much has to stand on the one page.
    """
    kind = ' class="dense"' if is_dense else ""
    body = [f"<h1>{escape(stamp.title)}</h1>", f'<p class="small">{escape(note)}</p>']
    body += [_together([_drawn(part) for part in together]) for together in side_by_side(parts)]
    body.append(f'<p class="small">{escape(foot_of(stamp))}</p>')
    return (
        f'<!doctype html><html lang="{_tag(stamp.language)}"><head><meta charset="utf-8">'
        f"<title>{escape(stamp.title)}</title><style>{_STYLE}</style></head><body{kind}>{''.join(body)}</body></html>"
    ).encode()


def side_by_side(parts: Iterable[Part]) -> list[list[Part]]:
    """Return the parts as they stand on the page: those beside each other together, any other alone."""
    found: list[list[Part]] = [[]]
    for part in parts:
        found[-1].append(part)
        if not part.is_beside:
            found.append([])
    return [together for together in found if together]


def _together(drawn: Sequence[str]) -> str:
    """Return parts as they stand on the page: one alone over its width, several beside each other."""
    if len(drawn) < 2:  # one alone
        return "".join(drawn)
    return f'<div class="pair">{"".join(f"<section>{one}</section>" for one in drawn)}</div>'


def _drawn(part: Part) -> str:
    said = [f"<h2>{escape(part.title)}</h2>", *(f"<p>{escape(line)}</p>" for line in part.lines)]
    if part.bars:
        said.append(_columns(part.bars))
    if part.numbered:
        said.append("<ol>" + "".join(f"<li>{escape(line)}</li>" for line in part.numbered) + "</ol>")
    if part.rows:
        head = "".join(f"<th>{escape(cell)}</th>" for cell in part.head)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in part.rows)
        kind = ' class="told"' if part.is_told else ""
        said.append(f"<table{kind}><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    return "".join(said)


def _columns(bars: Sequence[Bar]) -> str:
    """Return columns as a drawing as wide as the page, the widest place for each; made of numbers and escaped names."""
    width, height, under, over = 182.0, 18.0, 3.5, 4.0
    place, most = width / len(bars), max(1, *(bar.amount for bar in bars))
    drawn = []
    for number, bar in enumerate(bars):
        tall = (height - under - over) * max(bar.amount, 0) / most
        left, top, middle = number * place, height - under - tall, (number + 0.5) * place
        drawn.append(f'<rect x="{left + 0.5:.1f}" y="{top:.1f}" width="{place - 1:.1f}" height="{tall:.1f}"/>')
        drawn.append(f'<text x="{middle:.1f}" y="{top - 0.6:.1f}">{bar.amount}</text>')
        drawn.append(f'<text x="{middle:.1f}" y="{height - 0.3:.1f}">{escape(bar.name)}</text>')
    return f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img">{"".join(drawn)}</svg>'


def foot_of(stamp: Stamp) -> str:
    """Return what stands at the bottom: for whom the page is, who made it and when."""
    return " · ".join(stamp.lines(rows=1, total=1)[1:3])


def _tag(language: Language) -> str:
    return "zh-CN" if language == "zh" else "en"
