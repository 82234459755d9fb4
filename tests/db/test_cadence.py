from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.cadence.targets import CadenceTarget
from core.cadence.weeks import cadence_rows
from core.facts import Actor, BranchStatus, StaffRole, Stage
from db.cadence import FutureWeekError, cadence_weeks, contact_gaps, people_not_reached
from db.calendar_days import set_calendar_day
from db.changes import utc_now
from db.engine import reading, writing
from db.models import BranchStatusRow, SettingRow, StaffRow, StageWeekRow
from db.rollups import rebuild_rollups
from db.targets import add_cadence_target
from tests.builders import ADMIN, add_branch, add_contact, add_staff, supervisor

WEEK = date(2026, 3, 2)
TODAY = date(2026, 4, 1)
HEAD, SELLER, TELLER, ACCOUNTS = (
    StaffRole.BRANCH_HEAD,
    StaffRole.WEALTH_MANAGER,
    StaffRole.TELLER,
    StaffRole.ACCOUNT_MANAGER,
)


def rows(
    store: str, *, week: date = WEEK, today: date = TODAY, actor: Actor = ADMIN
) -> dict[tuple[str, str], tuple[Any, ...]]:
    with reading(store) as session:
        weeks = cadence_weeks(session, actor=actor, first_week=week, last_week=week, today=today)
    return {
        (row.branch_code, row.role): (
            row.workdays,
            row.target_min,
            None if row.target_max != row.target_max else int(row.target_max),
            row.actual,
            row.status,
        )
        for row in cadence_rows(weeks).itertuples()
    }


def test_an_empty_store_has_no_rows(store: str) -> None:
    assert rows(store) == {}


def test_a_branch_without_staff_has_the_four_roles_of_the_default_targets(store: str) -> None:
    with writing(store) as session:
        add_branch(session)
    assert rows(store) == {
        ("B1", HEAD): (5, 1, 2, 0, "none"),
        ("B1", SELLER): (5, 5, None, 0, "none"),
        ("B1", ACCOUNTS): (5, 1, None, 0, "none"),
        ("B1", TELLER): (5, 1, 2, 0, "none"),
    }


