"""What an import says about a cell, a row or a file: one English source string each.

Each sentence says what is wrong and what would be right. Words in Chinese stand in
`core/language/zh/imports.po`; a `Remark` is put into words where it is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.language import Language, text
from db.engine import StoreError


@dataclass(frozen=True)
class Remark:
    """A sentence with its values, not yet in a language."""

    source: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Hash by content, as the values are never changed."""
        return hash((self.source, tuple(sorted(self.values.items()))))

    def said(self, language: Language) -> str:
        """Return the sentence in the language."""
        return text(language, self.source, **self.values)


class ImportRefusedError(Exception):
    """The input cannot be taken in at all; `remark` says why and what would be right."""

    def __init__(self, remark: Remark) -> None:
        """Keep the sentence; the text of the exception is English."""
        super().__init__(remark.said("en"))
        self.remark = remark


class FileRefusedError(ImportRefusedError):
    """One file cannot be read; `row` and `column` say where, as far as that is known."""

    def __init__(
        self, remark: Remark, *, row: int | None = None, column: str | None = None, sheet: str | None = None
    ) -> None:
        """Keep the place."""
        super().__init__(remark)
        self.row = row
        self.column = column
        self.sheet = sheet


class NotStoredError(StoreError):
    """The store could not take the rows; `remark` says why and what to do."""

    def __init__(self, remark: Remark) -> None:
        """Keep the sentence; the text of the exception is English."""
        super().__init__(remark.said("en"))
        self.remark = remark


EMPTY = "required, but the cell is empty"
TOO_LONG = "longer than {limit} characters; shorten it"
CONTROL = "holds control or invisible characters; type the text again"
IDENTITY = "looks like an identity number, mobile number, card number or e-mail address; remove it, none is ever stored"
NOT_TEXT = "is a {kind} cell; enter text"
CELL_ERROR = "the cell shows the error {error}; correct the formula or enter the value"
NO_RESULT = "the cell holds a formula without a result; open the file, calculate, save, or enter the value"
NO_RESULTS = "more than {limit} cells hold a formula without a result; open the file, calculate and save it again"
MERGED = "lies in the merged cells {cells}; unmerge them and fill every row"
CODE_DIGITS_LOST = (
    "a number of 16 or more digits has lost digits in the spreadsheet; format the column as text and enter it again"
)
CODE_NUMBER = "the spreadsheet turned this code into a number; write it as text"
TOTALS_ROW = "is a totals row, not data; delete the row"
HEADER_AGAIN = "is the header again; delete the row"
BAD_REGION = "write the path from the top with / between the units, such as 浙江分公司/杭州中支"
BAD_DATE = "is not a date; write 2026-01-05, 2026/1/5, 20260105 or 2026年1月5日"
DATE_RANGE = "dates from 1990-01-01 to 2099-12-31 are accepted; leave the cell empty where the end is open"
FUTURE = "is in the future; dates up to {today} are accepted"
BAD_AMOUNT = "is not an amount in yuan; write 1234.50 or 1,234.50"
TEN_THOUSANDS = "is given in 万; write full yuan, such as 12000 for 1.2万"
NEGATIVE = 'premium must be above zero; book a surrender with status "surrendered" instead of a negative amount'
AMOUNT_RANGE = "premium must be above zero and at most 1,000,000,000,000 yuan"
BAD_ENUM = "is not known; use one of: {accepted}"
BAD_MINUTES = "write whole minutes from 0 to 600"
ROLE_MISSING = "required where staff_code is empty; use one of: {accepted}"
UNKNOWN_BRANCH = "no branch has this code; import the branch first or correct the code"
REFUSED_BRANCH = "the branch with this code is refused in this import; correct it there"
NOT_YOURS = "not one of your branches"
NOT_YOUR_NAME = "you may enter contacts under your own user name only: {username}"
UNKNOWN_STAFF = "nobody has this code; import the person first or correct the code"
REFUSED_STAFF = "the person with this code is refused in this import; correct it there"
OTHER_BRANCH = "this person belongs to branch {branch}; correct the staff code or the branch code"
END_BEFORE_START = "lies before {start}; correct one of the two dates"
CANCELLED_IN_FORCE = "has a date, so the status must be cancelled or surrendered"
SAME_KEY = "has the same {key} as row {row} of {file}, but other content; keep one of the two"
OVERLAP = "these days overlap with row {row} of {file}; closed counts before suspended where both hold"
FILE_REFUSED = (
    "not checked against {file}, which is refused as a whole: correct that file first; "
    "all rows here that need it are left out and named this once"
)
ROW_WIDTH = "the row has {cells} cells, the header has {columns}; check for a missing quote or separator"

