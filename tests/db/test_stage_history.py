"""Stages in the store: written whole with the facts, asked within the scope, the same on both databases."""

import csv
from datetime import date, timedelta
from itertools import permutations

import numpy as np
import pytest
from sqlalchemy import delete, event, func, select

import manage
from core.calendar import week_start_of
from core.facts import BranchStatus, PolicyStatus, Stage
from core.stages import outlook_text, reason_text
from core.stages.model import STAGES
from core.stages.shown import RANK
from db.changes import utc_now
from db.engine import engine_of, reading, writing
from db.models import BranchRow, BranchStatusRow, CalendarDayRow, PolicyRow, StageWeekRow
from db.stage_history import (
    classified_rows,
    recompute_stages,
    stage_counts,
    stage_moves,
    stage_path,
    stages_are_current,
    stages_now,
)
from tests.builders import ADMIN, add_branch, add_contact, add_policy, add_staff, head_of, manager_of, supervisor
from tests.core.stages.world import seasonal

FIRST = date(2025, 3, 3)
WEEKS = 70
LAST = FIRST + timedelta(weeks=WEEKS - 1)
TODAY = LAST + timedelta(days=9)
LONG_AGO = date(2018, 1, 1)


def sell(session, branch, counts, *, first=FIRST, **more):
    """Add the weekly policies of a branch, on Wednesdays."""
    return [
        add_policy(session, branch, first + timedelta(weeks=week, days=2), **more)
        for week, number in enumerate(counts)
        for _ in range(number)
    ]


def small_world(session):
    """A steady branch, one that stopped, and one of another region and supervisor."""
    steady = add_branch(session, "B1", cooperation_start=LONG_AGO)
    stopped = add_branch(session, "B2", cooperation_start=LONG_AGO)
    other = add_branch(session, "C1", cooperation_start=LONG_AGO, region="西区分公司", supervisor="wang")
    sell(session, steady, seasonal(2, WEEKS, first=FIRST))
    sell(session, stopped, seasonal(3, 50, first=FIRST))
    sell(session, other, seasonal(1, WEEKS, first=FIRST))
    return steady.id, stopped.id, other.id


def recomputed(store, *, as_of=TODAY):
    with writing(store) as session:
        return recompute_stages(session, as_of=as_of)


def test_a_store_without_policies_has_no_stages(store):
    with writing(store) as session:
        add_branch(session)
        assert recompute_stages(session, as_of=TODAY) == 0
    with reading(store) as session:
        assert stages_now(session, actor=ADMIN).empty
        assert stage_counts(session, actor=ADMIN, weeks=26).empty
        assert stages_are_current(session, as_of=TODAY)


def test_every_branch_has_its_present_stage_with_reason_outlook_and_badges(store):
    with writing(store) as session:
        steady, stopped, other = small_world(session)
        assert recompute_stages(session, as_of=TODAY) == 3 * WEEKS
    with reading(store) as session:
        now = stages_now(session, actor=ADMIN).set_index("branch_id")
    assert now["stage"].to_dict() == {steady: "mature", stopped: "slump", other: "mature"}
    assert set(now["week_start"]) == {LAST}
    assert "watch_down" in now.loc[stopped, "badges"].split(",")
    assert now.loc[stopped, "weeks_since_change"] == now.loc[stopped, "weeks_in_stage"] - 1
    assert np.isnan(now.loc[steady, "weeks_since_change"])
    assert now.loc[steady, "weeks_in_stage"] == WEEKS
    assert reason_text("en", now.loc[steady, "reason_key"], now.loc[steady, "facts"]).startswith(
        "14 policies in the last"
    )
    assert outlook_text("zh", now.loc[stopped, "facts"])
    assert now.loc[stopped, "policies_lost"] == now.loc[stopped, "facts"]["expected"]


def test_writing_the_history_twice_gives_the_same_rows(store):
    with writing(store) as session:
        small_world(session)
    assert recomputed(store) == recomputed(store)
    with reading(store) as session:
        assert session.scalar(select(func.count()).select_from(StageWeekRow)) == 3 * WEEKS


