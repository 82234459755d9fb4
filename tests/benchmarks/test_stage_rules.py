"""The fixed rules give exactly the acceptance paths of the baseline, V1 to V18: every week is worth the same."""

import pytest

from benchmarks.stage_rules import rule_path
from core.facts import SizeTier, Stage

LARGE, STANDARD, SMALL = SizeTier.LARGE, SizeTier.STANDARD, SizeTier.SMALL
STAGES = [stage.value for stage in Stage]


def every(distance, weeks, *, first=None):
    """One policy every so many weeks, the first one in week `distance` or `first`."""
    begin = first or distance
    return [int(week >= begin and (week - begin) % distance == 0) for week in range(1, weeks + 1)]


def one(weeks):
    return [1] * weeks


def none(weeks):
    return [0] * weeks


PATHS = {
    "V1": (STANDARD, [*none(4), 1, 0, 0, 1, 0, 0, *one(50)], "startup 1, growth 13, mature 27"),
    "V2": (STANDARD, one(80), "startup 1, growth 9, mature 27"),
    "V3": (STANDARD, one(60) + none(20), "startup 1, growth 9, mature 27, slump 70"),
    "V4": (STANDARD, one(52) + every(3, 40), "startup 1, growth 9, mature 27, adjustment 65, growth 92"),
    "V5": (STANDARD, one(52) + none(3) + one(20), "startup 1, growth 9, mature 27"),
    "V6": (STANDARD, one(52) + none(6) + one(20), "startup 1, growth 9, mature 27, adjustment 60, mature 66"),
    "V7": (STANDARD, none(40), "startup 1, slump 26"),
    "V8": (STANDARD, none(40) + one(45), "startup 1, slump 26, adjustment 43, growth 52, mature 66"),
    "V9": (STANDARD, none(40) + every(4, 40, first=1), "startup 1, slump 26, adjustment 46"),
    "V11": (STANDARD, every(4, 100, first=2), "startup 1, adjustment 27"),
    "V12": (SMALL, every(2, 90), "startup 1, growth 9, mature 27"),
    "V13": (SMALL, every(2, 60) + none(25), "startup 1, growth 9, mature 27, slump 72"),
    "V14": (LARGE, [2] * 80, "startup 1, growth 9, mature 27"),
    "V15": (LARGE, [2] * 52 + one(50), "startup 1, growth 9, mature 27, adjustment 67, growth 94"),
    "V16": (LARGE, [2] * 52 + every(2, 50), "startup 1, growth 9, mature 27, adjustment 60"),
    "V17": (STANDARD, [*none(10), 6, *none(30)], "startup 1, slump 26"),
    "V18": (
        STANDARD,
        one(52) + every(3, 26) + one(30),
        "startup 1, growth 9, mature 27, adjustment 65, growth 84, mature 98",
    ),
}


def told(path):
    """Return the first week of each stage in words."""
    begins = [week for week in range(len(path)) if week == 0 or path[week] != path[week - 1]]
    return ", ".join(f"{STAGES[path[week]]} {week + 1}" for week in begins)


@pytest.mark.parametrize("name", PATHS)
def test_the_rules_give_the_acceptance_path(name):
    tier, counts, path = PATHS[name]
    assert told(rule_path(counts, tier)) == path


def test_by_the_rules_a_branch_with_one_seller_is_never_mature_v10():
    assert told(rule_path(one(80), STANDARD, has_sellers=False)) == "startup 1, growth 9"
