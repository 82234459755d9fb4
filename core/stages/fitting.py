"""Estimate the numbers of the stage engine from counts: maximum likelihood by expectation and maximisation (EM).

Each round runs the filter forward and backward over every branch, adds up how often each phase was in, left and for where, and
what it sold, and sets the numbers to what was seen. The meaning of the stages stays: levels keep to the range of their stage.
The counts are those known at the end; who is still in cooling-off hardly matters for a fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage
from core.stages.limits import StageLimits
from core.stages.model import AGES, LEVEL_COUNT, StageFilter

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
BLOCK = 64
LEVEL_RANGES = {
    Stage.STARTUP: (0.005, 1.0),
    Stage.GROWTH: (0.25, 0.9),
    Stage.MATURE: (1.0, 1.0),
    Stage.ADJUSTMENT: (0.3, 0.7),
    Stage.SLUMP: (0.005, 0.15),
}
"""What a level may become, as a share of the plateau: the meaning of the stages."""
LONGEST_WEEKS, SHORTEST_WEEKS = 400.0, 2.0
CAUTION = 20.0
"""Weeks of the old numbers that count beside what was seen, so that little data changes little."""
WRONG_STAGE = 1e-4
"""Weight of a phase of another stage than the known one: not quite nothing, as the phases allow fewer moves than life."""
SHAPES = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 14.0, 20.0)


@dataclass(frozen=True)
class Sample:
    """Branches to fit on: counts and exposure (branch, week; 0 = not judged), judged weeks before each week, and the start.

    `stage` may hold a known stage by branch and week (-1 = unknown), as simulated branches have.
    """

    counts: Ints
    exposure: Floats
    age: NDArray[np.int32]
    first_week: Ints
    weeks_before: Ints
    stage: NDArray[np.int8] | None = None

    def part(self, rows: Ints | slice) -> "Sample":
        """Return some of the branches."""
        return Sample(
            self.counts[rows],
            self.exposure[rows],
            self.age[rows],
            self.first_week[rows],
            self.weeks_before[rows],
            None if self.stage is None else self.stage[rows],
        )


def log_likelihood(sample: Sample, limits: StageLimits) -> float:
    """Return the mean log likelihood of a judged branch-week, in nats, each week given those before it."""
    model, total = StageFilter(limits), 0.0
    for begin in range(0, len(sample.counts), BLOCK):
        total += _Pass(sample.part(slice(begin, begin + BLOCK)), model).forward(keep=False)
    return total / max(float((sample.exposure > 0).sum()), 1.0)


def fitted(sample: Sample, limits: StageLimits, rounds: int) -> StageLimits:
    """Return the numbers after some rounds; `limits` is where it begins and what it stays near to.

    A move that is not listed stays impossible.
    """
    for number in range(rounds):
        model, seen = StageFilter(replace_value(limits, "new_level_chance", 0.0)), _Seen.empty(len(limits.phases))
        for begin in range(0, len(sample.counts), BLOCK):
            one = _Pass(sample.part(slice(begin, begin + BLOCK)), model)
            one.forward(keep=True)
            one.backward(seen)
        limits = seen.maximised(limits, model)
        if number % 3 == 2:
            limits = _best_shape(sample, limits)
    return limits


def replace_value(limits: StageLimits, key: str, value: float) -> StageLimits:
    """Return the limits with another value."""
    return replace(limits, values={**limits.values, key: value})


def _best_shape(sample: Sample, limits: StageLimits) -> StageLimits:
    """Return the limits with the dispersion of three that explains the counts best."""
    near = int(np.argmin(np.abs(np.log(np.array(SHAPES) / limits["dispersion"]))))
    tried = [replace_value(limits, "dispersion", shape) for shape in SHAPES[max(near - 1, 0) : near + 2]]
    return max(tried, key=lambda one: log_likelihood(sample, one))


class _Pass:
    """One block of branches, forward and backward; weeks of states are kept in lists."""

    def __init__(self, sample: Sample, model: StageFilter) -> None:
        self.sample, self.model = sample, model
        self.age_class = model.age_class(sample.age)
        self.states: list[Floats] = []
        self.started: Floats = model.start(sample.weeks_before)

    def forward(self, *, keep: bool) -> float:
        """Return the log likelihood; keep the states where they are needed for the way back."""
        sample, known, total = self.sample, self.started, 0.0
        for week in range(sample.counts.shape[1]):
            moved = np.empty_like(known)
            for age in range(AGES):
                rows = np.flatnonzero(self.age_class[:, week] == age)
                moved[rows] = known[rows] @ self.model.transitions[age]
            after = moved * self._evidence(week)
            scale = after.sum(axis=(1, 2))
            judged = self._judged(week)
            total += float(np.log(scale[judged]).sum() + self._largest(week)[judged].sum())
            known = np.where(judged[:, None, None], after / scale[:, None, None], known)
            if keep:
                self.states.append(known)
        return total

    def backward(self, seen: "_Seen") -> None:
        """Add up what was seen."""
        sample, model = self.sample, self.model
        ahead = np.ones_like(self.started)
        final = self.states[-1].sum(axis=2)
        seen.levels += final.sum(axis=0)
        for week in range(sample.counts.shape[1] - 1, -1, -1):
            rows = np.flatnonzero(self._judged(week))
            before = (self.states[week - 1] if week else self.started)[rows]
            begins = sample.first_week[rows] == week
            now = self.states[week][rows] * ahead[rows]
            now /= now.sum(axis=(1, 2))[:, None, None]
            weighed = self._evidence(week)[rows] * ahead[rows]
            classes = self.age_class[rows, week]
            for age in np.unique(classes).tolist():
                chosen = classes == age
                table = model.transitions[age]
                back = weighed[chosen] @ table.T
                norm = (before[chosen] * back).sum(axis=(1, 2))
                both = np.einsum("blp,blq->pq", before[chosen] / norm[:, None, None], weighed[chosen], optimize=True)
                seen.moves[age] += both * table
                back /= back.max(axis=(1, 2))[:, None, None]
                ahead[rows[chosen]] = back
            seen.add_counts(now, sample.counts[rows, week], sample.exposure[rows, week], model)
            new = begins & (sample.weeks_before[rows] == 0)
            if new.any():
                start = before[new] * ahead[rows[new]]
                seen.starts += (start / start.sum(axis=(1, 2))[:, None, None]).sum(axis=(0, 1))

    def _judged(self, week: int) -> NDArray[np.bool_]:
        return np.asarray((self.sample.exposure[:, week] > 0) & (self.sample.first_week <= week))

    def _evidence(self, week: int) -> Floats:
        sample, model = self.sample, self.model
        rows = model.evidence_rows(sample.counts[:, week], np.maximum(sample.exposure[:, week], 1e-3))
        chance = model.evidence_table.table[rows]
        if sample.stage is not None:
            stage = sample.stage[:, week]
            fits = (stage[:, None] < 0) | (model.phase_stage[None, :] == stage[:, None])
            chance = np.maximum(chance, 1e-30) * np.where(fits, 1, WRONG_STAGE)[:, None, :]
        return np.asarray(chance, np.float32)

    def _largest(self, week: int) -> NDArray[np.float64]:
        rows = self.model.evidence_rows(self.sample.counts[:, week], np.maximum(self.sample.exposure[:, week], 1e-3))
        return self.model.evidence_table.log_largest[rows]


@dataclass
class _Seen:
    """Sums over branches and weeks: moves by age class, starts, levels, and policies made and due by phase."""

    moves: NDArray[np.float64]
    starts: NDArray[np.float64]
    levels: NDArray[np.float64]
    made: NDArray[np.float64]
    due: NDArray[np.float64]

    @classmethod
    def empty(cls, phases: int) -> "_Seen":
        return cls(
            np.zeros((AGES, phases, phases)),
            np.zeros(phases),
            np.zeros(LEVEL_COUNT),
            np.zeros(phases),
            np.zeros(phases),
        )

    def add_counts(self, now: Floats, counts: Ints, exposure: Floats, model: StageFilter) -> None:
        """Add what each phase sold and should have sold; a surprising week weighs less, as the counts are uneven."""
        shape = model.evidence_table.shape
        mean = exposure[:, None, None] * model.evidence_table.mean[None].astype(np.float32)
        weight = now * (shape / (shape + mean))
        self.made += (weight * counts[:, None, None]).sum(axis=(0, 1))
        self.due += (weight * mean).sum(axis=(0, 1))

    def maximised(self, limits: StageLimits, model: StageFilter) -> StageLimits:
        """Return the numbers that fit what was seen best."""
        names = model.names
        phases, moves = [], {}
        mature = model.phase_stage == model.phase_stage[model.mature]
        plateau = (self.made[mature].sum() + CAUTION) / (self.due[mature].sum() + CAUTION)
        for number, phase in enumerate(limits.phases):
            # while a startup is too new to take off, that it stayed says nothing
            left = self.moves[1 if model.is_startup[number] else 0 :, number].sum(axis=0)
            old_exits = {following: share for (name, following), share in limits.moves.items() if name == phase.name}
            stays = left[number] + CAUTION * (1 - 1 / phase.mean_weeks)
            exits = {
                following: left[names.index(following)] + CAUTION / phase.mean_weeks * share
                for following, share in old_exits.items()
            }
            gone = sum(exits.values())
            moves |= {(phase.name, following): count / gone for following, count in exits.items()}
            low, high = LEVEL_RANGES[phase.stage]
            level = phase.level_share * (self.made[number] + CAUTION) / (self.due[number] + CAUTION) / plateau
            phases.append(
                replace(
                    phase,
                    mean_weeks=float(np.clip((stays + gone) / gone, SHORTEST_WEEKS, LONGEST_WEEKS)),
                    level_share=float(np.clip(level, low, high)),
                    start_share=float(self.starts[number] + CAUTION / 4 * phase.start_share),
                )
            )
        total = sum(phase.start_share for phase in phases)
        phases = [replace(phase, start_share=phase.start_share / total) for phase in phases]
        values = dict(limits.values)
        logs, weights = np.log(model.levels), self.levels / max(self.levels.sum(), 1e-9)
        middle = float((weights * logs).sum())
        spread = float(np.sqrt((weights * (logs - middle) ** 2).sum()))
        values["potential_median"], values["potential_spread"] = float(np.exp(middle)), max(spread, 0.2)
        return replace(limits, phases=tuple(phases), moves=moves, values=values)


def held_out(branches: int, seed: int, share: float) -> tuple[Ints, Ints]:
    """Return which branches to fit on and which to hold out, drawn at random."""
    order = np.random.default_rng(seed).permutation(branches)
    cut = max(1, round(branches * share))
    return np.sort(order[cut:]), np.sort(order[:cut])


__all__: Sequence[str] = ("Sample", "fitted", "held_out", "log_likelihood")
