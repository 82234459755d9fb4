"""Versions of the engine's numbers: dated, never edited in force, withdrawn before, with trail and recomputation."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, select

from core.stages.limits import RuleValue, limits_on
from core.stages.rule_check import RulesRefusedError
from db import stage_facts
from db.access import NotAllowedError
from db.backup import back_up, restore
from db.calendar_days import set_calendar_day
from db.changes import AUDIT_LOCK, NAME_LOCKS, ChangedByOtherError
from db.engine import engine_of, reading, sqlite_url, writing
from db.models import AuditRow, StageRuleValueRow, StageRuleVersionRow, StageWeekRow
from db.rollups import SUMS_LOCK
from db.schema import upgrade_store
from db.stage_history import recompute_stages
from db.stage_rules import RULES_LOCK, add_stage_rules, rules_state, stage_rules, stored_versions, withdraw_stage_rules
from tests.builders import ADMIN, add_branch, add_policy, head_of, manager_of, supervisor

MONDAY = date(2026, 11, 23)
TODAY = date(2026, 11, 26)
LEAD = (RuleValue("limits", "hold_lead", 0.3),)
NEXT = MONDAY + timedelta(weeks=1)
CALMER = (RuleValue("limits", "hold_weeks", 5.0),)
OTHERS = [manager_of("东区"), supervisor(), head_of(1)]


def add(store, *, write_key="k1", actor=ADMIN, **changes):
    plain = {"values": CALMER, "valid_from": NEXT, "note": "region meeting", "shown_state": 0, "today": TODAY}
    with writing(store) as session:
        return add_stage_rules(session, actor=actor, write_key=write_key, **(plain | changes))


def withdraw(store, version_id, *, write_key="w1", actor=ADMIN, shown_version=1, today=TODAY):
    with writing(store) as session:
        return withdraw_stage_rules(
            session,
            actor=actor,
            version_id=version_id,
            shown_version=shown_version,
            today=today,
            write_key=write_key,
        )


def state(store):
    with reading(store) as session:
        return rules_state(session)


def versions(store):
    with reading(store) as session:
        return stored_versions(session, actor=ADMIN)


def sell_every_week(session, *, weeks=60, last=MONDAY):
    """Six branches that sell twice a week up to a Monday's week, and one that stops half way."""
    for number in range(7):
        branch = add_branch(session, f"B{number}", cooperation_start=date(2019, 1, 1))
        for week in range(weeks if number else weeks // 2):
            for _ in range(2):
                add_policy(session, branch, last - timedelta(weeks=weeks - 1 - week))


def test_a_version_is_stored_with_its_author_what_it_replaced_and_an_audit_row(store):
    made = add(store)
    (one,) = versions(store)
    assert (one.version_id, one.rules.valid_from, one.rules.note) == (made["id"], NEXT, "region meeting")
    assert (one.rules.values, one.before) == (CALMER, (limits_on(NEXT)["hold_weeks"],))
    assert (one.made_by, one.withdrawn_at, one.version) == (None, None, 1)
    with reading(store) as session:
        audit = session.scalars(select(AuditRow)).one()
    assert (audit.action, audit.subject) == ("add", "stage_rules")
    assert audit.before == {"limits.hold_weeks": limits_on(NEXT)["hold_weeks"]}
    assert audit.after == {"valid_from": "2026-11-30", "note": "region meeting", "limits.hold_weeks": 5.0}


def test_a_second_submit_with_the_same_key_stores_nothing(store):
    assert add(store) == add(store)
    assert len(versions(store)) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"valid_from": date(2026, 12, 1)}, "is no Monday"),
        ({"valid_from": date(2026, 11, 16)}, "lies before the present week"),
        ({"note": " "}, "Say why"),
        ({"values": ()}, "Nothing differs"),
        ({"values": (RuleValue("limits", "hold_lead", 2.0),)}, "out of range"),
    ],
)
def test_a_version_that_cannot_stand_is_refused_and_nothing_is_stored(store, changes, words):
    with pytest.raises(RulesRefusedError, match=words):
        add(store, **changes)
    with reading(store) as session:
        assert session.scalar(select(func.count()).select_from(StageRuleVersionRow)) == 0
        assert session.scalar(select(func.count()).select_from(StageRuleValueRow)) == 0


def test_a_monday_begins_one_version_until_that_one_is_withdrawn(store):
    made = add(store)
    with pytest.raises(RulesRefusedError, match="There is already a version that begins on 2026-11-30"):
        add(store, write_key="k2", shown_state=1)
    withdraw(store, made["id"])
    add(store, write_key="k3", shown_state=2)
    assert [one.withdrawn_at is None for one in versions(store)] == [True, False]


def test_a_version_is_held_against_the_rules_of_its_own_monday(store):
    add(store)
    with pytest.raises(RulesRefusedError, match="Nothing differs"):
        add(store, write_key="k2", shown_state=1, valid_from=NEXT + timedelta(weeks=1))


def test_whoever_has_not_seen_the_newest_version_is_refused_and_told_of_it(store):
    add(store)
    with pytest.raises(ChangedByOtherError) as refused:
        add(store, write_key="k2", valid_from=NEXT + timedelta(weeks=1), values=LEAD)
    assert refused.value.current == {"valid_from": NEXT, "note": "region meeting"}
    assert len(versions(store)) == 1


