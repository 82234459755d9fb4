from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select

from core.cadence.owed import Absence, OwedStatus
from core.cadence.targets import CadenceTarget
from core.coaching.problems import ProblemKey, RefusedError
from core.facts import Badge, StaffRole, Stage, SuggestionState
from core.notes.handover import HandoverKind
from core.today.lines import Thing
from core.today.plan import plan_line
from core.today.rules import line_kinds
from core.today.words import line_reason, line_subject
from db.access import NotAllowedError
from db.changes import ChangedByOtherError, utc_now
from db.engine import reading, writing
from db.handovers import take_over
from db.models import (
    AuditRow,
    BranchRow,
    BranchStatusRow,
    CoachingNoteRow,
    ContactRow,
    SelfCheckRow,
    SnoozeRow,
    StaffRow,
    StageWeekRow,
    SuggestionRow,
    TodayNewsRow,
    UserRow,
)
from db.owed import owed_contacts
from db.rollups import rebuild_rollups
from db.settings import add_setting
from db.snoozes import end_snooze, explain_contact, snooze_line, snoozes
from db.targets import add_cadence_target
from db.today import PROVIDERS, today_lines, week_capacity
from db.today_news import news, note_news, record_visit
from db.warnings_since import keep_warnings, warnings_since
from tests.builders import (
    ADMIN,
    add_branch,
    add_contact,
    add_staff,
    add_supervisor_change,
    head_of,
    supervisor,
)
from tests.staged import add_stage

TODAY = date(2026, 11, 25)  # a Wednesday
LAST_WEEK = date(2026, 11, 16)
ROLES = (StaffRole.BRANCH_HEAD, StaffRole.WEALTH_MANAGER, StaffRole.TELLER, StaffRole.ACCOUNT_MANAGER)


@pytest.fixture
def world(store):
    """B1 of Li with a person in every post, all of them reached yesterday; Li's account."""
    with writing(store) as session:
        user = UserRow(username="li", display_name="李明", role="supervisor", password_hash="x", created_at=utc_now())
        session.add(user)
        branch = add_branch(session, "B1")
        for number, role in enumerate(ROLES):
            add_staff(session, branch, f"S{number}", role=role)
            add_contact_row(session, branch, TODAY - timedelta(days=1), role=role, topic="selling_skill")
        rebuild_rollups(session)
        return branch.id, replace(supervisor("li"), user_id=user.id)


def reached(branch_id, role, day, **more):
    """Let the last contact with a role be on a day."""
    with writing() as session:
        session.execute(delete(ContactRow).where(ContactRow.branch_id == branch_id, ContactRow.role == role))
        if day is not None:
            add_contact_row(session, session.get_one(BranchRow, branch_id), day, role=role, **more)
        rebuild_rollups(session)


def add_contact_row(session, branch, day, **more):
    """Add a contact whose fingerprint stays its own when others are taken away."""
    row = add_contact(session, branch, day, **more)
    row.fingerprint = 1000 + row.id
    session.flush()
    return row


def owed(actor, today=TODAY):
    with reading() as session:
        return owed_contacts(session, actor=actor, today=today, snoozes=snoozes(session, actor=actor))


def lines(actor, today=TODAY):
    with reading() as session:
        return today_lines(session, actor=actor, today=today)


def kinds(actor, today=TODAY):
    return {(line.kind, line.subject) for line in lines(actor, today).lines}


def test_every_provider_of_the_order_exists():
    assert {kind.provider for kind in line_kinds().values()} == set(PROVIDERS)


def test_after_a_contact_yesterday_only_the_daily_target_is_due(world):
    _, li = world
    assert [(one.role, one.status, one.workdays) for one in owed(li)[0]] == [
        (StaffRole.WEALTH_MANAGER, OwedStatus.DUE, 0)
    ]


def test_a_weekly_contact_is_owed_from_the_last_real_one(world):
    branch_id, li = world
    for last, status, late in (
        (date(2026, 11, 18), OwedStatus.DUE, 0),
        (date(2026, 11, 17), OwedStatus.LATE, 1),
        (date(2026, 11, 11), OwedStatus.LATE, 5),
        (date(2026, 11, 10), OwedStatus.MISSED, 6),
    ):
        reached(branch_id, "teller", last)
        found = {one.role: one for one in owed(li)[0]}[StaffRole.TELLER]
        assert (found.status, found.last_on, found.workdays) == (status, last, late)
    reached(branch_id, "teller", None)
    assert ("contact_never", "teller") in kinds(li)


