from datetime import date, timedelta
from typing import Any

import pytest

from core.facts import Actor, BranchStatus, PaymentMode, PolicyStatus, StaffRole
from db.cadence import cadence_weeks
from db.changes import utc_now
from db.engine import reading, writing
from db.kpis import branch_figures, is_provisional, kpis_by, policy_spread
from db.models import BranchTotalRow, SettingRow, StageWeekRow, TargetRow
from db.rollups import rebuild_rollups
from db.stage_history import recompute_stages
from tests.builders import ADMIN, add_branch, add_contact, add_policy, add_staff, manager_of, supervisor

START, END = date(2026, 3, 1), date(2026, 3, 31)
TODAY = date(2026, 5, 1)
CANCELLED = PolicyStatus.CANCELLED


def values(store: str, *, by: str = "all", actor: Actor = ADMIN, **period: date) -> dict[tuple[str, str], Any]:
    bounds = {"start": START, "end": END, "today": TODAY, **period}
    with reading(store) as session:
        (table,) = kpis_by(session, actor=actor, by=[by], **bounds)
    return {(row["key"], row["kpi"]): row["value"] for row in table.to_pylist()}


def test_an_empty_store_has_the_rows_of_the_whole_without_values(store: str) -> None:
    found = values(store)
    assert found["all", "branch_activity_rate"] is None
    assert found["all", "scale_premium"] == 0