def test_a_withdrawn_version_stays_on_the_list_and_holds_no_more(store):
    made = add(store)
    withdraw(store, made["id"])
    assert state(store) == 2
    (one,) = versions(store)
    assert one.withdrawn_at is not None
    with reading(store) as session:
        assert stage_rules(session) == ()
        trail = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [row.action for row in trail] == ["add", "withdraw"]
    assert trail[1].before == {"valid_from": "2026-11-30", "note": "region meeting"}


def test_a_version_in_force_is_not_withdrawn(store):
    made = add(store)
    with pytest.raises(RulesRefusedError, match="The version of 2026-11-30 is in force and stays"):
        withdraw(store, made["id"], today=NEXT)
    assert versions(store)[0].withdrawn_at is None


def test_two_people_withdraw_one_version_once(store):
    made = add(store)
    assert withdraw(store, made["id"]) == withdraw(store, made["id"])
    with pytest.raises(ChangedByOtherError):
        withdraw(store, made["id"], write_key="w2")
    with pytest.raises(NotAllowedError, match="no such version"):
        withdraw(store, 424_242, write_key="w3")


@pytest.mark.parametrize("actor", OTHERS, ids=lambda actor: actor.role)
def test_only_an_administrator_sees_and_changes_versions(store, actor):
    made = add(store)
    with pytest.raises(NotAllowedError):
        add(store, write_key="k2", actor=actor)
    with pytest.raises(NotAllowedError):
        withdraw(store, made["id"], actor=actor)
    with reading(store) as session, pytest.raises(NotAllowedError):
        stored_versions(session, actor=actor)


def rules_of_weeks(store):
    """The `rules_on` of the last three stored weeks, newest first."""
    query = select(StageWeekRow.week_start, StageWeekRow.rules_on).distinct().order_by(StageWeekRow.week_start.desc())
    with reading(store) as session:
        return [tuple(row) for row in session.execute(query.limit(3))]


def test_a_version_of_the_present_monday_brings_the_stages_up_at_once_where_its_week_is_complete(store):
    sunday = MONDAY + timedelta(days=6)
    shipped = limits_on(MONDAY).rules_on
    with writing(store) as session:
        sell_every_week(session)
        recompute_stages(session, as_of=sunday)
    add(store, valid_from=MONDAY, today=sunday)
    assert [week for week, _ in rules_of_weeks(store)] == [MONDAY - timedelta(weeks=number) for number in range(3)]
    assert [rules for _, rules in rules_of_weeks(store)] == [MONDAY, shipped, shipped]


def test_a_version_of_the_present_monday_changes_no_stored_week_before_that_week_is_complete(store):
    with writing(store) as session:
        sell_every_week(session)
        recompute_stages(session, as_of=TODAY)
    before = rules_of_weeks(store)
    add(store, valid_from=MONDAY)
    assert rules_of_weeks(store) == before
    with writing(store) as session:
        recompute_stages(session, as_of=MONDAY + timedelta(days=7))
    assert [rules for _, rules in rules_of_weeks(store)][:2] == [MONDAY, limits_on(date(2026, 1, 1)).rules_on]


def test_stages_follow_a_rule_and_a_day_under_the_locks_of_an_import_in_its_order(postgres_store):
    """Two writers that lock in opposite orders would wait for each other."""
    asked = []

    def listen(*call):
        asked.extend(lock for lock in dict(call[3]).values() if "pg_advisory_xact_lock" in call[2])

    sunday = MONDAY + timedelta(days=6)
    with writing(postgres_store) as session:
        add_policy(session, add_branch(session, cooperation_start=date(2019, 1, 1)), MONDAY)
    event.listen(engine_of(postgres_store), "before_cursor_execute", listen)
    add(postgres_store, valid_from=MONDAY, today=sunday)
    of_rule, asked = asked, []
    with writing(postgres_store) as session:
        set_calendar_day(
            session,
            actor=ADMIN,
            day=MONDAY - timedelta(days=1),
            kind="work",
            name="Make-up day",
            source="City notice",
            reason="Published late",
            shown_version=0,
            today=sunday,
            write_key="d1",
        )
    event.remove(engine_of(postgres_store), "before_cursor_execute", listen)
    assert list(dict.fromkeys(of_rule)) == [SUMS_LOCK, RULES_LOCK, AUDIT_LOCK]
    first, *of_the_day, last = dict.fromkeys(asked)
    assert (first, of_the_day[0], last) == (SUMS_LOCK, NAME_LOCKS, AUDIT_LOCK)


def test_the_engine_reads_the_versions_in_force_up_to_its_last_week(store):
    with writing(store) as session:
        sell_every_week(session)
    add(store, valid_from=MONDAY)
    with reading(store) as session:
        until = stage_facts.stage_facts(session, week_start=MONDAY - timedelta(weeks=1))
        through = stage_facts.stage_facts(session, week_start=MONDAY)
    assert [one.rules_on for one in through.rules][1:] == [MONDAY]
    assert through.limits["hold_weeks"] == 5.0
    assert MONDAY not in [one.rules_on for one in until.rules]


def test_versions_go_into_a_backup_and_come_back(sqlite_store, tmp_path):
    add(sqlite_store)
    back_up(sqlite_store, tmp_path / "copy")
    other = sqlite_url(tmp_path / "other.db")
    upgrade_store(other)
    restore(other, tmp_path / "copy")
    assert [one.rules for one in versions(other)] == [one.rules for one in versions(sqlite_store)]
