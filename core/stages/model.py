"""What the weekly counts of a branch say about its phase and its own level.

A hidden semi-Markov filter, forward only. Each stage is laid out in phases: steps with a share of the branch's own
level and a usual length, so that the length of a stage is explicit (a chain of phases, not one coin a week; Yu
2010). The own level is unknown and summed out over a grid (Netzer, Lattin and Srinivasan 2008 tell branches apart
in the same spirit). Counts are negative binomial around level x share x exposure (`core.stages.evidence`). Arrays
are (branch, level, phase), float32.
"""

import math
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage
from core.stages.evidence import EvidenceTable
from core.stages.limits import StageLimits

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

STAGES = tuple(Stage)
LEVEL_RATIO = 1.45
LOWEST_LEVEL = 0.05
LEVEL_COUNT = 18
STACK = 32
"""Branches multiplied at once: small enough that no threads are started for so little work."""
AGES = 3
"""Classes of ages: too new to take off; may take off; may also be given up as never activated."""
LONGEST_BEFORE = 600
"""Weeks of cooperation before the data after which more weeks tell nothing."""
LOG_LEVEL, RATE = len(STAGES), len(STAGES) + 1
"""Columns of a reading after the five stage probabilities."""


class StageFilter:
    """The filter of one set of limits; holds only tables, no branch."""

    def __init__(self, limits: StageLimits) -> None:
        """Lay out grid, transition and start tables."""
        self.limits = limits
        phases = limits.phases
        self.names = [phase.name for phase in phases]
        self.phase_stage = np.array([STAGES.index(phase.stage) for phase in phases])
        self.levels = LOWEST_LEVEL * LEVEL_RATIO ** np.arange(LEVEL_COUNT)
        self.shares = np.array([phase.level_share for phase in phases])
        self.is_startup = self.phase_stage == STAGES.index(Stage.STARTUP)
        self.mature = int(np.flatnonzero(self.phase_stage == STAGES.index(Stage.MATURE))[0])
        self.new_levels = self._new_levels()
        self.transitions = np.stack([self._transition(age) for age in range(AGES)]).astype(np.float32)
        self.to_new_levels = self._to_new_levels()
        self.evidence_table = EvidenceTable(self.levels[:, None] * self.shares[None, :], limits)
        self.prior = self._level_prior().astype(np.float32)
        self.readout = self._readout()

    def start(self, weeks_before: Ints, prior: Floats | None = None) -> Floats:
        """Return what is known before the first week, by weeks of cooperation before the data begin.

        `prior` are the own levels to expect; the shipped ones where left out.
        """
        shares = self._phases_after[np.minimum(weeks_before, LONGEST_BEFORE)]
        levels = self.prior if prior is None else prior
        return np.asarray(levels[None, :, None] * shares[:, None, :], np.float32)

    def age_class(self, age: NDArray[np.integer[Any]]) -> NDArray[np.int8]:
        """Return which transition holds after so many judged weeks: 0 too new to take off, up to `AGES` - 1."""
        may_leave = age >= self.limits["startup_min_weeks"]
        may_stop = age >= self.limits["never_activated_weeks"]
        return may_leave.astype(np.int8) + (may_leave & may_stop)

    def stepped(  # noqa: PLR0917  # called for every block of every week
        self,
        known: Floats,
        age_class: NDArray[np.int8],
        evidence: Ints,
        out: Floats,
        room: Floats,
        before: Floats | None = None,
    ) -> Floats:
        """Bring states one judged week on: move them by age, weigh them with the evidence, sum to one.

        Args:
            known: states before the week; left as they are.
            age_class: of each branch, from `age_class`.
            evidence: row of the evidence table of each branch.
            out: where the states after the week go; contiguous, not `known`.
            room: of the same shape, written over.
            before: where the five stage probabilities go that hold before the week's policies are known.

        Returns:
            One row per branch: the five stage probabilities, mean log level, mean rate a week.
        """
        _multiplied(known, self.transitions[AGES - 1], out)
        for young in range(AGES - 1):
            rows = np.flatnonzero(age_class == young)
            if len(rows):
                out[rows] = known[rows] @ self.transitions[young]
        settled = np.empty((len(known), LEVEL_COUNT, len(self.new_levels)), np.float32)
        _multiplied(known, self.to_new_levels, settled)
        for group, (_, steps, _) in enumerate(self.new_levels):
            out[:, : LEVEL_COUNT - steps, self.mature] += settled[:, steps:, group]
            out[:, 0, self.mature] += settled[:, :steps, group].sum(axis=1)
        if before is not None:
            before[:] = self._read(out)[:, : len(STAGES)]
        np.take(self.evidence_table.table, evidence, axis=0, out=room, mode="clip")
        np.multiply(out, room, out=out)
        reading = self._read(out)
        scale = 1 / reading[:, : len(STAGES)].sum(axis=1)
        flat = out.reshape(len(out), -1)
        np.multiply(flat, scale[:, None], out=flat)
        return np.asarray(reading * scale[:, None])

    def evidence_rows(self, counts: Ints, exposure: Floats) -> Ints:
        """Return the row of the evidence table for each count under its exposure."""
        return self.evidence_table.rows(counts, exposure)

    def reading(self, known: Floats) -> Floats:
        """Return one row per branch: the five stage probabilities, mean log level, mean rate a week."""
        reading = self._read(known)
        np.clip(reading[:, : len(STAGES)], 0, 1, out=reading[:, : len(STAGES)])
        return reading

    def _read(self, known: Floats) -> Floats:
        reading = np.empty((len(known), self.readout.shape[1]), np.float32)
        _multiplied(known.reshape(len(known), 1, -1), self.readout, reading[:, None, :])
        return reading

    def _new_levels(self) -> list[tuple[slice, int, np.float32]]:
        """Return the phases of adjustment that may last for good, the steps down of the level, the chance a week."""
        chance = self.limits["new_level_chance"]
        found: list[tuple[slice, int, np.float32]] = []
        for phase in np.flatnonzero(self.phase_stage == STAGES.index(Stage.ADJUSTMENT)).tolist():
            if (self.names[phase], self.names[self.mature]) not in self.limits.moves:
                continue
            steps = max(1, round(-math.log(self.shares[phase]) / math.log(LEVEL_RATIO)))
            share = np.float32(chance / (1 - chance))
            if found and found[-1][1] == steps and found[-1][0].stop == phase:
                found[-1] = (slice(found[-1][0].start, phase + 1), steps, share)
            else:
                found.append((slice(phase, phase + 1), steps, share))
        return found

    def _to_new_levels(self) -> Floats:
        """Return the chance to settle at a new level, by phase before the week and group of `new_levels`."""
        table = np.zeros((len(self.names), len(self.new_levels)), np.float32)
        for group, (phases, _, share) in enumerate(self.new_levels):
            table[:, group] = self.transitions[AGES - 1][:, phases].sum(axis=1) * share
        table[self.is_startup] = 0
        return table

    def _transition(self, age: int) -> NDArray[np.float64]:
        """Return the chance to go from phase to phase in a week, at an age."""
        table = self._moves()
        slump = self.phase_stage == STAGES.index(Stage.SLUMP)
        if age == AGES - 1:
            still = int(np.flatnonzero(self.is_startup)[np.argmin(self.shares[self.is_startup])])
            chance = self.limits["never_activated_chance"]
            table[still] *= 1 - chance
            table[still, np.flatnonzero(slump)[0]] += chance
        barred = ~self.is_startup if age == 0 else slump if age == 1 else np.zeros_like(slump)
        for phase in np.flatnonzero(self.is_startup):
            table[phase, phase] += table[phase, barred].sum()
            table[phase, barred] = 0
        for phases, _, share in self.new_levels:
            table[:, phases] /= 1 + share
        return table

    def _moves(self) -> NDArray[np.float64]:
        table = np.zeros((len(self.names), len(self.names)))
        for number, phase in enumerate(self.limits.phases):
            table[number, number] = 1 - 1 / phase.mean_weeks
        for (name, following), share in self.limits.moves.items():
            here, there = self.names.index(name), self.names.index(following)
            table[here, there] += share / self.limits.phases[here].mean_weeks
        if not np.allclose(table.sum(axis=1), 1):
            wrong = [name for name, total in zip(self.names, table.sum(axis=1), strict=True) if abs(total - 1) > 1e-6]
            raise ValueError(f"the shares of the moves from {', '.join(wrong)} do not add up to 1")
        return table

    @cached_property
    def _phases_after(self) -> Floats:
        """Return the chance of each phase after weeks of cooperation of which nothing else is known."""
        shares = np.array([phase.start_share for phase in self.limits.phases])
        after = [shares / shares.sum()]
        classes = self.age_class(np.arange(LONGEST_BEFORE))
        for week in range(LONGEST_BEFORE):
            moved = after[-1] @ self.transitions[classes[week]]
            after.append(moved / moved.sum())
        return np.array(after, np.float32)

    def _level_prior(self) -> NDArray[np.float64]:
        distance = np.log(self.levels / self.limits["potential_median"]) / self.limits["potential_spread"]
        weight = np.exp(-(distance**2) / 2)
        return np.asarray(weight / weight.sum(), np.float64)

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
