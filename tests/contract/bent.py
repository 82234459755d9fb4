"""Odd cases put into generated files, and what plain Python makes of the files: no code of the project is asked."""

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

Rows = list[dict[str, str]]
Files = Mapping[str, Rows]


def _listed(*words: str) -> frozenset[str]:
    return frozenset(" ".join(words).split())


DAYS_OFF = _listed(
    "2025-10-01 2025-10-02 2025-10-03 2025-10-06 2025-10-07 2025-10-08 2026-01-01 2026-01-02",
    "2026-02-16 2026-02-17 2026-02-18 2026-02-19 2026-02-20 2026-02-23 2026-04-06",
    "2026-05-01 2026-05-04 2026-05-05 2026-06-19 2026-09-25",
    "2026-10-01 2026-10-02 2026-10-05 2026-10-06 2026-10-07",
)
MAKE_UP_DAYS = _listed(
    "2025-09-28 2025-10-11 2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10",
)
"""Published by the State Council for 2025 and 2026; only days from September 2025 on."""
TARGETS = {"branch_head": (1, 2), "wealth_manager": None, "account_manager": (1, None), "teller": (1, 2)}
"""Weekly minimum and maximum; None = every working day."""


def bend(files: Files, *, last_day: str) -> None:
    """Change the files in place: cooperation starts, statuses, people, contacts and policies of odd kinds."""
    branches = files["branches"]
    old = [row for row in branches if row["cooperation_start"] < "2025-06-01" and row["status"] == "active"]
    begun, sunday, bare, first, second, shut, shut_on_monday, mute, reopened = old[:9]
    begun["cooperation_start"], sunday["cooperation_start"] = "2026-02-11", "2026-02-22"
    shut |= {"status": "closed", "status_since": "2026-02-10"}
    shut_on_monday |= {"status": "closed", "status_since": "2026-02-09"}
    mute |= {"status": "suspended", "status_since": "2026-09-16"}
    reopened |= {"status": "active", "status_since": "2026-03-20"}
    reason = {"reason": "装修"}
    files["statuses"].extend(
        {"branch_code": row["branch_code"], "status": word, "from": start, "to": end, **reason}
        for row, word, start, end in [
            (first, "suspended", "2026-02-09", "2026-02-15"),
            (second, "suspended", "2026-02-10", "2026-02-20"),
            (reopened, "closed", "2026-02-02", ""),
        ]
    )
    bare_code = bare["branch_code"]
    files["staff"][:] = [row for row in files["staff"] if row["branch_code"] != bare_code]
    for number, row in enumerate(files["staff"]):
        if number % 9 == 4 and row["joined_on"] < "2026-02-01":
            row["left_on"] = "2026-02-" + ("11" if number % 2 else "22")
        elif number % 9 == 7 and not row["left_on"]:
            row["joined_on"] = "2026-02-" + ("12" if number % 2 else "14")
    files["contacts"][:] = [row for row in files["contacts"] if row["contact_date"] <= last_day]
    for number, row in enumerate(files["contacts"]):
        if row["branch_code"] == bare_code:
            row["staff_code"] = ""
        if number % 3 == 0:
            row["contact_ref"] = ""
        if number % 7 == 0 and row["staff_code"]:
            row["role"] = ("teller", "wealth_manager", "")[number % 3]
    files["policies"][:] = [row for row in files["policies"] if row["issued_on"] <= last_day]
    cancelled = 0
    for row in files["policies"]:
        if row["branch_code"] == bare_code:
            row["staff_code"] = ""
        if row["cancelled_on"] > last_day:
            row |= {"status": "in_force", "cancelled_on": ""}
        if row["status"] == "cancelled":
            cancelled += 1
            if cancelled % 4 == 0:
                row["cancelled_on"] = ""


def day(words: str) -> date:
    """Read an ISO day."""
    return date.fromisoformat(words)


def is_workday(on: date) -> bool:
    """Tell whether a day is worked, from the lists above."""
    words = on.isoformat()
    return words in MAKE_UP_DAYS or (on.weekday() < 5 and words not in DAYS_OFF)


