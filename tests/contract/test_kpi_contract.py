"""The KPI command against sums over the files with pandas, by the definitions of the KPIs."""

from datetime import date, timedelta

import pandas as pd
import pytest

from tests.contract.bent import cadence_of, day, is_workday, status_on
from tests.contract.conftest import TODAY

pytestmark = pytest.mark.xdist_group("contract")

REQUIRED = {
    "branch_activity_rate",
    "policies_per_branch",
    "policies_per_active_branch",
    "premium_per_branch",
    "premium_per_policy",
    "scale_premium",
    "regular_premium",
    "regular_share",
    "regular_single_ratio",
    "cooling_off_rate",
    "zero_branch_rate",
    "active_sellers",
    "contact_attainment",
}
PERIODS = [
    ("2026-03-01", "2026-03-31"),
    ("2026-04-01", "2026-06-30"),
    ("2026-02-09", "2026-02-15"),
    ("2026-10-01", "2026-11-18"),
    ("2026-02-01", "2026-02-28"),
]
BY = ["branch", "region", "bank", "supervisor"]


def operates(branch, statuses, start, end):
    """Active on the last day, or closed after half of the working days; from its first full week on."""
    begun = day(branch["cooperation_start"])
    if begun + timedelta(days=-begun.weekday() % 7) > end:
        return False
    last = status_on(branch, statuses, end)
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    worked = [on for on in days if is_workday(on)]
    is_open = [on for on in worked if on >= begun and status_on(branch, statuses, on) == "active"]
    return last == "active" or (last == "closed" and bool(is_open) and 2 * len(is_open) >= len(worked))


def contacts_due(files, start, end):
    """Return contacts done up to the minimum and the minimum by branch, of weeks whose Monday lies in the period."""
    monday = start + timedelta(days=-start.weekday() % 7)
    rows = []
    while monday <= end:
        rows += cadence_of(files, monday, TODAY)
        monday += timedelta(weeks=1)
    if not rows:
        return pd.DataFrame(columns=["done", "due"])
    frame = pd.DataFrame(rows).astype({"actual": int, "target_min": int})
    frame["done"] = frame[["actual", "target_min"]].min(axis=1)
    return frame.rename(columns={"target_min": "due"}).groupby("branch_code")[["done", "due"]].sum()


@pytest.fixture(scope="module")
def figures_of(city):
    """Return sums by branch for a period, worked out once."""
    known = {}

    def figures(start, end):
        if (start, end) not in known:
            known[start, end] = _figures(city.files, start, end)
        return known[start, end]

    return figures


def _figures(files, start, end):
    branches = pd.DataFrame(files["branches"]).set_index("branch_code")
    branches["operating"] = [int(operates(row, files["statuses"], start, end)) for row in files["branches"]]
    policies = pd.DataFrame(files["policies"])
    policies["yuan"] = policies["premium"].astype(float)
    policies["regular"] = policies["yuan"].where(policies["payment_mode"] == "regular", 0)
    issued = policies[policies["issued_on"].between(start.isoformat(), end.isoformat())]
    is_cancelled = issued["status"] == "cancelled"
    net = issued[~is_cancelled]
    accepted = issued[~is_cancelled | (issued["cancelled_on"] != "")]
    gone = policies[policies["status"] == "cancelled"]
    gone = gone[gone["cancelled_on"].between(start.isoformat(), end.isoformat())]
    parts = {
        "net": net.groupby("branch_code").size(),
        "issued": issued.groupby("branch_code").size(),
        "cancelled": issued[is_cancelled].groupby("branch_code").size(),
        "sellers": net[net["staff_code"] != ""].groupby("branch_code")["staff_code"].nunique(),
        "net_yuan": net.groupby("branch_code")["yuan"].sum(),
        "scale": accepted.groupby("branch_code")["yuan"]
        .sum()
        .sub(gone.groupby("branch_code")["yuan"].sum(), fill_value=0),
        "regular": accepted.groupby("branch_code")["regular"]
        .sum()
        .sub(gone.groupby("branch_code")["regular"].sum(), fill_value=0),
    }
    for name, part in parts.items():
        branches[name] = part
    branches = branches.join(contacts_due(files, start, end)).infer_objects()
    numbers = ["operating", *parts, "done", "due"]
    branches[numbers] = branches[numbers].astype(float).fillna(0)
    branches["active"] = branches["operating"] * (branches["net"] > 0)
    branches["idle"] = branches["operating"] * (branches["net"] == 0)
    return branches.reset_index()