MISSING_COLUMN = "the required column {column} [{alias}] is missing; add it"
DOUBLE_COLUMN = "two columns mean {column}: {first} and {second}; keep one"
HEADER_IN_TEN_THOUSANDS = "the column is headed in 万; give full yuan under the heading premium"
NO_HEADER = "no header found in the first 10 rows; the first row must hold column names such as {columns}"
NO_KIND = (
    "cannot tell what this file holds; name it branches, staff, contacts, policies or statuses, or say so with --kind"
)
TWO_SHEETS = "the sheets {first} and {second} could both be {dataset}; keep one, or name the sheets by what they hold"
NO_SHEET = "no sheet holds data; name the sheets branches, staff, contacts, policies or statuses"
DAMAGED_UTF8 = "damaged UTF-8 text near line {line}; save the file again as CSV UTF-8"
BAD_ENCODING = "neither UTF-8 nor GB18030 text near line {line}; save the file again as CSV UTF-8"
NUL = "line {line} holds a NUL character, so this is no text file; save it again as CSV"
BAD_QUOTE = 'quotation marks do not match from row {row} on; close the quote or write "" for a quote inside a cell'
TOO_MANY_ROWS = "more than {limit} rows; split the file"
TOO_MANY_COLUMNS = "more than {limit} columns; delete what is not needed"
TOO_LARGE_FILE = "larger than {limit} MB; split the file"
NOT_A_KNOWN_FILE = "only .csv and .xlsx files can be imported"
NO_PATH = "there is no {path}"
NO_FILES = "no file to import: the folder holds none of branches, staff, contacts, policies, statuses (.csv or .xlsx)"
NOT_XLSX = "not an .xlsx workbook; save it again as Excel workbook (.xlsx)"
OLD_XLS = "an old .xls or a password-protected workbook; save it without password as Excel workbook (.xlsx)"
DAMAGED_XLSX = "the workbook is damaged; open it in a spreadsheet program and save it again"
UNSAFE_XLSX = "the workbook holds parts no spreadsheet program writes ({part}); save it again in one"
TOO_LARGE_XLSX = "could not read this file (too large); split it, or save it as CSV"

ROLE_DIFFERS = "differs from the role of the person; {role} counts"
OUT_OF_POST = "the day is outside the person's time in post"
BEFORE_COOPERATION = "the day is before the branch's cooperation start {start}"
NO_ACCOUNT = "no account has this user name; make one so that this supervisor can sign in"
HIDDEN_ROWS = "{count} hidden rows are imported as well"
HIDDEN_SHEET = "the sheet is hidden; it is imported as well"
PRIVATE_COLUMN = "the column names customer data; it was left out and nothing of it is kept"

SAMPLE_STORE = (
    "this store holds the sample city with its demo accounts; real data never mix with it. "
    "Make a store of your own: python manage.py init --empty"
)

DISK_FULL = "the disk is full; nothing was stored. Make room and import again"
STORE_BUSY = "somebody else is writing to the store; nothing was stored. Try again"

NO_SUCH_IMPORT = "no such import"
ALREADY_UNDONE = "this import was undone already"
CHANGED_SINCE = "cannot be undone: {count} rows of it ({table}) were changed since; undo the later change first"
DEPENDED_ON = "cannot be undone: {count} later rows ({table}) depend on it; undo the later import first"
