"""Which branches need attention most, and what puts each on the list.

The groups are rows of `attention_order.csv`, worst first; the first that holds counts. Inside
a group the branch that lost most expected policies comes first.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from core.facts import Badge, Stage
from core.language import Language

ORDER_FILE = Path(__file__).with_name("attention_order.csv")
TOP = 10
"""How many branches the list shows."""
FALLS_SHORT = frozenset({Stage.MATURE, Stage.ADJUSTMENT, Stage.SLUMP})
"""Stages measured against a level reached before: only these lose policies."""
CHANGED = "newly_changed"
"""The group whose members carry no mark that says why they are here."""
LAST_PLACE = 99
"""Place of a branch no group holds."""


@dataclass(frozen=True)
class AttentionGroup:
    """One row of the order: every condition given must hold, an empty one always does.

    `badges` asks for any one of them, `changed_within_weeks` for a change of stage that young.
    """

    place: int
    key: str
    stages: frozenset[Stage]
    badges: frozenset[Badge]
    changed_within_weeks: int | None
    title_en: str
    title_zh: str
    valid_from: date
    source: str

    def title(self, language: Language) -> str:
        """Return the name of the group."""
        return self.title_zh if language == "zh" else self.title_en


@cache
def attention_order() -> tuple[AttentionGroup, ...]:
    """Return the groups, worst first."""
    with ORDER_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            AttentionGroup(
                place=int(row["place"]),
                key=row["key"],
                stages=frozenset(Stage(stage) for stage in row["stages"].split("|") if stage),
                badges=frozenset(Badge(badge) for badge in row["badges"].split("|") if badge),
                changed_within_weeks=int(row["changed_within_weeks"]) if row["changed_within_weeks"] else None,
                title_en=row["title_en"],
                title_zh=row["title_zh"],
                valid_from=date.fromisoformat(row["valid_from"]),
                source=row["source"],
            )
            for row in csv.DictReader(file)
        )


@cache
def open_warnings() -> frozenset[Badge]:
    """Return the marks that are warnings: those the order asks for in some stage."""
    return frozenset().union(*(group.badges for group in attention_order()))


def attention_title(language: Language, key: str) -> str:
    """Return the name of a group by its key."""
    return next(group.title(language) for group in attention_order() if group.key == key)


def attention_groups(branches: pd.DataFrame) -> pd.DataFrame:
    """Return which group each branch is in.

    Args:
        branches: one row per branch: stage (None = not known), badges (comma-separated Badge
            values), weeks_since_change (1 = changed in the last week; NaN = never changed).

    Returns:
        The same index: place int (`LAST_PLACE` where no group holds), attention str (key of the
        group, None where no group holds).
    """
    size = len(branches)
    place = np.full(size, LAST_PLACE)
    key = np.full(size, None, dtype=object)
    stage = branches["stage"].to_numpy(dtype=object)
    marks = "," + branches["badges"].fillna("").astype(str) + ","
    age = branches["weeks_since_change"].to_numpy(dtype=float, na_value=np.nan)
    for group in attention_order():
        holds = place == LAST_PLACE
        if group.stages:
            holds &= np.isin(stage, [str(stage) for stage in group.stages])
        if group.badges:
            pattern = ",(?:" + "|".join(sorted(group.badges)) + "),"
            holds &= marks.str.contains(pattern, regex=True).to_numpy(dtype=bool)
        if group.changed_within_weeks is not None:
            holds &= age <= group.changed_within_weeks
        place[holds] = group.place
        key[holds] = group.key
    return pd.DataFrame({"place": place, "attention": key}, index=branches.index)
