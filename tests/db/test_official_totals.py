from datetime import date

import pytest
from sqlalchemy import select

from core.coaching.problems import ProblemKey, RefusedError
from core.review.official import OfficialMeasure
from core.review.scope import ReviewScope, ScopeKind, review_scope
from db.access import NotAllowedError
from db.changes import ChangedByOtherError
from db.engine import reading, writing
from db.models import AuditRow
from db.official_totals import official_figures, official_totals, record_official_total, remove_official_total
from tests.builders import ADMIN, add_branch, head_of, manager_of, supervisor

TODAY = date(2026, 11, 26)
OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)
PREMIUM, POLICIES = OfficialMeasure
ALL, EAST = ReviewScope(ScopeKind.ALL), ReviewScope(ScopeKind.REGION, "东区")
MANAGER = manager_of("东区")


@pytest.fixture
def on_both(store):
    fill()


@pytest.fixture
def world(sqlite_store):
    fill()


def fill():
    with writing() as session:
        add_branch(session, "B1", region="东区/云州")
        add_branch(session, "B2", region="西区", supervisor="wang")


def record(*, actor=ADMIN, key="k1", **more):
    given = {
        "scope": ALL,
        "measure": PREMIUM,
        "month_start": OCTOBER,
        "amount": 1_240_000_000,
        "source": "10月经营月报",
        "shown_version": 0,
    }
    with writing() as session:
        record_official_total(session, actor=actor, today=TODAY, key=key, **(given | more))


def figures(*, actor=ADMIN, scope=ALL, start=OCTOBER, end=date(2026, 10, 31)):
    with reading() as session:
        found = official_figures(session, actor=actor, scope=scope, start=start, end=end)
    return {measure: (figure.amount, figure.source) for measure, figure in found.items()}


def listed(actor=ADMIN):
    with reading() as session:
        return [(str(one.scope), one.measure, one.amount, one.version) for one in official_totals(session, actor=actor)]


def test_a_total_is_stored_for_its_month_and_audited(on_both):
    record(month_start=date(2026, 10, 17))
    record(measure=POLICIES, amount=420, key="k2")
    assert figures() == {PREMIUM: (12_400_000, "10月经营月报"), POLICIES: (420, "10月经营月报")}
    assert listed() == [("all", POLICIES, 420, 1), ("all", PREMIUM, 1_240_000_000, 1)]
    with reading() as session:
        audit = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert audit[0].subject_id == "all 2026-10 scale_premium"
    assert audit[0].after == {"premium_fen": 1_240_000_000, "source": "10月经营月报"}


def test_a_change_carries_the_version_that_was_shown_and_a_second_submit_changes_nothing(on_both):
    record()
    record()
    record(amount=7, shown_version=1, key="k2")
    with pytest.raises(ChangedByOtherError) as refused:
        record(amount=8, shown_version=1, key="k3")
    assert refused.value.current == {"premium_fen": 7, "source": "10月经营月报"}
    assert listed() == [("all", PREMIUM, 7, 2)]


def test_a_total_entered_by_mistake_is_taken_back_as_it_was_shown(on_both):
    record()
    with pytest.raises(ChangedByOtherError), writing() as session:
        remove_official_total(
            session, actor=ADMIN, scope=ALL, measure=PREMIUM, month_start=OCTOBER, shown_version=2, key="k2"
        )
    for _ in range(2):
        with writing() as session:
            remove_official_total(
                session, actor=ADMIN, scope=ALL, measure=PREMIUM, month_start=OCTOBER, shown_version=1, key="k3"
            )
    assert listed() == []
    with reading() as session:
        assert session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all() == ["set", "remove"]


def test_several_months_count_where_each_has_a_total(world):
    record()
    assert figures(start=SEPTEMBER) == {}
    record(month_start=SEPTEMBER, amount=1, source="9月", key="k2")
    assert figures(start=SEPTEMBER) == {PREMIUM: (12_400_000.01, "9月; 10月经营月报")}
    assert figures(end=date(2026, 10, 30)) == {}


@pytest.mark.parametrize(
    ("more", "key", "place"),
    [
        pytest.param({"month_start": date(2026, 11, 1)}, ProblemKey.IN_FUTURE, "month_start", id="month not over"),
        pytest.param({"amount": -1}, ProblemKey.AMOUNT, "premium", id="negative"),
        pytest.param({"amount": 10**14 + 1}, ProblemKey.AMOUNT, "premium", id="a slip of the unit"),
        pytest.param({"amount": -1, "measure": POLICIES}, ProblemKey.OUT_OF_RANGE, "policies", id="policies"),
        pytest.param({"source": " "}, ProblemKey.EMPTY, "source", id="no source"),
    ],
)
def test_bad_entries_are_refused_with_the_reason(world, more, key, place):
    with pytest.raises(RefusedError) as refused:
        record(**more)
    assert [(one.key, one.place) for one in refused.value.problems] == [(key, place)]
    assert listed() == []


@pytest.mark.parametrize(
    ("actor", "scope"),
    [
        pytest.param(MANAGER, "all", id="manager about all"),
        pytest.param(MANAGER, "region:西区", id="manager about another region"),
        pytest.param(MANAGER, "team:li", id="manager about a team"),
        pytest.param(ADMIN, "team:li", id="administrator about a team"),
        pytest.param(ADMIN, "region:北区", id="no such region"),
        pytest.param(supervisor("li"), "team:li", id="supervisor"),
        pytest.param(head_of(1), "all", id="branch head"),
    ],
)
def test_whoever_may_not_is_refused(world, actor, scope):
    with pytest.raises(NotAllowedError):
        record(actor=actor, scope=review_scope(scope))
    assert listed() == []


def test_everybody_sees_the_totals_of_his_own_units_alone(world):
    record()
    record(scope=EAST, actor=MANAGER, key="k2", amount=5)
    record(scope=ReviewScope(ScopeKind.REGION, "西区"), key="k3", amount=6)
    assert [scope for scope, *_ in listed(MANAGER)] == ["region:东区"]
    assert [scope for scope, *_ in listed()] == ["all", "region:东区", "region:西区"]
    assert listed(supervisor("li")) == listed(head_of(1)) == []
    assert figures(actor=MANAGER, scope=EAST) == {PREMIUM: (0.05, "10月经营月报")}
    assert figures(actor=supervisor("li"), scope=ReviewScope(ScopeKind.TEAM, "li")) == {}
    with pytest.raises(NotAllowedError):
        figures(actor=MANAGER)
