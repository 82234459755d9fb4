from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from core.coaching.problems import ProblemKey, RefusedError
from db.access import NotAllowedError
from db.branch_totals import record_total, totals_between, totals_of
from db.changes import ChangedByOtherError, utc_now
from db.engine import reading, writing
from db.models import AuditRow, UserRow
from tests.builders import add_branch, head_of, supervisor

TODAY = date(2026, 11, 22)
OCTOBER = date(2026, 10, 1)


@pytest.fixture
def world(store):
    with writing() as session:
        user = UserRow(username="li", display_name="L", role="supervisor", password_hash="x", created_at=utc_now())
        session.add(user)
        session.flush()
        mine, other = add_branch(session, "B1"), add_branch(session, "B2", supervisor="wu")
        return {"mine": mine.id, "other": other.id, "li": replace(supervisor("li"), user_id=user.id)}


def record(world, *, key="k1", actor=None, **more):
    given = {
        "branch_id": world["mine"],
        "month_start": OCTOBER,
        "premium_fen": 123_456_789,
        "source": "支行月报",
        "shown_version": 0,
    }
    with writing() as session:
        record_total(session, actor=actor or world["li"], today=TODAY, key=key, **(given | more))


def known(world):
    with reading() as session:
        return [
            (one.month_start, one.premium_fen, one.version)
            for one in totals_of(session, actor=world["li"], branch_id=world["mine"])
        ]


def test_a_total_is_stored_in_fen_for_its_month_and_audited(world):
    record(world, month_start=date(2026, 10, 17))
    assert known(world) == [(OCTOBER, 123_456_789, 1)]
    with reading() as session:
        audit = session.scalars(select(AuditRow)).one()
    assert (audit.subject_id, audit.after) == ("B1 2026-10", {"premium_fen": 123_456_789, "source": "支行月报"})


def test_a_change_carries_the_version_that_was_shown(world):
    record(world)
    record(world, key="k2", premium_fen=5, shown_version=1)
    assert known(world) == [(OCTOBER, 5, 2)]
    with pytest.raises(ChangedByOtherError) as refused:
        record(world, key="k3", premium_fen=6, shown_version=1)
    assert refused.value.current["premium_fen"] == 5


def test_a_resend_changes_nothing(world):
    record(world)
    record(world)
    assert known(world) == [(OCTOBER, 123_456_789, 1)]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"premium_fen": -1}, ProblemKey.AMOUNT),
        ({"premium_fen": 10**14 + 1}, ProblemKey.AMOUNT),
        ({"source": ""}, ProblemKey.EMPTY),
        ({"month_start": date(2026, 12, 1)}, ProblemKey.IN_FUTURE),
    ],
)
def test_a_wrong_total_is_refused(world, more, key):
    with pytest.raises(RefusedError) as refused:
        record(world, **more)
    assert [problem.key for problem in refused.value.problems] == [key]
    assert known(world) == []


def test_totals_of_a_period_are_those_of_the_scope(world):
    record(world)
    record(world, key="k2", branch_id=world["other"], actor=replace(supervisor("wu"), user_id=world["li"].user_id))
    with reading() as session:
        mine = totals_between(session, actor=world["li"], start=OCTOBER, end=OCTOBER)
        assert mine.to_dict("records") == [
            {"branch_id": world["mine"], "month_start": OCTOBER, "premium_fen": 123_456_789}
        ]
        assert totals_between(session, actor=world["li"], start=date(2026, 10, 2), end=TODAY).empty


def test_a_foreign_branch_and_a_branch_head_are_refused(world):
    with pytest.raises(NotAllowedError, match=r"^not one of your branches$"):
        record(world, branch_id=world["other"])
    with pytest.raises(NotAllowedError):
        record(world, actor=head_of(world["mine"]))
