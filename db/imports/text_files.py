"""Reading CSV: which encoding and separator a file has, and its rows as a stream.

The encoding is decided once: valid UTF-8 is UTF-8; else, where whole UTF-8 sequences outnumber
broken ones, the file is damaged UTF-8 (a fallback would turn it into nonsense); else GB18030.
Rows are numbered as a spreadsheet numbers them: a line break inside a cell starts no row.
"""

import codecs
import csv
import re
import unicodedata
from collections import Counter, deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from db.imports.messages import BAD_ENCODING, BAD_QUOTE, DAMAGED_UTF8, NUL, TOO_LONG, FileRefusedError, Remark

BLOCK = 1 << 20
SEPARATORS = (",", ";", "\t")
HEADER_ROWS = 10
FEWEST_SIGNS = 12
"""Signs beyond ASCII from which on it can be told whether a text reads better in another encoding."""
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_WHOLE_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file, read in blocks.

    Raises:
        FileRefusedError: neither UTF-8, UTF-16 with a mark, nor GB18030, or rather Big5; the line is named.
    """
    with path.open("rb") as file:
        mark = file.read(4)
    if mark.startswith(UTF16_MARKS) and not mark.startswith(codecs.BOM_UTF32_LE):
        _check_decodes(path, "utf-16")
        return "utf-16"
    _refuse_nul(path)
    line = _first_undecodable_line(path, "utf-8")
    if line is None:
        return "utf-8-sig"
    if _is_damaged_utf8(path):
        raise FileRefusedError(Remark(DAMAGED_UTF8, {"line": line}), row=line)
    _check_decodes(path, "gb18030")
    _refuse_big5(path, line)
    return "gb18030"


def _check_decodes(path: Path, encoding: str) -> None:
    line = _first_undecodable_line(path, encoding)
    if line is not None:
        raise FileRefusedError(Remark(BAD_ENCODING, {"line": line}), row=line)


def _first_undecodable_line(path: Path, encoding: str) -> int | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            try:
                line += decoder.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            if not block:
                return None


def _refuse_nul(path: Path) -> None:
    line = 1
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            place = block.find(b"\0")
            if place >= 0:
                line += block.count(b"\n", 0, place)
                raise FileRefusedError(Remark(NUL, {"line": line}), row=line)
            line += block.count(b"\n")


def _is_damaged_utf8(path: Path) -> bool:
    whole = broken = 0
    with path.open("rb") as file:
        for line in file:
            whole += len(_WHOLE_UTF8.findall(line))
            broken += len(_HIGH_RUN.findall(_WHOLE_UTF8.sub(b" ", line)))
    return whole > broken


def _refuse_big5(path: Path, line: int) -> None:
    """Refuse text that decodes as GB18030 but reads better as Big5; rare signs alone are no reason."""
    with path.open("rb") as file:
        sample = file.read(BLOCK)
    as_big5 = _high_signs(sample, "cp950")
    as_gb18030 = _high_signs(sample, "gb18030")
    if as_big5 is None or as_gb18030 is None or as_gb18030.total() < FEWEST_SIGNS:
        return
    if _common(as_big5, "cp950", first=0xA4, last=0xC6) > _common(as_gb18030, "gb2312", first=0xB0, last=0xF7):
        raise FileRefusedError(Remark(BAD_ENCODING, {"line": line}), row=line)


def _high_signs(sample: bytes, encoding: str) -> Counter[str] | None:
    """Return how often each sign beyond ASCII comes, None where the sample is not of this encoding."""
    try:
        words = codecs.getincrementaldecoder(encoding)().decode(sample)  # a sign cut at the end is left out
    except UnicodeDecodeError:
        return None
    return Counter({sign: count for sign, count in Counter(words).items() if sign > "\x7f"})


def _common(signs: Counter[str], encoding: str, *, first: int, last: int) -> int:
    """Return how many signs are common Chinese of an encoding: those that begin with a byte of a range."""
    encoded = ((sign.encode(encoding, errors="ignore"), count) for sign, count in signs.items())
    return sum(count for written, count in encoded if written and first <= written[0] <= last)


def separator_of(path: Path, encoding: str, known: frozenset[str]) -> str:
    """Return the separator under which the first rows hold most known column names."""

    def score(separator: str) -> int:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=separator)
            best = 0
            for _, row in zip(range(HEADER_ROWS), _forgiving(reader), strict=False):
                best = max(best, sum(normal_header(cell) in known for cell in row))
            return best

    return max(SEPARATORS, key=score)


def _forgiving(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield rows up to the first that cannot be split; the strict reader names the fault later."""
    while True:
        try:
            yield next(reader)
        except (StopIteration, csv.Error):
            return


def csv_rows(path: Path, encoding: str, separator: str, *, after: int, at_once: int) -> Iterator[list[list[str]]]:
    """Yield the rows after the first `after`, some at once; blank lines are empty lists, so that rows can be numbered.

    Raises:
        FileRefusedError: a quotation mark is left open or stands in the middle of a cell, or a cell is endless.
    """
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        rows: list[list[str]] = []
        row = 0
        try:
            for _ in islice(reader, after):
                row += 1
            while True:
                rows = []
                rows.extend(islice(reader, at_once))
                if not rows:
                    return
                yield rows
                row += len(rows)
        except csv.Error as error:
            bad = row + len(rows) + 1
            is_long = "field limit" in str(error) and _lines_of_row(path, encoding, separator, bad) == 1
            remark = Remark(TOO_LONG, {"limit": csv.field_size_limit()}) if is_long else Remark(BAD_QUOTE, {"row": bad})
            raise FileRefusedError(remark, row=bad) from error


def _lines_of_row(path: Path, encoding: str, separator: str, row: int) -> int:
    """Return how many lines a row that cannot be read goes over; one left open swallows what follows."""
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        deque(islice(reader, row - 1), maxlen=0)
        before = reader.line_num
        deque(islice(_forgiving(reader), 1), maxlen=0)
        return reader.line_num - before


def normal_header(cell: str) -> str:
    """Return a header cell without case, width, spaces, marks of required columns and units."""
    plain = unicodedata.normalize("NFKC", cell).lower().replace("\ufeff", "")
    plain = re.sub(r"\((元|cny|必填|选填)\)", "", plain)
    return re.sub(r"[\s*_\-]", "", plain)