def test_a_contact_that_only_pushes_information_restarts_nothing(world):
    branch_id, li = world
    reached(branch_id, "teller", date(2026, 11, 4))
    with writing() as session:
        branch = session.get_one(BranchRow, branch_id)
        for number, topic in enumerate(("info_push", "资讯推送")):
            add_contact_row(session, branch, date(2026, 11, 23 + number), role="teller", topic=topic)
        rebuild_rollups(session)
    found = {one.role: one for one in owed(li)[0]}[StaffRole.TELLER]
    assert (found.status, found.last_on) == (OwedStatus.MISSED, date(2026, 11, 4))


def test_a_post_nobody_holds_owes_nothing_and_is_kept_apart(world):
    branch_id, li = world
    reached(branch_id, "teller", None)
    with writing() as session:
        session.scalars(select(StaffRow).where(StaffRow.role == "teller")).one().left_on = date(2026, 11, 13)
    contacts, posts = owed(li)
    assert StaffRole.TELLER not in {one.role for one in contacts}
    assert [(one.role, one.since) for one in posts] == [(StaffRole.TELLER, date(2026, 11, 13))]
    assert ("post_vacant", "teller") in kinds(li)


def test_a_branch_out_of_business_owes_nothing(world):
    branch_id, li = world
    for status in ("suspended", "closed"):
        with writing() as session:
            branch = session.get_one(BranchRow, branch_id)
            branch.status, branch.status_since = status, date(2026, 11, 2)
        assert owed(li) == ((), ())


def test_a_resumed_branch_owes_from_the_day_after_the_suspension(world):
    branch_id, li = world
    reached(branch_id, "teller", date(2026, 3, 2))
    with writing() as session:
        session.add(
            BranchStatusRow(
                branch_id=branch_id, status="suspended", start_on=date(2026, 3, 9), end_on=date(2026, 11, 18)
            )
        )
    found = {one.role: one for one in owed(li)[0]}[StaffRole.TELLER]
    assert (found.status, found.due_on) == (OwedStatus.DUE, TODAY)


def test_a_week_off_makes_nothing_late(world):
    """Spring Festival 2026: no working day from 15 to 23 February."""
    branch_id, li = world
    reached(branch_id, "teller", date(2026, 2, 6))
    for today, status in ((date(2026, 2, 13), OwedStatus.DUE), (date(2026, 2, 23), OwedStatus.LATE)):
        found = {one.role: one for one in owed(li, today)[0]}[StaffRole.TELLER]
        assert found.status is status
    assert found.workdays == 1  # Saturday 14 February is worked


def test_a_target_of_a_stage_counts_where_the_branch_is_in_it(world):
    branch_id, li = world
    with writing() as session:
        add_cadence_target(
            session,
            actor=ADMIN,
            target=CadenceTarget(StaffRole.TELLER, Stage.MATURE, "week", None, None, None, LAST_WEEK, "x", "x"),
            today=date(2026, 11, 9),
            write_key="t",
        )
    reached(branch_id, "teller", date(2026, 10, 5))
    assert ("contact_missed", "teller") in kinds(li)
    with writing() as session:
        add_stage(session, session.get_one(BranchRow, branch_id), LAST_WEEK, Stage.MATURE)
    assert ("contact_missed", "teller") not in kinds(li)


def test_two_contacts_a_week_that_are_made_are_followed_by_the_next_week(world):
    branch_id, li = world
    with writing() as session:
        add_cadence_target(
            session,
            actor=ADMIN,
            target=CadenceTarget(StaffRole.TELLER, None, "week", Decimal(2), None, None, LAST_WEEK, "x", "x"),
            today=date(2026, 11, 9),
            write_key="t",
        )
    reached(branch_id, "teller", date(2026, 11, 23))
    assert ("contact_due", "teller") in kinds(li)
    with writing() as session:
        add_contact_row(session, session.get_one(BranchRow, branch_id), date(2026, 11, 23), role="teller")
        rebuild_rollups(session)
    assert ("contact_due", "teller") not in kinds(li)


