"""The policies of a city: how many a week, which day, who sold them, what, for how much, and what became of them.

Weekly counts are Poisson around tier × path × season × noise; premiums are lognormal by product.
"""

from dataclasses import dataclass

import numpy as np

from core.facts import CustomerTier, PolicyStatus
from core.sample.city import City
from core.sample.network import Network
from core.sample.people import ACCOUNT, TELLER, WEALTH
from core.sample.plan import CityPlan, Floats, Ints, SampleDays, Subject, names, profiles, uniform, whole

STATUSES = tuple(PolicyStatus)
IN_FORCE, CANCELLED, SURRENDERED = range(3)
TIERS = tuple(CustomerTier)
NO_EVENT, SALON, ROUNDTABLE = range(3)
BURST_WEEKS_AGO = 10
BURST_POLICIES = 7
JUMBO_WEEKS_AGO = 6


@dataclass(frozen=True)
class Policies:
    """Policies as columns, by day of issue and branch.

    `person` is -1 where nobody is credited, `ended` the day of cancellation or surrender or -1;
    `event` is one of NO_EVENT, SALON, ROUNDTABLE.
    """

    branch: Ints
    day: Ints
    person: Ints
    product: Ints
    premium_cny: Ints
    customer: Ints
    status: Ints
    ended: Ints
    event: Ints


def weekly_counts(city: City) -> Ints:
    """Return how many policies each branch issues in each week (branch × week), before closures and silent weeks."""
    chance = city.plan.chance(Subject.POLICIES)
    shapes = profiles()
    shape = shapes["noise"]["gamma_shape"]
    base = np.array(shapes["tiers"]["policies_a_week"])[city.network.tier]
    season = city.days.season.reshape(-1, 7).sum(axis=1)
    noise = chance.gamma(shape, 1 / shape, city.network.level.shape)
    counts: Ints = chance.poisson(base[:, None] * city.network.level * season * noise)
    return counts


