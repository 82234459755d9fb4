from datetime import UTC, datetime, timedelta

import pytest

from core.facts import Actor, UserRole
from db import sign_in
from db.engine import SAMPLE, data_version, reading, writing
from db.models import CookieTicketRow, SignInSessionRow, StoreFactRow, UserRow
from db.sign_in import ATTEMPT_WINDOW, FAILURES_OF_A_NAME, FAILURES_OF_A_NAME_AT_AN_ADDRESS, IDLE, LONGEST, TICKET_LIFE
from tests.builders import add_branch
from tests.running import add_user

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


def opened(store, user_id, digest="d", now=NOW):
    with writing(store, raises_version=False) as session:
        sign_in.open_session(
            session, user_id=user_id, cred_version=1, digest=digest, ticket_digest=f"ticket of {digest}", now=now
        )


def live(store, digest="d", now=NOW):
    with reading(store) as session:
        return sign_in.live_session(session, digest=digest, now=now)


def change_user(store, **values):
    with writing(store) as session:
        for name, value in values.items():
            setattr(session.query(UserRow).one(), name, value)


def test_an_open_session_gives_the_user_as_the_store_knows_him_now(store):
    opened(store, add_user(store, "li"))
    assert live(store).actor == Actor(live(store).actor.user_id, "li", "Li", UserRole.SUPERVISOR)
    change_user(store, role="manager", region_path="东区分公司", display_name="李")
    assert (live(store).actor.role, live(store).actor.region_path) == (UserRole.MANAGER, "东区分公司")
    assert live(store).actor.display_name == "李"


def test_the_branch_of_a_branch_head_is_found_and_without_it_the_scope_is_empty(store):
    opened(store, add_user(store, "head", UserRole.BRANCH_HEAD, branch_code="B1"))
    assert live(store).actor.branch_id is None
    with writing(store) as session:
        branch_id = add_branch(session, "B1").id
    assert live(store).actor.branch_id == branch_id


def test_the_state_of_the_data_comes_with_it(store):
    opened(store, add_user(store, "li"))
    with reading(store) as session:
        assert live(store).data_version == data_version(session)
    assert live(store).is_sample is False


@pytest.mark.parametrize(
    ("later", "holds"),
    [
        (timedelta(0), True),
        (IDLE - MOMENT, True),
        (IDLE, False),
        (IDLE + MOMENT, False),
    ],
)
def test_a_session_idles_for_half_an_hour_at_most(store, later, holds):
    opened(store, add_user(store, "li"))
    assert (live(store, now=NOW + later) is not None) is holds


@pytest.mark.parametrize(("later", "holds"), [(LONGEST - MOMENT, True), (LONGEST, False)])
def test_a_session_lasts_twelve_hours_at_most_however_busy(store, later, holds):
    opened(store, add_user(store, "li"))
    sign_in.mark_visit(store, digest="d", now=NOW + later - MOMENT)
    assert (live(store, now=NOW + later) is not None) is holds


def test_a_clock_set_back_keeps_people_in(store):
    opened(store, add_user(store, "li"))
    assert live(store, now=NOW - timedelta(minutes=5)) is not None


@pytest.mark.parametrize("values", [{"is_active": False}, {"cred_version": 2}, {"is_demo": True}])
def test_disabled_changed_and_misplaced_accounts_have_no_session(store, values):
    opened(store, add_user(store, "li"))
    change_user(store, **values)
    assert live(store) is None


def test_a_demo_account_works_in_the_sample_store(store):
    opened(store, add_user(store, "li"))
    with writing(store) as session:
        session.add(StoreFactRow(key=SAMPLE, value=1))
    change_user(store, is_demo=True)
    assert live(store).is_sample is True


def test_an_unknown_digest_and_an_ended_session_are_nothing(store):
    opened(store, add_user(store, "li"))
    assert live(store, digest="e") is None
    for _ in range(2):
        with writing(store) as session:
            sign_in.end_session(session, digest="d", now=NOW)
    assert live(store) is None
    with writing(store) as session:
        sign_in.end_session(session, digest="unknown", now=NOW)


def test_a_visit_moves_the_idle_limit_on_without_raising_the_data_version(store):
    opened(store, add_user(store, "li"))
    before = live(store).data_version
    assert sign_in.mark_visit(store, digest="d", now=NOW + timedelta(minutes=20))
    assert live(store, now=NOW + timedelta(minutes=45)).data_version == before


