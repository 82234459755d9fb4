from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from core.reports.pack.fit import fitted, width_of, wrapped

WORDS = [
    "Policies per branch",
    "1,154.8万元*",
    "青禾银行云州第3支行",
    "▼ 低迷期 → ◆ 调整期",
    "−¥988.4k",
    "WWW mmm iii 777",
]
FACES = (
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 0),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("face", FACES, ids=lambda face: Path(face[0]).stem)
def test_words_are_never_wider_than_estimated_in_the_faces_machines_have(face, words):
    path, index = face
    if not Path(path).exists():
        pytest.skip(f"{path} is not installed")
    drawn = ImageFont.truetype(path, 200, index=index).getlength(words)
    assert drawn <= width_of(words, 200)


def test_what_fits_stays_as_it_is():
    assert fitted("网均件数", 18, 4 * 18) == "网均件数"
    assert fitted("one two", 10, 200) == "one two"


def test_what_does_not_fit_is_cut_at_the_end():
    assert fitted("网均件数", 18, 3 * 18) == "网均…"
    assert fitted("网均件数网均件数", 18, 3 * 18, 2) == "网均件数网…"
    assert fitted("abc " + "W" * 40, 10, 100) == "abc WWWWWW…"


def test_a_line_breaks_between_words_and_around_chinese_signs():
    assert wrapped("one two", 10, 30) == ["one", "two"]
    assert wrapped("网均", 10, 10) == ["网", "均"]


@settings(max_examples=40)
@given(st.text(max_size=60), st.integers(20, 200), st.integers(1, 3), st.booleans())
def test_no_line_of_what_is_fitted_is_wider_than_its_frame(words, width, lines, bold):
    kept = fitted(words, 12, width, lines, bold=bold)
    found = wrapped(kept, 12, width, bold=bold)
    assert len(found) <= lines
    assert all(width_of(line, 12, bold=bold) <= width for line in found)
