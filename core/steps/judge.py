"""Where branches stand in the steps of the process, judged for all of them at once.

Facts are a frame with one row per branch: branch_id, and a column for each fact the store keeps, days as
datetime64 (NaT = never) and numbers as float (NaN = not known). A column that is not there is a fact the
store does not keep: it is no entry, and no need is held against it.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from core.language import Language
from core.steps.rules import Need, Step, StepRules, StepState, step_rules

BoolArray = NDArray[np.bool_]
DayArray = NDArray[np.datetime64]
NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class JudgedStep:
    """A step for all branches, in the order of the facts; `missing` has one row a need."""

    step: Step
    states: NDArray[np.str_]
    last_on: DayArray
    missing: BoolArray
    values: NDArray[np.float64]

    def lacking(self, row: int, language: Language) -> tuple[str, ...]:
        """Return what a branch lacks for this step, in the order of the rules."""
        return tuple(
            need.sentence(language, self.values[number, row])
            for number, need in enumerate(self.step.needs)
            if self.missing[number, row]
        )


def judged_steps(facts: pd.DataFrame, *, as_of: date, rules: StepRules | None = None) -> tuple[JudgedStep, ...]:
    """Return every step with where each branch of the facts stands."""
    day = np.datetime64(as_of, "D")
    return tuple(_judged(step, facts, day) for step in (rules or step_rules()).steps)


def _judged(step: Step, facts: pd.DataFrame, day: np.datetime64) -> JudgedStep:
    count = len(facts)
    last_on = np.full(count, NEVER)
    for name in step.entries:
        if name in facts:
            last_on = np.fmax(last_on, _days(facts, name))
    missing = np.zeros((len(step.needs), count), dtype=bool)
    values = np.full((len(step.needs), count), np.nan)
    for number, need in enumerate(step.needs):
        missing[number], values[number] = _missing(need, facts, day)
    is_pressed = missing[[need.is_pressing for need in step.needs]].any(axis=0)
    is_begun = ~np.isnat(last_on)
    is_old = is_begun & (last_on < day - np.timedelta64(step.overdue_days, "D"))
    states = np.select(
        [is_pressed | is_old, ~is_begun, ~missing.any(axis=0)],
        [StepState.OVERDUE.value, StepState.NOT_BEGUN.value, StepState.DONE.value],
        StepState.UNDER_WAY.value,
    )
    if step.known_by is not None and step.known_by not in facts:
        states = np.full(count, StepState.NOT_KNOWN.value)
        missing[:] = False
    return JudgedStep(step, states, last_on, missing, values)


def _missing(need: Need, facts: pd.DataFrame, day: np.datetime64) -> tuple[BoolArray, NDArray[np.float64]]:
    """Return for each branch whether a need is not met, and the number it is held against."""
    count = len(facts)
    if need.fact not in facts:
        return np.zeros(count, dtype=bool), np.full(count, np.nan)
    if need.within_days is not None:
        days = _days(facts, need.fact)
        return ~(days >= day - np.timedelta64(need.within_days, "D")), np.full(count, np.nan)
    values = facts[need.fact].to_numpy(dtype=np.float64)
    if need.at_least is not None:
        return values < need.at_least, values
    return values > need.limit, values


def _days(facts: pd.DataFrame, name: str) -> DayArray:
    days: DayArray = facts[name].to_numpy().astype("datetime64[D]")
    return days


def stands_at(judged: tuple[JudgedStep, ...]) -> NDArray[np.int64]:
    """Return for each branch the place of the first step that is neither done nor unknown, -1 where all are.

    A step that is overdue goes before one that only waits.
    """
    states = np.array([one.states for one in judged])
    overdue, waiting = states == StepState.OVERDUE, ~np.isin(states, [StepState.DONE, StepState.NOT_KNOWN])
    first = np.where(overdue.any(axis=0), overdue.argmax(axis=0), waiting.argmax(axis=0))
    return np.where(waiting.any(axis=0), first, -1)


def steps_table(
    facts: pd.DataFrame, judged: tuple[JudgedStep, ...], *, kept: NDArray[np.int64], due: NDArray[np.int64]
) -> pa.Table:
    """Return one row per branch: those with overdue steps first, then those with most steps done last.

    Columns: branch_id, branch_code, branch_name, supervisor; a state for each step by its key; stands_at, the key
    of the step that comes next (null where all are done); last_on, the day of the latest entry; overdue, done
    (counts of steps); kept, due (six ones of the period before).
    """
    states = np.array([one.states for one in judged]).reshape(len(judged), len(facts))
    overdue, done = (states == StepState.OVERDUE).sum(axis=0), (states == StepState.DONE).sum(axis=0)
    last_on = np.full(len(facts), NEVER)
    for one in judged:
        last_on = np.fmax(last_on, one.last_on)
    keys = np.array([one.step.key for one in judged])
    place = stands_at(judged)
    order = np.lexsort((facts["branch_code"].to_numpy().astype(str), done, -overdue))
    table = pa.table(
        {
            "branch_id": pa.array(facts["branch_id"], pa.int64()),
            "branch_code": pa.array(facts["branch_code"], pa.string()),
            "branch_name": pa.array(facts["branch_name"], pa.string()),
            "supervisor": pa.array(facts["supervisor"], pa.string()),
            **{one.step.key: pa.array(one.states.astype(object), pa.string()) for one in judged},
            "stands_at": pa.array(keys[place].astype(object), pa.string(), mask=place < 0),
            "last_on": pa.array(last_on, pa.date32()),
            "overdue": pa.array(overdue, pa.int64()),
            "done": pa.array(done, pa.int64()),
            "kept": pa.array(kept, pa.int64()),
            "due": pa.array(due, pa.int64()),
        }
    )
    return table.take(pa.array(order))
