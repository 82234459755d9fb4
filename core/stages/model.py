"""What the weekly counts of a branch say about its phase and its own level.

A forward filter over phases (steps of the five stages, each with its share of the branch's own
level and its usual length) times a grid of possible own levels. Counts are negative binomial
around level x share x exposure (`core.stages.evidence`). Nothing here looks ahead. Arrays are
(branch, level, phase), float32.
"""

import math

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage
from core.stages.evidence import Evidence, EvidenceTable
from core.stages.limits import StageLimits

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

STAGES = tuple(Stage)
LEVEL_RATIO = 1.3
LOWEST_LEVEL = 0.03
LEVEL_COUNT = 32
STACK = 32
"""Branches multiplied at once: small enough that no threads are started for so little work."""
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
        self.transition = self._transition(names)
        self.new_levels = self._new_levels()
        self.evidence_table = EvidenceTable(self.levels[:, None] * self.shares[None, :], limits)
        self.prior = self._level_prior()
        self.readout = self._readout()

    def start(self, weeks_before: Ints) -> Floats:
        """Return what is known before the first week, by weeks of cooperation before the data begin."""
        new, middle = self._start_shares()
        leave = self.limits["startup_leave_chance"]
        waited = np.maximum(weeks_before - self.limits["startup_min_weeks"], 0)
        still_new = np.where(weeks_before < self.limits["never_activated_weeks"], (1 - leave) ** waited, 0.0)
        shares = still_new[:, None] * new + (1 - still_new)[:, None] * middle
        return (self.prior[None, :, None] * shares[:, None, :]).astype(np.float32)

    def predicted(self, known: Floats, age: Ints) -> Floats:
        """Move one judged week on; `age` is the number of judged weeks before this one."""
        count = len(known)
        moved = known @ self.transition
        for phase, steps, chance in self.new_levels:
            leaving = moved[:, :, phase] * np.float32(chance)
            moved[:, :, phase] -= leaving
            moved[:, : LEVEL_COUNT - steps, self.mature] += leaving[:, steps:]
            moved[:, 0, self.mature] += leaving[:, :steps].sum(axis=1)
        may_leave = age >= self.limits["startup_min_weeks"]
        stop = np.where(age >= self.limits["never_activated_weeks"], self.limits["never_activated_chance"], 0.0)
        if may_leave.any():
            new = moved[:, :, self.startup]
            leaving = new * (self.leave * may_leave[:, None])[:, None, :]
            moved[:, :, self.startup] = new - leaving
            taking_off = leaving.sum(axis=2)
            for entry in np.flatnonzero(self.take_off).tolist():
                moved[:, :, entry] += taking_off * self.take_off[entry]
            stopping = moved[:, :, self.still] * stop.astype(np.float32).reshape(count, 1)
            moved[:, :, self.still] -= stopping
            moved[:, :, self.slump_entry] += stopping
        return moved

    def evidence(self, counts: Ints, exposure: Floats) -> Evidence:
        """Weigh the counts of one week, one per branch, under their exposures."""
        return self.evidence_table.evidence(counts, exposure)

    def weighed(self, predicted: Floats, evidence: Evidence, rows: slice | Ints) -> Floats:
        """Return the predicted state weighed with the week's evidence, in place, summing to one."""
        np.multiply(predicted, evidence.table[evidence.row[rows]], out=predicted)
        predicted /= predicted.sum(axis=(1, 2), keepdims=True)
        return predicted

    def reading(self, known: Floats) -> Floats:
        """Return one row per branch: the five stage probabilities, mean log level, mean rate a week."""
        flat = known.reshape(len(known), -1)
        whole = len(known) // STACK * STACK
        stacked = flat[:whole].reshape(-1, STACK, flat.shape[1]) @ self.readout
        reading = np.concatenate([stacked.reshape(whole, self.readout.shape[1]), flat[whole:] @ self.readout])
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

    def _transition(self, names: list[str]) -> Floats:
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
        return table.astype(np.float32)

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
