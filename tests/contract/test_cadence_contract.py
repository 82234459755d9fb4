"""The cadence command against a reference that counts contact by contact."""

import shutil
from datetime import date
from decimal import Decimal

import pytest

import manage
from core.cadence.targets import CadenceTarget
from core.facts import StaffRole, Stage
from db.engine import sqlite_url, writing
from db.settings import add_setting
from db.targets import add_cadence_target
from tests.builders import ADMIN
from tests.contract.bent import cadence_of
from tests.contract.conftest import TODAY

pytestmark = pytest.mark.xdist_group("contract")

WEEKS = {
    "2025-09-29": 2,
    "2025-10-06": 3,
    "2026-02-09": 6,
    "2026-02-16": 0,
    "2026-02-23": 5,
    "2026-05-04": 4,
    "2026-09-14": 6,
    "2026-10-26": 5,
    "2026-11-16": 2,
}
"""Working days; the last week is the unfinished one, seen on its Wednesday."""


@pytest.mark.parametrize(("week", "workdays"), WEEKS.items())
def test_every_row_of_a_week_is_what_counting_by_hand_gives(city, run, week, workdays):
    told = run(city.store, "cadence", "--week", week)
    assert told.status == 0
    assert told.rows == cadence_of(city.files, date.fromisoformat(week), TODAY)
    assert max(int(row["workdays"]) for row in told.rows) == workdays


def test_the_week_is_the_one_that_holds_the_day(city, run):
    assert (
        run(city.store, "cadence", "--week", "2026-02-15").rows
        == run(city.store, "cadence", "--week", "2026-02-09").rows
    )


def test_a_week_after_the_current_one_is_refused(city, run):
    told = run(city.store, "cadence", "--week", "2026-11-23")
    assert (told.status, told.rows) == (2, [])
    assert run(city.store, "cadence", "--week", "2026-11-22").status == 0


def test_the_bent_cases_are_in_the_week_of_spring_festival(city, run):
    """The reference and the program could both leave a case out: here each is named."""
    rows = run(city.store, "cadence", "--week", "2026-02-09").rows
    of = {(row["branch_code"], row["role"]): row for row in rows}
    old = [
        row["branch_code"]
        for row in city.files["branches"]
        if row["cooperation_start"] in {"2026-02-11", "2026-02-22"} or row["status_since"].startswith("2026-02-")
    ]
    begun = next(row for row in city.files["branches"] if row["cooperation_start"] == "2026-02-11")["branch_code"]
    late = next(row for row in city.files["branches"] if row["cooperation_start"] == "2026-02-22")["branch_code"]
    shut = {row["status_since"]: row["branch_code"] for row in city.files["branches"] if row["status"] == "closed"}
    resting = next(row["branch_code"] for row in city.files["statuses"] if row["from"] == "2026-02-09")
    staffed = {row["branch_code"] for row in city.files["staff"]}
    bare = next(row["branch_code"] for row in city.files["branches"] if row["branch_code"] not in staffed)
    assert len(old) >= 4
    assert of[begun, "wealth_manager"]["workdays"] == "4"  # Wednesday to Saturday
    assert (late, "teller") not in of
    assert shut["2026-02-10"] in {row["branch_code"] for row in rows}
    assert shut["2026-02-09"] not in {row["branch_code"] for row in rows}
    assert {of[resting, role]["status"] for role in ("teller", "wealth_manager")} == {"not_due"}
    assert of[resting, "teller"]["target_max"] == "0"
    assert of[resting, "wealth_manager"]["target_max"] == of[resting, "account_manager"]["target_max"] == ""
    assert "not_due" not in {of[bare, role]["status"] for role in ("branch_head", "account_manager", "teller")}
    assert {row["status"] for row in rows} == {"met", "over", "short", "none", "not_due"}
    assert len({row["branch_code"] for row in rows}) * 4 == len(rows)


@pytest.fixture
def own_store(city, tmp_path):
    path = tmp_path / "own.db"
    shutil.copy(city.store, path)
    return path


@pytest.mark.parametrize("week", ["2026-02-09", "2026-02-16", "2026-11-16"])
def test_per_person_multiplies_by_the_people_in_post(own_store, city, run, week):
    begin = date(2025, 9, 1)
    with writing(sqlite_url(own_store)) as session:
        add_setting(
            session, actor=ADMIN, key="cadence_scope", value="person", valid_from=begin, source="test", today=begin,
            write_key="k" * 20,
        )  # fmt: skip
    told = run(own_store, "cadence", "--week", week)
    assert told.rows == cadence_of(city.files, date.fromisoformat(week), TODAY, by_person=True)


def test_targets_by_stage_use_the_stage_at_the_end_of_the_week_before(own_store, city, run):
    begin = date(2025, 9, 1)
    rules = {("teller", "slump"): (2.5, 4), ("branch_head", "growth"): (0.5, 1), ("branch_head", "mature"): (0, 2)}
    with writing(sqlite_url(own_store)) as session:
        for number, ((role, stage), (low, high)) in enumerate(rules.items()):
            target = CadenceTarget(
                role=StaffRole(role), stage=Stage(stage), unit="week", minimum=Decimal(str(low)),
                maximum=Decimal(high), scope=None, valid_from=begin, source_en="test", source_zh="test", is_stored=True,
            )  # fmt: skip
            add_cadence_target(session, actor=ADMIN, target=target, today=begin, write_key=f"{number}" * 20)
    stages: dict[str, str] = {}
    for row in run(own_store, "classify", "--history").rows:
        if row["week_start"] <= "2026-05-25":
            stages[row["branch_code"]] = row["stage"]
    assert {"slump", "growth", "mature"} <= set(stages.values())
    told = run(own_store, "cadence", "--week", "2026-06-01")
    assert told.rows == cadence_of(city.files, date(2026, 6, 1), TODAY, stage_targets=rules, stages=stages)


def test_a_week_beyond_the_published_calendar_is_counted_with_a_warning(city, run, monkeypatch):
    monkeypatch.setattr(manage, "today", lambda: date(2031, 10, 20))
    told = run(city.store, "cadence", "--week", "2031-09-29")
    assert told.status == 0
    assert {row["workdays"] for row in told.rows} == {"2"}  # the first three days of October are off
    assert "no statutory calendar of 2031" in told.words


def test_branches_without_any_staff_or_contact_are_taken_to_have_every_role(take, run, tmp_path):
    take(branches="branch_code,branch_name,bank,region,cooperation_start\nB1,甲,青禾银行,东区,2024-01-01\n")
    rows = run(tmp_path / "store.db", "cadence", "--week", "2026-03-02").rows
    assert [(row["role"], row["target_min"], row["target_max"], row["status"]) for row in rows] == [
        ("branch_head", "1", "2", "none"),
        ("wealth_manager", "5", "", "none"),
        ("account_manager", "1", "", "none"),
        ("teller", "1", "2", "none"),
    ]
    told = run(tmp_path / "store.db", "kpis", "--from", "2026-03-01", "--to", "2026-03-31", "--by", "bank")
    (attainment,) = [row for row in told.rows if row["kpi"] == "contact_attainment" and row["by"] == "bank"]
    assert (attainment["value"], attainment["denominator"]) == ("0", "40")
    assert run(tmp_path / "store.db", "classify", "--history").rows == []
