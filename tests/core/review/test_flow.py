import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from core.facts import Stage
from core.review.figures import StageCount, StageFlow
from core.review.flow import stage_counts, stage_flow

STAGES = st.dictionaries(st.integers(1, 30), st.sampled_from([stage.value for stage in Stage]))


def week(stages):
    return pd.Series(stages, dtype=object)


def test_branches_are_counted_by_the_stages_they_had_and_have():
    before = week({1: "mature", 2: "mature", 3: "startup", 4: "slump"})
    after = week({1: "mature", 2: "slump", 3: "growth", 5: "startup"})
    assert stage_flow(before, after) == (
        StageFlow(Stage.STARTUP, Stage.GROWTH, 1),
        StageFlow(Stage.MATURE, Stage.MATURE, 1),
        StageFlow(Stage.MATURE, Stage.SLUMP, 1),
        StageFlow(Stage.SLUMP, None, 1),
        StageFlow(None, Stage.STARTUP, 1),
    )


def test_no_branches_flow_nowhere():
    assert stage_flow(week({}), week({})) == ()


def test_every_stage_has_a_count_in_every_week():
    counts = stage_counts(week({1: "slump"}), week({1: "mature"}), week({}))
    assert counts[2:] == (
        StageCount(Stage.MATURE, 0, 1, 0),
        StageCount(Stage.ADJUSTMENT, 0, 0, 0),
        StageCount(Stage.SLUMP, 1, 0, 0),
    )


@given(before=STAGES, after=STAGES)
def test_flows_sum_up_to_the_counts_at_both_ends(before, after):
    flows = stage_flow(week(before), week(after))
    counts = stage_counts(week(after), week(before), week({}))
    for one in counts:
        assert sum(flow.branches for flow in flows if flow.before is one.stage) == one.week_before
        assert sum(flow.branches for flow in flows if flow.after is one.stage) == one.now
    assert sum(flow.branches for flow in flows) == len(before.keys() | after.keys())