def expected(row):
    """Return numerator and denominator of each KPI over summed figures."""
    return {
        "branch_activity_rate": (row["active"], row["operating"]),
        "zero_branch_rate": (row["idle"], row["operating"]),
        "policies_per_branch": (row["net"], row["operating"]),
        "policies_per_active_branch": (row["net"], row["active"]),
        "premium_per_branch": (row["scale"], row["operating"]),
        "premium_per_policy": (row["net_yuan"], row["net"]),
        "scale_premium": (row["scale"], 1),
        "regular_premium": (row["regular"], 1),
        "regular_share": (row["regular"], row["scale"]),
        "regular_single_ratio": (row["regular"], row["scale"] - row["regular"]),
        "cooling_off_rate": (row["cancelled"], row["issued"]),
        "active_sellers": (row["sellers"], 1),
        "contact_attainment": (row["done"], row["due"]),
    }


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: "_".join(period))
@pytest.mark.parametrize("by", BY)
def test_every_kpi_of_every_unit_is_what_the_files_add_up_to(city, run, figures_of, period, by):
    start, end = map(date.fromisoformat, period)
    told = run(city.store, "kpis", "--from", start, "--to", end, "--by", by)
    assert told.status == 0
    assert list(told.rows[0]) == [
        "by",
        "key",
        "from",
        "to",
        "kpi",
        "value",
        "numerator",
        "denominator",
        "unit",
        "target",
    ]
    found = {(row["by"], row["key"], row["kpi"]): row for row in told.rows}
    assert len(found) == len(told.rows)
    figures = figures_of(start, end)
    column = "branch_code" if by == "branch" else by
    numbers = figures.select_dtypes("number").columns
    units = {(by, key): sums for key, sums in figures.groupby(column)[list(numbers)].sum().iterrows()}
    units["all", "all"] = figures[list(numbers)].sum()
    assert {(unit, key) for unit, key, _ in found} == set(units)
    for (unit, key), sums in units.items():
        for kpi, (top, bottom) in expected(sums).items():
            row = found[unit, key, kpi]
            place = f"{unit} {key} {kpi}"
            assert (row["from"], row["to"]) == period, place
            assert float(row["numerator"]) == pytest.approx(top, abs=1e-6), place
            assert float(row["denominator"]) == pytest.approx(bottom, abs=1e-6), place
            if bottom == 0:
                assert row["value"] == "", place
            elif row["value"]:
                assert float(row["value"]) == pytest.approx(top / bottom, abs=1e-6), place
            else:
                assert bottom < 0, place


def test_the_required_kpis_are_there_with_units_and_the_whole_alone_without_by(city, run):
    rows = run(city.store, "kpis", "--from", "2026-03-01", "--to", "2026-03-31").rows
    assert {row["by"] for row in rows} == {"all"}
    assert {row["key"] for row in rows} == {"all"}
    units = {row["kpi"]: row["unit"] for row in rows}
    assert set(units) >= REQUIRED
    assert {units[kpi] for kpi in ("scale_premium", "regular_premium", "premium_per_branch")} == {"cny"}
    assert {units[kpi] for kpi in REQUIRED if kpi.endswith(("_rate", "_share", "_attainment"))} == {"share"}


def test_groups_add_up_to_the_whole_and_are_no_averages(city, run):
    for by in BY:
        rows = run(city.store, "kpis", "--from", "2026-03-01", "--to", "2026-03-31", "--by", by).rows
        for kpi in REQUIRED:
            own = [row for row in rows if row["kpi"] == kpi and row["by"] == by]
            (whole,) = [row for row in rows if row["kpi"] == kpi and row["by"] == "all"]
            assert sum(float(row["numerator"]) for row in own) == pytest.approx(float(whole["numerator"])), (by, kpi)
            if kpi not in {"scale_premium", "regular_premium", "active_sellers"}:
                below = sum(float(row["denominator"]) for row in own)
                assert below == pytest.approx(float(whole["denominator"])), (by, kpi)


def test_the_targets_are_those_of_the_definitions(city, run):
    start, end = date(2026, 4, 1), date(2026, 6, 30)
    rows = run(city.store, "kpis", "--from", start, "--to", end, "--by", "branch").rows
    of = {(row["key"], row["kpi"]): row["target"] for row in rows}
    assert of["all", "branch_activity_rate"] == "0.6"
    assert of["all", "regular_share"] == "0.3333333333"
    assert of["all", "cooling_off_rate"] == "0.05"
    assert of["all", "contact_attainment"] == "1"
    tier = {row["branch_code"]: row["size_tier"] for row in city.files["branches"]}
    operating = {row["key"] for row in rows if row["kpi"] == "policies_per_branch" and row["denominator"] == "1"}
    monthly = {"A": 6, "B": 3, "C": 1.7}
    for code in operating - {"all"}:
        assert float(of[code, "policies_per_branch"]) == pytest.approx(3 * monthly[tier[code]])


def test_a_period_without_anything_has_empty_values_and_no_error(city, run):
    rows = run(city.store, "kpis", "--from", "2001-01-01", "--to", "2001-01-31", "--by", "region").rows
    rates = [row for row in rows if row["kpi"] in REQUIRED and row["denominator"] == "0"]
    assert {row["value"] for row in rates} == {""}
    assert {row["kpi"] for row in rates} >= {"branch_activity_rate", "regular_share", "contact_attainment"}


def test_a_period_that_ends_before_it_begins_is_wrong_usage(city, run):
    assert run(city.store, "kpis", "--from", "2026-03-02", "--to", "2026-03-01").status == 2
    assert run(city.store, "kpis", "--from", "2026-03-02", "--to", "2026-03-09", "--by", "city").status == 2
