"""Traps and properties that need people, premiums or days: they are in the store, not in the engine's arrays."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.facts import BranchStatus, PolicyStatus
from db.engine import writing
from db.models import BranchRow
from db.stage_history import classified_rows, recompute_stages, stage_path, stages_now
from tests.builders import ADMIN, add_branch, add_policy, add_staff
from tests.core.stages.world import seasonal

FIRST = date(2025, 3, 3)
WEEKS = 60
LAST = FIRST + timedelta(weeks=WEEKS - 1)
LONG_AGO = date(2018, 1, 1)
quick = settings(max_examples=12, deadline=None)


def sell(session, branch, counts, *, staff=(None,), first=FIRST):
    """Add the weekly policies of a branch, on Wednesdays, sold by the people in turn."""
    days = [first + timedelta(weeks=week, days=2) for week, number in enumerate(counts) for _ in range(number)]
    return [add_policy(session, branch, day, staff=staff[place % len(staff)]) for place, day in enumerate(days)]


def rows_of(session, *, last=LAST):
    return list(classified_rows(session, week_start=last, with_history=True))


def now_of(session, code, *, as_of=LAST + timedelta(days=6)):
    """Return the present row of a branch."""
    recompute_stages(session, as_of=as_of)
    now = stages_now(session, actor=ADMIN)
    branch = session.query(BranchRow).filter_by(branch_code=code).one()
    return now[now["branch_id"] == branch.id].iloc[0]


def stages_of(session, code, *, last=LAST):
    return [row[2] for row in rows_of(session, last=last) if row[0] == code]


def test_changing_premiums_changes_no_stage(store):
    with writing(store) as session:
        branch = add_branch(session, cooperation_start=LONG_AGO)
        policies = sell(session, branch, [1, 0, 2] * 10 + [0] * 15 + [1] * 15)
        before = rows_of(session)

        @quick
        @given(premiums=st.lists(st.integers(0, 10**12), min_size=len(policies), max_size=len(policies)))
        def unchanged(premiums):
            for policy, premium in zip(policies, premiums, strict=True):
                policy.premium_fen = premium
            session.flush()
            assert rows_of(session) == before

        unchanged()


def test_one_jumbo_policy_a_hundred_times_as_large_changes_no_row(store):
    with writing(store) as session:
        policies = sell(session, add_branch(session, cooperation_start=LONG_AGO), [1, 2] * 30)
        before = rows_of(session)
        policies[-1].premium_fen *= 100
        session.flush()
        assert rows_of(session) == before


def test_appending_an_incomplete_week_changes_no_stage(store):
    with writing(store) as session:
        branches = [add_branch(session, f"B{place}", cooperation_start=LONG_AGO) for place in range(3)]
        for branch, counts in zip(branches, ([1] * WEEKS, [2] * 50 + [0] * 10, [0, 0, 1] * 20), strict=True):
            sell(session, branch, counts)
        add_policy(session, branches[0], LAST + timedelta(days=6))
        recompute_stages(session, as_of=LAST + timedelta(days=6))
        before = rows_of(session)
        paths = [stage_path(session, actor=ADMIN, branch_id=branch.id) for branch in branches]

        @quick
        @given(weekday=st.integers(0, 5), sold=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), max_size=8))
        def unchanged(weekday, sold):
            part = session.begin_nested()
            for place, day in sold:
                add_policy(session, branches[place], LAST + timedelta(days=7 + min(day, weekday)))
            assert rows_of(session) == before
            recompute_stages(session, as_of=LAST + timedelta(days=7 + weekday))
            for branch, path in zip(branches, paths, strict=True):
                assert stage_path(session, actor=ADMIN, branch_id=branch.id).equals(path)
            part.rollback()

        unchanged()


@pytest.mark.parametrize(("weeks_ago", "is_shown"), [(0, True), (3, True), (12, True), (13, False)])
def test_a_wealth_manager_who_leaves_changes_no_stage_and_is_shown_for_thirteen_weeks(store, weeks_ago, is_shown):
    with writing(store) as session:
        branch = add_branch(session, cooperation_start=LONG_AGO)
        people = [add_staff(session, branch, code) for code in ("S1", "S2")]
        sell(session, branch, [2] * WEEKS, staff=people)
        stayed, path = now_of(session, "B1"), rows_of(session)
        people[0].left_on = LAST - timedelta(weeks=weeks_ago)
        session.flush()
        left = now_of(session, "B1")
        assert rows_of(session) == path
    assert (stayed["stage"], left["stage"]) == ("mature", "mature")
    assert "key_person_left" not in stayed["badges"]
    assert ("key_person_left" in left["badges"]) == is_shown


def test_a_departure_after_which_sales_stop_is_judged_by_the_sales(store):
    with writing(store) as session:
        branch, other = (add_branch(session, code, cooperation_start=LONG_AGO) for code in ("B1", "B2"))
        sell(session, other, [2] * WEEKS)
        star = add_staff(session, branch, "S1", left_on=LAST - timedelta(weeks=10))
        sell(session, branch, [2] * (WEEKS - 10), staff=[star])
        now = now_of(session, "B1")
    assert now["stage"] == "slump"
    assert "key_person_left" in now["badges"]


def test_a_new_strong_person_who_sells_nearly_all_is_shown_as_single_seller_at_the_same_stage(store):
    with writing(store) as session:
        ones, many = (add_branch(session, code, cooperation_start=LONG_AGO) for code in ("B1", "B2"))
        star = add_staff(session, ones, "S1", joined_on=LAST - timedelta(weeks=20))
        sell(session, ones, [1] * WEEKS, staff=[star])
        sell(session, many, [1] * WEEKS, staff=[add_staff(session, many, code) for code in ("S2", "S3")])
        one, two = now_of(session, "B1"), now_of(session, "B2")
        paths = stages_of(session, "B1"), stages_of(session, "B2")
    assert paths[0] == paths[1]
    assert ("single_seller" in one["badges"], "single_seller" in two["badges"]) == (True, False)


def test_a_branch_merged_into_another_leaves_the_stage_and_history_of_its_successor_unchanged(store):
    with writing(store) as session:
        old, successor = (add_branch(session, code, cooperation_start=LONG_AGO) for code in ("B1", "B2"))
        sell(session, old, seasonal(3, 40, first=FIRST))
        sell(session, successor, seasonal(1, WEEKS, first=FIRST))
        before = [row for row in rows_of(session, last=FIRST + timedelta(weeks=39)) if row[0] == "B2"]
        old.status, old.status_since = BranchStatus.CLOSED, FIRST + timedelta(weeks=40)
        session.flush()
        rows = rows_of(session)
    assert [row for row in rows if row[0] == "B2"][:40] == before
    assert {row[2] for row in rows if row[0] == "B2"} == {"mature"}
    assert max(row[1] for row in rows if row[0] == "B1") == (FIRST + timedelta(weeks=39)).isoformat()


def test_a_back_dated_policy_is_replayed_as_if_it_had_been_there_and_leaves_the_weeks_before_it(store):
    counts = [1, 2] * 15 + [0] * 30
    with writing(store) as session:
        branch = add_branch(session, cooperation_start=LONG_AGO)
        sell(session, add_branch(session, "B2", cooperation_start=LONG_AGO), [2] * WEEKS)
        sell(session, branch, counts)
        recompute_stages(session, as_of=LAST + timedelta(days=6))
        before = stage_path(session, actor=ADMIN, branch_id=branch.id)
        late = [add_policy(session, branch, FIRST + timedelta(weeks=45, days=2)) for _ in range(2)]
        recompute_stages(session, as_of=LAST + timedelta(days=6))
        after = stage_path(session, actor=ADMIN, branch_id=branch.id)
        for policy in late:
            policy.status = PolicyStatus.CANCELLED  # without a day: as if it had never been
        session.flush()
        recompute_stages(session, as_of=LAST + timedelta(days=6))
        undone = stage_path(session, actor=ADMIN, branch_id=branch.id)
    assert after[:45].equals(before[:45])
    assert not after["confidence"][45:].equals(before["confidence"][45:])
    assert undone.equals(before)


@pytest.mark.parametrize(
    ("code", "region", "bank"), [("Z9", "东区分公司/云州中支", "青禾银行"), ("A1", "西区", "别家银行")]
)
def test_the_name_of_a_branch_its_bank_and_its_region_play_no_role(store, code, region, bank):
    with writing(store) as session:
        one = add_branch(session, "M1", cooperation_start=LONG_AGO)
        other = add_branch(session, code, cooperation_start=LONG_AGO, region=region, bank=bank, supervisor=None)
        counts = [2] * 30 + [0, 0, 1] * 10
        for branch in (one, other):
            sell(session, branch, counts)
        assert stages_of(session, "M1") == stages_of(session, code)
        assert len(stages_of(session, code)) == WEEKS
