"""The branches of a city and how well each sells week by week.

Stages are numbered in the order of `core.facts.Stage`; a path (profile) is what a branch goes through.
"""

from dataclasses import dataclass, field

import numpy as np

from core.facts import BranchStatus
from core.sample.plan import CityPlan, Flags, Floats, Ints, Subject, chosen, names, profiles, shared_out, uniform

STARTUP, GROWTH, MATURE, ADJUSTMENT, SLUMP = range(5)
FAR = 1_000_000
"""A day that never comes."""
SUPERVISED = {1: 0.06, 2: 0.08, 3: 0.40, 4: 0.38, 5: 0.08}
"""How many branches a supervisor looks after, and how often."""
LED_BRANCHES = 26
"""How many the lead supervisor looks after: a few dozen, so that a demonstration shows the whole job."""


@dataclass
class Network:
    """Branches as columns; matrices are branch × week (`level`, `stage`) and branch × day (`is_open`).

    `start` is the day cooperation began (negative: before the first day), `closed` the day it ended.
    `pauses` are (branch, first day, last day or None, reason); `special` the branches of each special case.
    """

    codes: list[str]
    branch_names: list[str]
    banks: list[str]
    regions: list[str]
    cities: list[str]
    supervisors: list[str]
    city: Ints
    tier: Ints
    path: Ints
    start: Ints
    level: Floats
    stage: Ints
    is_open: Flags
    closed: Ints
    pauses: list[tuple[int, int, int | None, str]] = field(default_factory=list)
    special: dict[str, Ints] = field(default_factory=dict)
    silent_city: int | None = None
    silent_weeks: tuple[int, int] = (0, 0)

    def status(self, branch: int) -> tuple[str, int | None]:
        """Return the status at the end and the day it began; None for an active branch."""
        if self.closed[branch] < FAR:
            return BranchStatus.CLOSED, int(self.closed[branch])
        for paused, first, last, _ in self.pauses:
            if paused == branch and last is None:
                return BranchStatus.SUSPENDED, first
        return BranchStatus.ACTIVE, None


def network_of(plan: CityPlan) -> Network:
    """Draw the branches of a city."""
    chance = plan.chance(Subject.NETWORK)
    shapes = profiles()
    city = _cities_of_branches(plan.branches)
    bank = np.arange(plan.branches) % len(names()["banks"])
    path = shared_out(chance, [row["share"] for row in shapes["paths"]], plan.branches)
    level, stage, start = _sales_paths(chance, path, plan.weeks)
    found = Network(
        *_named(city, bank),
        supervisors=_supervisors(chance, city, path, plan.lead_supervisor),
        city=city,
        tier=shared_out(chance, shapes["tiers"]["share"], plan.branches),
        path=path,
        start=start,
        level=level,
        stage=stage,
        is_open=np.ones((plan.branches, plan.weeks * 7), dtype=bool),
        closed=np.full(plan.branches, FAR),
    )
    _add_special_cases(chance, plan, found)
    day = np.arange(plan.weeks * 7)
    found.is_open &= (day >= found.start[:, None]) & (day < found.closed[:, None]) & (day < plan.day_count)
    for branch, first, last, _ in found.pauses:
        found.is_open[branch, first : None if last is None else last + 1] = False
    return found