def test_only_rows_that_differ_are_replaced(store):
    with writing(store) as session:
        small_world(session)
    recomputed(store)

    def rows():
        with reading(store) as session:
            stored = session.execute(select(StageWeekRow.__table__).order_by(*StageWeekRow.__table__.primary_key)).all()
        return [tuple(row) for row in stored]

    fresh = rows()
    with writing(store) as session:
        path = session.scalars(select(StageWeekRow).order_by(StageWeekRow.branch_id, StageWeekRow.week_start)).all()
        path[3].stage = "slump"
        path[4].facts = {**path[4].facts, "sold": 99}
        path[5].week_start = FIRST - timedelta(weeks=1)
        session.delete(path[6])
    assert rows() != fresh
    recomputed(store)
    assert rows() == fresh


def test_a_store_without_policies_loses_its_history(store):
    with writing(store) as session:
        small_world(session)
    recomputed(store)
    with writing(store) as session:
        session.execute(delete(PolicyRow))
        assert recompute_stages(session, as_of=TODAY) == 0
        assert session.scalar(select(func.count()).select_from(StageWeekRow)) == 0


def test_a_history_that_is_not_committed_leaves_the_old_one(store):
    with writing(store) as session:
        small_world(session)
    recomputed(store)

    def break_off():
        with writing(store) as session:
            recompute_stages(session, as_of=FIRST + timedelta(weeks=20))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with reading(store) as session:
        assert stages_are_current(session, as_of=TODAY)


def test_stages_are_not_current_after_a_newer_week(store):
    with writing(store) as session:
        steady, *_ = small_world(session)
    recomputed(store)
    with writing(store) as session:
        add_policy(session, session.get(BranchRow, steady), LAST + timedelta(days=8))
        assert stages_are_current(session, as_of=LAST + timedelta(days=9))
        assert not stages_are_current(session, as_of=LAST + timedelta(days=13))


def test_the_history_ends_with_the_last_complete_week_of_the_policies(store):
    with writing(store) as session:
        small_world(session)
    recomputed(store, as_of=TODAY + timedelta(weeks=9))
    with reading(store) as session:
        assert session.scalar(select(func.max(StageWeekRow.week_start))) == LAST


def test_an_unfinished_week_changes_no_stage(store):
    with writing(store) as session:
        small_world(session)
    recomputed(store, as_of=LAST + timedelta(days=5))
    with reading(store) as session:
        assert session.scalar(select(func.max(StageWeekRow.week_start))) == LAST - timedelta(weeks=1)


def test_the_path_of_a_branch_is_in_the_order_of_the_weeks(store):
    with writing(store) as session:
        _, stopped, _ = small_world(session)
    recomputed(store)
    with reading(store) as session:
        path = stage_path(session, actor=ADMIN, branch_id=stopped)
    assert path["week_start"].tolist() == [FIRST + timedelta(weeks=week) for week in range(WEEKS)]
    assert path["stage"].iloc[0] == "mature"
    assert path["stage"].iloc[-1] == "slump"
    assert path["expected"].iloc[-1] > 1


def test_questions_are_bounded_to_the_scope(store):
    with writing(store) as session:
        steady, stopped, other = small_world(session)
    recomputed(store)
    actors = {
        supervisor("wang"): {other},
        manager_of("东区分公司"): {steady, stopped},
        head_of(steady): {steady},
        ADMIN: {steady, stopped, other},
    }
    with reading(store) as session:
        for actor, seen in actors.items():
            assert set(stages_now(session, actor=actor)["branch_id"]) == seen
            counts = stage_counts(session, actor=actor, weeks=1)
            assert counts["branches"].sum() == len(seen)
            for branch_id in (steady, stopped, other):
                path = stage_path(session, actor=actor, branch_id=branch_id)
                assert len(path) == (WEEKS if branch_id in seen else 0)


