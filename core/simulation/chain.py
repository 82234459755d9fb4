"""The life of a simulated branch as a chain of states: stage, kind and age, each with its level.

A state goes on to the next age of its spell, or the spell ends and the next one is entered. Lengths are explicit: the
chance to end depends on the age. The same tables draw branches and make the exact filter of the benchmark.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage

STAGES = tuple(Stage)
PLATEAU_REACHED = 0.95


@dataclass(frozen=True)
class Chain:
    """States by number: stage, level (share of the plateau), what follows.

    `forward` is the state of the next week while the spell lasts, `end` the chance that it ends instead, `exit` the
    row of `entry` (row, state) that then tells where it goes; each row of `entry` adds up to 1. `first` holds the
    states of a new branch.
    """

    stage: NDArray[np.int8]
    level: NDArray[np.float64]
    forward: NDArray[np.int64]
    end: NDArray[np.float64]
    exit: NDArray[np.int64]
    entry: NDArray[np.float64]
    first: NDArray[np.float64]

    def after(self, weeks: int) -> NDArray[np.float64]:
        """Return the chance of each state after so many weeks from the start."""
        found = self.first
        for _ in range(weeks):
            found = self.moved(found)
        return found

    def moved(self, chances: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chances one week on."""
        states = len(self.level)
        moved = np.bincount(self.forward, weights=chances * (1 - self.end), minlength=states)
        leaving = np.bincount(self.exit, weights=chances * self.end, minlength=len(self.entry))
        return np.asarray(moved + leaving @ self.entry)


@cache
def chain_of() -> Chain:
    """Return the chain of `life.toml`."""
    return built_chain(tomllib.loads((Path(__file__).parent / "life.toml").read_text(encoding="utf-8")))


def built_chain(life: Mapping[str, Any]) -> Chain:
    """Lay out the states of a life with the sections of `life.toml`."""
    return _Builder(life).chain()


class _Builder:
    def __init__(self, life: Mapping[str, Any]) -> None:
        self.life = life
        self.stage: list[int] = []
        self.level: list[float] = []
        self.forward: list[int] = []
        self.end: list[float] = []
        self.exit: list[int] = []
        self.exits: list[Mapping[str, float]] = []
        self.from_stage: list[str] = []
        self.heads: dict[str, list[tuple[int, float]]] = {}

    def chain(self) -> Chain:
        for kind in self.life["startup"]["kinds"]:
            hazard = _hazard(kind.get("length", self.life["startup"]["length"]))
            levels = [min(kind["begin"] + kind["rise"] * age, kind["most"]) for age in range(len(hazard))]
            self._spell("startup", levels, hazard, self._exit("startup", kind["next"]), kind["share"])
        self._growth()
        for stage in ("mature", "adjustment", "slump"):
            part = self.life[stage]
            hazard = _hazard(part["length"])
            out = self._exit(stage, part["next"])
            for level, share in part["levels"]:
                self._spell(stage, [float(level)] * len(hazard), hazard, out, share)
        entry = np.zeros((len(self.exits), len(self.stage)))
        for row, (following, came) in enumerate(zip(self.exits, self.from_stage, strict=True)):
            for stage, chance in following.items():
                name = f"growth from {came}" if stage == "growth" else stage
                for head, share in self.heads[name]:
                    entry[row, head] += chance * share
        first = np.zeros(len(self.stage))
        for head, share in self.heads["startup"]:
            first[head] = share
        return Chain(
            stage=np.array(self.stage, np.int8),
            level=np.array(self.level),
            forward=np.array(self.forward),
            end=np.array(self.end),
            exit=np.array(self.exit),
            entry=entry,
            first=first,
        )

    def _growth(self) -> None:
        part = self.life["growth"]
        for came, begin in part["begin"].items():
            done, broken = self._exit("growth", part["next"]), self._exit("growth", part["broken"])
            for length, share in part["lengths"]:
                weeks = int(length)
                curve = part.get("curve", 1.0)
                levels = [begin + (PLATEAU_REACHED - begin) * ((age + 0.5) / weeks) ** curve for age in range(weeks)]
                hazard = np.full(weeks, part["break_off"])
                hazard[-1] = 1.0
                head = len(self.stage)
                self._spell(f"growth from {came}", levels, hazard, broken, share)
                self.exit[head + weeks - 1] = done

    def _exit(self, stage: str, following: Mapping[str, float]) -> int:
        self.exits.append(following)
        self.from_stage.append(stage)
        return len(self.exits) - 1

    def _spell(self, name: str, levels: list[float], hazard: NDArray[np.float64], out: int, share: float) -> None:
        head, count = len(self.stage), len(levels)
        self.heads.setdefault(name, []).append((head, share))
        self.stage += [STAGES.index(Stage(name.split(maxsplit=1)[0]))] * count
        self.level += levels
        self.forward += [*range(head + 1, head + count), head + count - 1]
        self.end += hazard.tolist()
        self.exit += [out] * count


def _hazard(length: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the chance to end by age in weeks: a shifted gamma of the given mean and spread, cut at `most`."""
    least, mean, spread = length["least"], length["mean"], length["spread"]
    shape = ((mean - least) / spread) ** 2
    scale = spread**2 / (mean - least)
    weeks = np.arange(1, int(length["most"]) + 1)
    beyond = np.maximum(weeks - least, 0.0)
    weight = np.where(weeks >= least, (beyond + 0.5) ** (shape - 1) * np.exp(-beyond / scale), 0.0)
    weight /= math.fsum(weight)
    left = np.concatenate([[1.0], 1 - np.cumsum(weight)[:-1]])
    hazard = np.divide(weight, left, out=np.ones_like(weight), where=left > 1e-9)
    hazard[-1] = 1.0
    return np.asarray(np.clip(hazard, 0.0, 1.0))
