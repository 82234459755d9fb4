"""The classify command: which rows there are, what each may know, and what must not move a stage."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from tests.contract.bent import day, status_on
from tests.contract.conftest import fill, write_rows

pytestmark = pytest.mark.xdist_group("contract")

STAGES = {"startup", "growth", "mature", "adjustment", "slump"}
LAST_WEEK = date(2026, 11, 9)
WEEK = timedelta(weeks=1)


def monday_of(on):
    return on - timedelta(days=on.weekday())


@pytest.fixture(scope="module")
def store_of(tmp_path_factory, migrated_file):
    """Return a new store filled with some files."""

    def made(files):
        folder = tmp_path_factory.mktemp("files")
        for name, rows in files.items():
            if rows:
                write_rows(folder / f"{name}.csv", rows)
        store = folder.parent / f"{folder.name}.db"
        fill(store, folder, migrated_file)
        return store

    return made


@pytest.fixture
def history(run):
    """Return the rows of the history by branch and week."""

    def rows(store, *words):
        told = run(store, "classify", "--history", *words)
        assert told.status == 0
        return {(row["branch_code"], row["week_start"]): row for row in told.rows}

    return rows


def without_contacts(city):
    """The files but for the contacts, which move no stage, as copies to change."""
    return {name: [dict(row) for row in rows] for name, rows in city.files.items() if name != "contacts"}


def test_columns_values_and_order(city, run):
    rows = run(city.store, "classify", "--history").rows
    assert list(rows[0]) == ["branch_code", "week_start", "stage", "confidence", "reason", "most_likely"]
    assert {row["stage"] for row in rows} | {row["most_likely"] for row in rows} <= STAGES
    assert all(0 <= float(row["confidence"]) <= 1 and len(row["reason"]) > 20 for row in rows)
    assert len({(row["branch_code"], row["week_start"]) for row in rows}) == len(rows)


def test_there_is_a_row_for_each_week_from_the_first_record_on_in_which_the_branch_is_not_closed(city, history):
    files = city.files
    region = {row["branch_code"]: row["region"] for row in files["branches"]}
    first = defaultdict(lambda: "9999-12-31")
    for rows, column in ((files["contacts"], "contact_date"), (files["policies"], "issued_on")):
        for row in rows:
            unit = region[row["branch_code"]]
            first[unit] = min(first[unit], row[column])
    due = set()
    for branch in files["branches"]:
        week = monday_of(day(max(branch["cooperation_start"], first[branch["region"]])))
        while week <= LAST_WEEK:
            if status_on(branch, files["statuses"], week) != "closed":
                due.add((branch["branch_code"], week.isoformat()))
            week += WEEK
    assert set(history(city.store)) == due


def test_without_history_each_branch_has_its_last_row(city, run, history):
    rows = {row["branch_code"]: row for row in run(city.store, "classify").rows}
    every = history(city.store)
    assert rows == {code: row for (code, week), row in every.items() if week == LAST_WEEK.isoformat()}


@pytest.mark.parametrize(("as_of", "week"), [("2026-11-15", "2026-11-09"), ("2026-11-14", "2026-11-02")])
def test_as_of_gives_the_last_complete_week_on_or_before_the_day(city, run, as_of, week):
    assert {row["week_start"] for row in run(city.store, "classify", "--as-of", as_of).rows} == {week}


@pytest.mark.parametrize(
    ("last_policy", "week"), [("2026-11-01", "2026-10-26"), ("2026-10-28", "2026-10-26"), ("2026-11-18", "2026-11-09")]
)
def test_without_as_of_the_week_of_the_last_policy_bounds_it(city, run, store_of, last_policy, week):
    files = without_contacts(city)
    files["policies"] = [row for row in files["policies"] if row["issued_on"] < last_policy]
    files["policies"].append({**files["policies"][0], "policy_ref": "LAST", "issued_on": last_policy})
    files["policies"][-1] |= {"status": "in_force", "cancelled_on": "", "staff_code": ""}
    assert {row["week_start"] for row in run(store_of(files), "classify").rows} == {week}


def cut(files, sunday):
    """Take away what was not known on the Sunday."""
    kept = {name: [dict(row) for row in rows] for name, rows in files.items()}
    kept["contacts"] = [row for row in kept["contacts"] if row["contact_date"] <= sunday]
    kept["policies"] = [row for row in kept["policies"] if row["issued_on"] <= sunday]
    for row in kept["policies"]:
        if row["cancelled_on"] > sunday:
            row |= {"status": "in_force", "cancelled_on": ""}
    kept["staff"] = [row for row in kept["staff"] if row["joined_on"] <= sunday]
    for row in kept["staff"]:
        row["left_on"] = row["left_on"] if row["left_on"] <= sunday else ""
    people = {row["staff_code"] for row in kept["staff"]}
    for row in (*kept["contacts"], *kept["policies"]):
        row["staff_code"] = row["staff_code"] if row["staff_code"] in people else ""
        if "role" in row:
            row["role"] = row["role"] or "teller"
    return kept


@pytest.mark.parametrize("sunday", ["2026-02-22", "2026-06-28"])
def test_files_cut_at_the_end_of_a_week_give_the_same_rows(city, run, store_of, sunday):
    full = [row for row in run(city.store, "classify", "--history").rows if row["week_start"] <= sunday]
    part = run(store_of(cut(city.files, sunday)), "classify", "--history", "--as-of", sunday).rows
    assert len(full) > 1000
    assert part == full


def test_a_suspended_week_carries_stage_and_confidence_unchanged(city, history):
    rows = history(city.store)
    seen = 0
    for branch in city.files["branches"]:
        for code, week in [key for key in rows if key[0] == branch["branch_code"]]:
            before = rows.get((code, (day(week) - WEEK).isoformat()))
            if before and status_on(branch, city.files["statuses"], day(week)) == "suspended":
                seen += 1
                now = rows[code, week]
                assert (now["stage"], now["confidence"]) == (before["stage"], before["confidence"]), (code, week)
    assert seen > 5


def test_weeks_without_any_policy_of_a_region_repeat_the_stage_with_less_confidence(city, history, store_of):
    files = without_contacts(city)
    region = {row["branch_code"]: row["region"] for row in files["branches"]}
    unit = max(set(region.values()), key=list(region.values()).count)
    files["policies"] = [
        row
        for row in files["policies"]
        if region[row["branch_code"]] != unit or not "2026-05-18" <= row["issued_on"] <= "2026-06-07"
    ]
    own = [row for row in city.files["contacts"] if region[row["branch_code"]] == unit]
    files["contacts"] = [row for row in own if "2026-05-18" <= row["contact_date"] <= "2026-06-07"]
    assert files["contacts"]
    rows = history(store_of(files))
    checked = 0
    for branch in files["branches"]:
        code = branch["branch_code"]
        before = rows.get((code, "2026-05-11"))
        if region[code] != unit or before is None or status_on(branch, files["statuses"], date(2026, 6, 1)) != "active":
            continue
        checked += 1
        for number, week in enumerate(("2026-05-18", "2026-05-25", "2026-06-01"), start=1):
            now = rows[code, week]
            assert now["stage"] == before["stage"]
            assert float(now["confidence"]) == pytest.approx(float(before["confidence"]) * 0.9**number, abs=2e-4)
    assert checked > 8


def test_the_collapse_of_a_whole_bank_changes_no_stage_by_itself(city, history, store_of):
    """In busy weeks a bank sells nothing: nobody steps down who would not have done so anyway."""
    files = without_contacts(city)
    bank = {row["branch_code"]: row["bank"] for row in files["branches"]}
    weeks = ("2026-03-02", "2026-03-09")
    sold = Counter(
        bank[row["branch_code"]] for row in files["policies"] if weeks[0] <= row["issued_on"] <= "2026-03-15"
    )
    ((chosen, lost),) = sold.most_common(1)
    assert lost > 30
    usual = history(store_of(files))
    files["policies"] = [
        row
        for row in files["policies"]
        if bank[row["branch_code"]] != chosen or not weeks[0] <= row["issued_on"] <= "2026-03-15"
    ]
    rows = history(store_of(files))
    own = [code for code in bank if bank[code] == chosen and (code, "2026-02-23") in rows]
    assert len(own) > 8
    for code in own:
        for week in weeks:
            stage = rows[code, week]["stage"]
            anyway = {usual[code, week]["stage"], rows[code, (day(week) - WEEK).isoformat()]["stage"]}
            assert stage in anyway or stage not in {"adjustment", "slump"}, (code, week)


def test_a_cancelled_policy_counts_in_the_weeks_that_end_before_its_day(city, history, store_of):
    def with_policies(**end):
        files = without_contacts(city)
        files["policies"] += [
            {
                **files["policies"][0],
                "policy_ref": f"X{number}",
                "issued_on": "2026-06-02",
                "branch_code": code,
                "staff_code": "",
                **end,
            }
            for code in codes
            for number in (f"{code}-{each}" for each in range(4))
        ]
        return history(store_of(files))

    codes = [row["branch_code"] for row in city.files["branches"] if row["size_tier"] == "C"][:4]
    stays = with_policies(status="in_force", cancelled_on="")
    on_sunday = with_policies(status="cancelled", cancelled_on="2026-06-21")
    on_monday = with_policies(status="surrendered", cancelled_on="2026-06-22")
    never = with_policies(status="cancelled", cancelled_on="")
    nothing = history(store_of(without_contacts(city)))

    def until(rows, week):
        return {key: row for key, row in rows.items() if key[1] <= week}

    def own(rows, week):
        return [rows[code, week] for code in codes if (code, week) in rows]

    assert never == nothing
    assert until(on_sunday, "2026-06-08") == until(stays, "2026-06-08")
    assert until(on_monday, "2026-06-15") == until(stays, "2026-06-15")
    assert own(on_sunday, "2026-06-15") != own(stays, "2026-06-15")
    assert own(on_monday, "2026-06-22") != own(stays, "2026-06-22")
    assert own(stays, "2026-06-08") != own(nothing, "2026-06-08")