def test_counts_give_each_stage_that_has_a_branch_for_each_of_the_last_weeks(store):
    with writing(store) as session:
        small_world(session)
    recomputed(store)
    with reading(store) as session:
        counts = stage_counts(session, actor=ADMIN, weeks=26)
    assert counts["week_start"].nunique() == 26
    latest = counts[counts["week_start"] == LAST]
    assert dict(zip(latest["stage"], latest["branches"], strict=True)) == {"mature": 2, "slump": 1}


def test_moves_name_the_stage_before_and_after(store):
    with writing(store) as session:
        _, stopped, _ = small_world(session)
    recomputed(store)
    with reading(store) as session:
        path = stage_path(session, actor=ADMIN, branch_id=stopped)
        change = next(week for week in range(1, WEEKS) if path["stage"][week] != path["stage"][week - 1])
        moves = stage_moves(session, actor=ADMIN, week_start=path["week_start"][change])
        quiet = stage_moves(session, actor=ADMIN, week_start=FIRST)
    assert moves[["branch_id", "before", "after", "is_up"]].values.tolist() == [
        [stopped, "mature", path["stage"][change], False]
    ]
    assert quiet.empty


def test_a_move_is_up_or_down_as_the_engine_holds_it_back(sqlite_store):
    with writing(sqlite_store) as session:
        branch = add_branch(session, "B", cooperation_start=LONG_AGO)
        sell(session, branch, [1] * 8)
        recompute_stages(session, as_of=TODAY)
        last, earlier = session.scalars(select(StageWeekRow).order_by(StageWeekRow.week_start.desc()).limit(2)).all()
        for before, after in permutations(range(len(STAGES)), 2):
            earlier.stage, last.stage = STAGES[before], STAGES[after]
            session.flush()
            (is_up,) = stage_moves(session, actor=ADMIN, week_start=last.week_start)["is_up"]
            assert is_up == (None if RANK[before] == RANK[after] else RANK[before] < RANK[after])


def test_history_begins_with_the_first_record_of_the_region_or_the_cooperation(store):
    with writing(store) as session:
        early = add_branch(session, "E", cooperation_start=LONG_AGO)
        late = add_branch(session, "L", cooperation_start=FIRST + timedelta(weeks=10, days=3))
        other = add_branch(session, "O", cooperation_start=LONG_AGO, region="西区分公司")
        add_branch(session, "N", cooperation_start=LONG_AGO, region="北区分公司")
        sell(session, early, [1] * 30)
        add_contact(session, other, FIRST + timedelta(weeks=4, days=1))
        sell(session, other, [1] * 20, first=FIRST + timedelta(weeks=10))
        recompute_stages(session, as_of=TODAY)
        first_weeks = select(StageWeekRow.branch_id, func.min(StageWeekRow.week_start))
        firsts = dict(session.execute(first_weeks.group_by(StageWeekRow.branch_id)).all())
        early, late, other = early.id, late.id, other.id
    assert firsts == {early: FIRST, late: FIRST + timedelta(weeks=10), other: FIRST + timedelta(weeks=4)}


def test_contacts_change_no_stage(store):
    with writing(store) as session:
        _, stopped, _ = small_world(session)
        before = list(classified_rows(session, week_start=LAST, with_history=True))
        for number in range(40):
            add_contact(session, session.get(BranchRow, stopped), LAST - timedelta(days=number))
        assert list(classified_rows(session, week_start=LAST, with_history=True)) == before


def test_premium_changes_no_stage(store):
    with writing(store) as session:
        branch = add_branch(session, cooperation_start=LONG_AGO)
        policies = sell(session, branch, [1, 2] * 30)
        before = list(classified_rows(session, week_start=LAST, with_history=True))
        policies[17].premium_fen *= 100
        session.flush()
        assert list(classified_rows(session, week_start=LAST, with_history=True)) == before


