"""The contacts of a city: who was reached on which day, how, for how long, about what.

Chances follow the stage of the branch in that week, the diligence of its supervisor and the
festival. Drawn in blocks of branches, so that memory does not grow with the city.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from core.facts import ContactMethod
from core.sample.city import City
from core.sample.people import ACCOUNT, HEAD, RETAIL, ROLES, TELLER, WEALTH
from core.sample.plan import Floats, Ints, SampleDays, Subject, chosen, names, profiles, uniform

METHODS = tuple(ContactMethod)
MESSAGE = METHODS.index(ContactMethod.MESSAGE)
BLOCK_BRANCHES = 500
WEEKS_A_MONTH = 52 / 12


@dataclass(frozen=True)
class Contacts:
    """Contacts as columns, by day; `person` is -1 for a role as a group, `topic` -1 for none.

    `topic` numbers the words of `topic_words()`.
    """

    branch: Ints
    day: Ints
    person: Ints
    role: Ints
    method: Ints
    minutes: Ints
    topic: Ints


class Drawn(NamedTuple):
    """Contacts of one role before they are described; `post` is -1 for the role as a group."""

    role: int
    post: Ints
    branch: Ints
    day: Ints


def topic_words() -> list[str]:
    """Return all topics, role after role."""
    return [word for role in ROLES for word in names()["topics"][role]]


def contacts_of(city: City) -> Iterator[Contacts]:
    """Yield the contacts of one block of branches after the other."""
    diligence = _diligence(city)
    for number, first in enumerate(range(0, city.plan.branches, BLOCK_BRANCHES)):
        branches = np.arange(first, min(first + BLOCK_BRANCHES, city.plan.branches))
        chance = city.plan.chance(Subject.CONTACTS, number + 1)
        yield _described(chance, city, _drawn(chance, city, branches, diligence))


def _diligence(city: City) -> Floats:
    """Return how much each branch's supervisor does of what the stage asks for."""
    words = sorted(set(city.network.supervisors))
    bounds = profiles()["contacts"]["supervisor_diligence"]
    drawn = uniform(city.plan.chance(Subject.CONTACTS), bounds, size=len(words))
    by_word = dict(zip(words, drawn.tolist(), strict=True))
    return np.array([by_word[word] for word in city.network.supervisors])


def _drawn(chance: np.random.Generator, city: City, branches: Ints, diligence: Floats) -> list[Drawn]:
    """Draw who was to be reached when, whether or not the post was held and the branch open."""
    shapes, people, plan = profiles()["contacts"], city.people, city.plan
    first_week = 0 if plan.contact_weeks is None else max(0, plan.weeks - plan.contact_weeks)
    week = np.arange(first_week, plan.weeks)
    wealth = people.posts_of(WEALTH, branches)
    owner = people.post_branch[wealth]
    by_week = np.array(shapes["wealth_manager_a_day"])[city.network.stage[owner][:, week]] * diligence[owner][:, None]
    by_day = np.repeat(by_week, 7, axis=1) * (city.days.contact_factor * city.days.is_workday)[first_week * 7 :]
    row, day = np.nonzero(chance.random(by_day.shape) < by_day)
    drawn = [Drawn(WEALTH, wealth[row], owner[row], day + first_week * 7)]

    def weekly(role: int, posts: Ints, branch: Ints, mean: Floats) -> Drawn:
        chances = mean[city.network.stage[branch][:, week]] * diligence[branch][:, None]
        row, day = _days_of_weeks(chance, city.days, week, chances)
        return Drawn(role, posts[row], branch[row], day)

    for role, key in ((HEAD, "branch_head"), (TELLER, "teller"), (ACCOUNT, "account_manager"), (RETAIL, "retail_head")):
        posts = people.posts_of(role, branches)
        if role == TELLER:
            posts = _listed(city, posts)
        drawn.append(weekly(role, posts, people.post_branch[posts], np.array(shapes[f"{key}_a_week"])))
    for role in (TELLER, WEALTH):
        mean = np.array(shapes["meetings_a_month"]) / WEEKS_A_MONTH / 2
        drawn.append(weekly(role, np.full(len(branches), -1), branches, mean))
    return drawn


