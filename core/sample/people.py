"""The people of the branches: posts, who holds each when, and who sells.

A post is a chair; up to four people hold it one after the other, with a gap in between.
"""

from dataclasses import dataclass

import numpy as np

from core.facts import StaffRole
from core.sample.network import FAR, Network
from core.sample.plan import CityPlan, Ints, Subject, names, profiles, whole

ROLES = tuple(StaffRole)
HEAD, RETAIL, WEALTH, ACCOUNT, TELLER, LOBBY = range(len(ROLES))
HOLDERS = 4
KEY_PERSON_LEFT_DAYS = 42


@dataclass(frozen=True)
class People:
    """Posts by branch and their holders.

    Posts of a branch stand together from `first_post[branch]`, by role in the order of `ROLES`;
    `posts` counts them (branch × role). `holder[post, turn]` is a person or -1; `joined`, `left` are the
    days of a person, both included, `left` FAR while in post. `people` columns are by person.
    """

    posts: Ints
    first_post: Ints
    post_branch: Ints
    post_role: Ints
    changes: Ints
    holder: Ints
    codes: list[str]
    staff_names: list[str]
    branch: Ints
    role: Ints
    joined: Ints
    left: Ints

    def in_post(self, post: Ints, day: Ints) -> Ints:
        """Return the person who holds each post on each day, -1 where the post is vacant."""
        turn = (self.changes[post] <= day[:, None]).sum(axis=1)
        person = self.holder[post, np.minimum(turn, HOLDERS - 1)]
        there = (person >= 0) & (self.joined[person] <= day) & (self.left[person] >= day)
        return np.where(there, person, -1)

    def posts_of(self, role: int, branches: Ints) -> Ints:
        """Return the posts of a role at the branches, in order."""
        return np.flatnonzero((self.post_role == role) & np.isin(self.post_branch, branches))


def people_of(plan: CityPlan, network: Network) -> People:
    """Draw posts and their holders for a network."""
    chance = plan.chance(Subject.PEOPLE)
    rows = profiles()["staff"]
    posts = np.stack([whole(chance, row["count"], network.tier) for row in rows], axis=1)
    post_branch = np.repeat(np.arange(plan.branches), posts.sum(axis=1))
    post_role = np.repeat(np.tile(np.arange(len(ROLES)), plan.branches), posts.ravel())
    first_post = np.concatenate([[0], np.cumsum(posts.sum(axis=1))[:-1]])
    changes, gaps = _moves(chance, plan, network, post_branch, post_role)
    for branch in network.special.get("key_person_left", ()):
        post = first_post[branch] + posts[branch, :WEALTH].sum()
        changes[post], gaps[post] = FAR, FAR
        changes[post, 0] = plan.day_count - KEY_PERSON_LEFT_DAYS
    joined, left = _times_in_post(chance, network, post_branch, changes, gaps)
    closing = network.closed[post_branch][:, None]
    exists = (joined < np.minimum(plan.day_count, closing)) & (left >= joined)
    holder = np.where(exists, np.cumsum(exists.ravel()).reshape(exists.shape) - 1, -1)
    branch = np.repeat(post_branch, HOLDERS)[exists.ravel()]
    role = np.repeat(post_role, HOLDERS)[exists.ravel()]
    codes, staff_names = _named(network, branch, role, chance.integers(0, 40, plan.branches))
    return People(
        posts=posts,
        first_post=first_post,
        post_branch=post_branch,
        post_role=post_role,
        changes=changes,
        holder=holder,
        codes=codes,
        staff_names=staff_names,
        branch=branch,
        role=role,
        joined=joined[exists],
        left=left[exists],
    )


def _moves(
    chance: np.random.Generator, plan: CityPlan, network: Network, post_branch: Ints, post_role: Ints
) -> tuple[Ints, Ints]:
    """Return the days on which each post changes hands, and how long it then stays vacant."""
    rows = profiles()["staff"]
    yearly = np.array([row["leaving"] for row in rows])[post_role, network.tier[post_branch]]
    shape = (len(post_branch), HOLDERS - 1)
    waits = 60 + (chance.exponential(365.0, shape) / yearly[:, None]).astype(np.int64)
    gaps = chance.integers(0, 29, shape)
    gaps[np.array([bool(row.get("replaced_at_once")) for row in rows])[post_role]] = 0
    begin = np.maximum(network.start[post_branch], 0)
    changes = begin[:, None] + np.cumsum(waits + gaps, axis=1)
    changes[changes > plan.day_count - 14] = FAR
    return changes, gaps


def _times_in_post(
    chance: np.random.Generator, network: Network, post_branch: Ints, changes: Ints, gaps: Ints
) -> tuple[Ints, Ints]:
    """Return first and last day of each holder (post × turn); a closing branch ends them all."""
    begin = np.minimum(network.start[post_branch], 0) - chance.integers(100, 3000, len(post_branch))
    joined = np.concatenate([begin[:, None], changes + gaps], axis=1)
    left = np.concatenate([changes - 1, np.full((len(post_branch), 1), FAR)], axis=1)
    left[left >= FAR - 1] = FAR
    closing = network.closed[post_branch][:, None]
    return joined, np.where(closing < FAR, np.minimum(left, closing - 1), left)


def _named(network: Network, branch: Ints, role: Ints, offset: Ints) -> tuple[list[str], list[str]]:
    """Return staff codes and names; surnames differ inside a branch as long as there are enough."""
    surnames, titles = names()["people"]["surnames"], names()["people"]["titles"]
    title_of = [titles[word] for word in ROLES]
    _, first, _ = np.unique(branch, return_index=True, return_inverse=True)
    starts = np.repeat(first, np.diff([*first, len(branch)]))
    number = np.arange(len(branch)) - starts
    surname = (offset[branch] + number * 7) % len(surnames)
    codes = [f"{network.codes[b]}-{n + 1:02d}" for b, n in zip(branch.tolist(), number.tolist(), strict=True)]
    words = [surnames[s] + title_of[r] for s, r in zip(surname.tolist(), role.tolist(), strict=True)]
    return codes, words
