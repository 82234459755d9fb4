import shutil
import subprocess
from datetime import datetime

import pytest

from core.calendar import SHANGHAI
from core.language import LANGUAGES
from core.reports.a4 import Part
from core.reports.a4_pdf import a4_pdf
from core.reports.branch_sheet import sheet_parts
from core.reports.pack import fonts
from core.reports.pack.fonts import NoChineseFontError, chinese_face
from core.reports.tables import Stamp
from tests.core.reports.sheets import TITLES, bare, full_sheet

MOMENT = datetime(2026, 11, 26, 9, 0, 5, 123456, tzinfo=SHANGHAI)
needs_face = pytest.mark.skipif(chinese_face() is None, reason="no Chinese font: apt install fonts-noto-cjk")
needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler not found: apt install poppler-utils")


def stamp(language="zh"):
    return Stamp("走访 · 青禾银行云州第一支行", "陈静", MOMENT, language)


def read(content, tmp_path):
    """The pages of a file as text."""
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode().rstrip("\f").split("\f")


@needs_face
@needs_poppler
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sheet", [full_sheet(), bare()], ids=["full", "bare"])
def test_everything_of_the_printed_page_stands_on_one_page(language, sheet, tmp_path):
    parts = sheet_parts(sheet, language, TITLES)
    (page,) = read(a4_pdf(parts, stamp(language), note="B1 · 青禾银行"), tmp_path)
    shown = "".join(page.split())
    for part in parts:
        cells = [cell for row in ((part.head, *part.rows) if part.rows else ()) for cell in row]
        for words in (part.title, *part.lines, *part.numbered, *cells):
            start = "".join(words.split())[:12]  # a longer one may be broken by another column
            assert start in shown, words
    assert {"zh": "内部资料，不含客户信息", "en": "Internal, no customer data"}[language] in page


@needs_face
@needs_poppler
def test_more_than_a_page_holds_is_set_smaller_and_parts_beside_each_other_stay_so(tmp_path):
    lines = [f"第{number}行" for number in range(28)]
    parts = [Part("一", lines=lines, is_beside=True), Part("二", lines=lines), Part("三", lines=lines)]
    (page,) = read(a4_pdf(parts, stamp(), note=""), tmp_path)
    assert any(row.split() == ["一", "二"] for row in page.splitlines())


@needs_face
@needs_poppler
def test_typed_words_are_never_read_as_markup(tmp_path):
    words = '#panic("x") *bold* $x^2$ @ref <b>\u0007'
    (page,) = read(a4_pdf([Part(words, lines=[words], numbered=[words])], stamp(), note=words), tmp_path)
    assert page.count('#panic("x") *bold* $x^2$ @ref <b>') == 4


@needs_face
def test_the_same_content_gives_the_same_bytes():
    one, other = (a4_pdf(sheet_parts(full_sheet(), "zh", TITLES), stamp(), note="") for _ in range(2))
    assert one == other
    assert one.startswith(b"%PDF")


def test_without_a_chinese_font_there_is_no_page(monkeypatch):
    monkeypatch.setattr(fonts, "FACES", ("No Such Face",))
    with pytest.raises(NoChineseFontError):
        a4_pdf([], stamp(), note="")