def test_for_each_person_the_one_waited_for_longest_stands_for_the_role(world):
    branch_id, li = world
    with writing() as session:
        add_setting(
            session,
            actor=ADMIN,
            key="cadence_scope",
            value="person",
            valid_from=LAST_WEEK,
            source="x",
            today=date(2026, 11, 9),
            write_key="s",
        )
        branch = session.get_one(BranchRow, branch_id)
        second = add_staff(session, branch, "S9", role="teller")
        add_contact_row(session, branch, date(2026, 11, 2), staff=second)
        rebuild_rollups(session)
        second_id = second.id
    found = {one.role: one for one in owed(li)[0]}[StaffRole.TELLER]
    assert found.status is OwedStatus.NEVER  # talks with the group reach nobody by name
    assert found.people == 2
    assert found.staff_id != second_id


def test_not_visited_and_not_logged_are_kept_apart(world):
    branch_id, li = world
    reached(branch_id, "teller", date(2026, 11, 9))  # due on 16 November
    facts = {line.subject: line.facts["absence"] for line in lines(li).lines}
    assert facts["teller"] is Absence.NOT_LOGGED
    assert facts["wealth_manager"] is None
    with writing() as session:
        other = add_branch(session, "B2")
        add_contact_row(session, other, date(2026, 11, 19), role="branch_head")
        rebuild_rollups(session)
    facts = {(line.branch_code, line.subject): line.facts["absence"] for line in lines(li).lines}
    assert facts["B1", "teller"] is Absence.NOT_REACHED


def test_actions_stand_on_the_list_from_three_days_before_until_they_are_closed(world):
    branch_id, li = world
    with writing() as session:
        for number, due_on in enumerate((-1, 0, 3, 4)):
            session.add(
                SuggestionRow(
                    branch_id=branch_id,
                    action_key=f"a{number}",
                    week_start=LAST_WEEK,
                    reason_key="stage_basic",
                    facts={},
                    state=SuggestionState.TAKEN,
                    owner="li",
                    due_on=TODAY + timedelta(days=due_on),
                    created_at=utc_now(),
                )
            )
    found = [(line.kind, line.facts["action"].action_key) for line in lines(li).lines if line.thing is Thing.ACTION]
    assert found == [("action_overdue", "a0"), ("action_due", "a1"), ("action_due", "a2")]


def line_about(actor, subject, today=TODAY):
    found = lines(actor, today)
    return next(line for line in (*found.lines, *found.resting) if line.subject == subject)


def add_action(branch_id, due_on, **more):
    with writing() as session:
        row = SuggestionRow(
            branch_id=branch_id,
            action_key="targeted_drill",
            week_start=LAST_WEEK,
            reason_key="stage_basic",
            facts={},
            state=SuggestionState.TAKEN,
            owner="li",
            due_on=due_on,
            created_at=utc_now(),
            **more,
        )
        session.add(row)
        session.flush()
        return str(row.id)


def test_an_action_cannot_rest_beyond_its_last_day_and_is_told_once_after_it(world):
    branch_id, li = world
    last = TODAY + timedelta(days=3)
    number = add_action(branch_id, TODAY - timedelta(days=25), expires_on=last)
    overdue = line_about(li, number)
    assert "李明" in line_reason("zh", overdue, today=TODAY)
    with pytest.raises(RefusedError) as refused:
        snooze(world, line=overdue, until_on=last + timedelta(days=1))
    assert [one.key for one in refused.value.problems] == [ProblemKey.OUTLASTS]
    snooze(world, line=overdue, until_on=last)
    assert ("action_overdue", number) in kinds(li, last)
    after = last + timedelta(days=1)
    visit(li, after)
    for day in (after, after + timedelta(weeks=5)):
        (expired,) = [line for line in lines(li, day).lines if line.kind == "expired_action"]
        assert (expired.subject, expired.due_on) == (number, after)
    with writing() as session:
        thing = Thing.EXPIRED
        note_news(session, actor=li, branch_id=branch_id, thing=thing, subject=number, note="x", today=after, key="n")
    assert "expired_action" not in lines(li, after).counts


