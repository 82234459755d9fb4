import re
from datetime import datetime

import pytest

from core.calendar import SHANGHAI
from core.reports.a4 import Part, a4_page
from core.reports.tables import Stamp

STAMP = Stamp("Self-check <1>", "李明", datetime(2026, 11, 18, 9, tzinfo=SHANGHAI), "en")


def sections(*parts):
    """Return the words of the parts in the order of the page, those of a pair together."""
    page = a4_page(parts, STAMP, note="").decode()
    pairs = re.findall(r'<div class="pair">(.*?)</div>', page)
    return [re.findall(r"<section><h2>(.*?)</h2>", pair) for pair in pairs], re.findall(r"<h2>(.*?)</h2>", page)


@pytest.mark.parametrize(
    ("beside", "pairs"),
    [([], []), (["a"], [["a", "b"]]), (["b"], [["b", "c"]]), (["a", "b"], [["a", "b", "c"]]), (["c"], [])],
    ids=["none", "first", "second", "three in a row", "the last has no next"],
)
def test_a_part_stands_beside_the_next_where_it_says_so(beside, pairs):
    assert sections(*(Part(title, is_beside=title in beside) for title in "abc")) == (pairs, ["a", "b", "c"])


def test_every_text_is_escaped():
    part = Part("<b>", lines=["<i>"], numbered=["<u>"], head=["<s>"], rows=[["<q>"]])
    page = a4_page([part], STAMP, note="<p>").decode()
    for word in ("b", "i", "u", "s", "q", "1"):
        assert f"&lt;{word}&gt;" in page
