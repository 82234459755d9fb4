"""Estimate the numbers of the stage engine from counts: maximum likelihood by expectation and maximisation (EM).

Each round runs the filter forward and backward over every branch, adds up how often each phase was in, left and for
where, and what it sold, and sets the numbers to what was seen. The meaning of the stages stays: levels keep to the
range of their stage. The counts are those known at the end; who is still in cooling-off hardly matters for a fit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage
from core.stages.evidence import MOST_COUNTED
from core.stages.fit_sample import Floats, Ints, Sample
from core.stages.limits import Phase, RuleValue, StageLimits, changed_limits
from core.stages.model import AGES, LEVEL_COUNT, STAGES, StageFilter
from core.stages.rule_check import LEVEL_RANGES

BLOCK = 64
LONGEST_WEEKS, SHORTEST_WEEKS = 400.0, 2.0
CAUTION = 20.0
"""Weeks of the old numbers that count beside what was seen, so that little data changes little."""
WRONG_STAGE = 1e-4
"""Weight of a phase of another stage than the known one: not nothing, as the phases allow fewer moves than life."""
SHAPES = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 14.0, 20.0)
SHAPE_ROUNDS = 3
"""Rounds between two looks at the dispersion, which costs three more passes."""

Table = NDArray[np.float64]


def log_likelihood(sample: Sample, limits: StageLimits) -> float:
    """Return the mean log likelihood of a judged branch-week, in nats, each week given those before it."""
    model, total = StageFilter(limits), 0.0
    for begin in range(0, sample.spells, BLOCK):
        total += _Pass(sample.part(slice(begin, begin + BLOCK)), model).forward(keep=False)
    return total / max(sample.judged_weeks, 1)


def fitted(
    sample: Sample, limits: StageLimits, rounds: int, *, progress: Callable[[int], None] | None = None
) -> StageLimits:
    """Return the numbers after some rounds; `limits` is where it begins and what it stays near to.

    A move that is not listed stays impossible. `progress` is told the number of each round done.
    """
    near = limits
    for number in range(1, rounds + 1):
        model, seen = StageFilter(limits), _Seen.empty(len(limits.phases))
        for begin in range(0, sample.spells, BLOCK):
            one = _Pass(sample.part(slice(begin, begin + BLOCK)), model)
            one.forward(keep=True)
            one.backward(seen)
        limits = seen.maximised(limits, model, near)
        if number % SHAPE_ROUNDS == 0:
            limits = _best_shape(sample, limits)
        if progress:
            progress(number)
    return limits


def _best_shape(sample: Sample, limits: StageLimits) -> StageLimits:
    """Return the limits with the dispersion that explains the counts best: as it is, or one of the two beside it."""
    lower = [shape for shape in SHAPES if shape < limits["dispersion"]]
    higher = [shape for shape in SHAPES if shape > limits["dispersion"]]
    tried = [
        changed_limits(limits, [RuleValue("limits", "dispersion", shape)])
        for shape in (limits["dispersion"], *lower[-1:], *higher[:1])
    ]
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
        known, total = self.started.copy(), 0.0
        for week in range(self.sample.counts.shape[1]):
            rows = self._judged(week)
            moved = np.empty_like(known[rows])
            classes = self.age_class[rows, week]
            for age in np.unique(classes).tolist():
                moved[classes == age] = known[rows[classes == age]] @ self.model.transitions[age]
            _settle(known[rows], moved, self.model)
            chance, log_largest = self._evidence(rows, week)
            moved *= chance
            scale = moved.sum(axis=(1, 2))
            total += float(np.log(scale).sum() + log_largest.sum())
            known[rows] = moved / scale[:, None, None]
            if keep:
                self.states.append(known.copy())
        return total

    def backward(self, seen: "_Seen") -> None:
        """Add up what was seen, from the last week to the first."""
        ahead = np.ones_like(self.started)
        for week in range(self.sample.counts.shape[1] - 1, -1, -1):
            rows = self._judged(week)
            before = (self.states[week - 1] if week else self.started)[rows]
            now = self.states[week][rows] * ahead[rows]
            now /= now.sum(axis=(1, 2))[:, None, None]
            seen.add_counts(now, self.sample.counts[rows, week], self.sample.exposure[rows, week], self.model)
            weighed = self._evidence(rows, week)[0] * ahead[rows]
            settling = _with_new_levels(weighed, self.model)
            young = self.model.is_startup  # goes on without settling, as in the filter
            classes = self.age_class[rows, week]
            for age in np.unique(classes).tolist():
                chosen = classes == age
                table = self.model.transitions[age]
                back = np.where(young, weighed[chosen] @ table.T, settling[chosen] @ table.T)
                was = before[chosen] / (before[chosen] * back).sum(axis=(1, 2))[:, None, None]
                for part, then in ((young, weighed), (~young, settling)):
                    both = np.einsum("blp,blq->pq", was[:, :, part], then[chosen], optimize=True)
                    seen.moves[age, part] += both * table[part]
                ahead[rows[chosen]] = back / back.max(axis=(1, 2))[:, None, None]
        start = self.started * ahead
        start /= start.sum(axis=(1, 2))[:, None, None]
        seen.levels += start.sum(axis=(0, 2))
        seen.starts += start[self.sample.weeks_before == 0].sum(axis=(0, 1))

    def _judged(self, week: int) -> Ints:
        return np.flatnonzero((self.sample.exposure[:, week] > 0) & (self.sample.first_week <= week))

    def _evidence(self, rows: Ints, week: int) -> tuple[Floats, Table]:
        """Return how well each state explains the week, up to a factor, and the log of that factor."""
        sample, model = self.sample, self.model
        places = model.evidence_rows(sample.counts[rows, week], sample.exposure[rows, week])
        chance = model.evidence_table.table[places]
        if sample.stage is not None:
            stage = sample.stage[rows, week]
            fits = (stage[:, None] < 0) | (model.phase_stage[None, :] == stage[:, None])
            chance = np.maximum(chance, 1e-30) * np.where(fits, 1, WRONG_STAGE)[:, None, :]
        return np.asarray(chance, np.float32), model.evidence_table.log_largest[places]


def _settle(known: Floats, moved: Floats, model: StageFilter) -> None:
    """Let lasting adjustments become new plateaus at a lower level, as the filter does."""
    settled = known @ model.to_new_levels
    for group, (_, steps, _) in enumerate(model.new_levels):
        moved[:, : LEVEL_COUNT - steps, model.mature] += settled[:, steps:, group]
        moved[:, 0, model.mature] += settled[:, :steps, group].sum(axis=1)


def _with_new_levels(weighed: Floats, model: StageFilter) -> Floats:
    """Return what is ahead with the plateaus that adjustments may become added to these adjustments."""
    plateau, found = weighed[:, :, model.mature], weighed.copy()
    for phases, steps, share in model.new_levels:
        arrived = np.concatenate([np.repeat(plateau[:, :1], steps, axis=1), plateau[:, : LEVEL_COUNT - steps]], axis=1)
        found[:, :, phases] += share * arrived[:, :, None]
    return found


@dataclass
class _Seen:
    """Sums over branches and weeks: moves by age class, starts, levels, and policies made and due by phase."""

    moves: Table
    starts: Table
    levels: Table
    made: Table
    due: Table

    @classmethod
    def empty(cls, phases: int) -> "_Seen":
        """Return sums of nothing."""
        table = np.zeros((AGES, phases, phases))
        return cls(table, np.zeros(phases), np.zeros(LEVEL_COUNT), np.zeros(phases), np.zeros(phases))

    def add_counts(self, now: Floats, counts: Ints, exposure: Floats, model: StageFilter) -> None:
        """Add what each phase sold and should have sold.

        A surprising week weighs less, as the counts are uneven, and not at all as far as it was a burst or an outage.
        """
        table = model.evidence_table
        pairs, pair = np.unique(np.stack([counts, exposure.astype(np.float64)]), axis=1, return_inverse=True)
        number = np.minimum(pairs[0], MOST_COUNTED).astype(np.int64)[:, None, None]
        mean = pairs[1][:, None, None] * table.mean[None]
        ordinary = (1 - table.burst - table.outage) * np.exp(
            table.log_ways[number]
            + number * np.log(mean / (mean + table.shape))
            + table.shape * np.log(table.shape / (mean + table.shape))
        )
        places = model.evidence_rows(number[:, 0, 0], pairs[1].astype(np.float32))
        chance = table.table[places] * np.exp(table.log_largest[places])[:, None, None]
        ordinary = np.clip(ordinary / np.maximum(chance, 1e-300), 0, 1)
        weight = now * (ordinary * table.shape / (table.shape + mean))[pair.ravel()]
        self.made += (weight * counts[:, None, None]).sum(axis=(0, 1))
        self.due += (weight * mean[pair.ravel()]).sum(axis=(0, 1))

    def maximised(self, limits: StageLimits, model: StageFilter, near: StageLimits) -> StageLimits:
        """Return the numbers that fit best what was seen with `limits`, and `CAUTION` weeks of `near` beside it."""
        usual = _moves_of_the_usual(self.moves, limits, model)
        phases: list[Phase] = []
        moves: dict[tuple[str, str], float] = {}
        for number, (phase, old) in enumerate(zip(limits.phases, near.phases, strict=True)):
            shares = {following: share for (name, following), share in near.moves.items() if name == phase.name}
            stays = usual[number, number] + CAUTION * (1 - 1 / old.mean_weeks)
            exits = {
                following: usual[number, model.names.index(following)] + CAUTION / old.mean_weeks * share
                for following, share in shares.items()
            }
            gone = sum(exits.values())
            moves |= {(phase.name, following): count / gone for following, count in exits.items()}
            low, high = LEVEL_RANGES[phase.stage]
            due = self.due[number] / phase.level_share + CAUTION  # policies of a plateau in the same weeks
            level = (self.made[number] + CAUTION * old.level_share) / due
            phases.append(
                replace(
                    phase,
                    mean_weeks=float(np.clip((stays + gone) / gone, SHORTEST_WEEKS, LONGEST_WEEKS)),
                    level_share=float(np.clip(level, low, high)),
                    start_share=float(self.starts[number] + CAUTION / 4 * old.start_share),
                )
            )
        total = sum(phase.start_share for phase in phases)
        phases = [replace(phase, start_share=phase.start_share / total) for phase in phases]
        return replace(limits, phases=tuple(phases), moves=moves, values={**limits.values, **self._level_prior(model)})

    def _level_prior(self, model: StageFilter) -> dict[str, float]:
        logs, weights = np.log(model.levels), self.levels / max(self.levels.sum(), 1e-9)
        middle = float((weights * logs).sum())
        spread = float(np.sqrt((weights * (logs - middle) ** 2).sum()))
        return {"potential_median": float(np.exp(middle)), "potential_spread": max(spread, 0.2)}


def _moves_of_the_usual(moves: Table, limits: StageLimits, model: StageFilter) -> Table:
    """Return the moves as they would have been without the rules for young branches, (phase, next phase).

    A startup too new to take off stays where it would have gone on; one that never sold is given up when that is due.
    Both say nothing about the lengths, so what was seen is divided between the rule and the usual course.
    """
    usual = np.zeros(moves.shape[1:])
    for number, phase in enumerate(limits.phases):
        usual[number, number] = 1 - 1 / phase.mean_weeks
    for (name, following), share in limits.moves.items():
        here, there = model.names.index(name), model.names.index(following)
        usual[here, there] += share / limits.phases[here].mean_weeks
    seen = moves.sum(axis=0)
    slump = model.phase_stage == STAGES.index(Stage.SLUMP)
    startups = np.flatnonzero(model.is_startup)
    for age, barred in ((0, ~model.is_startup), (1, slump)):
        for one in startups.tolist():
            stayed = moves[age, one, one] / (usual[one, one] + usual[one, barred].sum())
            seen[one, barred] += stayed * usual[one, barred]
            seen[one, one] -= stayed * usual[one, barred].sum()
    still, given_up = startups[np.argmin(model.shares[startups])], np.flatnonzero(slump)[0]
    by_rule, of_itself = limits["never_activated_chance"], usual[still, given_up]
    of_itself *= 1 - by_rule
    seen[still, given_up] -= moves[AGES - 1, still, given_up] * by_rule / max(by_rule + of_itself, 1e-12)
    return np.asarray(seen)
