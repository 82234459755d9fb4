"""A fit of the engine's numbers to one's own branches: what would change, and whether it explains others better.

Some branches are held out: the numbers are set without them, and stand only if they explain them better.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.limit_rows import Name
from core.stages.fit_sample import Sample, held_out, of_branches
from core.stages.fitting import fitted, log_likelihood
from core.stages.limits import RuleValue, StageLimits, changed_limits, limits_numbers, sum_of
from core.stages.rule_check import RulesRefusedError, checked_values, title_of

FEWEST_BRANCHES = 40
FEWEST_WEEKS = 2_000
"""Judged branch-weeks: with fewer the numbers would follow chance. Our assumption."""
MOST_BRANCHES = 2_000
"""More are drawn at random down to this: a round takes seconds then, and the numbers hardly change any more."""
SEED = 20261126
DIGITS = 4


class TooLittleDataError(ValueError):
    """There is not enough to fit on; the message says what there is and what it takes."""


@dataclass(frozen=True)
class Likelihoods:
    """Mean log likelihood of a judged branch-week in nats, of the branches fitted on and of those held out."""

    fitted: float
    held_out: float


@dataclass(frozen=True)
class Fit:
    """What a fit found. `values` are the numbers that change, `before` those they would replace, by name."""

    branches: int
    branches_held_out: int
    weeks: int
    weeks_held_out: int
    old: Likelihoods
    new: Likelihoods
    values: tuple[RuleValue, ...]
    before: dict[Name, float]

    @property
    def is_better(self) -> bool:
        """Whether the new numbers explain the branches held out better."""
        return self.new.held_out > self.old.held_out

    @property
    def note(self) -> str:
        """Why a version of these values came to be."""
        gain = f"{self.old.held_out:.4f} -> {self.new.held_out:.4f}"
        return f"fitted to {self.branches} branches; mean log likelihood of {self.branches_held_out} others {gain}"

    def lines(self) -> Iterator[str]:
        """Yield what was found, for people."""
        yield f"fitted on {self.branches:,} branches ({self.weeks:,} judged weeks), held out {self.branches_held_out:,}"
        yield f"mean log likelihood a week, fitted on: {self.old.fitted:.5f} -> {self.new.fitted:.5f}"
        yield f"mean log likelihood a week, held out:  {self.old.held_out:.5f} -> {self.new.held_out:.5f}"
        for one in self.values:
            name = (one.subject, one.key)
            yield f"  {one.subject} {one.key}: {self.before[name]:.4g} -> {one.value:.4g}  ({title_of('en', name)})"

    def as_json(self, *, valid_from: date, is_stored: bool) -> dict[str, Any]:
        """Return what was found, for programs."""
        return {
            "branches": self.branches,
            "branches_held_out": self.branches_held_out,
            "weeks": self.weeks,
            "weeks_held_out": self.weeks_held_out,
            "log_likelihood": {
                "fitted": {"old": self.old.fitted, "new": self.new.fitted},
                "held_out": {"old": self.old.held_out, "new": self.new.held_out},
            },
            "better": self.is_better,
            "stored": is_stored,
            "valid_from": valid_from.isoformat(),
            "changes": [
                {
                    "subject": one.subject,
                    "key": one.key,
                    "old": self.before[one.subject, one.key],
                    "new": one.value,
                }
                for one in self.values
            ],
        }


def fit(
    sample: Sample, limits: StageLimits, *, share: float, rounds: int, progress: Callable[[int], None] | None = None
) -> Fit:
    """Fit the numbers on a part of the branches, and hold old and new against the others.

    Raises:
        TooLittleDataError: fewer branches or judged weeks than a fit takes.
    """
    if sample.branches < FEWEST_BRANCHES or sample.judged_weeks < FEWEST_WEEKS:
        raise TooLittleDataError(
            f"{sample.branches} branches with {sample.judged_weeks:,} judged weeks are too little to fit on; "
            f"it takes {FEWEST_BRANCHES} branches and {FEWEST_WEEKS:,} weeks"
        )
    if sample.branches > MOST_BRANCHES:
        sample = sample.part(of_branches(sample.branch, MOST_BRANCHES, SEED))
    rows, others = held_out(sample.branch, SEED, share)
    seen, unseen = sample.part(rows), sample.part(others)
    values = _differing(limits, fitted(seen, limits, rounds, progress=progress))
    new = changed_limits(limits, values)
    before = limits_numbers(limits)
    return Fit(
        branches=seen.branches,
        branches_held_out=unseen.branches,
        weeks=seen.judged_weeks,
        weeks_held_out=unseen.judged_weeks,
        old=Likelihoods(log_likelihood(seen, limits), log_likelihood(unseen, limits)),
        new=Likelihoods(log_likelihood(seen, new), log_likelihood(unseen, new)),
        values=values,
        before={(one.subject, one.key): before[one.subject, one.key] for one in values},
    )


def _differing(old: StageLimits, new: StageLimits) -> tuple[RuleValue, ...]:
    """Return the numbers that differ, rounded as they are stored; shares that add up still do."""
    before, after = limits_numbers(old), limits_numbers(new)
    changed = {name for name, value in after.items() if not math.isclose(value, before[name], rel_tol=10**-DIGITS)}
    values = {name: _rounded(after[name]) for name in changed}
    for group, total in {one for name in changed if (one := sum_of(name)) is not None}:
        members = [name for name in after if sum_of(name) == (group, total)]
        shares = {name: _rounded(after[name]) for name in members}
        shares[max(members, key=after.__getitem__)] += total - math.fsum(shares.values())
        values |= shares
    given = [RuleValue(*name, values[name]) for name in after if name in values]
    try:
        return checked_values(given, old)
    except RulesRefusedError as error:
        if [problem.key for problem in error.problems] == ["nothing_changed"]:
            return ()
        raise


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
