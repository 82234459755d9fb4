"""Parts of a whole as they are told: their figures add up to that of the whole."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reports.pack.units import parts_words

AMOUNTS = st.integers(-(10**13), 10**13)
SMALL = st.integers(-(10**8), 10**8)


def amount(words):
    return Decimal(re.sub(r"[^0-9.]", "", words)) * (-1 if words.startswith("−") else 1)


@pytest.mark.parametrize(
    ("language", "parts", "told"),
    [
        ("zh", (-88_640_000, -6_540_000, -12_540_000), (["−88.6万元", "−6.5万元", "−12.6万元"], "−107.7万元")),
        ("en", (-13_052_000, -2_183_000, -35_566_000), (["−¥130.5k", "−¥21.8k", "−¥355.7k"], "−¥508.0k")),
        ("en", (-1_000_000_000, 0, 100_000), (["−¥10.0M", "¥0", "¥0"], "−¥10.0M")),
        ("zh", (), ([], "0元")),
    ],
    ids=["wan", "thousands", "millions", "nothing"],
)
def test_parts_are_told_in_one_unit(language, parts, told):
    assert parts_words(parts, sum(parts), language) == told


@given(st.one_of(st.lists(AMOUNTS, max_size=4), st.lists(SMALL, max_size=4)), st.sampled_from(["en", "zh"]))
def test_what_is_told_adds_up(parts, language):
    words, whole = parts_words(parts, sum(parts), language)
    assert sum(map(amount, words)) == amount(whole)
