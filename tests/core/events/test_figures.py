from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.events.entries import Guests
from core.events.figures import FOLLOWED_COLUMNS, is_told, policies_followed, rate, show_up_rate, shown_count

DAY = date(2026, 11, 2)


@pytest.mark.parametrize(("count", "expected"), [(None, ""), (0, "0"), (1, "<3"), (2, "<3"), (3, "3"), (140, "140")])
def test_a_small_group_is_not_told_apart(count, expected):
    assert shown_count(count) == expected
    assert is_told(count) is (count is not None and count not in (1, 2))


def test_the_show_up_sums_the_events_that_counted_both():
    events = [Guests(20, 10, 6), Guests(20, 10, 3, walk_ins=9), Guests(20, None, 8), Guests(20, 10, None)]
    assert show_up_rate(events) == 9 / 20
    assert show_up_rate([]) is None
    assert show_up_rate([Guests(5, 0, 0)]) is None


@pytest.mark.parametrize(("came", "confirmed", "expected"), [(1, 2, None), (1, 3, 1 / 3), (0, 3, 0.0)])
def test_a_rate_of_too_few_is_not_said(came, confirmed, expected):
    assert show_up_rate([Guests(None, confirmed, came)]) == rate(came, confirmed) == expected


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted), min_size=1))
def test_the_show_up_lies_between_none_and_all(pairs):
    found = show_up_rate([Guests(None, confirmed, came) for came, confirmed in pairs])
    assert found is None or 0 <= found <= 1


def followed(events, policies, as_of=DAY + timedelta(days=100)):
    held = pd.DataFrame(events, columns=list(FOLLOWED_COLUMNS))
    held = held.astype({"day": "datetime64[s]", "recorded": "float64"})
    bought = pd.DataFrame(policies, columns=["branch_id", "issued_on", "event_ref"]).astype(
        {"branch_id": "int64", "issued_on": "datetime64[s]"}
    )
    found = policies_followed(held, bought, as_of=np.datetime64(as_of))["policies"]
    return [None if np.isnan(one) else int(one) for one in found]


def on(days, ref=None, branch=1):
    return (branch, DAY + timedelta(days=days), ref)


def test_policies_that_name_the_event_count():
    assert followed([(1, 1, DAY, "E1", 8, 5)], [on(1, "E1"), on(30, "E1"), on(2)]) == [2]


def test_others_count_up_to_what_was_written_down():
    event = (1, 1, DAY, None, 8, 2)
    assert followed([event], [on(0), on(14), on(3)]) == [2]
    assert followed([event], [on(14)]) == [1]
    assert followed([event], [on(-1), on(15), on(3, branch=2)]) == [0]


def test_what_nobody_wrote_down_is_not_known():
    assert followed([(1, 1, DAY, None, 8, None)], [on(1)]) == [None]


def test_nothing_is_said_while_the_days_run():
    event = (1, 1, DAY, "E1", 8, 1)
    assert followed([event], [on(1, "E1")], as_of=DAY + timedelta(days=14)) == [None]
    assert followed([event], [on(1, "E1")], as_of=DAY + timedelta(days=15)) == [1]
    assert followed([], []) == []