def test_both_ends_of_the_period_are_included(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        for day in (date(2026, 2, 28), START, END, date(2026, 4, 1)):
            add_policy(session, branch, day, premium_fen=100_00)
    found = values(store)
    assert found["all", "policies_per_branch"] == 2
    assert found["all", "scale_premium"] == 200


def test_counts_are_restated_and_premium_is_netted_in_the_period_of_the_refund(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_policy(session, branch, date(2026, 3, 5), premium_fen=1_000_00)
        add_policy(
            session, branch, date(2026, 3, 25), premium_fen=500_00, status=CANCELLED, cancelled_on=date(2026, 4, 2)
        )
        add_policy(
            session, branch, date(2026, 2, 25), premium_fen=300_00, status=CANCELLED, cancelled_on=date(2026, 3, 2)
        )
        add_policy(session, branch, date(2026, 3, 6), premium_fen=70_00, status=CANCELLED)
        add_policy(
            session,
            branch,
            date(2026, 1, 6),
            premium_fen=90_00,
            status=PolicyStatus.SURRENDERED,
            cancelled_on=date(2026, 3, 6),
        )
    found = values(store)
    assert found["all", "policies_per_branch"] == 1
    assert found["all", "scale_premium"] == 1_000 + 500 - 300
    assert found["all", "premium_per_policy"] == 1_000
    assert found["all", "cooling_off_rate"] == pytest.approx(2 / 3)
    assert values(store, start=date(2026, 4, 1), end=date(2026, 4, 30))["all", "scale_premium"] == -500


def test_a_branch_whose_only_policy_was_cancelled_is_inactive(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_policy(session, branch, date(2026, 3, 5), status=CANCELLED, cancelled_on=date(2026, 3, 9))
        sells = add_branch(session, "B2")
        add_policy(session, sells, date(2026, 3, 5))
        add_branch(session, "B3", status=BranchStatus.CLOSED, status_since=date(2026, 1, 1))
    found = values(store)
    assert found["all", "branch_activity_rate"] == 0.5
    assert found["all", "zero_branch_rate"] == 0.5
    assert values(store, by="branch")["B3", "branch_activity_rate"] is None


def test_regular_and_single_pay_are_kept_apart(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_policy(session, branch, START, premium_fen=300_00)
        add_policy(session, branch, START, premium_fen=600_00, payment_mode=PaymentMode.SINGLE)
        add_policy(session, branch, START, premium_fen=100_00, status=CANCELLED, cancelled_on=END)
    found = values(store)
    assert found["all", "regular_premium"] == 300
    assert found["all", "single_premium"] == 600
    assert found["all", "regular_share"] == pytest.approx(1 / 3)
    assert found["all", "regular_single_ratio"] == 0.5


def test_a_person_with_several_policies_is_one_active_seller(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        busy, unlucky = add_staff(session, branch, "S1"), add_staff(session, branch, "S2")
        for person in (busy, busy, None):
            add_policy(session, branch, START, staff=person)
        add_policy(session, branch, START, staff=unlucky, status=CANCELLED, cancelled_on=START)
    assert values(store)["all", "active_sellers"] == 1


def test_a_person_who_moved_is_one_active_seller_of_the_units_that_hold_both_branches(store: str) -> None:
    with writing(store) as session:
        here, there = (
            add_branch(session, "B1", region="东区"),
            add_branch(session, "B2", region="东区", supervisor="wang"),
        )
        away = add_branch(session, "B3", region="西区")
        moved, back, other = (add_staff(session, there, code) for code in ("S1", "S2", "S3"))
        for person, branch in (
            (moved, here),
            (moved, there),
            (back, here),
            (back, away),
            (other, there),
            (other, there),
        ):
            add_policy(session, branch, START, staff=person)
        add_policy(session, away, START, staff=other, status=CANCELLED, cancelled_on=START)
        add_policy(session, away, date(2026, 2, 28), staff=other)
    assert values(store)["all", "active_sellers"] == 3
    assert {key: value for (key, kpi), value in values(store, by="region").items() if kpi == "active_sellers"} == {
        "东区": 3,
        "西区": 1,
    }
    assert [values(store, by="branch")[code, "active_sellers"] for code in ("B1", "B2", "B3")] == [2, 2, 1]
    assert values(store, actor=supervisor("wang"))["all", "active_sellers"] == 2


def test_contact_attainment_counts_the_weeks_whose_monday_lies_in_the_period(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_staff(session, branch, "S1", role=StaffRole.TELLER)
        for day in (date(2026, 2, 27), date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4), date(2026, 4, 1)):
            add_contact(session, branch, day, role=StaffRole.TELLER)
        rebuild_rollups(session)
    assert values(store)["all", "contact_attainment"] == 2 / 5
    assert values(store, start=date(2026, 3, 3), end=date(2026, 3, 8))["all", "contact_attainment"] is None


def test_of_the_unfinished_week_only_what_is_due_counts(store: str) -> None:
    with writing(store) as session:
        add_staff(session, add_branch(session), "S1", role=StaffRole.WEALTH_MANAGER)
    with reading(store) as session:
        figures = branch_figures(session, actor=ADMIN, start=START, end=END, today=date(2026, 3, 11))
    assert figures["contacts_due"].to_pylist() == [5 + 2]


def test_the_setting_says_how_many_policies_make_a_branch_active(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_policy(session, branch, START)
        session.add(
            SettingRow(key="active_min_policies", value="2", valid_from=END, source="test", changed_at=utc_now())
        )
    assert values(store)["all", "branch_activity_rate"] == 0
    assert values(store)["all", "zero_branch_rate"] == 0
    assert values(store, end=date(2026, 3, 30))["all", "branch_activity_rate"] == 1


def test_our_share_is_taken_over_whole_months_with_a_total(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        add_policy(session, branch, date(2026, 3, 5), premium_fen=200_00)
        add_policy(session, branch, date(2026, 2, 5), premium_fen=900_00)
        session.add(
            BranchTotalRow(
                branch_id=branch.id, month_start=START, premium_fen=1_000_00, source="bank", changed_at=utc_now()
            )
        )
    assert values(store, start=date(2026, 2, 1))["all", "share_in_branch"] == 0.2
    assert ("all", "share_in_branch") not in values(store, end=date(2026, 3, 30))


def test_units_and_scope(store: str) -> None:
    with writing(store) as session:
        for code, region, name in (("B1", "东区", "li"), ("B2", "东区", "wang"), ("B3", "西区", "li")):
            add_policy(session, add_branch(session, code, region=region, supervisor=name), START, premium_fen=100_00)
    assert values(store, by="region")["东区", "scale_premium"] == 200
    assert values(store, by="supervisor")["li", "scale_premium"] == 200
    assert values(store, by="bank")["青禾银行", "scale_premium"] == 300
    assert values(store, actor=supervisor("wang"))["all", "scale_premium"] == 100
    assert {key for key, _ in values(store, by="branch", actor=supervisor("li"))} == {"B1", "B3"}


def test_the_median_stands_beside_a_mean_one_policy_dominates(store: str) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        for fen in (100_00, 200_00, 700_00):
            add_policy(session, branch, START, premium_fen=fen)
        add_policy(session, branch, START, premium_fen=9_000_00, status=CANCELLED)
    with reading(store) as session:
        odd = policy_spread(session, actor=ADMIN, start=START, end=END)
        nothing = policy_spread(session, actor=supervisor("wang"), start=START, end=END)
    assert (odd.median_cny, odd.largest_share) == (200, 0.7)
    assert (nothing.median_cny, nothing.largest_share) == (None, None)
    with writing(store) as session:
        add_policy(session, add_branch(session, "B2"), START, premium_fen=300_00)
    with reading(store) as session:
        assert policy_spread(session, actor=ADMIN, start=START, end=END).median_cny == 250


@pytest.mark.parametrize(("today", "expected"), [(date(2026, 4, 14), True), (date(2026, 4, 15), False)])
def test_figures_younger_than_fifteen_days_are_provisional(today: date, expected: bool) -> None:
    assert is_provisional(end=END, today=today) is expected


@pytest.mark.parametrize("first", [date(2026, 2, 23), date(2026, 3, 16)], ids=["spans the period", "too short"])
def test_a_cadence_asked_before_changes_no_contact_figure(store: str, first: date) -> None:
    with writing(store) as session:
        branch = add_branch(session)
        for day in (date(2026, 3, 2), date(2026, 3, 17), date(2026, 3, 30)):
            add_contact(session, branch, day, role=StaffRole.TELLER)
        rebuild_rollups(session)
    with reading(store) as session:
        known = cadence_weeks(session, actor=ADMIN, first_week=first, last_week=date(2026, 4, 6), today=TODAY)
        period = {"actor": ADMIN, "start": START, "end": END, "by": ["all"], "today": TODAY}
        assert kpis_by(session, **period, known=known) == kpis_by(session, **period)


def test_the_company_target_of_a_total_stands_beside_the_figure_of_the_whole_alone(store: str) -> None:
    with writing(store) as session:
        add_policy(session, add_branch(session), START, premium_fen=100_00)
        session.add(
            TargetRow(
                subject="kpi",
                key="scale_premium",
                unit="cny",
                minimum=5_000,
                valid_from=START,
                source="公司",
                changed_at=utc_now(),
            )
        )
        rebuild_rollups(session)
    asked = {"start": START, "end": END, "by": ["all"], "today": TODAY}
    with reading(store) as session:
        found = [
            {row["kpi"]: row["target"] for row in kpis_by(session, actor=actor, **asked)[0].to_pylist()}
            for actor in (ADMIN, manager_of("东区分公司"), supervisor())
        ]
    assert [targets["scale_premium"] for targets in found] == [5_000, None, None]
    assert [targets["regular_share"] for targets in found] == [pytest.approx(1 / 3)] * 3


def add_stage_weeks(session: Any, branch_id: int, weeks: tuple[date, ...], reason_key: str = "unknown_week") -> None:
    for week in weeks:
        session.add(
            StageWeekRow(
                branch_id=branch_id,
                week_start=week,
                stage="mature",
                confidence=0.8,
                most_likely="mature",
                since=week,
                expected=None,
                reason_key=reason_key,
                facts={},
                badges="",
                rules_on=week,
            )
        )


def test_a_region_without_a_feed_in_the_whole_period_lowers_no_rate(store: str) -> None:
    weeks = (date(2026, 3, 9), date(2026, 3, 16))
    with writing(store) as session:
        known, missing = add_branch(session, "B1"), add_branch(session, "B2", region="西区", supervisor="wang")
        for number in (10, 17):
            add_policy(session, known, date(2026, 3, number), premium_fen=100_00)
        add_policy(session, missing, date(2026, 3, 25), premium_fen=100_00)
        add_stage_weeks(session, known.id, weeks, "steady")
        add_stage_weeks(session, missing.id, weeks)
        add_stage_weeks(session, missing.id, (date(2026, 3, 23),), "steady")
    one = values(store, start=weeks[0], end=date(2026, 3, 15))
    assert (one["all", "branch_activity_rate"], one["all", "zero_branch_rate"]) == (1, 0)
    assert (one["all", "policies_per_branch"], one["all", "premium_per_branch"]) == (1, 100)
    both = values(store, start=weeks[0], end=date(2026, 3, 22), by="region")
    assert both["西区", "branch_activity_rate"] is None
    assert both["西区", "policies_per_branch"] is None
    assert both["西区", "scale_premium"] == 0
    own = values(store, start=weeks[0], end=date(2026, 3, 22), actor=supervisor("wang"))
    assert own["all", "zero_branch_rate"] is None


@pytest.mark.parametrize(
    ("start", "end"),
    [(date(2026, 3, 8), date(2026, 3, 15)), (date(2026, 3, 9), date(2026, 3, 23)), (START, END)],
    ids=["a day before", "a day after", "the month"],
)
def test_a_week_with_a_feed_keeps_the_branch_in_the_denominator(store: str, start: date, end: date) -> None:
    with writing(store) as session:
        add_stage_weeks(session, add_branch(session).id, (date(2026, 3, 9), date(2026, 3, 16)))
    assert values(store, start=start, end=end)["all", "zero_branch_rate"] == 1


def test_a_silent_region_is_missing_by_the_reasons_the_stages_give(store: str) -> None:
    with writing(store) as session:
        for code, region in (("B1", "东区"), ("B2", "东区"), ("B3", "东区"), ("B4", "西区")):
            branch = add_branch(session, code, region=region, cooperation_start=date(2024, 1, 1))
            for number in range(110):
                week = date(2024, 1, 1) + number * timedelta(weeks=1)
                if region == "西区" or number != 105:
                    for day in range(3):
                        add_policy(session, branch, week + timedelta(days=day))
        rebuild_rollups(session)
        recompute_stages(session, as_of=date(2026, 2, 15))
    missing = date(2024, 1, 1) + timedelta(weeks=105)
    found = values(store, start=missing, end=missing + timedelta(days=6), by="region")
    assert found["东区", "branch_activity_rate"] is None
    assert found["西区", "branch_activity_rate"] == 1