def test_an_action_whose_due_day_was_changed_does_not_rest_any_more(world):
    branch_id, li = world
    number = add_action(branch_id, TODAY + timedelta(days=3))
    shown = line_about(li, number)
    snooze(world, line=shown, until_on=TODAY + timedelta(days=20))
    assert number not in {line.subject for line in lines(li).lines}
    with writing() as session:
        row = session.get_one(SuggestionRow, int(number))
        row.due_on, row.version = TODAY + timedelta(days=2), 2
    assert ("action_due", number) in kinds(li)
    with pytest.raises(ChangedByOtherError):
        snooze(world, line=replace(shown, snoozes=1), key="k2")


def test_a_promise_stands_there_from_its_day_on_for_its_author_and_the_supervisor(world):
    branch_id, li = world
    with writing() as session:
        for number, due_on in enumerate((TODAY, TODAY + timedelta(days=1))):
            words = {"goal": "x", "reality": "", "options": "", "will": f"每周两次{number}"}
            role = {"role": "teller", "is_shared": False, "written_by": li.user_id}
            row = CoachingNoteRow(
                branch_id=branch_id, session_on=LAST_WEEK, due_on=due_on, written_at=utc_now(), **words, **role
            )
            session.add(row)
    (promised,) = [line for line in lines(li).lines if line.thing is Thing.PROMISE]
    assert (promised.kind, promised.due_on, promised.facts["note"].entry.will) == ("promise_due", TODAY, "每周两次0")
    assert "每周两次0" in line_reason("zh", promised, today=TODAY)
    assert plan_line(promised, day=TODAY, words=None).role is StaffRole.TELLER
    assert "promise_due" not in lines(ADMIN).counts


def snooze(world, *, key="k", actor=None, until_on=TODAY + timedelta(days=2), reason="培训", line=None, today=TODAY):
    _, li = world
    line = line or line_about(li, "wealth_manager", today)
    with writing() as session:
        snooze_line(session, actor=actor or li, line=line, until_on=until_on, reason=reason, today=today, key=key)


def test_a_line_laid_aside_is_back_on_its_day_and_counted(world):
    _, li = world
    snooze(world)
    snooze(world)  # the same submit twice
    assert [line.snooze.reason for line in lines(li).resting] == ["培训"]
    assert ("contact_due", "wealth_manager") not in kinds(li)
    back = next(line for line in lines(li, TODAY + timedelta(days=2)).lines if line.subject == "wealth_manager")
    assert (back.kind, back.snoozes, back.workdays) == ("contact_late", 1, 2)


def test_a_rest_is_refused_without_a_reason_and_stores_nothing(world):
    with pytest.raises(RefusedError) as refused:
        snooze(world, reason="", until_on=TODAY)
    assert [one.key for one in refused.value.problems] == [ProblemKey.DUE_IN_PAST, ProblemKey.EMPTY]
    with reading() as session:
        assert session.scalars(select(SnoozeRow)).all() == []


def test_a_rest_is_taken_back_once_and_by_the_version_shown(world):
    _, li = world
    snooze(world)
    rest = lines(li).resting[0].snooze
    with pytest.raises(ChangedByOtherError), writing() as session:
        end_snooze(session, actor=li, snooze_id=rest.snooze_id, shown_version=9, today=TODAY, key="e0")
    with writing() as session:
        end_snooze(session, actor=li, snooze_id=rest.snooze_id, shown_version=1, today=TODAY, key="e1")
    assert ("contact_due", "wealth_manager") in kinds(li)
    with pytest.raises(RefusedError), writing() as session:
        end_snooze(session, actor=li, snooze_id=rest.snooze_id, shown_version=2, today=TODAY, key="e2")
    with reading() as session:
        audit = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.action, row.subject) for row in audit] == [("snooze", "today_line"), ("end_snooze", "today_line")]
    assert audit[0].after["reason"] == "培训"


