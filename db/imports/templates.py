"""Template workbooks: the headers of every import file in the reader's language, ready to fill."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from core.language import Language, text
from db.imports.datasets import CHINESE_NAMES, COLUMNS, Column, Dataset

WIDTH = 18


def template_workbook(language: Language, dataset: Dataset | None = None) -> bytes:
    """Return a workbook with one empty sheet for the dataset, or one for each, and a sheet of notes.

    Code and date columns are formatted as text, so that leading zeros and days stay as typed.
    """
    book = Workbook(write_only=True)
    wanted = [dataset] if dataset else list(Dataset)
    for each in wanted:
        sheet = book.create_sheet(CHINESE_NAMES[each] if language == "zh" else each.value)
        sheet.freeze_panes = "A2"
        heads = []
        for number, column in enumerate(COLUMNS[each], start=1):
            dimension = sheet.column_dimensions[_letter(number)]
            dimension.width = WIDTH
            dimension.number_format = "@" if column.kind not in {"minutes", "money"} else "General"
            cell = WriteOnlyCell(sheet, column.alias if language == "zh" else column.name)
            cell.font = Font(bold=column.required)
            heads.append(cell)
        sheet.append(heads)
    notes = book.create_sheet(text(language, "Notes"))
    for letter, width in zip("ABCD", (16, 20, 12, 90), strict=True):
        notes.column_dimensions[letter].width = width
    notes.append(
        [
            text(language, "Sheet"),
            text(language, "Column"),
            text(language, "Required"),
            text(language, "What is accepted"),
        ]
    )
    for each in wanted:
        for column in COLUMNS[each]:
            notes.append(
                [
                    CHINESE_NAMES[each] if language == "zh" else each.value,
                    f"{column.name} [{column.alias}]",
                    text(language, "yes") if column.required else "",
                    _accepted(column, language),
                ]
            )
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _letter(number: int) -> str:
    return chr(ord("A") + number - 1)


def _accepted(column: Column, language: Language) -> str:
    match column.kind:
        case "enum":
            return column.accepted
        case "date":
            return text(language, "a date, such as 2026-01-05, 2026/1/5 or 20260105")
        case "past":
            return text(language, "a date not in the future, such as 2026-01-05, 2026/1/5 or 20260105")
        case "money":
            return text(language, "full yuan above zero, such as 1234.50 or 1,234.50")
        case "minutes":
            return text(language, "whole minutes from 0 to 600")
        case "region":
            return text(language, "the path of units from the top, parted by /")
        case "user":
            return text(language, "the user name of the supervisor")
        case "code" | "reference":
            return text(language, "a code as text; leading zeros are kept")
        case _:
            return text(language, "text; no customer names, identity, mobile or card numbers, e-mail addresses")
