"""The weeks before and after each action, and the branches every case is held against.

Arrays throughout: all branches are looked at once for each pair of weeks an action began and ended in.
"""

from dataclasses import dataclass, fields
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.coaching.action_limits import ActionLimits
from core.stages.shown import RANK

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Part = TypeVar("Part", bound="Matches")

WITHIN = (("bank", "region"), ("bank",), ("region",))
"""What a match shares beside stage, size and level: the first of these that leaves enough branches."""


@dataclass(frozen=True)
class EffectPanel:
    """Branches over weeks without gaps.

    By branch and week: `policies`; `exposure`, what the week is worth (season and working days), 0 where it cannot
    be judged and is left out; `stage`, places in `STAGES`, -1 where none is known. By branch: groups as numbers.
    """

    policies: Floats
    exposure: Floats
    stage: NDArray[np.int8]
    bank: Ints
    region: Ints
    tier: Ints


@dataclass(frozen=True)
class Runs:
    """Each time an action was taken on: action, branch, the weeks it began and ended in, whether it was done."""

    action: Ints
    branch: Ints
    begin: Ints
    end: Ints
    is_done: Bools

    def of(self, action: int) -> "Runs":
        """Return the runs of one action."""
        at = self.action == action
        return Runs(self.action[at], self.branch[at], self.begin[at], self.end[at], self.is_done[at])


@dataclass(frozen=True)
class Matches:
    """Branches some case is held against; `match` numbers the group. Rates are policies of an ordinary week."""

    match: Ints
    branch: Ints
    before: Floats
    after: Floats
    earlier: Floats
    move: Floats

    def of(self, cases: "Cases") -> "Matches":
        """Return those the cases are held against."""
        at = np.isin(self.match, cases.match)
        return Matches(**{one.name: getattr(self, one.name)[at] for one in fields(self)})


@dataclass(frozen=True)
class Cases(Matches):
    """Actions done, with the stage each began in; `match` -1 = no branch alike."""

    stage: Ints

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.branch)

    def part(self, at: Bools) -> Self:
        """Return some of the cases."""
        return type(self)(**{one.name: getattr(self, one.name)[at] for one in fields(self)})


@dataclass(frozen=True)
class _Window:
    """What all branches did around one pair of weeks; `fits` where enough of it is known."""

    fits: Bools
    stage: Ints
    before: Floats
    after: Floats
    earlier: Floats
    move: Floats


def cases_and_matches(panel: EffectPanel, runs: Runs, limits: ActionLimits) -> tuple[Cases, Matches]:
    """Return the cases of one action whose weeks after are over, and the branches they are held against.

    A case of a branch that had the same action in the weeks before already is left out.
    """
    sums = _Sums(panel, limits)
    span, last = limits.effect_weeks, panel.policies.shape[1] - 1
    cases: list[Cases] = []
    matches: list[Matches] = []
    numbered = 0
    usable = runs.is_done & (runs.begin >= span) & (runs.end + span <= last)
    pairs = np.unique(np.column_stack([runs.begin[usable], runs.end[usable]]), axis=0)
    for begin, end in pairs.tolist():
        window = sums.window(begin, end)
        touched = runs.branch[(runs.begin <= end + span) & (runs.end >= begin - span)]
        before = runs.branch[(runs.begin < begin) & (runs.end >= begin - span)]
        here = usable & (runs.begin == begin) & (runs.end == end)
        branch = np.setdiff1d(runs.branch[here], before)
        branch = branch[window.fits[branch]]
        if not len(branch):
            continue
        free = window.fits.copy()
        free[touched] = False
        match, some = _matched(panel, window, branch=branch, free=np.flatnonzero(free), limits=limits, first=numbered)
        numbered = max(numbered, int(match.max()) + 1)
        cases.append(Cases(**_columns(window, match, branch), stage=window.stage[branch]))
        matches.append(some)
    return _joined(Cases, cases), _joined(Matches, matches)


class _Sums:
    """Running sums over the weeks."""

    def __init__(self, panel: EffectPanel, limits: ActionLimits) -> None:
        self.panel, self.limits = panel, limits
        judged = panel.exposure > 0
        self.sold, self.worth, self.judged = (
            np.pad(np.cumsum(cells, axis=1), ((0, 0), (1, 0)))
            for cells in (np.where(judged, panel.policies, 0.0), panel.exposure, judged)
        )

    def _rate(self, first: int, until: int) -> tuple[Floats, Bools]:
        """Return the policies of an ordinary week from `first` to before `until`, and where enough weeks are known."""
        first = max(first, 0)
        sold, worth, judged = (each[:, until] - each[:, first] for each in (self.sold, self.worth, self.judged))
        known = judged >= self.limits.effect_judged_weeks
        return np.divide(sold, worth, out=np.zeros(len(sold)), where=worth > 0), known

    def window(self, begin: int, end: int) -> _Window:
        """Return what stands around the weeks an action began and ended in, themselves left out."""
        span, stage = self.limits.effect_weeks, self.panel.stage
        before, known_before = self._rate(begin - span, begin)
        after, known_after = self._rate(end + 1, end + 1 + span)
        earlier, known_earlier = self._rate(begin - span - self.limits.effect_earlier_weeks, max(begin - span, 0))
        first, last = stage[:, begin - 1].astype(np.int64), stage[:, end + span].astype(np.int64)
        return _Window(
            fits=known_before & known_after & (first >= 0) & (last >= 0),
            stage=first,
            before=before,
            after=after,
            earlier=np.where(known_earlier, earlier, before),
            move=np.sign(RANK[last] - RANK[first]).astype(float),
        )


def _columns(window: _Window, match: Ints, branch: Ints) -> dict[str, Any]:
    rates = {name: getattr(window, name)[branch] for name in ("before", "after", "earlier", "move")}
    return {"match": match, "branch": branch, **rates}


def _matched(
    panel: EffectPanel, window: _Window, *, branch: Ints, free: Ints, limits: ActionLimits, first: int
) -> tuple[Ints, Matches]:
    """Return the group of each case, numbered from `first`, and the members of the groups."""
    match = np.full(len(branch), -1)
    parts: list[Matches] = []
    alike = [window.stage, panel.tier, np.sqrt(window.before) // limits.effect_level_step]
    for names in WITHIN:
        code = _codes([*alike, *(getattr(panel, name) for name in names)])
        members = np.bincount(code[free], minlength=int(code.max()) + 1)
        found = (match < 0) & (members[code[branch]] >= limits.effect_matched_min)
        if not found.any():
            continue
        wanted = np.unique(code[branch[found]])
        match[found] = first + np.searchsorted(wanted, code[branch[found]])
        chosen = free[np.isin(code[free], wanted)]
        group = first + np.searchsorted(wanted, code[chosen])
        parts.append(Matches(**_columns(window, group, chosen)))
        first += len(wanted)
    return match, _joined(Matches, parts)


def _codes(columns: list[NDArray[np.generic]]) -> Ints:
    """Return a number for each combination of values."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        _, place = np.unique(column, return_inverse=True)
        code = np.unique(code * (int(place.max(initial=0)) + 1) + place, return_inverse=True)[1]
    return code


def _joined(kind: type[Part], parts: list[Part]) -> Part:
    whole = {"match", "branch", "stage"}
    columns: dict[str, Any] = {}
    for one in fields(kind):
        empty = np.zeros(0, np.int64 if one.name in whole else np.float64)
        columns[one.name] = np.concatenate([empty, *(getattr(part, one.name) for part in parts)])
    return kind(**columns)