def test_a_missed_contact_stays_until_it_is_made_or_explained(world):
    branch_id, li = world
    reached(branch_id, "teller", date(2026, 10, 9))
    for today in (TODAY, TODAY + timedelta(days=30)):
        assert ("contact_missed", "teller") in kinds(li, today)
    missed = line_about(li, "teller")
    with writing() as session:
        explain_contact(session, actor=li, line=missed, reason="网点装修", today=TODAY, key="k")
    assert not {kind for kind, subject in kinds(li) if subject == "teller"}
    assert ("contact_due", "teller") in kinds(li, TODAY + timedelta(days=7))


def test_a_branch_head_lays_nothing_aside(world):
    with pytest.raises(NotAllowedError):
        snooze(world, actor=head_of(world[0]))


@pytest.fixture
def changed(world):
    """B1 moved down two weeks ago, with a warning."""
    with writing() as session:
        branch = session.get_one(BranchRow, world[0])
        for number in range(4):
            stage = Stage.MATURE if number > 1 else Stage.ADJUSTMENT
            held = 2 - number if number < 2 else 10
            marks = "watch_down" if number == 0 else ""
            add_stage(session, branch, LAST_WEEK - timedelta(weeks=number), stage, weeks_held=held, badges=marks)
    return world


def told(actor, today=TODAY):
    with reading() as session:
        return {(one.thing, one.is_new) for one in news(session, actor=actor, today=today)}


def visit(actor, today):
    with writing(raises_version=False) as session:
        record_visit(session, actor=actor, today=today)


def test_what_came_up_stays_until_it_is_noted_and_is_new_until_the_next_visit(changed):
    branch_id, li = changed
    visit(li, TODAY)
    visit(li, TODAY)
    assert told(li) == {(Thing.STAGE_CHANGE, True), (Thing.WARNING, True)}
    later = TODAY + timedelta(days=1)
    visit(li, later)
    assert told(li, later) == {(Thing.STAGE_CHANGE, False), (Thing.WARNING, False)}
    with writing() as session:
        note_news(
            session,
            actor=li,
            branch_id=branch_id,
            thing=Thing.WARNING,
            subject="watch_down",
            note="已谈",
            today=later,
            key="n",
        )
    assert told(li, later) == {(Thing.STAGE_CHANGE, False)}
    visit(li, later + timedelta(days=1))
    assert told(li, later) == {(Thing.STAGE_CHANGE, False)}


def test_a_change_tells_both_stages_and_since_when(changed):
    _, li = changed
    with reading() as session:
        found = next(one for one in news(session, actor=li, today=TODAY) if one.thing is Thing.STAGE_CHANGE)
    assert (found.before, found.after, found.subject) == (Stage.MATURE, Stage.ADJUSTMENT, "2026-11-09")


def test_a_warning_that_ends_and_comes_again_is_new_again(changed):
    branch_id, li = changed
    visit(li, TODAY)
    with writing() as session:
        note_news(
            session,
            actor=li,
            branch_id=branch_id,
            thing=Thing.WARNING,
            subject="watch_down",
            note="x",
            today=TODAY,
            key="n",
        )
        set_badges(session, branch_id, "")
    visit(li, TODAY + timedelta(days=7))
    with writing() as session:
        set_badges(session, branch_id, "watch_down,watch_up")
    visit(li, TODAY + timedelta(days=14))
    assert (Thing.WARNING, True) in told(li, TODAY + timedelta(days=14))


def test_a_warning_that_came_again_while_nobody_looked_is_new_again_and_can_be_noted_again(changed):
    branch_id, li = changed

    def note(key, today):
        with writing() as session:
            about = {"branch_id": branch_id, "thing": Thing.WARNING, "subject": "watch_down"}
            note_news(session, actor=li, **about, note=key, today=today, key=key)

    with writing() as session:
        keep_warnings(session, last_week=LAST_WEEK)
    visit(li, TODAY)
    note("first", TODAY)
    assert Thing.WARNING not in {thing for thing, _ in told(li, TODAY)}
    for number, badges in ((1, ""), (2, "watch_down")):  # he is away
        week = LAST_WEEK + timedelta(weeks=number)
        with writing() as session:
            branch = session.get_one(BranchRow, branch_id)
            add_stage(session, branch, week, Stage.ADJUSTMENT, weeks_held=2 + number, badges=badges)
            session.flush()
            keep_warnings(session, last_week=week)
    back = TODAY + timedelta(weeks=2)
    assert (Thing.WARNING, True) in told(li, back)  # even before the visit is kept
    visit(li, back)
    assert (Thing.WARNING, True) in told(li, back)
    note("second", back)
    assert Thing.WARNING not in {thing for thing, _ in told(li, back + timedelta(days=1))}


