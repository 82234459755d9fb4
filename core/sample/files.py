"""Write a city as import files: branches, staff, contacts, policies, statuses (UTF-8 CSV)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from io import TextIOWrapper
from pathlib import Path

import numpy as np

from core.calendar import WorkingCalendar
from core.sample.city import City, city_of
from core.sample.contacts import METHODS, Contacts, contacts_of, topic_words
from core.sample.network import FAR
from core.sample.people import ROLES
from core.sample.plan import CityPlan, Ints, names, profiles
from core.sample.policies import STATUSES, TIERS, Policies, event_ref, policies_of

BRANCHES = "branch_code,branch_name,bank,region,city,cooperation_start,supervisor,status,status_since,size_tier"
STAFF = "staff_code,branch_code,staff_name,role,joined_on,left_on"
CONTACTS = "contact_ref,contact_date,branch_code,staff_code,role,method,supervisor,minutes,topic"
POLICIES = (
    "policy_ref,issued_on,branch_code,staff_code,product,payment_mode,premium,"
    "customer_tier,status,cancelled_on,event_ref"
)
STATUS_INTERVALS = "branch_code,status,from,to,reason"
FILE_NAMES = ("branches.csv", "staff.csv", "contacts.csv", "policies.csv", "statuses.csv")
Progress = Callable[[float], None]


def write_city(
    plan: CityPlan,
    folder: Path,
    *,
    calendar: WorkingCalendar | None = None,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Write the five import files of a city and return the rows of each.

    `progress` is told the share done, 0 to 1. Files of the same names are replaced.
    """
    tell = progress or (lambda _share: None)
    folder.mkdir(parents=True, exist_ok=True)
    city = city_of(plan, calendar)
    tell(0.1)
    rows = {
        "branches.csv": _write(folder / "branches.csv", BRANCHES, [_branch_lines(city)]),
        "staff.csv": _write(folder / "staff.csv", STAFF, [_staff_lines(city)]),
        "statuses.csv": _write(folder / "statuses.csv", STATUS_INTERVALS, [_status_lines(city)]),
    }
    tell(0.2)
    rows["policies.csv"] = _write(folder / "policies.csv", POLICIES, [_policy_lines(city, policies_of(city))])
    tell(0.4)

    def blocks() -> Iterable[Sequence[str]]:
        written = 0
        for contacts in contacts_of(city):
            yield _contact_lines(city, contacts, written)
            written += len(contacts.day)
            tell(0.4 + 0.6 * min(1.0, (int(contacts.branch.max(initial=0)) + 1) / plan.branches))

    rows["contacts.csv"] = _write(folder / "contacts.csv", CONTACTS, blocks())
    tell(1.0)
    return {name: rows[name] for name in FILE_NAMES}


def _write(path: Path, header: str, blocks: Iterable[Sequence[str]]) -> int:
    count = 0
    with path.open("wb") as raw, TextIOWrapper(raw, encoding="utf-8", newline="\n") as file:
        file.write(header + "\n")
        for lines in blocks:
            count += len(lines)
            if lines:
                file.write("\n".join(lines) + "\n")
    return count


def _branch_lines(city: City) -> list[str]:
    plan, network = city.plan, city.network
    tiers = profiles()["tiers"]["codes"]
    lines = []
    for number, code in enumerate(network.codes):
        status, since = network.status(number)
        fields = (
            code,
            network.branch_names[number],
            network.banks[number],
            network.regions[number],
            network.cities[number],
            _date_word(plan, int(network.start[number])),
            network.supervisors[number],
            status,
            "" if since is None else _date_word(plan, since),
            tiers[int(network.tier[number])],
        )
        lines.append(",".join(fields))
    return lines


def _date_word(plan: CityPlan, day: int) -> str:
    return (plan.first_day + timedelta(days=day)).isoformat()


def _staff_lines(city: City) -> list[str]:
    plan, network, people = city.plan, city.network, city.people
    joined = [_date_word(plan, day) for day in people.joined.tolist()]
    left = ["" if day >= FAR else _date_word(plan, day) for day in people.left.tolist()]
    columns = (
        people.codes,
        _picked(network.codes, people.branch),
        people.staff_names,
        _picked([str(role) for role in ROLES], people.role),
        joined,
        left,
    )
    return _joined(columns)


def _status_lines(city: City) -> list[str]:
    plan, network = city.plan, city.network
    return [
        ",".join((network.codes[branch], "suspended", _date_word(plan, first), _date_word(plan, last), reason))
        for branch, first, last, reason in network.pauses
        if last is not None
    ]


def _policy_lines(city: City, policies: Policies) -> list[str]:
    days, network, people = city.days, city.network, city.people
    products = profiles()["products"]
    event_words = [""] * len(policies.day)
    for row in np.flatnonzero(policies.event).tolist():
        monday = days.words[int(policies.day[row]) // 7 * 7]
        event_words[row] = event_ref(int(policies.event[row]), network.codes[int(policies.branch[row])], monday)
    columns = (
        [f"AH-{number:07d}" for number in range(1, len(policies.day) + 1)],
        _picked(days.words, policies.day),
        _picked(network.codes, policies.branch),
        _picked([*people.codes, ""], policies.person),
        _picked([row["name"] for row in products], policies.product),
        _picked([row["mode"] for row in products], policies.product),
        [str(premium) for premium in policies.premium_cny.tolist()],
        _picked([str(tier) for tier in TIERS], policies.customer),
        _picked([str(status) for status in STATUSES], policies.status),
        _picked([*days.words, ""], np.where(policies.ended < 0, len(days.words), policies.ended)),
        event_words,
    )
    return _joined(columns)


def _contact_lines(city: City, contacts: Contacts, written: int) -> list[str]:
    days, network, people = city.days, city.network, city.people
    columns = (
        [f"C{number:08d}" for number in range(written + 1, written + 1 + len(contacts.day))],
        _picked(days.words, contacts.day),
        _picked(network.codes, contacts.branch),
        _picked([*people.codes, ""], contacts.person),
        _picked([str(role) for role in ROLES], contacts.role),
        _picked([str(method) for method in METHODS], contacts.method),
        _picked(network.supervisors, contacts.branch),
        _picked([str(minutes) for minutes in range(61)], contacts.minutes),
        _picked([*topic_words(), ""], contacts.topic),
    )
    return _joined(columns)


def _picked(words: Sequence[str], numbers: Ints) -> list[str]:
    """Return the word of each number; -1 is the last word."""
    picked: list[str] = np.array(words, dtype=object)[numbers].tolist()
    return picked


def _joined(columns: Sequence[Sequence[str]]) -> list[str]:
    return list(map(",".join, zip(*columns, strict=True)))


def insurer_name() -> str:
    """Return the name of the invented insurer."""
    return str(names()["insurer"])
