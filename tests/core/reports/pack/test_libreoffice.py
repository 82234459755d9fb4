"""The deck and the workbook as LibreOffice opens them, one conversion a language, by the places of their words."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.language import LANGUAGES
from core.reports.pack.fonts import chinese_face
from core.reports.pack.form import FOOT_TOP, HEIGHT, WIDTH, TextFrame
from core.reports.pack.formats import PackFormat
from tests.core.reports.pack.conftest import made, pages_of

MISSING = (
    "LibreOffice or poppler not found: apt install --no-install-recommends libreoffice-impress libreoffice-calc "
    "poppler-utils"
)
HALF_A_POINT = 0.5
XHTML = "{http://www.w3.org/1999/xhtml}"
pytestmark = [pytest.mark.libreoffice, pytest.mark.xdist_group("libreoffice")]


@dataclass(frozen=True)
class Word:
    """A word of a page and where it stands, in points."""

    words: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Opened:
    """What LibreOffice made of a pack: words page by page, what it said, the faces it used, sheets as text."""

    language: str
    pages: list[list[Word]]
    said: str
    faces: str
    book: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> tuple[Path, str]:
    """A folder with the packs of both languages as PDF, and what LibreOffice said; started once for all."""
    office = shutil.which("soffice")
    if not office or not shutil.which("pdftotext") or not chinese_face():
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("office")
    names = []
    for language in LANGUAGES:
        for kind, file_format in (("full", PackFormat.PPTX), ("review", PackFormat.XLSX)):
            path = folder / f"{kind}_{language}.{file_format}"
            path.write_bytes(made(kind, language)[file_format])
            names.append(str(path))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    order = [office, "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder), *names]
    done = subprocess.run(order, capture_output=True, text=True, check=True, timeout=200)
    return folder, done.stderr


@pytest.fixture(scope="module", params=LANGUAGES)
def opened(request, folder) -> Opened:
    place, said = folder
    deck, book = place / f"full_{request.param}.pdf", place / f"review_{request.param}.pdf"
    return Opened(
        request.param,
        _words(_read("pdftotext", "-bbox", str(deck), "-").encode()),
        said,
        _read("pdffonts", str(deck)),
        _read("pdftotext", "-layout", str(book), "-"),
    )


def _read(*order: str) -> str:
    return subprocess.run(order, capture_output=True, check=True).stdout.decode()


def _words(boxes: bytes) -> list[list[Word]]:
    sides = ("xMin", "yMin", "xMax", "yMax")
    root = ElementTree.fromstring(boxes)
    return [
        [Word(word.text or "", *(float(word.get(side)) for side in sides)) for word in page.iter(f"{XHTML}word")]
        for page in root.iter(f"{XHTML}page")
    ]


def test_it_opens_without_a_complaint(opened):
    assert not re.search(r"(?i)error|warning(?!: failed to launch javaldx)", opened.said)
    assert len(opened.pages) == len(pages_of("full", "en")[0])


def test_every_word_stands_on_its_page(opened):
    for page in opened.pages:
        for word in page:
            assert word.left >= -HALF_A_POINT, word
            assert word.top >= -HALF_A_POINT, word
            assert word.right <= WIDTH + HALF_A_POINT, word
            assert word.bottom <= HEIGHT + HALF_A_POINT, word


def test_nothing_but_the_foot_reaches_into_the_foot(opened):
    for number, page in enumerate(opened.pages, start=1):
        foot = {word.words for word in page if word.top >= FOOT_TOP - HALF_A_POINT}
        assert {f"{number}", "/", f"{len(opened.pages)}"} <= foot
        assert [word for word in page if word.top < FOOT_TOP - 4 and word.bottom > FOOT_TOP + 4] == []


def test_words_of_a_frame_stay_in_it(opened):
    for found, page in zip(opened.pages, pages_of("full", opened.language)[1], strict=True):
        for frame in page.frames:
            if not isinstance(frame, TextFrame) or frame.name not in ("title", "sentence"):
                continue
            box = frame.box
            inside = [
                word
                for word in found
                if word.left >= box.x - 1
                and word.top >= box.y - 3
                and word.right <= box.x + box.width + 1
                and word.bottom <= box.y + box.height + 3
            ]
            shown = "".join(word.words for word in inside)
            assert re.sub(r"\s", "", frame.words) == re.sub(r"\s", "", shown), frame.name


def test_lines_never_lie_on_each_other(opened):
    for page in opened.pages:
        words = sorted(page, key=lambda word: word.top)
        for place, one in enumerate(words):
            for other in words[place + 1 :]:
                across = min(one.right, other.right) - max(one.left, other.left)
                down = min(one.bottom, other.bottom) - max(one.top, other.top)
                height = min(one.bottom - one.top, other.bottom - other.top)
                assert across <= 1 or down <= height / 2, (one, other)


def test_chinese_is_set_in_a_chinese_face(opened):
    assert re.search(r"CJK|YaHei|SimHei|SourceHanSans|WenQuanYi|PingFang", opened.faces)


def test_the_workbook_opens_with_all_its_figures(opened):
    for page in pages_of("review", opened.language)[0]:
        if page.topic and page.key != "compared":
            assert page.title in opened.book
    assert "#" not in re.sub(r"#\d", "", opened.book)  # neither ##### of a narrow column nor #REF!
    assert "Err:" not in opened.book