def _cities_of_branches(branches: int) -> Ints:
    """Give each branch a city: about sixty branches a city, four cities at least."""
    syllables = names()["syllables"]
    most = len(names()["cities"]) + len(syllables["first"]) * len(syllables["last"])
    count = min(max(len(names()["cities"]), branches // 60), most)
    return np.arange(branches) // len(names()["banks"]) % count


def _city(number: int) -> tuple[str, str, str]:
    fixed, syllables = names()["cities"], names()["syllables"]
    if number < len(fixed):
        return fixed[number]["name"], fixed[number]["code"], fixed[number]["side"]
    first, last = divmod(number - len(fixed), len(syllables["last"]))
    side = syllables["sides"][number % len(syllables["sides"])]
    code = syllables["first_code"][first] + syllables["last_code"][last]
    return syllables["first"][first] + syllables["last"][last], code, side


def _named(city: Ints, bank: Ints) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Return codes, names, banks, regions and cities of the branches."""
    words, columns = names(), ([], [], [], [], [])  # type: tuple[dict[str, object], tuple[list[str], ...]]
    banks, places = names()["banks"], names()["branches"]["places"]
    seen: dict[str, int] = {}
    for city_number, bank_number in zip(city.tolist(), bank.tolist(), strict=True):
        city_name, city_code, side = _city(city_number)
        of = banks[bank_number]
        stem = f"{of['code']}-{city_code}"
        number = seen[stem] = seen.get(stem, 0) + 1
        turn, place = divmod(number - 1 + bank_number * 9 + city_number * 5, len(places))
        place_word = places[place] + (f"第{turn + 1}" if turn and number > len(places) else "")
        name = str(words["branches"]["word"]).format(bank=of["name"], city=city_name, place=place_word)  # type: ignore[index]
        region = f"{words['region_word']}/{words['city_word']}".format(side=side, city=city_name)
        for column, word in zip(columns, (f"{stem}-{number:03d}", name, of["name"], region, city_name), strict=True):
            column.append(word)
    return columns[0], columns[1], columns[2], columns[3], columns[4]


def _supervisors(chance: np.random.Generator, city: Ints, path: Ints, lead: str | None) -> list[str]:
    """Give neighbouring branches of a city to one supervisor; the lead gets the most varied lots of the first city."""
    lots: list[Ints] = []
    for number in range(int(city.max()) + 1):
        branches = np.flatnonzero(city == number)
        sizes = np.array(list(SUPERVISED))[chosen(chance, list(SUPERVISED.values()), len(branches))]
        cuts = np.cumsum(sizes)
        lots += [lot for lot in np.split(branches, cuts[cuts < len(branches)]) if len(lot)]
    family, given = names()["supervisors"]["family"], names()["supervisors"]["given"]
    found = [""] * len(city)
    for number, lot in enumerate(lots):
        turn, rest = divmod(number * 7, len(family) * len(given))
        word = f"{family[rest % len(family)]}.{given[(rest // len(family) + number) % len(given)]}"
        for branch in lot:
            found[branch] = word + (str(turn + 1) if turn else "")
    if lead is not None:
        of_first_city = [lot for lot in lots if city[lot[0]] == 0]
        of_first_city.sort(key=lambda lot: (len(set(path[lot].tolist())), len(lot)), reverse=True)
        for branch in np.concatenate(of_first_city)[:LED_BRANCHES]:
            found[branch] = lead
    return found


def _sales_paths(chance: np.random.Generator, path: Ints, weeks: int) -> tuple[Floats, Ints, Ints]:
    """Return level and stage (branch × week) and the day cooperation began."""
    rows = profiles()["paths"]
    level = np.zeros((len(path), weeks))
    stage = np.zeros((len(path), weeks), dtype=np.int64)
    start = -chance.integers(2 * 365, 9 * 365, len(path))
    week = np.arange(weeks)
    for number, row in enumerate(rows):
        of = np.flatnonzero(path == number)
        back = chance.integers(row["weeks"][0], row["weeks"][1] + 1, len(of))
        first = uniform(chance, row["first_level"], size=len(of))
        last = uniform(chance, row["last_level"], size=len(of))
        weekday = chance.integers(0, 5, len(of))
        age = week - (weeks - back)[:, None]
        if row.get("starts"):
            rise = np.full(len(of), row["rise_weeks"]) if "rise_weeks" in row else back
            part = np.clip(age / np.maximum(rise, 1)[:, None], 0, 1)
            level[of] = np.where(age < 0, 0, first[:, None] + (last - first)[:, None] * part)
            start[of] = (weeks - back) * 7 + weekday
        else:
            last = last * first if row.get("last_is_share") else last
            level[of] = np.where(age < 0, first[:, None], last[:, None])
        stage[of] = _stage_on_path(row["name"], age)
    return level, stage, start


def _stage_on_path(name: str, age: Ints) -> Ints:
    """Return the stage by weeks since the turn of the path."""
    match name:
        case "startup":
            return np.full(age.shape, STARTUP)
        case "growth":
            return np.where(age < 8, STARTUP, GROWTH)
        case "mature":
            return np.full(age.shape, MATURE)
        case "adjustment":
            return np.where(age < 0, MATURE, ADJUSTMENT)
        case "slump":
            return np.where(age < 0, GROWTH, np.where(age < 6, ADJUSTMENT, SLUMP))
        case "revival":
            return np.where(age < 0, SLUMP, GROWTH)
        case _:
            raise ValueError(f"path {name!r} has no stages")


def _add_special_cases(chance: np.random.Generator, plan: CityPlan, found: Network) -> None:
    """Turn a few branches into the cases a demonstration must show; `special` remembers them."""
    bounds = profiles()["special"]
    if plan.branches < bounds["from_branches"] or plan.weeks < bounds["from_weeks"]:
        return
    each = max(1, plan.branches // bounds["each"])
    order = chance.permutation(plan.branches)
    of_path = {row["name"]: order[found.path[order] == n].tolist() for n, row in enumerate(profiles()["paths"])}
    end = plan.weeks

    def take(path: str) -> Ints:
        return np.array([of_path[path].pop() for _ in range(min(each, len(of_path[path]) - 1))], dtype=np.int64)

    special = found.special
    special["paused"] = take("mature")
    found.pauses += [(b, (end - 26) * 7, (end - 20) * 7 - 1, names()["statuses"]["refit"]) for b in special["paused"]]
    special["paused_now"] = take("adjustment")
    found.pauses += [(b, (end - 4) * 7, None, names()["statuses"]["refit"]) for b in special["paused_now"]]
    special["closed"] = take("slump")
    found.closed[special["closed"]] = (end - 24) * 7
    special["brand_new"] = take("startup")
    _begin_anew(found, special["brand_new"], weeks_ago=5)
    found.start[special["brand_new"]] = (end - 5) * 7
    special["reopened"] = take("startup")
    _begin_anew(found, special["reopened"], weeks_ago=16)
    found.level[special["reopened"], : end - 36] = 1.0
    found.stage[special["reopened"], : end - 36] = MATURE
    found.start[special["reopened"]] = -3 * 365
    found.pauses += [(b, (end - 36) * 7, (end - 16) * 7 - 1, names()["statuses"]["moved"]) for b in special["reopened"]]
    special["key_person_left"] = take("mature")
    special["jumbo"] = take("mature")
    special["burst"] = take("growth")
    found.silent_city = 1
    found.silent_weeks = (end - 40, end - 38)


def _begin_anew(found: Network, branches: Ints, *, weeks_ago: int) -> None:
    row = next(row for row in profiles()["paths"] if row["name"] == "startup")
    age = np.arange(found.level.shape[1]) - (found.level.shape[1] - weeks_ago)
    rising = row["first_level"][0] + (row["last_level"][0] - row["first_level"][0]) * np.clip(
        age / row["rise_weeks"], 0, 1
    )
    found.level[branches] = np.where(age < 0, 0.0, rising)
    found.stage[branches] = STARTUP
