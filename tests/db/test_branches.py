from datetime import date, timedelta

import pytest

from core.portfolio import DataDates
from db.branches import branches_in_scope, data_dates, filter_options, find_branch, last_policy_day, units_above
from db.engine import reading, writing
from db.models import ContactWeekRow, ProductionWeekRow
from db.production import production_weeks
from tests.builders import ADMIN, add_branch, add_policy, add_staff, head_of, manager_of, supervisor

TODAY = date(2026, 11, 22)


@pytest.fixture
def world(store):
    """Two branches of two supervisors in two units."""
    with writing() as session:
        one = add_branch(session, "B1", city="云州")
        two = add_branch(session, "B2", bank="长河银行", region="西区分公司", supervisor="wang", size_tier="A")
        return (one.id, two.id)


def codes_seen_by(actor):
    with reading() as session:
        return branches_in_scope(session, actor=actor, as_of=TODAY)["branch_code"].to_pylist()


def test_each_role_sees_its_own_branches(world):
    assert codes_seen_by(ADMIN) == ["B1", "B2"]
    assert codes_seen_by(manager_of("东区分公司")) == ["B1"]
    assert codes_seen_by(manager_of("东区")) == []
    assert codes_seen_by(supervisor("wang")) == ["B2"]
    assert codes_seen_by(head_of(world[0])) == ["B1"]
    assert codes_seen_by(head_of(0)) == []


def test_an_empty_store_gives_no_rows_with_all_columns(store):
    with reading() as session:
        table = branches_in_scope(session, actor=ADMIN, as_of=TODAY)
    assert (table.num_rows, table.num_columns) == (0, 11)


@pytest.mark.parametrize(
    ("left_on", "tier"),
    [
        pytest.param(None, "B", id="three in post"),
        pytest.param(TODAY, "B", id="the last day in post counts"),
        pytest.param(TODAY - timedelta(days=1), "C", id="left the day before"),
    ],
)
def test_the_tier_is_derived_from_sellers_in_post(world, left_on, tier):
    with writing() as session:
        branch = add_branch(session, "B3")
        add_staff(session, branch, "S1")
        add_staff(session, branch, "S2", role="account_manager", joined_on=TODAY)
        add_staff(session, branch, "S3", left_on=left_on)
        add_staff(session, branch, "S4", role="teller")
        add_staff(session, branch, "S5", joined_on=TODAY + timedelta(days=1))
    with reading() as session:
        table = branches_in_scope(session, actor=ADMIN, as_of=TODAY)
    assert table["size_tier"].to_pylist() == ["B", "A", tier]


def test_a_branch_is_found_by_code_only_within_the_scope(world):
    with reading() as session:
        found = find_branch(session, actor=supervisor("li"), branch_code="B1")
        assert found is not None
        assert (found.branch_id, found.bank, found.region, found.city) == (
            world[0],
            "青禾银行",
            "东区分公司/云州中支",
            "云州",
        )
        assert find_branch(session, actor=supervisor("li"), branch_code="B2") is None
        assert find_branch(session, actor=ADMIN, branch_code="B9") is None


def test_filter_options_hold_every_level_of_the_regions_in_scope(world):
    with reading() as session:
        options = filter_options(session, actor=ADMIN)
        own = filter_options(session, actor=supervisor("wang"))
    assert options.regions == ("东区分公司", "东区分公司/云州中支", "西区分公司")
    assert options.banks == ("长河银行", "青禾银行")
    assert options.cities == ("云州",)
    assert options.supervisors == ("li", "wang")
    assert own.regions == ("西区分公司",)
    assert own.cities == ()


def test_units_above_run_from_the_top():
    assert units_above("a/b/c") == ["a", "a/b", "a/b/c"]


def dates_seen_by(actor):
    with reading() as session:
        return data_dates(session, actor=actor, today=TODAY)


def test_without_data_there_are_no_dates(world):
    assert dates_seen_by(ADMIN) == DataDates(None, None, None)


@pytest.mark.parametrize(
    ("issued_on", "last_week"),
    [
        pytest.param(date(2026, 11, 22), date(2026, 11, 16), id="today is the Sunday that completes the week"),
        pytest.param(date(2026, 11, 16), date(2026, 11, 16), id="the week of the last policy counts where complete"),
        pytest.param(date(2026, 11, 15), date(2026, 11, 9), id="no week after the last policy"),
    ],
)
def test_the_last_week_is_complete_and_not_after_the_last_policy(world, issued_on, last_week):
    with writing() as session:
        branch = add_branch(session, "B3")
        add_policy(session, branch, issued_on)
    assert dates_seen_by(ADMIN) == DataDates(issued_on, None, last_week)
    assert dates_seen_by(supervisor("wang")).last_policy_on == issued_on
    assert dates_seen_by(head_of(0)) == DataDates(None, None, None)
    with reading() as session:
        assert [last_policy_day(session, actor=actor) for actor in (ADMIN, head_of(0))] == [issued_on, None]


def test_the_last_contact_is_the_highest_day_of_the_last_week(world):
    week = date(2026, 11, 16)
    with writing() as session:
        for branch_id, mask in zip(world, (0b00011, 0b00100), strict=True):
            session.add(
                ContactWeekRow(
                    branch_id=branch_id,
                    role="teller",
                    week_start=week,
                    contacts=2,
                    days_mask=mask,
                    minutes=0,
                    deep=0,
                )
            )
    assert dates_seen_by(ADMIN).last_contact_on == date(2026, 11, 18)


def test_production_is_scoped_and_half_open(world):
    weeks = [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    with writing() as session:
        for branch_id in world:
            for number, week in enumerate(weeks):
                session.add(
                    ProductionWeekRow(
                        branch_id=branch_id,
                        week_start=week,
                        accepted=number + 1,
                        net=number,
                        net_regular=0,
                        premium_fen=100,
                        regular_fen=60,
                        cancelled_fen=10,
                    )
                )
    with reading() as session:
        table = production_weeks(session, actor=supervisor("li"), start=weeks[0], end=weeks[2])
        nothing = production_weeks(session, actor=head_of(0), start=weeks[0], end=weeks[2])
    assert table["branch_id"].to_pylist() == [world[0]] * 2
    assert table["week_start"].to_pylist() == weeks[:2]
    assert table["net"].to_pylist() == [0, 1]
    assert (nothing.num_rows, nothing.num_columns) == (0, 7)
