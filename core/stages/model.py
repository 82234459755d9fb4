"""What the weekly counts of a branch say about its phase and its own level.

A forward filter over phases (steps of the five stages, each with its share of the branch's own
level and its usual length) times a grid of possible own levels. Counts are negative binomial
around level x share x exposure (`core.stages.evidence`). Nothing here looks ahead. Arrays are
(branch, level, phase), float32.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage
from core.stages.evidence import EvidenceTable
from core.stages.limits import StageLimits

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

STAGES = tuple(Stage)
LEVEL_RATIO = 1.3
LOWEST_LEVEL = 0.03
LEVEL_COUNT = 32
STACK = 32
"""Branches multiplied at once: small enough that no threads are started for so little work."""
ANY_AGE = 2
"""Class of ages at which a startup may both take off and be given up."""
TAKE_OFF = "take_off"
"""Name in moves.csv of what follows startup; when is a matter of age, not of a phase."""
LOG_LEVEL, RATE = len(STAGES), len(STAGES) + 1
"""Columns of a reading after the five stage probabilities."""


class StageFilter:
    """The filter of one set of limits; holds only tables, no branch."""

    def __init__(self, limits: StageLimits) -> None:
        """Lay out grid, transition and start tables."""
        self.limits = limits
        phases = limits.phases
        names = [phase.name for phase in phases]
        self.phase_stage = np.array([STAGES.index(phase.stage) for phase in phases])
        self.levels = LOWEST_LEVEL * LEVEL_RATIO ** np.arange(LEVEL_COUNT)
        self.shares = np.array([phase.level_share for phase in phases])
        self.startup = np.flatnonzero(self.phase_stage == STAGES.index(Stage.STARTUP))
        self.still = int(self.startup[np.argmin(self.shares[self.startup])])
        self.leave = np.array([phases[number].leave_chance for number in self.startup], np.float32)
        self.take_off = self._take_off(names)
        self.mature = int(np.flatnonzero(self.phase_stage == STAGES.index(Stage.MATURE))[0])
        self.slump_entry = int(np.flatnonzero(self.phase_stage == STAGES.index(Stage.SLUMP))[0])
        self.lasting = [number for number in self._exits_to_mature(names) if self._is_adjustment(number)]
        self.new_levels = self._new_levels()
        self.transitions = self._transitions(names)
        self.evidence_table = EvidenceTable(self.levels[:, None] * self.shares[None, :], limits)
        self.prior = self._level_prior().astype(np.float32)
        self.start_shares = self._start_shares()
        self.readout = self._readout()
        self.ones = np.ones(len(self.readout), np.float32)

    def start(self, weeks_before: Ints) -> Floats:
        """Return what is known before the first week, by weeks of cooperation before the data begin."""
        leave = self.limits["startup_leave_chance"]
        waited = np.maximum(weeks_before - self.limits["startup_min_weeks"], 0)
        still_new = np.where(weeks_before < self.limits["never_activated_weeks"], (1 - leave) ** waited, 0.0)
        new, middle = self.start_shares
        shares = (still_new[:, None] * new + (1 - still_new)[:, None] * middle).astype(np.float32)
        return self.prior[None, :, None] * shares[:, None, :]

    def age_class(self, age: NDArray[np.integer[Any]]) -> NDArray[np.int8]:
        """Return which transition holds after so many judged weeks: 0 too new to take off, up to `ANY_AGE`."""
        may_leave = age >= self.limits["startup_min_weeks"]
        may_stop = age >= self.limits["never_activated_weeks"]
        return may_leave.astype(np.int8) + (may_leave & may_stop)

    def stepped(self, known: Floats, age_class: NDArray[np.int8], evidence: Ints, out: Floats, room: Floats) -> None:
        """Bring states one judged week on: move them by age, weigh them with the evidence, sum to one.

        Args:
            known: states before the week; left as they are.
            age_class: of each branch, from `age_class`.
            evidence: row of the evidence table of each branch.
            out: where the states after the week go; contiguous, not `known`.
            room: of the same shape, written over.
        """
        _multiplied(known, self.transitions[ANY_AGE], out)
        for young in range(ANY_AGE):
            rows = np.flatnonzero(age_class == young)
            if len(rows):
                out[rows] = known[rows] @ self.transitions[young]
        for phase, steps, chance in self.new_levels:
            leaving = out[:, :, phase] * np.float32(chance / (1 - chance))
            out[:, : LEVEL_COUNT - steps, self.mature] += leaving[:, steps:]
            out[:, 0, self.mature] += leaving[:, :steps].sum(axis=1)
        np.take(self.evidence_table.table, evidence, axis=0, out=room, mode="clip")
        np.multiply(out, room, out=out)
        flat = out.reshape(len(out), -1)
        np.multiply(flat, 1 / (flat @ self.ones)[:, None], out=flat)

    def evidence_rows(self, counts: Ints, exposure: Floats) -> Ints:
        """Return the row of the evidence table for each count under its exposure."""
        return self.evidence_table.rows(counts, exposure)

    def reading(self, known: Floats) -> Floats:
        """Return one row per branch: the five stage probabilities, mean log level, mean rate a week."""
        reading = np.empty((len(known), self.readout.shape[1]), np.float32)
        _multiplied(known.reshape(len(known), 1, -1), self.readout, reading[:, None, :])
        np.clip(reading[:, : len(STAGES)], 0, 1, out=reading[:, : len(STAGES)])
        return reading

    def _is_adjustment(self, number: int) -> bool:
        return bool(self.phase_stage[number] == STAGES.index(Stage.ADJUSTMENT))

    def _exits_to_mature(self, names: list[str]) -> list[int]:
        mature = names[self.mature]
        return [names.index(name) for name, next_ in self.limits.moves if next_ == mature and name != TAKE_OFF]

    def _new_levels(self) -> list[tuple[int, int, float]]:
        chance = self.limits["new_level_chance"]
        return [
            (phase, max(1, round(-math.log(self.shares[phase]) / math.log(LEVEL_RATIO))), chance)
            for phase in self.lasting
        ]

    def _transition(self, names: list[str]) -> NDArray[np.float64]:
        table = np.zeros((len(names), len(names)))
        for number, phase in enumerate(self.limits.phases):
            table[number, number] = 1 - 1 / phase.mean_weeks
        for (name, following), share in self.limits.moves.items():
            if name == TAKE_OFF:
                continue
            here, there = names.index(name), names.index(following)
            table[here, there] += share / self.limits.phases[here].mean_weeks
        if not np.allclose(table.sum(axis=1), 1):
            wrong = [name for name, total in zip(names, table.sum(axis=1), strict=True) if abs(total - 1) > 1e-6]
            raise ValueError(f"moves.csv: the shares of {', '.join(wrong)} do not add up to 1")
        return table

    def _transitions(self, names: list[str]) -> Floats:
        """Return the transition by age class: leaving startup, and giving it up, come on top of the moves."""
        table = self._transition(names)
        for phase, _, chance in self.new_levels:
            table[:, phase] *= 1 - chance
        leave, stop = np.eye(len(names)), np.eye(len(names))
        leave[self.startup, self.startup] -= self.leave
        leave[self.startup] += self.leave[:, None] * self.take_off
        stop[self.still, self.still] -= self.limits["never_activated_chance"]
        stop[self.still, self.slump_entry] += self.limits["never_activated_chance"]
        may_leave = table @ leave
        return np.stack([table, may_leave, may_leave @ stop]).astype(np.float32)

    def _take_off(self, names: list[str]) -> Floats:
        table = np.zeros(len(names))
        for (name, following), share in self.limits.moves.items():
            if name == TAKE_OFF:
                table[names.index(following)] = share
        return np.asarray(table / table.sum(), np.float32)

    def _level_prior(self) -> NDArray[np.float64]:
        distance = np.log(self.levels / self.limits["potential_median"]) / self.limits["potential_spread"]
        weight = np.exp(-(distance**2) / 2)
        return np.asarray(weight / weight.sum(), np.float64)

    def _start_shares(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        shares = np.array([phase.start_share for phase in self.limits.phases])
        is_startup = np.isin(np.arange(len(shares)), self.startup)
        new, middle = np.where(is_startup, shares, 0), np.where(is_startup, 0, shares)
        return new / new.sum(), middle / middle.sum()

    def _readout(self) -> Floats:
        table = np.zeros((LEVEL_COUNT, len(self.shares), len(STAGES) + 2))
        for stage in range(len(STAGES)):
            table[:, self.phase_stage == stage, stage] = 1
        table[:, :, LOG_LEVEL] = np.log(self.levels)[:, None]
        table[:, :, RATE] = self.levels[:, None] * self.shares[None, :]
        return table.reshape(-1, table.shape[2]).astype(np.float32)


def _multiplied(states: Floats, table: Floats, out: Floats) -> None:
    """Multiply (branch, row, column) by a table, in stacks small enough for one thread."""
    stacks, rest = divmod(len(states), STACK)
    for part, count, each in ((slice(0, stacks * STACK), stacks, STACK), (slice(stacks * STACK, None), 1, rest)):
        rows = each * states.shape[1]
        np.matmul(
            states[part].reshape(count, rows, states.shape[2]), table, out=out[part].reshape(count, rows, out.shape[2])
        )
