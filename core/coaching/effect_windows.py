"""The weeks before and after each action, and the branches every case is held against.

Arrays throughout: all branches are looked at once for each pair of weeks an action began and ended in.
"""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.coaching.action_limits import ActionLimits
from core.stages.shown import RANK

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

WITHIN = (("bank", "region"), ("bank",), ("region",))
"""What a match shares beside stage, size and level: the first of these that leaves enough branches."""
RATES = ("before", "after", "earlier", "move")


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

    def part(self, at: Bools) -> "Runs":
        """Return some of the runs."""
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
        """Return those the cases, which all have some, are held against."""
        is_wanted = np.zeros(int(self.match.max(initial=-1)) + 1, np.bool_)
        is_wanted[cases.match] = True
        at = is_wanted[self.match]
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
    """What all branches did around one pair of weeks; `fits` where enough of it is known.

    `codes` number what branches must share to match, by the places of `WITHIN`.
    """

    fits: Bools
    stage: Ints
    before: Floats
    after: Floats
    earlier: Floats
    move: Floats
    codes: tuple[Ints, ...]


def cases_and_matches(panel: EffectPanel, runs: Runs, limits: ActionLimits) -> dict[int, tuple[Cases, Matches]]:
    """Return, by action, the cases whose weeks after are over, and the branches they are held against.

    A case of a branch that had the same action in the weeks before already is left out.
    """
    sums = _Sums(panel, limits)
    span, last = limits.effect_weeks, panel.policies.shape[1] - 1
    usable = runs.part(runs.is_done & (runs.begin >= span) & (runs.end + span <= last))
    of = {action: runs.part(runs.action == action) for action in np.unique(runs.action).tolist()}
    found = {action: _Found() for action in of}
    pairs = np.unique(np.column_stack([usable.begin, usable.end]), axis=0).tolist()
    windows = [sums.window(begin, end) for begin, end in pairs]
    for number, ((begin, end), window) in enumerate(zip(pairs, windows, strict=True)):
        here = usable.part((usable.begin == begin) & (usable.end == end))
        for action in np.unique(here.action).tolist():
            all_runs = of[action]
            reaches = all_runs.end >= begin - span
            is_case = np.zeros(len(window.fits), np.bool_)
            is_case[here.branch[here.action == action]] = True
            is_case[all_runs.branch[reaches & (all_runs.begin < begin)]] = False
            branch = np.flatnonzero(is_case & window.fits)
            if len(branch):
                free = window.fits.copy()
                free[all_runs.branch[reaches & (all_runs.begin <= end + span)]] = False
                found[action].add(number, window, branch, np.flatnonzero(free), limits)
    shape = len(windows), len(panel.tier)
    by_window = {name: np.array([getattr(one, name) for one in windows]).reshape(shape) for name in (*RATES, "stage")}
    stage = by_window.pop("stage")
    return {action: each.whole(by_window, stage) for action, each in found.items()}


class _Sums:
    """Running sums over the weeks."""

    def __init__(self, panel: EffectPanel, limits: ActionLimits) -> None:
        self.panel, self.limits = panel, limits
        judged = panel.exposure > 0
        self.stage = panel.stage.T.astype(np.int64)
        self.groups = [_number([panel.tier, *(getattr(panel, name) for name in names)]) for names in WITHIN]
        self.sold, self.worth, self.judged = (
            np.pad(np.cumsum(cells.T, axis=0), ((1, 0), (0, 0)))
            for cells in (np.where(judged, panel.policies, 0.0), panel.exposure, judged)
        )

    def _rate(self, first: int, until: int) -> tuple[Floats, Bools]:
        """Return the policies of an ordinary week from `first` to before `until`, and where enough weeks are known."""
        first = max(first, 0)
        sold, worth, judged = (each[until] - each[first] for each in (self.sold, self.worth, self.judged))
        known = judged >= self.limits.effect_judged_weeks
        return np.divide(sold, worth, out=np.zeros(len(sold)), where=worth > 0), known

    def window(self, begin: int, end: int) -> _Window:
        """Return what stands around the weeks an action began and ended in, themselves left out."""
        span, stage = self.limits.effect_weeks, self.stage
        before, known_before = self._rate(begin - span, begin)
        after, known_after = self._rate(end + 1, end + 1 + span)
        earlier, known_earlier = self._rate(begin - span - self.limits.effect_earlier_weeks, max(begin - span, 0))
        first, last = stage[begin - 1], stage[end + span]
        level = (np.sqrt(before) // self.limits.effect_level_step).astype(np.int64)
        return _Window(
            fits=known_before & known_after & (first >= 0) & (last >= 0),
            stage=first,
            before=before,
            after=after,
            earlier=np.where(known_earlier, earlier, before),
            move=np.sign(RANK[last] - RANK[first]).astype(float),
            codes=tuple(_number([first + 1, level, group]) for group in self.groups),
        )


def _number(columns: list[Ints]) -> Ints:
    """Return a small number for each combination of whole numbers from 0 on."""
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        code = code * (int(column.max(initial=0)) + 1) + column
    return np.unique(code, return_inverse=True)[1]


class _Found:
    """The cases of one action over the windows, and the members of their groups: number of window, group, branch."""

    def __init__(self) -> None:
        self.groups = 0
        self.cases: list[tuple[int, Ints, Ints]] = []
        self.members: list[tuple[int, Ints, Ints]] = []

    def add(self, number: int, window: _Window, branch: Ints, free: Ints, limits: ActionLimits) -> None:
        """Hold the cases of a window against the branches that are free for it."""
        match = np.full(len(branch), -1)
        for code in window.codes:
            members = np.bincount(code[free], minlength=int(code.max()) + 1)
            wanted = code[branch]
            is_matched = (match < 0) & (members[wanted] >= limits.effect_matched_min)
            if not is_matched.any():
                continue
            is_wanted = np.zeros(len(members), np.bool_)  # quicker than sets, some thousand times
            is_wanted[wanted[is_matched]] = True
            group = self.groups + np.cumsum(is_wanted) - 1
            match[is_matched] = group[wanted[is_matched]]
            chosen = free[is_wanted[code[free]]]
            self.members.append((number, group[code[chosen]], chosen))
            self.groups = int(group[-1]) + 1
        self.cases.append((number, match, branch))

    def whole(self, rates: dict[str, Floats], stage: Ints) -> tuple[Cases, Matches]:
        """Return both with their rates and stages, which are given by window and branch."""
        at, columns = _columns(self.cases, rates)
        return Cases(**columns, stage=stage[at]), Matches(**_columns(self.members, rates)[1])


def _columns(parts: list[tuple[int, Ints, Ints]], rates: dict[str, Floats]) -> tuple[Any, dict[str, Any]]:
    nothing = np.zeros(0, np.int64)
    match, branch = (np.concatenate([nothing, *(part[place] for part in parts)]) for place in (1, 2))
    at = np.repeat(np.array([part[0] for part in parts], np.int64), [len(part[1]) for part in parts]), branch
    return at, {"match": match, "branch": branch, **{name: values[at] for name, values in rates.items()}}
