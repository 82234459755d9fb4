"""From a cell as the file gives it to the value as it is compared and stored.

A CSV cell is text. A workbook cell that is no text comes as a pair of tag and content:
("n", number; "n4" in a workbook
that counts days from 1904), ("d", ISO date), ("b", bool), ("e", error), ("f", cell without a result),
("m", merged range). Every reader returns canonical text ("" = empty; dates as ISO days, money in
fen) or a `Remark` that says what would be right.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from core.facts import FIRST_DAY, LAST_DAY
from core.privacy import (
    PATTERNS,
    identity_kind,
    is_personal_code,
    is_personal_reference,
    is_personal_user_name,
)
from db.imports.datasets import CODE_KINDS, CellKind, Column
from db.imports.messages import (
    AMOUNT_RANGE,
    BAD_AMOUNT,
    BAD_DATE,
    BAD_ENUM,
    BAD_MINUTES,
    BAD_REGION,
    CELL_ERROR,
    CODE_DIGITS_LOST,
    CODE_NUMBER,
    CONTROL,
    DATE_RANGE,
    EMPTY,
    FUTURE,
    HEADER_AGAIN,
    IDENTITY,
    MERGED,
    NEGATIVE,
    NO_RESULT,
    NOT_TEXT,
    TEN_THOUSANDS,
    TOO_LONG,
    TOTALS_ROW,
    Remark,
)

NUMBER_TAGS = frozenset({"n", "n4"})
Tagged = tuple[str, str | int | float | bool]
Cell = str | Tagged
Read = str | Remark
CellReader = Callable[[Cell], Read]

TEXT_LIMITS = {"code": 200, "reference": 200, "user": 200, "name": 200, "region": 200, "words": 2000, "note": 500}
TOTALS = frozenset({"合计", "总计", "小计", "total", "totals", "subtotal", "grand total"})
HIGHEST_PREMIUM = Decimal(10) ** 12
MOST_DIGITS = 15
"""Digits of a number that a spreadsheet keeps."""
VALUE_LENGTH = 30
"""Characters of an offending value that a report shows."""

_DATE = re.compile(
    r"(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})/(\d{1,2})/(\d{1,2})|(\d{4})(\d{2})(\d{2})|(\d{4})年(\d{1,2})月(\d{1,2})日)"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
    re.ASCII,
)
_AMOUNT = re.compile(r"¥?(-?)¥? ?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?) ?元?", re.ASCII)
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)
_CODE_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
_NUMBER_LIKE_CODE = re.compile(r"\d+\.0+|\d(?:\.\d+)?E\+\d+", re.ASCII | re.IGNORECASE)
IDENTITY_LIKE = re.compile("|".join(f"(?:{pattern})" for pattern in PATTERNS.values()))
_IDENTITY_NUMBER = re.compile(PATTERNS["identity"])
_PERSONAL: dict[CellKind, Callable[[str], bool]] = {
    "code": is_personal_code,
    "reference": is_personal_reference,
    "user": is_personal_user_name,
}
_SUSPICIOUS_SIGN = re.compile(r"[@＠+\u3000\xa0" + _INVISIBLE.pattern.removeprefix("["))
_SUSPICIOUS_DIGITS = re.compile(r"\d\d\d(?:\d{8}|\d?[ -]\d{4}[ -]\d{4})")


@dataclass(frozen=True)
class Reading:
    """What reading depends on beside the cell: the day of the import."""

    today: date


def is_suspicious(words: str) -> bool:
    """Tell whether a text needs a closer look; one search of each kind clears a whole chunk of cells."""
    return bool(_SUSPICIOUS_SIGN.search(words) or _SUSPICIOUS_DIGITS.search(words))


def masked(words: str) -> str:
    """Return the text with identity-like parts replaced by ***."""
    return IDENTITY_LIKE.sub("***", unicodedata.normalize("NFKC", words)) if words else words


def without_persons(words: str, kind: CellKind | None) -> str:
    """Return a cell as a file to correct shows it: masked, but for codes, which are to be found again."""
    is_own = kind is not None and kind in CODE_KINDS and not _PERSONAL[kind](words)
    return words if is_own else masked(words)


def shown(cell: Cell, *, is_code: bool = False) -> str:
    """Return the offending value for a report: masked, a code of identity numbers only, printable, cut to 30 signs."""
    words = cell if isinstance(cell, str) else str(cell[1])
    safe = _IDENTITY_NUMBER.sub("***", words) if is_code else masked(words)
    plain = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in safe[: VALUE_LENGTH + 1])
    return plain if len(plain) <= VALUE_LENGTH else plain[:VALUE_LENGTH] + "…"


def reader_of(column: Column, reading: Reading) -> CellReader:
    """Return the function that reads cells of the column, an empty cell and a bad one included."""
    body = _body_reader(column, reading)
    empty: Read = Remark(EMPTY) if column.required else column.default

    def read(cell: Cell) -> Read:
        if isinstance(cell, tuple):
            if cell[0] in {"e", "f", "m"}:
                return _broken(cell)
        elif not cell or not cell.strip():
            return empty
        return body(cell)

    return read


def _broken(cell: Tagged) -> Remark:
    tag, content = cell
    if tag == "e":
        return Remark(CELL_ERROR, {"error": str(content)})
    return Remark(NO_RESULT) if tag == "f" else Remark(MERGED, {"cells": str(content)})


def _body_reader(column: Column, reading: Reading) -> CellReader:
    match column.kind:
        case "code" | "reference" | "user":
            return lambda cell: _read_code(cell, column)
        case "region":
            return _read_region
        case "date":
            return _read_date
        case "past":
            return lambda cell: _read_past(cell, reading.today)
        case "enum":
            return lambda cell: _read_enum(cell, column)
        case "minutes":
            return _read_minutes
        case "money":
            return _read_money
        case _:
            limit = TEXT_LIMITS[column.kind]
            return lambda cell: _read_text(cell, limit)


def _plain_number(number: float) -> str | None:
    """Return a whole number without .0, None for any other number."""
    return str(int(number)) if float(number).is_integer() else None


def _read_code(cell: Cell, column: Column) -> Read:
    if isinstance(cell, tuple):
        if cell[0] not in NUMBER_TAGS:
            return Remark(NOT_TEXT, {"kind": "date" if cell[0] == "d" else "true/false"})
        digits = _plain_number(float(cell[1]))
        if digits is None:
            return Remark(CODE_NUMBER)
        return Remark(CODE_DIGITS_LOST) if len(digits) > MOST_DIGITS else str(int(cell[1]))
    code = unicodedata.normalize("NFKC", cell).strip()
    if _CODE_FORBIDDEN.search(code):
        return Remark(CONTROL)
    if len(code) > TEXT_LIMITS["code"]:
        return Remark(TOO_LONG, {"limit": TEXT_LIMITS["code"]})
    lowered = code.lower()
    if lowered in TOTALS:
        return Remark(TOTALS_ROW)
    if lowered == column.name or code == column.alias:
        return Remark(HEADER_AGAIN)
    if _PERSONAL[column.kind](code):
        return Remark(IDENTITY)
    if column.kind == "user":
        return lowered
    if _NUMBER_LIKE_CODE.fullmatch(code) is None:
        return code
    has_exponent = "e" in lowered
    return Remark(CODE_DIGITS_LOST if has_exponent else CODE_NUMBER)


def _read_text(cell: Cell, limit: int) -> Read:
    if isinstance(cell, tuple):
        if cell[0] not in NUMBER_TAGS:
            return Remark(NOT_TEXT, {"kind": "date" if cell[0] == "d" else "true/false"})
        words = _plain_number(float(cell[1])) or str(cell[1])
    else:
        words = cell.strip()
    if _INVISIBLE.search(words):
        return Remark(CONTROL)
    if len(words) > limit:
        return Remark(TOO_LONG, {"limit": limit})
    return Remark(IDENTITY) if identity_kind(words) else words


def _read_region(cell: Cell) -> Read:
    words = _read_text(cell, TEXT_LIMITS["region"])
    if isinstance(words, Remark):
        return words
    parts = [part.strip() for part in unicodedata.normalize("NFKC", words).split("/")]
    return "/".join(parts) if all(parts) else Remark(BAD_REGION)


def _read_date(cell: Cell) -> Read:
    if isinstance(cell, tuple):
        if cell[0] == "d":
            return _day_in_range(date.fromisoformat(str(cell[1])))
        digits = _plain_number(float(cell[1])) if cell[0] in NUMBER_TAGS else None
        if digits is not None and len(digits) == 5 and cell[0] == "n":
            return _day_in_range(date(1899, 12, 30) + timedelta(days=int(digits)))
        if digits is None or len(digits) != 8:
            return Remark(BAD_DATE)
        cell = digits
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", cell).strip())
    if found is None:
        return Remark(BAD_DATE)
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return _day_in_range(date(year, month, day))
    except ValueError:
        return Remark(BAD_DATE)


def _day_in_range(day: date) -> Read:
    return day.isoformat() if FIRST_DAY <= day <= LAST_DAY else Remark(DATE_RANGE)


def _read_past(cell: Cell, today: date) -> Read:
    day = _read_date(cell)
    if isinstance(day, str) and day > today.isoformat():
        return Remark(FUTURE, {"today": today.isoformat()})
    return day


def _read_enum(cell: Cell, column: Column) -> Read:
    if isinstance(cell, str):
        word = unicodedata.normalize("NFKC", cell).strip()
        for chinese, value in column.words:
            if word == chinese or word.lower() == value.lower():
                return value
    return Remark(BAD_ENUM, {"accepted": column.accepted})


def _read_minutes(cell: Cell) -> Read:
    if isinstance(cell, tuple):
        digits = _plain_number(float(cell[1])) if cell[0] in NUMBER_TAGS else None
    else:
        digits = unicodedata.normalize("NFKC", cell).strip().removesuffix("分钟")
    if digits is None or re.fullmatch(r"\d{1,4}(?:\.0+)?", digits, re.ASCII) is None:
        return Remark(BAD_MINUTES)
    minutes = int(digits.split(".")[0])
    return str(minutes) if minutes <= 600 else Remark(BAD_MINUTES)


def _read_money(cell: Cell) -> Read:
    if isinstance(cell, tuple):
        if cell[0] not in NUMBER_TAGS:
            return Remark(BAD_AMOUNT)
        words = repr(cell[1])
        try:
            yuan = Decimal(words)
        except InvalidOperation:
            return Remark(BAD_AMOUNT)
        if not yuan.is_finite():
            return Remark(BAD_AMOUNT)
    else:
        words = unicodedata.normalize("NFKC", cell).strip()
        if "万" in words:
            return Remark(TEN_THOUSANDS)
        found = _AMOUNT.fullmatch(words)
        if found is None:
            return Remark(BAD_AMOUNT)
        yuan = Decimal(found[1] + found[2].replace(",", ""))
    if yuan < 0:
        return Remark(NEGATIVE)
    if yuan == 0 or yuan > HIGHEST_PREMIUM:
        return Remark(AMOUNT_RANGE)
    cents = yuan.quantize(Decimal("0.01"))
    if abs(cents - yuan) > Decimal("1e-7") or cents == 0:
        return Remark(BAD_AMOUNT)
    return str(int(cents * 100))


def week_of(day: str) -> str:
    """Return the ISO day of the Monday of an ISO day's week."""
    on = date.fromisoformat(day)
    return (on - timedelta(days=on.weekday())).isoformat()