def status_on(branch: Mapping[str, str], statuses: Rows, on: date) -> str:
    """Return the status of a branch on a day; closed wins over suspended."""
    since = branch["status_since"]
    if (since and day(since) <= on) or (not since and branch["status"] != "active"):
        return branch["status"]
    words = on.isoformat()
    found = {
        row["status"]
        for row in statuses
        if row["branch_code"] == branch["branch_code"] and row["from"] <= words <= (row["to"] or "9999")
    }
    return "closed" if "closed" in found else "suspended" if found else "active"


def contacts_once(files: Files) -> list[tuple[str, str, str, str]]:
    """Return branch, day, staff code and role of each contact; equal ones without a reference count once."""
    role_of = {row["staff_code"]: row["role"] for row in files["staff"]}
    found = {
        row["contact_ref"] or tuple({**row, "role": role_of.get(row["staff_code"], row["role"])}.values()): row
        for row in files["contacts"]
    }
    return [
        (row["branch_code"], row["contact_date"], row["staff_code"], role_of.get(row["staff_code"], row["role"]))
        for row in found.values()
    ]


def cadence_of(
    files: Files,
    monday: date,
    today: date,
    *,
    by_person: bool = False,
    stage_targets: Mapping[tuple[str, str], tuple[float, float | None]] | None = None,
    stages: Mapping[str, str] | None = None,
) -> list[dict[str, str]]:
    """Return the rows of the cadence command, worked out contact by contact."""
    week = [monday + timedelta(days=number) for number in range(7)]
    sunday = week[-1]
    met = defaultdict(list)
    for code, on, person, role in contacts_once(files):
        if monday <= day(on) <= sunday:
            met[code, role].append((day(on), person))
    people = defaultdict(list)
    has_staff = {row["branch_code"] for row in files["staff"]}
    for row in files["staff"]:
        joined, left = day(row["joined_on"] or "1990-01-01"), day(row["left_on"] or "2099-01-01")
        if joined <= sunday and left >= monday:
            people[row["branch_code"], row["role"]].append((row["staff_code"], joined, left))
    rows = []
    for branch in sorted(files["branches"], key=lambda row: row["branch_code"]):
        code, start = branch["branch_code"], day(branch["cooperation_start"])
        status = status_on(branch, files["statuses"], monday)
        if start > sunday or status == "closed":
            continue
        due = [on for on in week if is_workday(on) and on >= start and on < today]
        counted = [on for on in week if is_workday(on) and on >= start and on <= today]
        for role, target in TARGETS.items():
            target = (stage_targets or {}).get((role, (stages or {}).get(code, "")), target)
            own = people[code, role]
            made = [(on, person) for on, person in met[code, role] if on >= start]
            is_by_person = by_person and code in has_staff
            heads = len(own) if is_by_person else 1
            most: int | None = None
            if target is None:
                least = sum(joined <= on <= left for _, joined, left in own for on in due) if is_by_person else len(due)
                days = {(on, person if is_by_person else "") for on, person in made if on in counted}
                actual = len({one for one in days if one[1]} if is_by_person else days)
            else:
                low, high = target
                least = math.ceil(low * heads * len(due) / 5)
                most = None if high is None else math.ceil(high * heads * len(due) / 5)
                actual = len(made)
            if status == "suspended" or least == 0 or (code in has_staff and not own):
                least, most, verdict = 0, None if most is None else 0, "not_due"
            elif actual == 0:
                verdict = "none"
            elif actual < least:
                verdict = "short"
            else:
                verdict = "over" if most is not None and actual > most else "met"
            rows.append(
                {
                    "branch_code": code,
                    "role": role,
                    "week_start": monday.isoformat(),
                    "workdays": str(len(due)),
                    "target_min": str(least),
                    "target_max": "" if most is None else str(most),
                    "actual": str(actual),
                    "status": verdict,
                }
            )
    return rows