def test_a_cancelled_policy_without_a_day_is_left_out_and_one_with_a_day_counts_until_it(store):
    with writing(store) as session:
        branch = add_branch(session, "B1", cooperation_start=LONG_AGO)
        steady = add_branch(session, "B2", cooperation_start=LONG_AGO)
        sell(session, steady, [2] * 30)
        undated, dated, *_ = sell(session, branch, [1] * 30)
        undated.status = dated.status = PolicyStatus.CANCELLED
        dated.cancelled_on = FIRST + timedelta(weeks=3)  # a Monday: the week that ends the day before still counts it
        session.flush()
        rows = {
            (code, week): reason
            for code, week, _, _, reason, _ in classified_rows(
                session, week_start=FIRST + timedelta(weeks=5), with_history=True
            )
        }
    week = [(FIRST + timedelta(weeks=number)).isoformat() for number in range(5)]
    assert rows["B1", week[0]].startswith("no policies")
    assert rows["B1", week[1]].startswith("1 policy")
    assert rows["B1", week[2]].startswith("2 policies")
    assert rows["B1", week[3]].startswith("2 policies")
    assert rows["B1", week[4]].startswith("3 policies")


@pytest.mark.parametrize("weeks", [20, 45, 61])
def test_a_store_cut_at_the_end_of_a_week_gives_the_same_rows(store, weeks):
    end = FIRST + timedelta(weeks=weeks)
    drawn = np.random.default_rng(4)
    counts = drawn.poisson(1.2, (6, WEEKS)).tolist()

    def fill(session, until):
        for place, branch_counts in enumerate(counts):
            branch = add_branch(session, f"B{place}", cooperation_start=LONG_AGO if place % 2 else FIRST)
            for week, number in enumerate(branch_counts[:until]):
                for _ in range(number):
                    lost = drawn_lost[place][week]
                    is_known = lost is not None and lost < FIRST + timedelta(weeks=until)
                    add_policy(
                        session,
                        branch,
                        FIRST + timedelta(weeks=week, days=3),
                        status=PolicyStatus.CANCELLED if is_known else PolicyStatus.IN_FORCE,
                        cancelled_on=lost if is_known else None,
                    )

    chosen = np.random.default_rng(5)
    drawn_lost = [
        [
            FIRST + timedelta(weeks=week, days=int(chosen.integers(3, 200))) if chosen.random() < 0.1 else None
            for week in range(WEEKS)
        ]
        for _ in range(6)
    ]

    def rows_with(until):
        with writing(store) as session:
            before = session.begin_nested()
            fill(session, until)
            last = FIRST + timedelta(weeks=until - 1)
            rows = list(classified_rows(session, week_start=last, with_history=True))
            before.rollback()
        return rows

    short, long = rows_with(weeks), rows_with(WEEKS)
    assert short
    assert short == [row for row in long if row[1] < end.isoformat()]


def test_a_suspended_branch_keeps_stage_and_confidence_and_a_closed_one_has_no_row(store):
    with writing(store) as session:
        suspended = add_branch(
            session,
            "B1",
            cooperation_start=LONG_AGO,
            status=BranchStatus.SUSPENDED,
            status_since=FIRST + timedelta(weeks=30),
        )
        closed = add_branch(
            session,
            "B2",
            cooperation_start=LONG_AGO,
            status=BranchStatus.CLOSED,
            status_since=FIRST + timedelta(weeks=20, days=1),
        )
        paused = add_branch(session, "B3", cooperation_start=LONG_AGO)
        session.add(
            BranchStatusRow(
                branch_id=paused.id, status=BranchStatus.SUSPENDED, start_on=FIRST + timedelta(weeks=10),
                end_on=FIRST + timedelta(weeks=14, days=-1), reason=None,
            )
        )  # fmt: skip
        for branch in (suspended, closed, paused):
            sell(session, branch, [2] * 40)
        recompute_stages(session, as_of=TODAY)
        paths = {
            branch.id: stage_path(session, actor=ADMIN, branch_id=branch.id) for branch in (suspended, closed, paused)
        }
        ids = suspended.id, closed.id, paused.id
    assert paths[ids[0]]["confidence"][29:40].nunique() == 1
    assert paths[ids[0]]["reason_key"][30] == "suspended"
    assert paths[ids[1]]["week_start"].max() == FIRST + timedelta(weeks=20)
    assert (paths[ids[2]]["reason_key"][10:14] == "suspended").all()
    assert paths[ids[2]]["reason_key"][14] != "suspended"


