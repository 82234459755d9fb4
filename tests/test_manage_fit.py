"""`manage.py fit`: shows old against new, stores only on request and only what is better."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert

import manage
from core.calendar import week_start_of
from db.engine import reading, writing
from db.models import PolicyRow
from db.stage_rules import stage_rules, stored_versions
from tests.builders import ADMIN, add_branch
from tests.core.stages.fit_world import SHIPPED, drawn_sample, with_values

WEEKS = 55


@pytest.fixture
def filled(sqlite_store):
    """45 branches far larger than the shipped numbers expect, up to last week."""
    sample = drawn_sample(with_values(potential_median=5.0, potential_spread=0.3), 45, WEEKS, seed=2)
    first = week_start_of(manage.today()) - timedelta(weeks=WEEKS)
    with writing(sqlite_store) as session:
        rows = []
        for number, counts in enumerate(sample.counts.tolist()):
            began = first - timedelta(weeks=int(sample.weeks_before[number]) - int(sample.first_week[number]))
            branch = add_branch(session, f"B{number}", cooperation_start=began)
            for week, count in enumerate(counts):
                monday = first + timedelta(weeks=week)
                rows += [
                    {
                        "policy_ref": f"P{number}-{week}-{one}",
                        "issued_on": monday,
                        "week_start": monday,
                        "branch_id": branch.id,
                        "payment_mode": "regular",
                        "premium_fen": 1,
                        "status": "in_force",
                    }
                    for one in range(count)
                ]
        session.execute(insert(PolicyRow), rows)
    return sqlite_store


def versions(store):
    with reading(store) as session:
        return stored_versions(session, actor=ADMIN)


def test_without_data_it_says_what_it_takes(sqlite_store, capsys):
    assert manage.main(["fit"]) == 1
    assert "0 branches with 0 judged weeks are too little to fit on; it takes 40 branches" in capsys.readouterr().err


def test_it_shows_what_would_change_and_stores_nothing(filled, capsys, tmp_path):
    report = tmp_path / "fit.json"
    assert manage.main(["fit", "--rounds", "1", "--json", str(report)]) == 0
    told = capsys.readouterr().err
    assert "round 1 of 1" in told
    assert f"limits potential_median: {SHIPPED['potential_median']:.4g} -> " in told
    assert "nothing was stored; add --store to keep the numbers" in told
    read = json.loads(report.read_text("utf-8"))
    assert (read["better"], read["stored"]) == (True, False)
    assert read["branches"] + read["branches_held_out"] == 45
    assert versions(filled) == []


def test_better_numbers_are_stored_for_a_monday_on_request(filled, capsys):
    monday = week_start_of(manage.today()) + timedelta(weeks=2)
    words = ["fit", "--rounds", "1", "--hold-out", "0.2", "--store", "--valid-from", monday.isoformat()]
    assert manage.main(words) == 0
    (one,) = versions(filled)
    assert (one.rules.valid_from, one.made_by) == (monday, None)
    assert one.rules.note.startswith("fitted to 36 branches; mean log likelihood of 9 others -")
    assert f"stored: holds from {monday} on" in capsys.readouterr().err
    assert manage.main(words) == 1
    assert f"There is already a version that begins on {monday}" in capsys.readouterr().err


def test_numbers_that_are_no_better_are_not_stored(filled, capsys, monkeypatch):
    monkeypatch.setattr("core.stages.fit_report.Fit.is_better", property(lambda found: False))
    assert manage.main(["fit", "--rounds", "1", "--store"]) == 1
    assert "not stored: the new numbers do not explain the branches held out better" in capsys.readouterr().err
    with reading(filled) as session:
        assert stage_rules(session) == ()


@pytest.mark.parametrize(
    "words", [["--hold-out", "0"], ["--hold-out", "1"], ["--hold-out", "many"], ["--rounds", "0"], ["--rounds", "x"]]
)
def test_wrong_numbers_are_wrong_usage(sqlite_store, words):
    with pytest.raises(SystemExit) as ended:
        manage.main(["fit", *words])
    assert ended.value.code == 2


def test_a_start_that_cannot_be_is_wrong_usage(sqlite_store, capsys):
    assert manage.main(["fit", "--valid-from", "2026-01-06"]) == 2
    assert "2026-01-06 is no Monday: rules change with a week." in capsys.readouterr().err
    assert manage.main(["fit", "--valid-from", "2020-01-06"]) == 2
    assert "lies before the present week" in capsys.readouterr().err