def test_a_visit_is_not_marked_while_the_store_is_busy(sqlite_store):
    import sqlite3

    opened(sqlite_store, add_user(sqlite_store, "li"))
    with sqlite3.connect(sqlite_store.removeprefix("sqlite:///"), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert sign_in.mark_visit(sqlite_store, digest="d", now=NOW) is False
        assert live(sqlite_store) is not None
        other.execute("ROLLBACK")
    other.close()


def reserve(store, *, name="n", address="a", now=NOW):
    with writing(store, raises_version=False) as session:
        return sign_in.reserve_attempt(session, name_digest=name, address=address, now=now)


def test_ten_failures_in_a_quarter_of_an_hour_lock_a_name_at_an_address(store):
    assert [reserve(store) for _ in range(FAILURES_OF_A_NAME_AT_AN_ADDRESS + 2)] == [True] * 10 + [False] * 2
    assert reserve(store, address="elsewhere")
    assert reserve(store, name="another")
    assert not reserve(store, now=NOW + ATTEMPT_WINDOW - MOMENT)
    assert reserve(store, now=NOW + ATTEMPT_WINDOW)


def test_refused_attempts_do_not_lengthen_the_lock(store):
    for _ in range(10):
        reserve(store)
    for minutes in range(1, 15):
        assert not reserve(store, now=NOW + timedelta(minutes=minutes))
    assert reserve(store, now=NOW + ATTEMPT_WINDOW)


def test_an_address_that_tries_many_names_is_locked(store):
    results = [reserve(store, name=f"n{number}") for number in range(sign_in.FAILURES_OF_AN_ADDRESS + 1)]
    assert results.count(False) == 1
    assert not reserve(store, name="fresh")
    assert reserve(store, name="fresh", address="elsewhere")


def test_a_name_tried_from_everywhere_is_locked_at_last(sqlite_store):
    results = [reserve(sqlite_store, address=f"a{number}") for number in range(FAILURES_OF_A_NAME + 1)]
    assert results.count(False) == 1


def test_forgetting_frees_a_name_at_one_address_or_everywhere(store):
    for address in ("a", "b"):
        for _ in range(10):
            reserve(store, address=address)
    with writing(store) as session:
        assert sign_in.forget_attempts(session, name_digest="n", address="a") == 10
    assert reserve(store)
    assert not reserve(store, address="b")
    with writing(store) as session:
        assert sign_in.forget_attempts(session, name_digest="n") == 11


def test_a_ticket_is_spent_once_and_in_time(store):
    user_id = add_user(store, "li")
    opened(store, user_id)
    opened(store, user_id, digest="e")

    def spend(of, later):
        with writing(store) as session:
            return sign_in.spend_ticket(session, ticket_digest=f"ticket of {of}", now=NOW + later)

    with reading(store) as session:
        assert sign_in.ticket_waits(session, ticket_digest="ticket of d", now=NOW)
        assert not sign_in.ticket_waits(session, ticket_digest="ticket of d", now=NOW + TICKET_LIFE)
        assert not sign_in.ticket_waits(session, ticket_digest="other", now=NOW)
    assert spend("d", TICKET_LIFE - MOMENT) == "d"
    assert spend("d", timedelta(0)) is None
    assert spend("e", TICKET_LIFE) is None
    assert spend("unknown", timedelta(0)) is None


def test_dead_sessions_and_tickets_are_swept_out(store):
    user_id = add_user(store, "li")
    opened(store, user_id)
    opened(store, user_id, digest="later", now=NOW + 3 * LONGEST)
    with reading(store) as session:
        assert [row.sid_hash for row in session.query(SignInSessionRow)] == ["later"]
        assert [row.sid_hash for row in session.query(CookieTicketRow)] == ["later"]


def test_credentials_of_unknown_disabled_and_misplaced_accounts_are_not_found(store):
    add_user(store, "li")
    with reading(store) as session:
        assert sign_in.has_users(session)
        assert sign_in.find_credentials(session, username="li").username == "li"
        assert sign_in.find_credentials(session, username="nobody") is None
    for values in ({"is_active": False}, {"is_active": True, "is_demo": True}):
        change_user(store, **values)
        with reading(store) as session:
            assert sign_in.find_credentials(session, username="li") is None


def test_one_question_finds_a_session(store):
    from sqlalchemy import event

    from db.engine import engine_of

    opened(store, add_user(store, "li"))
    asked = []
    listen = lambda *words: asked.append(words[2])  # noqa: E731
    event.listen(engine_of(store), "before_cursor_execute", listen)
    live(store)
    event.remove(engine_of(store), "before_cursor_execute", listen)
    assert len([words for words in asked if words.startswith("SELECT")]) == 1