def test_a_role_nobody_is_in_is_not_due_and_one_day_in_post_makes_it_due(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_staff(session, branch, "S1", role=HEAD, left_on=date(2026, 3, 1))
        add_staff(session, branch, "S2", role=TELLER, left_on=WEEK)
        add_staff(session, branch, "S3", role=SELLER, joined_on=date(2026, 3, 8))
    found = rows(store)
    assert found["B1", HEAD] == (5, 0, 0, 0, "not_due")
    assert found["B1", ACCOUNTS] == (5, 0, None, 0, "not_due")
    assert found["B1", TELLER] == (5, 1, 2, 0, "none")
    assert found["B1", SELLER] == (5, 5, None, 0, "none")


def test_days_count_once_and_days_off_do_not_fill_them(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        for number in (2, 2, 2, 4, 7):
            add_contact(session, branch, date(2026, 3, number), role=SELLER)
        for number in (2, 7, 8):
            add_contact(session, branch, date(2026, 3, number), role=TELLER)
        rebuild_rollups(session)
    found = rows(store)
    assert found["B1", SELLER] == (5, 5, None, 2, "short")
    assert found["B1", TELLER] == (5, 1, 2, 3, "over")


def test_spring_festival_and_its_make_up_days_follow_the_statutory_calendar(store: str) -> None:
    with writing(store) as session:
        add_branch(session)
    assert rows(store, week=date(2026, 2, 9))["B1", TELLER] == (6, 2, 3, 0, "none")
    assert rows(store, week=date(2026, 2, 16))["B1", TELLER] == (0, 0, 0, 0, "not_due")
    assert rows(store, week=date(2026, 2, 16))["B1", SELLER] == (0, 0, None, 0, "not_due")


def test_a_day_set_by_an_administrator_wins_over_the_statutory_calendar(store: str) -> None:
    with writing(store) as session:
        add_branch(session)
        set_calendar_day(
            session,
            actor=ADMIN,
            day=WEEK,
            kind="off",
            name="Flood",
            source="City notice",
            shown_version=0,
            today=WEEK,
            write_key="k1",
        )
    assert rows(store)["B1", SELLER] == (4, 4, None, 0, "none")


def test_the_unfinished_week_owes_the_days_before_today_and_counts_today(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        for number in (3, 4):
            add_contact(session, branch, date(2026, 3, number), role=SELLER)
        rebuild_rollups(session)
    on_wednesday = rows(store, today=date(2026, 3, 4))
    assert on_wednesday["B1", SELLER] == (2, 2, None, 2, "met")
    assert on_wednesday["B1", TELLER] == (2, 1, 1, 0, "none")
    assert rows(store, today=date(2026, 3, 5))["B1", SELLER] == (3, 3, None, 2, "short")
    assert rows(store, today=WEEK)["B1", TELLER] == (0, 0, 0, 0, "not_due")


def test_the_sunday_of_a_week_still_belongs_to_the_unfinished_week(store: str) -> None:
    with writing(store) as session:
        add_branch(session)
    assert rows(store, today=date(2026, 3, 8))["B1", SELLER][0] == 5


def test_a_week_after_the_current_one_is_refused(store: str) -> None:
    with pytest.raises(FutureWeekError, match="2026-03-02"):
        rows(store, week=date(2026, 3, 9), today=date(2026, 3, 8))


def test_in_the_week_of_the_start_only_days_and_contacts_from_it_on_count(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session, cooperation_start=date(2026, 3, 4))
        for number in (2, 3, 4, 5):
            add_contact(session, branch, date(2026, 3, number), role=SELLER)
            add_contact(session, branch, date(2026, 3, number), role=TELLER, topic="career", minutes=10)
        rebuild_rollups(session)
    assert rows(store, week=date(2026, 2, 23)) == {}
    found = rows(store)
    assert found["B1", SELLER] == (3, 3, None, 2, "short")
    assert found["B1", TELLER] == (3, 1, 2, 2, "met")


def test_a_branch_that_starts_on_sunday_has_a_row_in_that_week(store: str) -> None:
    with writing(store) as session:
        add_branch(session, cooperation_start=date(2026, 3, 8))
    assert rows(store)["B1", SELLER] == (0, 0, None, 0, "not_due")


@pytest.mark.parametrize(("since", "is_there"), [(date(2026, 3, 1), False), (WEEK, False), (date(2026, 3, 3), True)])
def test_a_branch_closed_on_the_monday_has_no_row(store: str, since: date, is_there: bool) -> None:
    with writing(store) as session:
        add_branch(session, status=BranchStatus.CLOSED, status_since=since)
    assert bool(rows(store)) is is_there


def test_a_suspended_branch_is_not_due_and_its_contacts_are_counted(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        session.add(
            BranchStatusRow(branch_id=branch.id, status=BranchStatus.SUSPENDED, start_on=WEEK, end_on=WEEK, reason=None)
        )
        add_contact(session, branch, WEEK, role=TELLER)
        rebuild_rollups(session)
    assert rows(store)["B1", TELLER] == (5, 0, 0, 1, "not_due")
    assert rows(store, week=date(2026, 3, 9))["B1", TELLER] == (5, 1, 2, 0, "none")


def test_roles_without_a_target_have_no_row(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_contact(session, branch, WEEK, role=StaffRole.LOBBY_MANAGER)
        rebuild_rollups(session)
    assert {role for _, role in rows(store)} == {HEAD, SELLER, ACCOUNTS, TELLER}


def test_per_person_targets_are_multiplied_by_the_people_in_post(store: str) -> None:
    with writing(store) as session:
        session.add(
            SettingRow(key="cadence_scope", value="person", valid_from=WEEK, source="test", changed_at=utc_now())
        )
        branch = add_branch(session)
        first = add_staff(session, branch, "S1", role=SELLER)
        second = add_staff(session, branch, "S2", role=SELLER, joined_on=date(2026, 3, 4))
        for number in range(3):
            add_staff(session, branch, f"T{number}", role=TELLER)
        for person, number in ((first, 2), (first, 2), (first, 7), (second, 4), (second, 5)):
            add_contact(session, branch, date(2026, 3, number), staff=person)
        add_contact(session, branch, date(2026, 3, 6), role=SELLER)
        rebuild_rollups(session)
    found = rows(store)
    assert found["B1", SELLER] == (5, 5 + 3, None, 3, "short")
    assert found["B1", TELLER] == (5, 3, 6, 0, "none")
    assert rows(store, week=date(2026, 2, 23))["B1", TELLER] == (5, 1, 2, 0, "none")


def target(stage: Stage | None, minimum: int, valid_from: date, **more: Any) -> CadenceTarget:
    plain = {"role": TELLER, "unit": "week", "maximum": None, "scope": None}
    return CadenceTarget(
        stage=stage,
        minimum=Decimal(minimum),
        valid_from=valid_from,
        source_en="Region meeting",
        source_zh="Region meeting",
        **{**plain, **more},
    )


def stage_week(branch_id: int, week_start: date, stage: Stage) -> StageWeekRow:
    return StageWeekRow(
        branch_id=branch_id,
        week_start=week_start,
        stage=stage,
        confidence=0.9,
        most_likely=stage,
        since=week_start,
        expected=None,
        reason_key="steady",
        facts={},
        badges="",
        rules_on=WEEK,
    )


def test_targets_by_stage_use_the_stage_at_the_end_of_the_week_before(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_branch(session, "B2")
        add_cadence_target(session, actor=ADMIN, target=target(Stage.SLUMP, 3, WEEK), today=WEEK, write_key="k1")
        session.add(stage_week(branch.id, date(2026, 2, 23), Stage.SLUMP))
        session.add(stage_week(branch.id, WEEK, Stage.MATURE))
    assert rows(store)["B1", TELLER] == (5, 3, None, 0, "none")
    assert rows(store)["B2", TELLER] == (5, 1, 2, 0, "none")
    assert rows(store, week=date(2026, 3, 9))["B1", TELLER] == (5, 1, 2, 0, "none")
    assert rows(store, week=date(2026, 3, 16))["B1", TELLER] == (5, 1, 2, 0, "none")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"maximum": Decimal(4)}, (5, 1, 4, 0, "none")),
        ({"maximum": None}, (5, 1, None, 0, "none")),
        ({"role": ACCOUNTS, "unit": "day"}, (5, 5, None, 0, "none")),
        ({"maximum": Decimal(2), "scope": "person"}, (5, 3, 6, 0, "none")),
    ],
    ids=["another maximum", "no maximum", "another unit", "another scope"],
)
def test_a_target_of_a_stage_counts_though_its_minimum_is_that_of_any_stage(
    store: str, changed: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    role = changed.get("role", TELLER)
    with writing(store) as session:
        branch, other = add_branch(session), add_branch(session, "B2")
        for number in range(3):
            add_staff(session, branch, f"S{number}", role=role)
        own = target(Stage.SLUMP, 1, WEEK, **changed)
        add_cadence_target(session, actor=ADMIN, target=own, today=WEEK, write_key="k1")
        session.add(stage_week(branch.id, date(2026, 2, 23), Stage.SLUMP))
        session.add(stage_week(other.id, date(2026, 2, 23), Stage.MATURE))
    assert rows(store)["B1", role] == expected
    assert rows(store)["B2", role] == (5, 1, 2 if role == TELLER else None, 0, "none")


def test_the_last_known_stage_holds_where_the_week_before_has_none(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_cadence_target(session, actor=ADMIN, target=target(Stage.SLUMP, 3, WEEK), today=WEEK, write_key="k1")
        session.add(stage_week(branch.id, date(2026, 1, 5), Stage.SLUMP))
    assert rows(store)["B1", TELLER] == (5, 3, None, 0, "none")


def test_a_supervisor_sees_his_own_branches_only(store: str) -> None:
    with writing(store) as session:
        add_branch(session, "B1", supervisor="li")
        other = add_branch(session, "B2", supervisor="wang")
        add_staff(session, other, "S9")
        add_contact(session, other, WEEK, role=TELLER)
        rebuild_rollups(session)
    assert {code for code, _ in rows(store, actor=supervisor("li"))} == {"B1"}


def test_a_contact_gap_needs_two_due_weeks_under_sixty_per_cent_in_one_role(store: str) -> None:
    with writing(store) as session:
        ids = {}
        for code, days in (("B1", (1, 1, 1, 1, 1)), ("B2", (1, 1, 1, 0, 0)), ("B3", (1, 1, 0, 0, 0))):
            branch = add_branch(session, code)
            ids[code] = branch.id
            add_staff(session, branch, f"S{code}", role=SELLER)
            for week in (WEEK, date(2026, 3, 9)):
                for number, made in enumerate(days):
                    if made:
                        add_contact(session, branch, date.fromordinal(week.toordinal() + number), role=SELLER)
        rebuild_rollups(session)
    with reading(store) as session:
        found = contact_gaps(session, actor=ADMIN, week_start=date(2026, 3, 9), today=TODAY)
    assert found == {ids["B3"]}


def test_a_holiday_week_neither_makes_nor_ends_a_contact_gap(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_staff(session, branch, "S1", role=TELLER)
        branch_id = branch.id
        for number in (4, 5):
            add_contact(session, branch, date(2026, 2, number), role=TELLER)
        rebuild_rollups(session)
    with reading(store) as session:
        after_one = contact_gaps(session, actor=ADMIN, week_start=date(2026, 2, 16), today=TODAY)
        after_two = contact_gaps(session, actor=ADMIN, week_start=date(2026, 2, 23), today=TODAY)
    assert after_one == frozenset()
    assert after_two == {branch_id}


def test_people_without_a_contact_of_their_own_are_listed(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        reached = add_staff(session, branch, "S1", role=SELLER)
        add_staff(session, branch, "S2", role=SELLER)
        add_staff(session, branch, "S3", role=SELLER, left_on=date(2026, 3, 31))
        add_staff(session, branch, "S4", role=StaffRole.LOBBY_MANAGER)
        add_staff(session, branch, "S5", role=SELLER, joined_on=date(2026, 3, 20))
        closed = add_branch(session, "B2", status=BranchStatus.CLOSED)
        add_staff(session, closed, "S6", role=SELLER)
        add_contact(session, branch, WEEK, staff=reached)
        add_contact(session, branch, WEEK, role=SELLER)
        rebuild_rollups(session)
    with reading(store) as session:
        never = people_not_reached(session, actor=ADMIN, today=TODAY, since=None, roles=[SELLER, TELLER])
        lately = people_not_reached(session, actor=ADMIN, today=TODAY, since=date(2026, 3, 10), roles=[SELLER, TELLER])
        of_others = people_not_reached(session, actor=supervisor("wang"), today=TODAY, since=None, roles=[SELLER])
    assert never["staff_name"].to_pylist() == ["员工S2", "员工S5"]
    assert list(zip(lately["staff_name"].to_pylist(), lately["last_week"].to_pylist(), strict=True)) == [
        ("员工S1", WEEK),
        ("员工S2", None),
    ]
    assert of_others.num_rows == 0


def test_staff_of_a_closed_post_leaves_the_branch_with_staff(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        session.add(
            StaffRow(
                staff_code="S1",
                branch_id=branch.id,
                staff_name="员工",
                role=StaffRole.LOBBY_MANAGER,
                joined_on=None,
                left_on=None,
            )
        )
    assert {row[-1] for row in rows(store).values()} == {"not_due"}
