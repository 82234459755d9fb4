"""One sheet of a workbook after another: titled blocks of typed cells, and native charts over their own data.

Cells of text are neutralised and typed as text, as in every table that leaves the app.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from core.language import Language, text
from core.reports.pack.form import RULE
from core.reports.pack.page import Chart, ChartKind, Series
from core.reports.pack.pptx_chart import lowest, series_of
from core.reports.pack.units import number_format, scaled
from core.reports.tables import NUMBER_FORMATS, Kind, neutral, sheet_name

WIDEST, NARROW_WIDEST, NARROWEST = 60, 18, 9
PRINTED_WIDTH = 150.0
"""Characters beside each other that print on A4 at about the size they have; columns of words are narrowed to that."""
HEAD_SHARE = 0.6
"""Of its width a heading needs, as it breaks into lines."""
FILTER_BUTTON = 3.0
PADDING, BOLD, LINE_POINTS = 2, 1.15, 15.0
ROWS_OF_CHART, ROWS_OF_PAGE = 19, 32
"""Rows as high as a chart, and those that stand on a page."""
HEAD_FONT = Font(name="Calibri", size=11, bold=True)
AMOUNTS = frozenset({"decimal", "money"})
CHART_WIDTH, CHART_HEIGHT = 18.0, 9.0
"""Centimetres."""
MARGIN_INCHES = 0.4
CHART_GAP = 2
"""Rows between the tables of a sheet and the data of its chart, and between these and the chart."""
TABLE_STYLE = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)


class WordsLabel(DataLabel):
    """A label with a number format of its own, and says so: without that LibreOffice takes the one of the cells."""

    __elements__, __nested__ = DataLabel.__elements__, DataLabel.__nested__

    def to_tree(self, *place: Any, **more: Any) -> Any:
        """Return the label as it is written."""
        tree: Any = super().to_tree(*place, **more)
        tree.find("numFmt").set("sourceLinked", "0")
        return tree


@dataclass(frozen=True)
class Block:
    """A titled table: its columns with what they hold, and its rows.

    `row_kinds` say for each row what its decimals are, where rows differ in that.
    """

    title: str
    columns: tuple[tuple[str, Kind], ...]
    rows: tuple[tuple[Any, ...], ...]
    row_kinds: tuple[Kind, ...] = ()


def add_sheet(book: Workbook, name: str, lines: Sequence[str], blocks: Sequence[Block]) -> Any:
    """Add a sheet: lines of text, then the blocks under each other; return it."""
    sheet = book.create_sheet(sheet_name(name))
    row = 1
    for place, line in enumerate(lines):
        _put(sheet, row, 1, line, bold=place == 0)
        row += 1
    widths: dict[int, float] = {}
    for block in blocks:
        row = _add_block(sheet, block, row + 1, widths)
    widest = _widest(widths.values())
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(max(width, NARROWEST), widest)
    _set_heights(sheet, blocks, len(lines) + 1)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins.left = sheet.page_margins.right = MARGIN_INCHES
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    return sheet


def _set_heights(sheet: Any, blocks: Sequence[Block], row: int) -> None:
    """Make the rows of the blocks as high as their words need: not every program does so when it opens a book."""
    for block in blocks:
        for number in range(row + 1, row + 3 + len(block.rows)):
            lines = max(_lines(sheet, number, column) for column in range(1, len(block.columns) + 1))
            if lines > 1:
                sheet.row_dimensions[number].height = lines * LINE_POINTS
        row += 3 + len(block.rows)


def _lines(sheet: Any, row: int, column: int) -> int:
    cell = sheet.cell(row, column)
    if not isinstance(cell.value, str):
        return 1
    width = sheet.column_dimensions[get_column_letter(column)].width - PADDING
    return sum(max(1, ceil(_signs(line) * (BOLD if cell.font.b else 1) / width)) for line in cell.value.split("\n"))


def _widest(widths: Iterable[float]) -> float:
    """Return how wide columns may be at most so that all stand on one page in a size that can be read."""
    found = list(widths)
    for widest in range(WIDEST, NARROW_WIDEST, -1):
        if sum(min(max(width, NARROWEST), widest) for width in found) <= PRINTED_WIDTH:
            return widest
    return NARROW_WIDEST


def _add_block(sheet: Any, block: Block, row: int, widths: dict[int, float]) -> int:
    """Write a block from a row on, and return the row after it."""
    _put(sheet, row, 1, block.title, bold=True)
    for column, (head, _) in enumerate(block.columns, start=1):
        cell = _put(sheet, row + 1, column, head, bold=True)
        cell.fill = PatternFill("solid", fgColor="E8EDF3")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        widths[column] = max(widths.get(column, 0), _wide(head) * HEAD_SHARE + FILTER_BUTTON)
    for number, values in enumerate(block.rows, start=row + 2):
        of_row = block.row_kinds[number - row - 2] if block.row_kinds else "decimal"
        for column, (value, (_, kind)) in enumerate(zip(values, block.columns, strict=True), start=1):
            held = of_row if kind == "decimal" else kind
            cell = _put(sheet, number, column, value, kind=held)
            cell.alignment = Alignment(wrap_text=isinstance(value, str), vertical="top")
            widths[column] = max(widths.get(column, 0), _wide(_as_shown(value, held)))
    _add_table(sheet, block, row + 1)
    return row + 2 + len(block.rows)


def _add_table(sheet: Any, block: Block, row: int) -> None:
    """Make cells with their headings a table that can be sorted and filtered; one without rows is none in Excel."""
    if not block.rows:
        return
    number = 1 + sum(len(one.tables) for one in sheet.parent.worksheets)
    place = f"A{row}:{get_column_letter(len(block.columns))}{row + len(block.rows)}"
    sheet.add_table(ExcelTable(displayName=f"Table{number}", ref=place, tableStyleInfo=TABLE_STYLE))


def _put(sheet: Any, row: int, column: int, value: Any, *, kind: Kind = "text", bold: bool = False) -> Any:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = neutral(value)
        cell.data_type = "s"  # openpyxl would take some texts for formulas or errors
    else:
        cell.value = value
        if kind in NUMBER_FORMATS:
            cell.number_format = NUMBER_FORMATS[kind]
    if bold:
        cell.font = HEAD_FONT
    return cell


def _as_shown(value: Any, kind: Kind) -> Any:
    if isinstance(value, int | float) and (kind in AMOUNTS or kind == "share"):
        return f"{value:.1%}" if kind == "share" else f"{value:,.2f}"
    return value


def _wide(value: Any) -> float:
    words = str(value) if value is not None else ""
    return PADDING + _signs(words)


def _signs(words: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in words)


def add_chart(sheet: Any, chart: Chart, language: Language, *, title: str) -> None:
    """Put a chart under the tables of a sheet, with its data above it where both can be changed.

    What a waterfall stands on is no figure: its data are on a sheet of their own that nobody sees.
    """
    data, row = series_of(chart, language), sheet.max_row + CHART_GAP
    if chart.kind is ChartKind.WATERFALL:
        beside, top = sheet.parent.create_sheet(sheet_name(text(language, "Data of the chart"))), 1
        beside.sheet_state = beside.SHEETSTATE_HIDDEN
    else:
        beside, top = sheet, row
    if row + (len(chart.categories) if beside is sheet else 0) + ROWS_OF_CHART > ROWS_OF_PAGE:
        sheet.row_breaks.append(Break(id=row - 1))  # else the chart is cut where a page ends
    last = _add_data(beside, chart, data, language, row=top, title=title)
    drawn = BarChart()
    drawn.type = "bar" if chart.kind is ChartKind.BARS else "col"
    drawn.width, drawn.height = CHART_WIDTH, CHART_HEIGHT  # type: ignore[assignment]  # said to be whole, are not
    if chart.kind is ChartKind.WATERFALL:
        drawn.grouping, drawn.overlap, drawn.legend = "stacked", 100, None
    else:
        drawn.legend.position = "b"
    values = Reference(beside, min_col=2, max_col=1 + len(data), min_row=top + 1, max_row=last)
    drawn.add_data(values, titles_from_data=True)
    drawn.set_categories(Reference(beside, min_col=1, min_row=top + 2, max_row=last))
    drawn.visible_cells_only = False
    drawn.x_axis.delete, drawn.y_axis.delete = False, False
    drawn.y_axis.number_format = number_format(chart.unit)
    lines = GraphicalProperties(ln=LineProperties(solidFill=RULE.lstrip("#")))
    has_figures = chart.kind is ChartKind.WATERFALL  # which lines would cross
    drawn.y_axis.majorGridlines = None if has_figures else ChartLines(spPr=lines)
    if chart.unit == "money":
        drawn.y_axis.title = text(language, "10,000 yuan") if language == "zh" else text(language, "Thousand yuan")
    if lowest(data) >= 0:
        drawn.y_axis.scaling.min = 0  # bars that do not begin at zero show other differences than there are
    if chart.kind is ChartKind.BARS:
        drawn.x_axis.scaling.orientation = "maxMin"
    for series, of_chart in zip(drawn.series, data, strict=True):
        _dress_series(series, of_chart, chart)
    sheet.add_chart(drawn, f"A{(last if beside is sheet else sheet.max_row) + CHART_GAP}")


def _add_data(sheet: Any, chart: Chart, data: Sequence[Series], language: Language, *, row: int, title: str) -> int:
    """Write the categories and the series of a chart from a row on, and return the last row of them."""
    _put(sheet, row, 1, title, bold=True)
    sheet.row_dimensions[row + 1].height = 2 * LINE_POINTS
    for place, series in enumerate(data, start=2):
        _put(sheet, row + 1, place, series.name, bold=True).alignment = Alignment(wrap_text=True, vertical="top")
        for number, value in enumerate(series.values, start=row + 2):
            _put(sheet, number, place, scaled(value, chart.unit, language)).number_format = number_format(chart.unit)
    for number, category in enumerate(chart.categories, start=row + 2):
        _put(sheet, number, 1, category)
    return row + 1 + max(len(chart.categories), 1)


def _dress_series(series: Any, of_chart: Series, chart: Chart) -> None:
    if not of_chart.colour:
        series.graphicalProperties = GraphicalProperties(noFill=True)
        if of_chart.words:
            series.dLbls = _labels(of_chart)
        return
    series.graphicalProperties = GraphicalProperties(solidFill=of_chart.colour.lstrip("#"))
    series.invertIfNegative = False
    for place, colour in enumerate(of_chart.points):
        point = DataPoint(idx=place, invertIfNegative=False)
        point.graphicalProperties = GraphicalProperties(solidFill=colour.lstrip("#"))
        series.dPt.append(point)
    if chart.kind is not ChartKind.WATERFALL:
        series.dLbls = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)


def _labels(of_chart: Series) -> DataLabelList:
    """Return words at the foot of bars nobody sees: as number formats, as openpyxl writes no text of labels."""
    hidden = {"showSerName": False, "showCatName": False, "showLegendKey": False, "showPercent": False}
    found = [
        WordsLabel(idx=place, numFmt=f'"{words}"', dLblPos="inBase", showVal=True, **hidden)
        for place, words in enumerate(of_chart.words)
        if of_chart.values[place] is not None
    ]
    return DataLabelList(dLbl=found, showVal=False, **hidden)
