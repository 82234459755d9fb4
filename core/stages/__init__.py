"""Stages: which of the five life-cycle stages a branch is in, how sure that is, and why.

`stage_history` classifies a `Panel` of branches week by week; `RowFacts` turns the result into rows
with a reason key and its numbers, `reason_text` and `outlook_text` into sentences; `badges_now`
gives the warnings beside the stage; `limits_table` lists every number the engine runs on.
"""

from core.limit_rows import LimitRow
from core.stages.explanation import outlook_text, reason_text, reason_texts
from core.stages.history import StageHistory, stage_history
from core.stages.limits import StageLimits, limits_on, limits_table
from core.stages.panel import Panel

__all__ = [
    "LimitRow",
    "Panel",
    "StageHistory",
    "StageLimits",
    "limits_on",
    "limits_table",
    "outlook_text",
    "reason_text",
    "reason_texts",
    "stage_history",
]
