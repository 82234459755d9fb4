"""Every number in a sentence is recomputed from the rows: policies, weeks and statuses, in both languages.

What a branch sells at its own level and what a week is worth are the engine's estimates and taken from its history;
all else is counted here.
"""

import re
from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.language import LANGUAGES
from core.stages import reason_text
from core.stages.explanation import HELD_REASONS, amount_text, chance_text
from core.stages.facts import RowFacts
from tests.core.stages.world import FIRST, LIMITS, LONG_AGO, classified, panel_of, rows_of, steady

WEEKS = 60
NUMBER = re.compile(r"\d+(?:\.\d+)?")
LOOKS_BACK = {"mature_steady", "adjustment_below", "slump_stopped", "growth_rising", "startup_new", "startup_waiting"}
WITH_EXPECTED = {"mature_steady", "adjustment_below", "slump_stopped", "growth_rising"}
WITH_CHANCE = {"adjustment_below", "slump_stopped"}
WITH_TIME = {"startup_new", "startup_waiting", "slump_never"}


@st.composite
def markets(draw):
    """Two to four branches with cancelled policies and a closure, begun before the data or with them."""
    count = draw(st.integers(2, 4))
    branches = [
        steady(WEEKS, draw(st.sampled_from([0, 0.2, 0.6, 1.5, 4])), seed=draw(st.integers(0, 999)))
        for _ in range(count)
    ]
    stop = draw(st.integers(20, WEEKS))
    branches[0][stop:] = [0] * (WEEKS - stop)
    sold = [(place, week) for place, counts in enumerate(branches) for week, number in enumerate(counts) if number]
    lost = draw(st.lists(st.sampled_from(sold), max_size=8, unique=True)) if sold else []
    cancelled = [(place, week, week + draw(st.integers(0, 9))) for place, week in lost]
    status = np.zeros((count, WEEKS), np.int8)
    begin = draw(st.integers(0, WEEKS - 1))
    status[1, begin : begin + draw(st.integers(0, 20))] = 1
    starts = [draw(st.sampled_from([LONG_AGO, FIRST - timedelta(days=9), FIRST])) for _ in branches]
    return panel_of(*branches, start_on=starts, status=status, region=list(range(count)), cancelled=cancelled)


def counted(panel, branch, oldest, newest, week):
    """Count the policies of a branch issued between two weeks that still count at the end of a week."""
    own = (panel.branch == branch) & (panel.week >= oldest) & (panel.week <= newest) & (panel.lost_week > week)
    return int(panel.policies[own].sum())


def chance_of_at_most(sold, expected, shape):
    """Return the chance of at most so many policies where so many are expected: negative binomial, term by term."""
    term = (shape / (shape + expected)) ** shape
    total = term
    for number in range(sold):
        term *= (shape + number) / (number + 1) * expected / (shape + expected)
        total += term
    return min(total, 1.0)


def swing_of(history, begin, week):
    """Return what the whole market sold in weeks of what it usually sells, week by week; 1 where it is not told."""
    due = sold = 0.0
    for number in range(begin, week + 1):
        if history.season[number] and history.worth.clear[number]:
            due += history.season[number]
            sold += history.season[number] * history.worth.swing[number]
    swing = round(sold / due, 2) if due else 1.0
    return swing if abs(swing - 1) > 0.099 else 1.0


def numbers_due(language, key, facts):
    """Return the numbers a sentence has to hold, as words, from recomputed facts; "no" and "new" need none."""
    is_chinese = language == "zh"
    words = []
    if key in LOOKS_BACK:
        words += [facts["sold"]] if facts["sold"] or is_chinese else []
        words += [facts["window"]] if facts["window"] > 1 or is_chinese else []
    if key == "growth_rising":
        words += [facts["before"]] if facts["before"] or is_chinese else []
    if key in WITH_EXPECTED:
        words.append(amount_text(facts["expected"]))
    if key in WITH_CHANCE:
        words.append(NUMBER.search(chance_text(facts["chance"]))[0])
    if key in WITH_EXPECTED and facts["swing"] != 1:
        words.append(round(abs(100 * facts["swing"] - 100)))
    if key in WITH_TIME:
        words.append(facts["weeks"])
    if key in HELD_REASONS and facts["held"] > 1:
        words.append(facts["held"])
    return Counter(str(word) for word in words)


@settings(max_examples=12, deadline=None)
@given(panel=markets())
def test_every_number_of_every_sentence_is_counted_again_from_the_rows(panel):
    count_again(panel)


def test_every_number_is_counted_again_where_the_whole_market_swings():
    branches = [steady(WEEKS, 3, seed=seed) for seed in range(30)]
    for counts in branches:
        counts[30:36] = [number * 2 // 3 for number in counts[30:36]]
        counts[48:52] = [2 * number for number in counts[48:52]]
    told = count_again(panel_of(*branches, start_on=LONG_AGO))
    assert any(swing < 1 for swing in told)
    assert any(swing > 1 for swing in told)


def count_again(panel):
    """Hold every sentence of a panel against its rows, and return the swings that were told."""
    told = []
    history = classified(panel)
    held, stands_before, reopened = {}, {}, {}
    for row in RowFacts(history).rows():
        branch, week = row.branch, (row.week_start - panel.weeks[0]).days // 7
        stands = row.stage, bool(row.facts.get("reopened"))
        held[branch] = held.get(branch, 0) + 1 if stands_before.get(branch) == stands else 1
        stands_before[branch] = stands
        start = max(panel.start_on[branch].astype(object), LONG_AGO)
        window = row.facts["window"]
        begin = week + 1 - window
        worth = float(history.exposure[branch, max(begin, 0) : week + 1].sum())
        found = {
            "sold": counted(panel, branch, begin, week, week),
            "before": counted(panel, branch, begin - window, begin - 1, week),
            "window": window,
            "expected": round(worth * float(history.level[branch, week]), 1),
            "swing": swing_of(history, begin, week),
            "held": held[branch],
            "weeks": (row.week_start - (start - timedelta(days=start.weekday()))).days // 7 + 1,
        }
        assert begin >= 0
        assert row.facts["expected"] == pytest.approx(found["expected"], abs=0.101)
        found["expected"], found["chance"] = row.facts["expected"], row.facts["chance"]
        if week >= 26:
            expected = worth * float(history.level[branch, week])
            shape = LIMITS["dispersion"] * window
            assert row.facts["chance"] == pytest.approx(chance_of_at_most(found["sold"], expected, shape), abs=0.002)
        if row.facts.get("reopened"):
            found["weeks"] = week - reopened.setdefault(branch, week) + 1
        assert row.facts["held"] == found["held"]
        for language in LANGUAGES:
            sentence = reason_text(language, row.reason_key, row.facts)
            assert Counter(NUMBER.findall(sentence)) == numbers_due(language, row.reason_key, found), sentence
        told.append(found["swing"])
    return told


def test_the_weeks_since_a_reopening_are_those_since_it():
    status = np.zeros((1, WEEKS))
    status[0, 20:40] = 1
    panel = panel_of([1] * 20 + [0] * 40, status=status, start_on=LONG_AGO)
    rows = [row for row in rows_of(classified(panel)) if row[1] >= panel.weeks[40]]
    assert [row[6]["weeks"] for row in rows] == list(range(1, 21))
    assert reason_text("en", rows[2][5], rows[2][6]) == (
        "3 policies in the last 26 weeks; in week 3 since it reopened, too early to judge"
    )