def test_how_long_news_have_been_there_is_the_same_for_everybody(changed):
    branch_id, li = changed
    assert [one.due_on for one in lines(li).lines if one.thing is Thing.STAGE_CHANGE] == [date(2026, 11, 15)]
    with writing() as session:
        keep_warnings(session, last_week=LAST_WEEK)
        set_badges(session, branch_id, "")
        add_stage(session, session.get_one(BranchRow, branch_id), date(2026, 11, 23), Stage.ADJUSTMENT)
        session.get_one(StageWeekRow, (branch_id, date(2026, 11, 23))).badges = "watch_down,single_seller"
        keep_warnings(session, last_week=date(2026, 11, 23))
    later = date(2026, 12, 1)
    ages = {}
    for actor in (li, replace(ADMIN, user_id=0)):
        for line in lines(actor, later).lines:
            if line.thing in (Thing.STAGE_CHANGE, Thing.WARNING):
                ages.setdefault(line.subject, set()).add((line.due_on, line.workdays))
    assert ages == {
        "watch_down": {(date(2026, 11, 22), 7)},
        "single_seller": {(date(2026, 11, 29), 2)},
    }
    with writing() as session:
        set_badges(session, branch_id, "watch_down")
        keep_warnings(session, last_week=LAST_WEEK)  # an import was taken back
    with reading() as session:
        assert warnings_since(session, actor=li) == {(branch_id, Badge.WATCH_DOWN): LAST_WEEK}


def test_a_finished_self_check_is_on_the_list_until_it_is_noted(world):
    branch_id, li = world
    with writing() as session:
        for month, finished_on in ((date(2026, 11, 1), date(2026, 11, 20)), (date(2026, 9, 1), date(2026, 9, 20))):
            session.add(
                SelfCheckRow(
                    branch_id=branch_id,
                    month_start=month,
                    started_on=finished_on,
                    finished_on=finished_on,
                    need="多来",
                    finished_need="多来",
                )
            )
    visit(li, TODAY)
    found = [line for line in lines(li).lines if line.thing is Thing.SELF_CHECK]
    assert [(line.kind, line.subject, line.is_new, line.facts["check"].need) for line in found] == [
        ("self_check", "2026-11-01", True, "多来")
    ]
    with writing() as session:
        checks = session.scalars(select(SelfCheckRow).order_by(SelfCheckRow.id))
        next(checks).finished_on = date(2026, 11, 27)
    (again,) = [line for line in lines(li, date(2026, 11, 30)).lines if line.thing is Thing.SELF_CHECK]
    assert (again.due_on, again.workdays) == (date(2026, 11, 27), 1)


def test_a_handover_stands_there_for_the_new_supervisor_until_it_is_confirmed(world):
    branch_id, li = world
    with writing() as session:
        add_supervisor_change(session, branch_id, "chen", TODAY - timedelta(days=2))
        head = session.scalars(select(StaffRow).where(StaffRow.role == StaffRole.BRANCH_HEAD)).one()
        head.joined_on = TODAY - timedelta(days=5)

    def handed(actor):
        return [line for line in lines(actor).lines if line.thing is Thing.HANDOVER]

    first, second = handed(li)
    assert (first.kind, first.subject, first.workdays) == ("handover_open", "branch_head:2026-11-20", 3)
    assert (second.subject, second.branch_code) == ("supervisor:2026-11-23", "B1")
    assert [line_subject(said, second, {}) for said in ("en", "zh")] == ["New supervisor", "新督导"]
    assert line_reason("zh", second, today=TODAY).startswith("2026年11月23日起由chen变更为李明")
    assert lines(li).counts["handover_open"] == 2
    assert (handed(ADMIN), handed(supervisor("wu"))) == ([], [])
    with writing() as session:
        until_on = TODAY + timedelta(days=2)
        snooze_line(session, actor=li, line=first, until_on=until_on, reason="下周去", today=TODAY, key="rest")
        take_over(
            session,
            actor=li,
            branch_id=branch_id,
            kind=HandoverKind.SUPERVISOR,
            changed_on=second.due_on,
            today=TODAY,
            key="take",
        )
    assert handed(li) == []


