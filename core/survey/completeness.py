"""How complete a survey is (K45), how old its parts are (K46), and what is due.

Frames of facts have one row per branch and section. Columns: branch_id int; section; number int, 0 = never
surveyed; surveyed_on day of the part; filled int, required fields filled; oldest_<period> day of the oldest
answer that must be confirmed within that period; head_changes, retail_changes, sellers_then, sellers_left,
sellers_joined int, people since the day of the part. Days are datetime64, NaT = none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from core.survey.fields import Field, SurveyFields, survey_fields


class PartState(StrEnum):
    """How a part stands, the worst last."""

    INSIDE = "inside"
    WARN = "warn"
    OVER = "over"
    PEOPLE_CHANGED = "people_changed"
    MISSING = "missing"


STATES = tuple(PartState)
DUE = frozenset({PartState.OVER, PartState.PEOPLE_CHANGED, PartState.MISSING})
FACT_COLUMNS = ("head_changes", "retail_changes", "sellers_then", "sellers_left", "sellers_joined")


def judged_parts(
    facts: pd.DataFrame, *, as_of: date, for_head: bool = False, fields: SurveyFields | None = None
) -> pd.DataFrame:
    """Return the facts with what they come to.

    Added columns: required int; age_days float, since the part was surveyed; review_on day, the last one on
    which every answer of the part is inside its period; state, a PartState.

    A part is over once one of its answers is older than its period, and warned of in the last quarter of it.
    Parts on people and business are due at once when head or retail head changed since, or more than a third
    of the sellers; the larger of those who left and those who came counts, against those of then.
    """
    fields = fields or survey_fields()
    day = np.datetime64(as_of, "D")
    judged = facts.copy()
    counted = [one.section for one in fields.counted(for_head=for_head)]
    required = {one.key: counted.count(one.key) for one in fields.sections}
    judged["required"] = judged["section"].map(required).astype("int64")
    judged["age_days"] = _age(judged["surveyed_on"], day)
    level = np.zeros(len(judged), dtype=np.int64)
    review_on = np.full(len(judged), np.datetime64("NaT", "D"))
    for period, days in fields.periods.items():
        oldest = judged[f"oldest_{period}"]
        age = _age(oldest, day).to_numpy()
        level = np.maximum(level, np.where(age > days, 2, np.where(age > days * fields.limits.warn_share, 1, 0)))
        last = oldest.to_numpy().astype("datetime64[D]") + np.timedelta64(days, "D")
        review_on = np.fmin(review_on, last)
    sections = {one.key for one in fields.sections if one.due_on_changes}
    changed = judged["section"].isin(sections).to_numpy() & people_changed(judged, fields)
    level = np.where(changed, STATES.index(PartState.PEOPLE_CHANGED), level)
    level = np.where(judged["number"].to_numpy() == 0, STATES.index(PartState.MISSING), level)
    judged["review_on"] = pd.Series(review_on.astype("datetime64[s]"), index=judged.index)
    judged["state"] = np.array([one.value for one in STATES], dtype=object)[level]
    return judged


def people_changed(facts: pd.DataFrame, fields: SurveyFields | None = None) -> np.ndarray:
    """Tell for each row whether head, retail head or too many sellers changed since the part was surveyed."""
    share = (fields or survey_fields()).limits.turnover_share
    moved = np.maximum(facts["sellers_left"].to_numpy(), facts["sellers_joined"].to_numpy())
    too_many = moved * share.denominator > facts["sellers_then"].to_numpy() * share.numerator
    changed: np.ndarray = (facts["head_changes"].to_numpy() > 0) | (facts["retail_changes"].to_numpy() > 0) | too_many
    return changed


def _age(days: pd.Series, day: np.datetime64) -> pd.Series:
    age: pd.Series = (day - days.astype("datetime64[s]")).dt.days
    return age


def branch_standings(parts: pd.DataFrame, *, fields: SurveyFields | None = None) -> pd.DataFrame:
    """Return one row per branch of judged parts, in the order of the branches.

    Columns: branch_id; filled, required int; completeness 0 to 1; surveyed_on the latest day of a part;
    review_on the earliest; state the worst PartState; due the keys of due sections and warned those in the
    last quarter, as lists in the order of the sections.
    """
    fields = fields or survey_fields()
    order = [one.key for one in fields.sections]
    rank = parts["state"].map({one.value: place for place, one in enumerate(STATES)}).astype("int64")
    grouped = parts.assign(rank=rank).groupby("branch_id", sort=False)
    summed = grouped.agg(
        filled=("filled", "sum"),
        required=("required", "sum"),
        surveyed_on=("surveyed_on", "max"),
        review_on=("review_on", "min"),
        rank=("rank", "max"),
    )
    summed["completeness"] = summed["filled"] / summed["required"]
    summed["state"] = np.array([one.value for one in STATES], dtype=object)[summed.pop("rank").to_numpy()]
    states = parts.pivot(index="branch_id", columns="section", values="state").reindex(summed.index)
    summed["due"] = _listed(states, order, [one.value for one in DUE])
    summed["warned"] = _listed(states, order, [PartState.WARN.value])
    return summed.reset_index()


def _listed(states: pd.DataFrame, order: Sequence[str], wanted: Sequence[str]) -> list[list[str]]:
    """Return for each branch the sections in one of the states; sections are few, branches are not."""
    shown = [key for key in order if key in states.columns]
    codes = np.zeros(len(states), dtype=np.int64)
    for place, key in enumerate(shown):
        codes |= states[key].isin(wanted).to_numpy().astype(np.int64) << place
    lists = [[key for place, key in enumerate(shown) if code >> place & 1] for code in range(1 << len(shown))]
    return [lists[code] for code in codes.tolist()]


@dataclass(frozen=True)
class SurveyBasis:
    """What a plan rests on at a branch: the day of the latest survey, None = never, and how its worst part stands."""

    surveyed_on: date | None
    state: PartState

    @property
    def is_due(self) -> bool:
        """Tell whether some part is past its review period, or was never surveyed."""
        return self.state in DUE


def survey_bases(standings: pd.DataFrame) -> dict[int, SurveyBasis]:
    """Return the rows of `branch_standings` as records, by branch."""
    return {
        int(branch_id): SurveyBasis(None if pd.isna(day) else day.date(), PartState(state))
        for branch_id, day, state in zip(
            standings["branch_id"], standings["surveyed_on"], standings["state"], strict=True
        )
    }


@dataclass(frozen=True)
class PartStanding:
    """How one part stands; days and age are None where it was never surveyed."""

    section: str
    state: PartState
    filled: int
    required: int
    surveyed_on: date | None
    age_days: int | None
    review_on: date | None


@dataclass(frozen=True)
class SurveyStanding:
    """How the survey of one branch stands, part by part in the order of the sections."""

    parts: tuple[PartStanding, ...]

    @property
    def filled(self) -> int:
        """Required fields filled."""
        return sum(one.filled for one in self.parts)

    @property
    def required(self) -> int:
        """Required fields."""
        return sum(one.required for one in self.parts)

    @property
    def completeness(self) -> float:
        """Share of the required fields that are filled, 0 to 1."""
        return self.filled / self.required if self.required else 1.0

    @property
    def surveyed_on(self) -> date | None:
        """Latest day of a part."""
        return max((one.surveyed_on for one in self.parts if one.surveyed_on), default=None)

    @property
    def due(self) -> tuple[str, ...]:
        """Sections that are due."""
        return tuple(one.section for one in self.parts if one.state in DUE)


def survey_standing(parts: pd.DataFrame) -> SurveyStanding:
    """Return the judged parts of one branch as records."""

    def day(value: Any) -> date | None:
        return None if pd.isna(value) else value.date()

    return SurveyStanding(
        tuple(
            PartStanding(
                section=row["section"],
                state=PartState(row["state"]),
                filled=int(row["filled"]),
                required=int(row["required"]),
                surveyed_on=day(row["surveyed_on"]),
                age_days=None if pd.isna(row["age_days"]) else int(row["age_days"]),
                review_on=day(row["review_on"]),
            )
            for row in parts.to_dict("records")
        )
    )


def answer_state(asked: Field, surveyed_on: date, *, as_of: date, fields: SurveyFields | None = None) -> PartState:
    """Return how a single answer stands against the period of its field."""
    fields = fields or survey_fields()
    age, days = (as_of - surveyed_on).days, fields.periods[asked.review]
    if age > days:
        return PartState.OVER
    return PartState.WARN if age > days * fields.limits.warn_share else PartState.INSIDE
