"""How branches went from stage to stage between two weeks. Every branch of either week is counted once."""

import pandas as pd

from core.facts import Stage
from core.review.figures import StageCount, StageFlow

ORDER = {stage.value: place for place, stage in enumerate(Stage)}


def stage_flow(before: pd.Series, after: pd.Series) -> tuple[StageFlow, ...]:
    """Return the flows between two weeks, by stage before and after in the order of a branch's life, None last.

    Args:
        before: stored stages by branch key at the end of the earlier week.
        after: the same of the later week.
    """
    both = pd.concat({"before": before, "after": after}, axis=1).astype(object)
    both = both.where(both.notna(), "")
    counts = both.groupby(["before", "after"]).size().reset_index(name="branches")
    flows = [StageFlow(_stage(old), _stage(new), int(count)) for old, new, count in counts.itertuples(index=False)]
    return tuple(sorted(flows, key=lambda flow: (_place(flow.before), _place(flow.after))))


def stage_counts(now: pd.Series, week_before: pd.Series, quarter_before: pd.Series) -> tuple[StageCount, ...]:
    """Return the branches in each stage in three weeks, each given as for `stage_flow`, every stage in order."""
    weeks = [week.value_counts().to_dict() for week in (now, week_before, quarter_before)]
    return tuple(StageCount(stage, *(int(week.get(stage.value, 0)) for week in weeks)) for stage in Stage)


def _stage(word: str) -> Stage | None:
    return Stage(word) if word else None


def _place(stage: Stage | None) -> int:
    return len(ORDER) if stage is None else ORDER[stage.value]
