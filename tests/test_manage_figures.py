import csv
from datetime import date
from pathlib import Path

import pytest

import manage
from core.facts import StaffRole
from db.engine import writing
from db.rollups import rebuild_rollups
from tests.builders import add_branch, add_contact, add_policy, add_staff


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    """Wednesday 11 March 2026."""
    day = date(2026, 3, 11)
    monkeypatch.setattr(manage, "today", lambda: day)
    return day


@pytest.fixture
def world(store: str, today: date) -> str:
    """One branch with a teller and a wealth manager, contacted and selling in March."""
    with writing(store) as session:
        branch = add_branch(session, "00123")
        add_staff(session, branch, "S1", role=StaffRole.TELLER)
        add_staff(session, branch, "S2", role=StaffRole.WEALTH_MANAGER)
        add_contact(session, branch, date(2026, 3, 4), role=StaffRole.TELLER)
        add_contact(session, branch, date(2026, 3, 10), role=StaffRole.WEALTH_MANAGER)
        add_policy(session, branch, date(2026, 3, 5), premium_fen=12_345_67)
        rebuild_rollups(session)
    return store


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_cadence_writes_one_row_for_each_branch_and_role_of_the_week_that_holds_the_day(
    world: str, tmp_path: Path
) -> None:
    out = tmp_path / "cadence.csv"
    assert manage.main(["cadence", "--week", "2026-03-08", "--out", str(out)]) == 0
    assert lines(out) == [
        "branch_code,role,week_start,workdays,target_min,target_max,actual,status",
        "00123,branch_head,2026-03-02,5,0,0,0,not_due",
        "00123,wealth_manager,2026-03-02,5,5,,0,none",
        "00123,account_manager,2026-03-02,5,0,,0,not_due",
        "00123,teller,2026-03-02,5,1,2,1,met",
    ]


def test_cadence_of_the_unfinished_week_covers_the_days_before_today(world: str, tmp_path: Path) -> None:
    out = tmp_path / "cadence.csv"
    assert manage.main(["cadence", "--week", "2026-03-11", "--out", str(out)]) == 0
    assert "00123,wealth_manager,2026-03-09,2,2,,1,short" in lines(out)


def test_cadence_refuses_a_week_to_come(world: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "cadence.csv"
    assert manage.main(["cadence", "--week", "2026-03-16", "--out", str(out)]) == 2
    assert not out.exists()
    assert "2026-03-09" in capsys.readouterr().err


def test_kpis_writes_each_unit_and_the_whole(world: str, tmp_path: Path) -> None:
    out = tmp_path / "kpis.csv"
    words = ["kpis", "--from", "2026-03-01", "--to", "2026-03-31", "--by", "branch", "--out", str(out)]
    assert manage.main(words) == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = {(row["by"], row["key"], row["kpi"]): row for row in csv.DictReader(file)}
    assert rows["branch", "00123", "scale_premium"]["value"] == "12345.67"
    assert rows["all", "all", "branch_activity_rate"] == {
        "by": "all",
        "key": "all",
        "from": "2026-03-01",
        "to": "2026-03-31",
        "kpi": "branch_activity_rate",
        "value": "1",
        "numerator": "1",
        "denominator": "1",
        "unit": "share",
        "target": "0.6",
    }
    assert rows["all", "all", "regular_single_ratio"]["value"] == ""


def test_kpis_without_by_writes_the_whole_only(world: str, tmp_path: Path) -> None:
    out = tmp_path / "kpis.csv"
    assert manage.main(["kpis", "--from", "2026-03-01", "--to", "2026-03-31", "--out", str(out)]) == 0
    assert {line.split(",")[0] for line in lines(out)[1:]} == {"all"}


def test_kpis_refuses_a_period_that_ends_before_it_begins(world: str, tmp_path: Path) -> None:
    out = tmp_path / "kpis.csv"
    assert manage.main(["kpis", "--from", "2026-03-02", "--to", "2026-03-01", "--out", str(out)]) == 2
    assert not out.exists()


def test_days_long_ago_have_the_shipped_targets(world: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert manage.main(["kpis", "--from", "1990-01-01", "--to", "1995-01-31", "--out", str(out)]) == 0
    assert "all,all,1990-01-01,1995-01-31,branch_activity_rate,,0,0,share,0.6" in lines(out)
    assert manage.main(["cadence", "--week", "1999-12-27", "--out", str(out)]) == 0
    assert lines(out) == ["branch_code,role,week_start,workdays,target_min,target_max,actual,status"]


def test_the_last_day_that_is_accepted_is_one_of_no_facts(world: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert manage.main(["kpis", "--from", "2099-12-01", "--to", "2099-12-31", "--out", str(out)]) == 0
    assert "all,all,2099-12-01,2099-12-31,branch_activity_rate,0,0,1,share,0.6" in lines(out)
    assert manage.main(["cadence", "--week", "2099-12-31", "--out", str(out)]) == 2


@pytest.mark.parametrize("day", ["0001-01-01", "1989-12-31", "2100-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    "words",
    [
        ["classify", "--as-of", "DAY"],
        ["cadence", "--week", "DAY"],
        ["kpis", "--from", "DAY", "--to", "2026-03-31"],
        ["kpis", "--from", "2026-03-01", "--to", "DAY"],
    ],
)
def test_a_day_too_far_away_is_wrong_usage(
    words: list[str], day: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        manage.main([day if word == "DAY" else word for word in words] + ["--out", str(tmp_path / "out.csv")])
    assert ended.value.code == 2
    assert f"{day} is too far away; days from 1990-01-01 to 2099-12-31 are accepted" in capsys.readouterr().err
