from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.coaching.playbook import find_action, shipped_playbook
from core.coaching.problems import ProblemKey, RefusedError
from core.facts import UserRole
from db.access import NotAllowedError
from db.changes import ChangedByOtherError, utc_now
from db.engine import reading, writing
from db.models import AuditRow, PlaybookChangeRow, UserRow
from db.playbook import playbook, record_playbook_change
from tests.builders import ADMIN, head_of, manager_of, supervisor

TODAY = date(2026, 11, 22)


@pytest.fixture
def admin(store):
    with writing() as session:
        user = UserRow(username="boss", display_name="B", role=UserRole.ADMIN, password_hash="x", created_at=utc_now())
        session.add(user)
        session.flush()
        return replace(ADMIN, user_id=user.id)


def change(actor, *, key="k1", **more):
    given = {
        "action_key": "opening_talk",
        "valid_from": TODAY,
        "changes": {"title_en": "First talk", "title_zh": "首次面谈"},
        "source": "team meeting of 20 Nov",
        "shown_version": 0,
    }
    with writing() as session:
        record_playbook_change(session, actor=actor, today=TODAY, key=key, **(given | more))


def action_on(day):
    with reading() as session:
        return find_action(playbook(session, as_of=day), "opening_talk")


def problems(actor, **more):
    with pytest.raises(RefusedError) as refused:
        change(actor, **more)
    with reading() as session:
        assert session.scalars(select(PlaybookChangeRow)).all() == []
    return [(one.key, one.place) for one in refused.value.problems]


def test_the_shipped_playbook_runs_where_nothing_was_changed(store):
    with reading() as session:
        assert playbook(session, as_of=TODAY) == shipped_playbook()


def test_a_change_wins_from_its_day_on_and_the_audit_keeps_it(admin):
    change(admin, valid_from=TODAY + timedelta(days=3))
    assert action_on(TODAY + timedelta(days=2)).title("en") == "Opening talk: purpose, goals, contacts"
    changed = action_on(TODAY + timedelta(days=3))
    assert (changed.title("en"), changed.title("zh"), changed.source("zh")) == (
        "First talk",
        "首次面谈",
        "team meeting of 20 Nov",
    )
    with reading() as session:
        audit = session.scalars(select(AuditRow)).one()
    assert (audit.subject, audit.subject_id) == ("playbook", "opening_talk 2026-11-25")


def test_an_action_can_be_switched_off_and_on_again(admin):
    change(admin, changes={"is_off": True})
    assert action_on(TODAY).is_off
    change(admin, changes={"is_off": False}, key="k2", valid_from=TODAY + timedelta(days=1), shown_version=1)
    assert (action_on(TODAY).is_off, action_on(TODAY + timedelta(days=1)).is_off) == (True, False)


def test_a_second_change_for_one_day_is_laid_over_the_first(admin):
    change(admin)
    change(admin, key="k2", changes={"steps_en": ("One", "Two"), "pause_days": 60}, shown_version=1)
    action = action_on(TODAY)
    assert (action.title_en, action.steps_en, action.pause_days) == ("First talk", ("One", "Two"), 60)
    assert action.version == 2


def test_a_change_over_one_the_author_did_not_see_is_refused_with_what_runs(admin):
    change(admin, valid_from=TODAY + timedelta(days=9))
    with pytest.raises(ChangedByOtherError) as refused:
        change(admin, key="k2", changes={"title_en": "Mine"})
    assert (refused.value.version, refused.value.current["title_en"]) == (1, "Opening talk: purpose, goals, contacts")
    assert refused.value.at is not None


def test_a_resend_stores_nothing_more(admin):
    change(admin)
    change(admin)
    with reading() as session:
        assert len(session.scalars(select(AuditRow)).all()) == 1


@pytest.mark.parametrize("actor", [manager_of("东区分公司"), supervisor(), head_of(1)], ids=lambda one: one.role.value)
def test_only_an_administrator_changes_the_playbook(store, actor):
    with pytest.raises(NotAllowedError):
        change(actor)


@pytest.mark.parametrize(
    "more",
    [{"action_key": "no_such_action"}, {"changes": {"who": ["channel_manager"]}}, {"changes": {}}],
    ids=["unknown action", "a field that stays", "nothing"],
)
def test_what_cannot_be_changed_is_refused(admin, more):
    with pytest.raises(NotAllowedError, match="may change: title_en, title_zh"):
        change(admin, **more)


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, [(ProblemKey.DUE_IN_PAST, "valid_from")]),
        ({"source": " "}, [(ProblemKey.EMPTY, "source")]),
        ({"changes": {"title_en": ""}}, [(ProblemKey.EMPTY, "title_en")]),
        ({"changes": {"steps_zh": ()}}, [(ProblemKey.EMPTY, "steps_zh")]),
        ({"changes": {"steps_zh": ("走访",) * 9}}, [(ProblemKey.TOO_LONG, "steps_zh")]),
        ({"changes": {"title_zh": "给柜员送礼品"}}, [(ProblemKey.FORBIDDEN_WORD, "text")]),
        ({"changes": {"steps_en": ("Say it is risk-free",)}}, [(ProblemKey.FORBIDDEN_WORD, "text")]),
        ({"changes": {"measure_en": "call 13812345678"}}, [(ProblemKey.PERSONAL_NUMBER, "measure_en")]),
        ({"changes": {"pause_days": 0}}, [(ProblemKey.PAUSE, "pause_days")]),
        ({"changes": {"pause_days": 367}}, [(ProblemKey.PAUSE, "pause_days")]),
    ],
)
def test_a_change_that_breaks_a_rule_is_refused_with_its_place(admin, more, found):
    assert problems(admin, **more) == found
