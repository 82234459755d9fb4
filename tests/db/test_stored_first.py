"""Two people who store the first of something at once: the second is told, and nothing is kept over it."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import UserRole
from core.review.official import OfficialMeasure
from core.review.scope import ReviewScope, ScopeKind
from core.today.lines import Thing
from db.branch_totals import record_total
from db.calendar_days import set_calendar_day
from db.changes import ChangedByOtherError, utc_now
from db.engine import reading, writing
from db.events import record_event
from db.models import TodayNewsRow, TodayVisitRow, UserRow
from db.official_totals import record_official_total
from db.playbook import record_playbook_change
from db.today_news import note_news, record_visit
from tests.builders import ADMIN, add_branch
from tests.core.events.test_entries import MASS
from tests.db.two_connections import second_beside

TODAY, OCTOBER, LATER = date(2026, 11, 18), date(2026, 10, 1), date(2026, 12, 1)


@pytest.fixture
def boss(postgres_store):
    """An administrator with an account, and B1."""
    with writing() as session:
        add_branch(session, "B1")
        row = UserRow(username="boss", display_name="B", role=UserRole.ADMIN, password_hash="x", created_at=utc_now())
        session.add(row)
        session.flush()
        return replace(ADMIN, user_id=row.id)


def of_branch(session, shared, words, key):
    given = {"month_start": OCTOBER, "premium_fen": 1_000, "source": words, "shown_version": 0, "key": key}
    record_total(session, branch_id=1, **shared, **given)


def of_company(session, shared, words, key):
    given = {"scope": ReviewScope(ScopeKind.ALL), "measure": next(iter(OfficialMeasure)), "month_start": OCTOBER}
    record_official_total(session, **shared, **given, amount=1_000, source=words, shown_version=0, key=key)


def of_playbook(session, shared, words, key):
    given = {"action_key": "opening_talk", "valid_from": LATER, "changes": {"is_off": True}, "shown_version": 0}
    record_playbook_change(session, **shared, **given, source=words, key=key)


def of_calendar(session, shared, words, key):
    given = {"day": LATER, "kind": "off", "name": words, "source": words, "shown_version": 0}
    set_calendar_day(session, **shared, **given, write_key=key)


def of_news(session, shared, words, key):
    given = {"branch_id": 1, "thing": Thing.WARNING, "subject": "watch_down", "shown_version": 0}
    note_news(session, **shared, **given, note=words, key=key)


WRITERS = {"branch": of_branch, "company": of_company, "playbook": of_playbook, "day": of_calendar, "news": of_news}


@pytest.mark.parametrize("what", sorted(WRITERS))
def test_the_second_sees_what_the_first_stored(boss, what):
    shared = {"actor": boss, "today": TODAY}
    refused = second_beside(
        lambda session: WRITERS[what](session, shared, "月报一", "a"),
        lambda session: WRITERS[what](session, shared, "月报二", "b"),
    )
    assert isinstance(refused, ChangedByOtherError), refused


def test_a_note_about_what_stood_on_the_list_already_is_not_lost_either(boss):
    shared = {"actor": boss, "today": TODAY}
    with writing() as session:
        row = TodayNewsRow(
            user_id=boss.user_id, branch_id=1, thing="warning", subject="watch_down", first_seen_on=TODAY
        )
        session.add(row)
    refused = second_beside(
        lambda session: of_news(session, shared, "已谈", "a"), lambda session: of_news(session, shared, "另一句", "b")
    )
    assert isinstance(refused, ChangedByOtherError)
    assert refused.current == {"note": "已谈"}


def test_of_two_events_with_one_number_the_second_is_refused(boss):
    def recorded(key):
        entry = replace(MASS, event_ref="E-1")
        return lambda session: record_event(session, actor=boss, branch_id=1, entry=entry, today=TODAY, key=key)

    refused = second_beside(recorded("a"), recorded("b"))
    assert isinstance(refused, RefusedError), refused
    assert [one.key for one in refused.problems] == [ProblemKey.EVENT_REF_TAKEN]


def test_two_windows_of_one_visitor_both_open_today(boss):
    def visited(session):
        record_visit(session, actor=boss, today=TODAY)

    assert second_beside(visited, visited) is None
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(TodayVisitRow)) == 1