def policies_of(city: City) -> Policies:
    """Draw all policies of a city."""
    plan, network = city.plan, city.network
    chance = plan.chance(Subject.POLICIES, 1)
    counts = weekly_counts(city)
    branch = np.repeat(np.arange(plan.branches), counts.sum(axis=1))
    week = np.repeat(np.tile(np.arange(plan.weeks), plan.branches), counts.ravel())
    day = _days_of_issue(chance, plan, city.days, week)
    kept = network.is_open[branch, day]
    if network.silent_city is not None:
        first, end = network.silent_weeks
        kept &= ~((network.city[branch] == network.silent_city) & (day // 7 >= first) & (day // 7 < end))
    branch, day = branch[kept], day[kept]
    event = np.where(chance.random(len(branch)) < profiles()["events"]["tagged_share"], SALON, NO_EVENT)
    held_branch, held_day = _roundtable(city)
    branch, day = np.concatenate([branch, held_branch]), np.concatenate([day, held_day])
    event = np.concatenate([event, np.full(len(held_day), ROUNDTABLE)])
    order = np.lexsort((branch, day))
    branch, day, event = branch[order], day[order], event[order]
    product, premium = _products(chance, network, branch)
    _make_jumbos(city, (branch, day), product, premium)
    status, ended = _endings(chance, plan, branch, day)
    return Policies(
        branch=branch,
        day=day,
        person=_sellers(chance, city, branch, day),
        product=product,
        premium_cny=premium,
        customer=_customers(chance, premium),
        status=status,
        ended=ended,
        event=event,
    )


def _days_of_issue(chance: np.random.Generator, plan: CityPlan, days: SampleDays, week: Ints) -> Ints:
    """Draw the day within the week by the season of its working days; a few fall on a Saturday."""
    by_week = np.cumsum(days.season.reshape(plan.weeks, 7), axis=1)
    drawn = chance.random(len(week)) * by_week[week, 6]
    day = week * 7 + (by_week[week] <= drawn[:, None]).sum(axis=1)
    saturday = week * 7 + 5
    moved = (chance.random(len(week)) < profiles()["season"]["saturday_share"]) & (saturday < plan.day_count)
    return np.where(moved, saturday, day)


def _roundtable(city: City) -> tuple[Ints, Ints]:
    """Return branch and day of the policies of a roundtable, at the branches that held one."""
    held = np.repeat(city.network.special.get("burst", np.array([], dtype=np.int64)), BURST_POLICIES)
    week = city.plan.weeks - BURST_WEEKS_AGO
    worked = np.flatnonzero(city.days.is_workday[max(week, 0) * 7 : (week + 1) * 7])
    if not len(worked):
        return held[:0], held[:0]
    return held, week * 7 + worked[np.arange(len(held)) % min(len(worked), 3)]


def _products(chance: np.random.Generator, network: Network, branch: Ints) -> tuple[Ints, Ints]:
    """Draw product and premium; mature branches sell more regular pay, slump and startup less."""
    rows, limits = profiles()["products"], profiles()["premium"]
    share = np.array([row["share"] for row in rows])
    is_regular = np.array([row["mode"] == "regular" for row in rows])
    regular = share[is_regular].sum()
    shift = np.array([limits["regular_shift"].get(row["name"], 0.0) for row in profiles()["paths"]])
    wanted = regular + shift[network.path[branch]]
    by_row = np.where(is_regular, share * (wanted / regular)[:, None], share * ((1 - wanted) / (1 - regular))[:, None])
    bounds = np.cumsum(by_row, axis=1)
    product = np.minimum((bounds <= chance.random(len(branch))[:, None]).sum(axis=1), len(rows) - 1)
    median = np.array([row["median_cny"] for row in rows])[product]
    sigma = np.array([row["sigma"] for row in rows])[product]
    premium = median * np.exp(sigma * chance.standard_normal(len(branch)))
    step = np.where(premium >= 10_000, 1000, 100)
    rounded = np.rint(premium / step).astype(np.int64) * step
    return product, np.clip(rounded, limits["lowest_cny"], limits["highest_cny"])


def _make_jumbos(city: City, sold: tuple[Ints, Ints], product: Ints, premium: Ints) -> None:
    """Give each such branch one policy at the cap, the last one some weeks before the end."""
    branch, day = sold
    for owner in city.network.special.get("jumbo", ()):
        before = np.flatnonzero((branch == owner) & (day < (city.plan.weeks - JUMBO_WEEKS_AGO) * 7))
        if len(before):
            product[before[-1]] = 0
            premium[before[-1]] = profiles()["premium"]["highest_cny"]


def _sellers(chance: np.random.Generator, city: City, branch: Ints, day: Ints) -> Ints:
    """Credit each policy to a registered person in post; while the post is vacant, to nobody."""
    people, branches = city.people, city.plan.branches
    shapes = profiles()["sellers"]
    registered = np.minimum(
        whole(chance, shapes["registered"], city.network.tier),
        people.posts[:, [WEALTH, ACCOUNT, TELLER]].sum(axis=1),
    )
    first = uniform(chance, shapes["first_share"], size=branches)
    dominated = chance.random(branches) < shapes["dominated_share"]
    first = np.where(dominated, uniform(chance, shapes["dominated_first_share"], size=branches), first)
    second = np.minimum(uniform(chance, shapes["second_share"], size=branches), 1 - first)
    drawn, other = chance.random(len(branch)), chance.random(len(branch))
    others = 2 + (other * np.maximum(registered[branch] - 2, 1)).astype(np.int64)
    rank = np.where(drawn < first[branch], 0, np.where(drawn < (first + second)[branch], 1, others))
    rank = np.minimum(rank, registered[branch] - 1)
    post = people.first_post[branch] + people.posts[branch, :WEALTH].sum(axis=1) + rank
    return people.in_post(post, day)


def _customers(chance: np.random.Generator, premium: Ints) -> Ints:
    limits = profiles()["premium"]
    drawn = chance.random(len(premium))
    rich = (premium >= limits["high_net_worth_from_cny"]) & (drawn < limits["high_net_worth_share"])
    middle = (premium >= limits["affluent_from_cny"]) & (drawn < limits["affluent_share"])
    return np.where(rich, 2, np.where(middle, 1, 0))


def _endings(chance: np.random.Generator, plan: CityPlan, branch: Ints, day: Ints) -> tuple[Ints, Ints]:
    """Return status and day of the end; what ends after the last day has not ended yet."""
    shapes = profiles()["cancellation"]
    alpha, beta = shapes["beta"]
    by_branch: Floats = shapes["lowest"] + shapes["spread"] * chance.beta(alpha, beta, plan.branches)
    drawn = chance.random(len(branch))
    cancels = drawn < by_branch[branch]
    surrenders = ~cancels & (drawn > 1 - shapes["surrender_share"])
    after = np.where(
        cancels,
        chance.integers(shapes["days"][0], shapes["days"][1] + 1, len(branch)),
        chance.integers(shapes["surrender_days"][0], shapes["surrender_days"][1] + 1, len(branch)),
    )
    over = (cancels | surrenders) & (day + after < plan.day_count)
    status = np.where(over, np.where(cancels, CANCELLED, SURRENDERED), IN_FORCE)
    return status, np.where(over, day + after, -1)


def event_ref(kind: int, branch_code: str, week_word: str) -> str:
    """Return the reference of the event a policy came from, empty where there was none."""
    if kind == NO_EVENT:
        return ""
    return f"{names()['events']['salon' if kind == SALON else 'roundtable']}-{branch_code}-{week_word}"