def _listed(city: City, posts: Ints) -> Ints:
    """Keep the tellers a supervisor has picked: the first one or two of each branch."""
    branch = city.people.post_branch[posts]
    before = city.people.first_post[branch] + city.people.posts[branch, :TELLER].sum(axis=1)
    listed = np.array(profiles()["contacts"]["listed_tellers"])[city.network.tier[branch]]
    kept: Ints = posts[posts - before < listed]
    return kept


def _days_of_weeks(chance: np.random.Generator, days: SampleDays, week: Ints, mean: Floats) -> tuple[Ints, Ints]:
    """Draw counts around the mean of each row and week; return the row and a working day of the week of each."""
    worked = days.is_workday.reshape(-1, 7)
    workdays = worked.sum(axis=1)
    factor = days.contact_factor.reshape(-1, 7).min(axis=1) * workdays / 5
    counts = chance.poisson(mean * factor[week])
    row = np.repeat(np.arange(len(mean)), counts.sum(axis=1))
    in_week = np.repeat(np.tile(week, len(mean)), counts.ravel())
    order = np.argsort(~worked, axis=1, kind="stable")  # working days of each week first
    day = order[in_week, (chance.random(len(row)) * workdays[in_week]).astype(np.int64)]
    return row, in_week * 7 + day


def _described(chance: np.random.Generator, city: City, drawn: list[Drawn]) -> Contacts:
    """Drop what falls on a closed day or a vacant post, then say how, how long and about what."""
    network = city.network
    post = np.concatenate([part.post for part in drawn])
    branch = np.concatenate([part.branch for part in drawn])
    day = np.concatenate([part.day for part in drawn])
    role = np.concatenate([np.full(len(part.post), part.role) for part in drawn])
    is_meeting = post < 0
    person = np.where(is_meeting, -1, city.people.in_post(np.maximum(post, 0), day))
    kept = network.is_open[branch, day] & (is_meeting | (person >= 0))
    order = np.flatnonzero(kept)[np.lexsort((branch[kept], day[kept]))]
    branch, day, person, role = branch[order], day[order], person[order], role[order]
    is_meeting = is_meeting[order]
    onsite = chance.random(len(day)) < np.array(profiles()["contacts"]["onsite_share"])[network.stage[branch, day // 7]]
    method = _drawn_methods(chance, profiles()["remote_methods"], len(day))
    for number, shares in ((ROLES.index(key), row) for key, row in profiles()["onsite_methods"].items()):
        method = np.where(onsite & (role == number), _drawn_methods(chance, shares, len(day)), method)
    method = np.where(is_meeting, _drawn_methods(chance, profiles()["meetings"], len(day)), method)
    bounds = np.array([profiles()["minutes"][word] for word in METHODS])[method]
    minutes = bounds[:, 0] + (chance.random(len(day)) * (bounds[:, 1] - bounds[:, 0] + 1)).astype(np.int64)
    return Contacts(branch, day, person, role, method, minutes, _topics(chance, role, method))


def _drawn_methods(chance: np.random.Generator, shares: dict[str, Any], count: int) -> Ints:
    numbers = np.array([METHODS.index(ContactMethod(word)) for word in shares])
    drawn: Ints = numbers[chosen(chance, list(shares.values()), count)]
    return drawn


def _topics(chance: np.random.Generator, role: Ints, method: Ints) -> Ints:
    lengths = np.array([len(names()["topics"][word]) for word in ROLES])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    drawn = starts[role] + (chance.random(len(role)) * lengths[role]).astype(np.int64)
    has_topic = (method != MESSAGE) & (chance.random(len(role)) < profiles()["contacts"]["topic_share"])
    return np.where(has_topic, drawn, -1)
