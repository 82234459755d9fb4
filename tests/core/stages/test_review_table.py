import math
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa

from core.stages.review_table import new_proposals, overrides_ended, overrides_now, with_reviews
from tests.core.stages.test_review import KIND, TODAY, WEEK, decision

NAMES = ["branch_id", "branch_code", "branch_name", "supervisor", "stage"]


def branches(*rows):
    columns = list(zip(*rows, strict=True)) if rows else [[]] * 5
    kinds = [pa.int64(), *[pa.string()] * 4]
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)], names=NAMES)


FIVE = branches(
    (1, "B1", "一号", "li", "adjustment"),
    (2, "B2", "二号", "li", "adjustment"),
    (3, "B3", "三号", "wu", "mature"),
    (4, "B4", "四号", None, None),
    (5, "B5", "五号", "wu", "adjustment"),
)
STAGES = pd.DataFrame(
    {
        "branch_id": [1, 2, 3, 5],
        "since": [WEEK, WEEK - timedelta(weeks=3), WEEK - timedelta(weeks=4), WEEK],
        "weeks_since_change": [0.0, 3.0, 4.0, math.nan],
    }
)
NO_STAGES = pd.DataFrame({"branch_id": [], "since": [], "weeks_since_change": []})


def reviewed(decisions, day=TODAY):
    return with_reviews(FIVE, STAGES, decisions, day=day)


def proposals(decisions, moves=None):
    return new_proposals(reviewed(decisions), STAGES, decisions, moves or {}, day=TODAY).to_pylist()


def test_every_branch_with_a_stage_says_how_it_stands():
    table = reviewed({1: decision(), 2: decision(KIND.CONFIRMED), 4: decision(), 99: decision()})
    assert table["review"].to_pylist() == ["overridden", "confirmed", "proposed", None, "proposed"]
    assert table["override"].to_pylist() == ["mature", None, None, None, None]
    assert table["override_until"].to_pylist() == [date(2026, 12, 23), None, None, None, None]


def test_an_expired_override_is_gone_by_itself():
    table = reviewed({1: decision()}, day=date(2026, 12, 24))
    assert table["override"].to_pylist() == [None] * 5
    assert table["review"].to_pylist()[0] == "proposed"


def test_no_branches_and_no_stages_are_no_mistake():
    empty = with_reviews(branches(), NO_STAGES, {}, day=TODAY)
    assert empty.num_rows == 0
    assert new_proposals(empty, NO_STAGES, {}, {}, day=TODAY).num_rows == 0
    assert overrides_now(empty, {1: decision()}, day=TODAY).num_rows == 0


def test_new_stages_wait_four_weeks_the_newest_first():
    found = proposals({}, {(1, WEEK): "mature"})
    assert [(row["branch_code"], row["before"], row["stage"], row["since"]) for row in found] == [
        ("B1", "mature", "adjustment", WEEK),
        ("B2", None, "adjustment", WEEK - timedelta(weeks=3)),
    ]


def test_a_first_stage_is_no_change_and_waits_for_nobody():
    assert "B5" not in [row["branch_code"] for row in proposals({})]


def test_what_is_confirmed_or_overridden_waits_no_more():
    assert proposals({1: decision(KIND.CONFIRMED), 2: decision()}) == []


def test_a_proposal_carries_the_number_of_the_latest_decision():
    withdrawn = decision(KIND.WITHDRAWN, number=7)
    assert [row["version"] for row in proposals({1: withdrawn})] == [7, 0]


def test_overrides_in_force_stand_by_their_end_and_say_when_it_is_near():
    found = overrides_now(
        FIVE,
        {
            1: decision(end_on=TODAY + timedelta(days=15)),
            2: decision(end_on=TODAY + timedelta(days=14), reason="停机"),
            3: decision(end_on=TODAY),
            5: decision(KIND.WITHDRAWN),
        },
        day=TODAY,
    ).to_pylist()
    assert [(row["branch_code"], row["state"]) for row in found] == [
        ("B3", "agrees"),
        ("B2", "soon"),
        ("B1", "in_force"),
    ]
    assert (found[1]["stage"], found[1]["override"], found[1]["reason"]) == ("adjustment", "mature", "停机")
    assert (found[1]["decided_by"], found[1]["decided_on"], found[1]["supervisor"]) == ("Li", TODAY, "li")


def test_overrides_that_ended_in_the_last_four_weeks_stand_by_their_end():
    ended = {
        1: decision(decided_on=date(2026, 9, 1), end_on=TODAY - timedelta(days=28)),
        2: decision(KIND.WITHDRAWN, decided_on=TODAY - timedelta(days=2), reason="恢复"),
        3: decision(decided_on=date(2026, 9, 1), end_on=TODAY - timedelta(days=29)),
        5: decision(KIND.CONFIRMED),
    }
    found = overrides_ended(FIVE, ended, day=TODAY).to_pylist()
    assert [(row["branch_code"], row["state"], row["end_on"]) for row in found] == [
        ("B2", "withdrawn", TODAY - timedelta(days=2)),
        ("B1", "expired", TODAY - timedelta(days=28)),
    ]


def test_what_is_in_force_or_without_a_stage_has_not_ended():
    assert overrides_ended(FIVE, {1: decision(), 4: decision(KIND.WITHDRAWN)}, day=TODAY).num_rows == 0
