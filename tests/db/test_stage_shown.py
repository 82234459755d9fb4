"""What was shown at the time is kept, and each other stage of a past week is noted with its cause."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, event, select

from core.facts import BranchStatus, RestatementCause, Stage, UserRole
from core.stages.limits import RuleValue
from core.stages.restated import NOTE_COLUMNS, RESTATED_COLUMNS
from db.branch_history import weekly_path
from db.calendar_days import set_calendar_day
from db.engine import data_version, engine_of, reading, writing
from db.imports.undo import undo_import
from db.models import BranchRow, PolicyRow, StageShownRow, StageWeekRow
from db.stage_history import recompute_stages
from db.stage_restatements import restated_weeks, restated_weeks_of, restatement_notes
from db.stage_rules import add_stage_rules
from tests.builders import ADMIN, add_branch, add_policy, head_of, supervisor
from tests.db.imports.files import imported, write
from tests.running import add_user

FIRST = date(2025, 3, 3)
WEEKS = 40
GAP = range(14, 34)
"""Weeks in which the branch with late data seems to sell nothing."""
TODAY = FIRST + timedelta(weeks=WEEKS, days=2)
LONG_AGO = date(2018, 1, 1)
HEAD = "policy_ref,issued_on,branch_code,payment_mode,premium\n"


def monday(week):
    return FIRST + timedelta(weeks=week)


def sell(session, branch, counts):
    """Add the weekly policies of a branch, all at once."""
    session.add_all(
        PolicyRow(
            policy_ref=f"{branch.branch_code}-{week}-{number}",
            issued_on=monday(week) + timedelta(days=2),
            week_start=monday(week),
            branch_id=branch.id,
            payment_mode="regular",
            premium_fen=1_000_000,
            status="in_force",
        )
        for week, count in enumerate(counts)
        for number in range(count)
    )


def recomputed(store, *, as_of=TODAY):
    with writing(store) as session:
        return recompute_stages(session, as_of=as_of)


@pytest.fixture
def world(store):
    """B1 sells two a week but for the gap, B2 two a week; both known up to the last week."""
    with writing(store) as session:
        late, steady = (add_branch(session, code, cooperation_start=LONG_AGO) for code in ("B1", "B2"))
        sell(session, late, [0 if week in GAP else 2 for week in range(WEEKS)])
        sell(session, steady, [2] * WEEKS)
        ids = late.id, steady.id
    recomputed(store)
    return ids


def late_file(folder):
    """The policies of the gap, as a file."""
    rows = [f"L{week}-{number},{monday(week).isoformat()},B1,regular,10000" for week in GAP for number in range(2)]
    return write(folder, policies=HEAD + "\n".join(rows) + "\n")


def told(store, row=StageShownRow):
    with reading(store) as session:
        rows = session.execute(select(row.branch_id, row.week_start, row.stage))
        return {(branch_id, week): stage for branch_id, week, stage in rows}


def restated(store, actor=ADMIN):
    with reading(store) as session:
        return restated_weeks(session, actor=actor).to_pylist()


def notes(store, actor=ADMIN):
    with reading(store) as session:
        return restatement_notes(session, actor=actor).to_pylist()


def test_the_first_stages_of_ten_years_are_kept_and_are_no_restatement(store, world):
    assert told(store) == told(store, StageWeekRow)
    assert len(told(store)) == 2 * WEEKS
    assert notes(store) == restated(store) == []
    with reading(store) as session:
        assert restated_weeks(session, actor=ADMIN).schema == RESTATED_COLUMNS
        assert restatement_notes(session, actor=ADMIN).schema == NOTE_COLUMNS
        (moment,) = session.scalars(select(StageShownRow.shown_at).distinct())
        assert session.scalars(select(StageShownRow.data_version).distinct()).all() == [data_version(session)]
    recomputed(store)
    with reading(store) as session:
        assert session.scalars(select(StageShownRow.shown_at).distinct()).all() == [moment]


def test_a_day_corrected_afterwards_gives_another_stage_and_a_note_with_its_cause(sqlite_store):
    """The branch that stopped reaches its slump in a week of three working days; with two it is not judged."""
    reached = 31
    with writing(sqlite_store) as session:
        branches = [add_branch(session, code, cooperation_start=LONG_AGO) for code in ("B1", "B2", "B3", "B4")]
        for place, branch in enumerate(branches):
            sell(session, branch, [2] * (36 if place else 26))
        recompute_stages(session, as_of=monday(36))
        stopped = branches[0].id
    assert told(sqlite_store)[stopped, monday(reached)] == Stage.SLUMP
    with writing(sqlite_store) as session:
        set_calendar_day(
            session,
            actor=ADMIN,
            day=monday(reached) + timedelta(days=4),
            kind="off",
            name="Typhoon",
            source="City notice",
            reason="Published late",
            shown_version=0,
            today=monday(36),
            write_key="d1",
        )
    found = [(one["branch_id"], one["before"], one["after"], one["cause"]) for one in notes(sqlite_store)]
    assert found == [(stopped, Stage.SLUMP, Stage.MATURE, RestatementCause.CALENDAR)]
    (week,) = restated(sqlite_store)
    assert (week["week_start"], week["shown"], week["stage"]) == (monday(reached), Stage.SLUMP, Stage.MATURE)
    assert told(sqlite_store, StageWeekRow)[stopped, monday(reached)] == Stage.MATURE


def test_the_stages_of_a_store_are_kept_in_one_statement(store):
    with writing(store) as session:
        sell(session, add_branch(session, cooperation_start=LONG_AGO), [1] * 20)
    said = []

    def listen(*call):
        said.append(call[2])

    event.listen(engine_of(store), "before_cursor_execute", listen)
    recomputed(store)
    event.remove(engine_of(store), "before_cursor_execute", listen)
    assert [words.split(" (")[0] for words in said if "stage_shown" in words and "INSERT" in words] == [
        "INSERT INTO stage_shown"
    ]


def test_a_new_week_is_kept_beside_the_weeks_before(store, world):
    before = told(store)
    with writing(store) as session:
        add_policy(session, session.get_one(BranchRow, world[1]), monday(WEEKS))
    recomputed(store, as_of=TODAY + timedelta(weeks=1))
    after = told(store)
    assert before.items() <= after.items()
    assert {week for _, week in after.keys() - before.keys()} == {monday(WEEKS)}
    assert notes(store) == []


def test_late_policies_restate_the_weeks_whose_stage_they_change(store, world, tmp_path):
    shown = told(store)
    chief = replace(ADMIN, user_id=add_user(store, "chief", UserRole.ADMIN))
    report = imported(store, late_file(tmp_path / "late"), actor=chief, today=TODAY)
    now = told(store, StageWeekRow)
    changed = {key for key in shown if now[key] != shown[key]}
    assert {Stage.ADJUSTMENT, Stage.SLUMP} & {shown[key] for key in changed}
    assert min(week for _, week in changed) >= monday(GAP[0])
    assert told(store) == shown

    rows = restated(store)
    assert {(row["branch_id"], row["week_start"]): (row["shown"], row["stage"]) for row in rows} == {
        key: (shown[key], now[key]) for key in changed
    }
    assert {(row["cause"], row["import_batch_id"], row["files"]) for row in rows} == {
        ("import", report.import_batch_id, "policies.csv")
    }
    assert {row["changed_by"] for row in rows} == {"Chief"}
    assert all(row["shown_at"] <= row["changed_at"] for row in rows)

    with reading(store) as session:
        path = weekly_path(session, actor=ADMIN, branch_id=world[0], start=FIRST, end=TODAY).to_pylist()
        weeks = restated_weeks_of(session, actor=ADMIN, branch_id=world[0])["week_start"].to_pylist()
        assert restated_weeks(session, actor=ADMIN, limit=3).num_rows == 3
    assert [row["shown"] for row in path] == [
        shown[world[0], row["week_start"]] if (world[0], row["week_start"]) in changed else None for row in path
    ]
    assert weeks == sorted((week for branch_id, week in changed if branch_id == world[0]), reverse=True)


def test_an_undo_takes_the_mark_away_and_leaves_both_notes(store, world, tmp_path):
    folder = late_file(tmp_path / "late")
    first = imported(store, folder, today=TODAY).import_batch_id
    count = len(restated(store))
    with writing(store) as session:
        undo_import(session, actor=ADMIN, import_batch_id=first, today=TODAY)
    assert restated(store) == []
    found = notes(store)
    assert [(note["cause"], note["import_batch_id"]) for note in found] == [("undo", first)] * count + [
        ("import", first)
    ] * count
    taken_back = {(note["branch_id"], note["week_start"], note["after"], note["before"]) for note in found[:count]}
    assert taken_back == {
        (note["branch_id"], note["week_start"], note["before"], note["after"]) for note in found[count:]
    }
    again = imported(store, folder, today=TODAY).import_batch_id
    assert {row["import_batch_id"] for row in restated(store)} == {again}
    assert (len(restated(store)), len(notes(store))) == (count, 3 * count)


def test_what_took_a_stage_away_is_noted_until_it_comes_back(store, world):
    """A branch closed with a day in the past has no stage after it."""
    with writing(store) as session:
        branch = session.get_one(BranchRow, world[0])
        branch.status, branch.status_since = BranchStatus.CLOSED, monday(36)
    recomputed(store)
    gone = [(row["week_start"], row["stage"]) for row in restated(store) if row["branch_id"] == world[0]]
    assert sorted(gone) == [(monday(week), None) for week in range(36, WEEKS)]
    with writing(store) as session:
        session.get_one(BranchRow, world[0]).status = BranchStatus.ACTIVE
    recomputed(store)
    assert restated(store) == []
    back = [note for note in notes(store) if note["before"] is None]
    assert len(back) == WEEKS - 36
    assert told(store) == told(store, StageWeekRow)


def test_a_week_the_data_do_not_reach_any_more_is_compared_once_they_reach_it_again(store, world):
    with writing(store) as session:
        session.execute(delete(PolicyRow).where(PolicyRow.week_start >= monday(38)))
    recomputed(store)
    assert max(week for _, week in told(store, StageWeekRow)) == monday(37)
    assert notes(store) == restated(store) == []
    with writing(store) as session:
        shown = session.get_one(StageShownRow, (world[1], monday(38)))
        shown.stage = Stage.SLUMP  # as if another stage had been shown before the data went
        add_policy(session, session.get_one(BranchRow, world[1]), monday(39))
    recomputed(store)
    assert [(note["week_start"], note["before"], note["cause"]) for note in notes(store)] == [
        (monday(38), "slump", "recomputed")
    ]
    assert [row["week_start"] for row in restated(store)] == [monday(38)]


def test_a_branch_that_comes_with_an_old_history_is_no_restatement(store, world):
    with writing(store) as session:
        young = add_branch(session, "B3", cooperation_start=LONG_AGO)
        sell(session, young, [1, 0] * (WEEKS // 2))
        young_id = young.id
    recomputed(store)
    assert {week for branch_id, week in told(store) if branch_id == young_id} == {monday(w) for w in range(WEEKS)}
    assert young_id not in {note["branch_id"] for note in notes(store)}


def test_the_undo_of_new_branches_takes_what_was_kept_of_them(store, tmp_path):
    branches = f"branch_code,branch_name,bank,region,cooperation_start\nN1,甲,青禾银行,东区,{FIRST}\n"
    policies = HEAD + "".join(f"N{week},{monday(week)},N1,regular,10000\n" for week in range(12))
    folder = write(tmp_path / "new", branches=branches, policies=policies)
    batch = imported(store, folder, today=TODAY).import_batch_id
    assert len(told(store)) == 12
    with writing(store) as session:
        undo_import(session, actor=ADMIN, import_batch_id=batch, today=TODAY)
    assert told(store) == {}
    assert notes(store) == []


def test_rules_that_begin_on_a_monday_restate_no_week_before_it(store, world):
    """On the Sunday of its week the first week of a version may have been shown already."""
    sunday = monday(WEEKS) - timedelta(days=1)
    with writing(store) as session:
        add_stage_rules(
            session,
            actor=ADMIN,
            values=[RuleValue("limits", "hold_weeks", 1.0)],
            valid_from=monday(WEEKS - 1),
            note="Shorter wait",
            shown_state=None,
            today=sunday,
            write_key="k",
        )
    with reading(store) as session:
        assert len(session.scalars(select(StageWeekRow.rules_on).distinct()).all()) == 2
    assert [note for note in notes(store) if note["week_start"] < monday(WEEKS - 1)] == []
    assert {note["cause"] for note in notes(store)} <= {"rules"}


def test_a_change_by_other_rules_is_not_laid_to_the_import_that_brought_it(store, world):
    with writing(store) as session:
        row = session.get_one(StageWeekRow, (world[1], monday(20)))
        row.stage, row.rules_on = Stage.SLUMP, date(2000, 1, 2)
    recomputed(store)
    assert [(note["week_start"], note["before"], note["cause"]) for note in notes(store)] == [
        (monday(20), "slump", "rules")
    ]


def test_readers_see_the_notes_of_their_branches_and_no_file_names(store, world, tmp_path):
    imported(store, late_file(tmp_path / "late"), today=TODAY)
    count = len(restated(store))
    assert len(restated(store, supervisor("li"))) == len(notes(store, supervisor("li"))) == count
    assert {row["files"] for row in restated(store, supervisor("li"))} == {None}
    assert restated(store, supervisor("wang")) == notes(store, supervisor("wang")) == []
    others = [row for row in restated(store) if row["branch_id"] == world[1]]
    assert restated(store, head_of(world[1])) == [row | {"files": None} for row in others]