def set_badges(session, branch_id, badges):
    session.get_one(StageWeekRow, (branch_id, LAST_WEEK)).badges = badges


def test_an_old_change_is_no_news_at_the_first_visit(world):
    with writing() as session:
        add_stage(session, session.get_one(BranchRow, world[0]), LAST_WEEK, Stage.MATURE, weeks_held=9)
    visit(world[1], TODAY)
    assert told(world[1]) == set()


def test_a_note_needs_words_and_a_visit_leaves_no_row_of_others(changed):
    branch_id, li = changed
    with pytest.raises(RefusedError), writing() as session:
        note_news(
            session,
            actor=li,
            branch_id=branch_id,
            thing=Thing.WARNING,
            subject="watch_down",
            note=" ",
            today=TODAY,
            key="n",
        )
    visit(replace(li, username="wu"), TODAY)
    with reading() as session:
        assert session.scalars(select(TodayNewsRow)).all() == []
    with pytest.raises(NotAllowedError):
        visit(head_of(branch_id), TODAY)


def test_the_week_is_asked_for_whole_by_supervisor(world):
    _, li = world
    with writing() as session:
        add_branch(session, "B2", supervisor="wu")
    with reading() as session:
        found = {one.supervisor: one for one in week_capacity(session, actor=ADMIN, today=TODAY)}
    assert {name: (one.contacts, one.half_days) for name, one in found.items()} == {"li": (8, 10), "wu": (8, 10)}
    assert found["li"].minutes == 30 + 5 * 10 + 10 + 30
    with reading() as session:
        assert [one.supervisor for one in week_capacity(session, actor=li, today=TODAY)] == ["li"]


def test_an_empty_scope_has_an_empty_list(store):
    assert lines(supervisor("nobody")) == type(lines(ADMIN))((), ())
    with reading() as session:
        assert week_capacity(session, actor=ADMIN, today=TODAY) == ()


def test_a_rest_ends_with_what_it_was_given_for(world):
    """A contact logged afterwards, whatever its day, makes the next one fall due anew."""
    branch_id, li = world
    reached(branch_id, "teller", date(2026, 11, 4))
    snooze(world, line=line_about(li, "teller"), until_on=TODAY + timedelta(days=28))
    assert ("contact_missed", "teller") not in kinds(li, TODAY + timedelta(days=20))
    reached(branch_id, "teller", TODAY - timedelta(days=2))
    later = TODAY + timedelta(days=5)
    assert ("contact_due", "teller") in kinds(li, later)
    again = line_about(li, "teller", later)
    assert (again.snoozes, again.snooze) == (1, None)
    snooze(world, line=again, until_on=later + timedelta(days=7), today=later, key="k2")
    assert [one.snooze.until_on for one in lines(li, later).resting] == [later + timedelta(days=7)]
    with reading() as session:
        assert [row.ended_on for row in session.scalars(select(SnoozeRow).order_by(SnoozeRow.id))] == [later, None]


def test_a_second_one_is_told_what_was_stored_about_the_line_meanwhile(world):
    branch_id, li = world
    reached(branch_id, "teller", date(2026, 11, 4))
    shown = line_about(li, "teller")
    snooze(world, line=shown, key="first")
    with pytest.raises(ChangedByOtherError) as changed:
        snooze(world, line=shown, reason="休假", key="second")
    assert changed.value.current["reason"] == "培训"
    reached(branch_id, "account_manager", date(2026, 11, 4))
    shown = line_about(li, "account_manager")
    reached(branch_id, "account_manager", TODAY, topic="selling_skill")
    with pytest.raises(ChangedByOtherError) as changed, writing() as session:
        explain_contact(session, actor=li, line=shown, reason="停业", today=TODAY, key="third")
    assert (changed.value.subject, changed.value.current["contact_on"]) == ("contact", TODAY)
    with reading() as session:
        assert [row.subject for row in session.scalars(select(SnoozeRow))] == ["teller"]