def test_the_calendar_an_administrator_set_is_the_one_that_counts(store):
    week = FIRST + timedelta(weeks=10)
    with writing(store) as session:
        sell(session, add_branch(session, cooperation_start=LONG_AGO), [1] * 30)
        for number in range(3):
            day = week + timedelta(days=number)
            session.add(
                CalendarDayRow(day=day, kind="off", name="storm", source="city", changed_at=utc_now(), changed_by=None)
            )
        rows = list(classified_rows(session, week_start=week, with_history=True))
    assert rows[-1][4] == "Too few working days this week to judge; the stage before stays"


def test_badges_come_from_people_and_late_policies(store):
    with writing(store) as session:
        branch = add_branch(session, cooperation_start=LONG_AGO)
        other = add_branch(session, "B2", cooperation_start=LONG_AGO)
        star = add_staff(session, branch, "S1", left_on=LAST - timedelta(weeks=2))
        add_staff(session, other, "S2", left_on=LAST - timedelta(weeks=2))
        sell(session, branch, [2] * WEEKS, staff=star, payment_mode="single")
        sell(session, other, [2] * WEEKS)
        recompute_stages(session, as_of=TODAY)
        now = stages_now(session, actor=ADMIN)
    assert now["badges"].tolist() == ["key_person_left,single_seller,single_pay_heavy", ""]


def test_the_questions_take_few_statements(store):
    with writing(store) as session:
        small_world(session)
    recomputed(store)
    asked = []
    event.listen(engine_of(store), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    with reading(store) as session:
        for ask in (stages_now, lambda s, actor: stage_counts(s, actor=actor, weeks=26)):
            asked.clear()
            ask(session, actor=ADMIN)
            assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) == 1


def classify(tmp_path, *arguments):
    """Run the command and return its rows."""
    out = tmp_path / "stages.csv"
    assert manage.main(["classify", *arguments, "--out", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_command_writes_one_row_a_branch(store, tmp_path):
    with writing(store) as session:
        small_world(session)
    rows = classify(tmp_path)
    assert list(rows[0]) == ["branch_code", "week_start", "stage", "confidence", "reason", "most_likely"]
    assert [(row["branch_code"], row["week_start"], row["stage"]) for row in rows] == [
        ("B1", LAST.isoformat(), "mature"),
        ("B2", LAST.isoformat(), "slump"),
        ("C1", LAST.isoformat(), "mature"),
    ]


def test_the_command_writes_the_whole_history(store, tmp_path):
    with writing(store) as session:
        small_world(session)
    rows = classify(tmp_path, "--history")
    assert len(rows) == 3 * WEEKS
    assert {row["stage"] for row in rows} <= {stage.value for stage in Stage}
    assert all(0 <= float(row["confidence"]) <= 1 for row in rows)
    assert rows[0]["week_start"] == FIRST.isoformat()


def test_the_command_without_history_gives_the_last_row_of_the_history(store, tmp_path):
    with writing(store) as session:
        small_world(session)
    day = LAST - timedelta(weeks=3)
    history = classify(tmp_path, "--history", "--as-of", day.isoformat())
    now = classify(tmp_path, "--as-of", day.isoformat())
    assert now == [row for row in history if row["week_start"] == week_start_of(day - timedelta(days=6)).isoformat()]


def test_the_command_takes_weeks_after_the_last_policy_where_a_day_is_given(store, tmp_path):
    with writing(store) as session:
        small_world(session)
    rows = classify(tmp_path, "--as-of", (LAST + timedelta(weeks=2, days=6)).isoformat())
    assert {row["week_start"] for row in rows} == {(LAST + timedelta(weeks=2)).isoformat()}


def test_the_command_on_an_empty_store_writes_the_header_alone(store, tmp_path):
    assert classify(tmp_path, "--history") == []
