from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.coaching.action_table import actions_table
from core.coaching.dismissals import DismissalCount
from core.coaching.problems import ProblemKey, RefusedError
from core.facts import Badge, StaffRole, Stage, SuggestionState, UserRole
from db.access import NotAllowedError
from db.branch_history import cadence_gaps, find_verdict, weekly_path
from db.changes import ChangedByOtherError, utc_now
from db.coaching import closed_actions, dismissal_counts, open_actions, owners_of, suggestions_of
from db.coaching_changes import dismiss
from db.engine import reading, writing
from db.models import AuditRow, StageWeekRow, SuggestionRow
from db.playbook import playbook
from db.rollups import rebuild_rollups
from tests.builders import ADMIN, add_branch, add_policy, add_staff, head_of, manager_of, supervisor
from tests.db.coaching_world import (
    LAST_WEEK,
    TODAY,
    actions,
    add_stage,
    add_user,
    close,
    codes,
    make_world,
    only_action,
    suggested,
    take,
)


@pytest.fixture
def world(store):
    return make_world()


@pytest.fixture
def quick(sqlite_store):
    """The same on one database: for limits that are the same on both."""
    return make_world()


def test_a_branch_in_growth_gets_the_first_steps_of_growth(world):
    assert codes(world) == ["GR01", "GR02", "GR03", "GR04", "GR05"]


def test_nothing_is_stored_until_somebody_decides(world):
    suggested(world)
    with reading() as session:
        assert session.scalars(select(SuggestionRow)).all() == []


def test_badges_of_the_stage_row_come_first(world):
    with writing() as session:
        session.get_one(StageWeekRow, (world["mine"], LAST_WEEK)).badges = "single_seller,provisional"
    first = suggested(world)[0]
    assert (first.action.code, dict(first.facts)) == ("GR04", {"badge": Badge.SINGLE_SELLER})


def test_missing_contacts_of_the_last_complete_week_bring_their_action(world):
    with writing() as session:
        branch = add_branch(session, "B3")
        add_stage(session, branch)
        world["short"] = branch.id
    first = suggested(world, branch="short")[0]
    assert (first.action.code, dict(first.facts)) == (
        "GR11",
        {"role": StaffRole.BRANCH_HEAD, "actual": 0, "target_min": 1},
    )
    with reading() as session:
        gaps = cadence_gaps(session, actor=world["li"], branch_id=world["short"], as_of=TODAY)
    assert {(gap.role, gap.actual, gap.target_min) for gap in gaps} == {
        ("branch_head", 0, 1),
        ("wealth_manager", 0, 5),
        ("account_manager", 0, 1),
        ("teller", 0, 1),
    }


def test_posts_nobody_fills_bring_no_action(world):
    with writing() as session:
        branch = session.get_one(StageWeekRow, (world["mine"], LAST_WEEK)).branch_id
        add_staff(session, session.get_one(type(add_branch(session, "B4")), branch), "H1", role=StaffRole.BRANCH_HEAD)
    assert "GR01" not in codes(world)
    assert "GR11" in codes(world)


def test_a_branch_without_a_stage_or_closed_gets_nothing(world):
    with writing() as session:
        young = add_branch(session, "B5")
        closed = add_branch(session, "B6", status="closed")
        add_stage(session, closed)
        world |= {"young": young.id, "closed": closed.id}
    assert (codes(world, branch="young"), codes(world, branch="closed")) == ([], [])


def test_the_unfinished_week_does_not_count(world):
    with writing() as session:
        branch = session.get_one(StageWeekRow, (world["mine"], LAST_WEEK))
        session.add(
            StageWeekRow(
                **{name: getattr(branch, name) for name in ("branch_id", "confidence", "facts", "rules_on")},
                week_start=date(2026, 11, 16),
                stage="slump",
                most_likely="slump",
                since=date(2026, 11, 16),
                reason_key="slump_stopped",
                badges="",
            )
        )
    assert codes(world)[0] == "GR01"


def test_a_foreign_branch_gets_nothing_like_one_that_does_not_exist(world):
    assert suggested(world, branch="other") == ()
    with reading() as session:
        assert suggestions_of(session, actor=world["li"], branch_id=999, as_of=TODAY) == ()


def test_taking_on_stores_owner_due_date_reason_and_audit(world):
    take(world)
    action = only_action(world)
    assert (action.action_key, action.state, action.owner, action.due_on, action.decided_on) == (
        "need_interview_drill",
        SuggestionState.TAKEN,
        "li",
        TODAY,
        TODAY,
    )
    assert (action.reason_key, action.facts, action.version) == ("stage_basic", {"stage": "growth", "weeks": 9}, 1)
    with reading() as session:
        audit = session.scalars(select(AuditRow)).one()
    assert (audit.action, audit.user_id) == ("take_on", world["li"].user_id)
    assert audit.after == {
        "branch": "B1",
        "action": "need_interview_drill",
        "state": "taken",
        "owner": "li",
        "due_on": "2026-11-18",
    }


def test_taking_on_says_until_when_the_action_stands(quick):
    take(quick, due_on=TODAY + timedelta(days=3))
    action = only_action(quick)
    assert (action.taken_on, action.expires_on) == (TODAY, TODAY + timedelta(days=31))


def test_what_was_taken_on_or_dismissed_is_not_suggested_again_and_uses_up_its_place(world):
    take(world)
    with writing() as session:
        dismiss(
            session,
            actor=world["li"],
            branch_id=world["mine"],
            action_key="objection_clinic",
            facts={},
            reason="刚做过",
            today=TODAY,
            key="k2",
            shown_version=0,
        )
    assert codes(world) == ["GR03", "GR04", "GR05"]
    assert codes(world, as_of=TODAY + timedelta(days=5))[:2] == ["GR11", "GR03"]


def test_a_second_submit_with_the_same_key_changes_nothing(world):
    take(world)
    take(world)
    with reading() as session:
        assert len(session.scalars(select(SuggestionRow)).all()) == 1


def test_what_is_open_at_a_branch_is_seen_again_and_keeps_owner_and_due_date(world):
    first = take(world)
    again = take(world, key="k2", due_on=TODAY + timedelta(days=9), facts={"stage": "growth", "weeks": 10})
    assert (first.is_new, again.is_new, again.suggestion_id) == (True, False, first.suggestion_id)
    assert (again.action_key, again.owner, again.due_on) == ("need_interview_drill", "li", TODAY)
    (action,) = actions(world)
    assert (action.due_on, action.facts["weeks"], action.seen_count, action.version) == (TODAY, 10, 1, 1)


def test_a_second_trigger_of_one_reason_updates_the_open_action_whichever_action_it_brings(world):
    warned = {"reason_key": "badge", "facts": {"badge": "single_seller"}}
    take(world, "buddy_pair", **warned)
    later = TODAY + timedelta(days=7)
    again = take(world, "bench_building", key="k2", today=later, **warned)
    assert (again.is_new, again.action_key) == (False, "buddy_pair")
    (action,) = actions(world)
    assert (action.reason_code, action.seen_count, action.week_start) == (
        "badge:single_seller",
        2,
        date(2026, 11, 23),
    )
    with reading() as session:
        audit = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert (audit.action, audit.before["seen_count"], audit.after["seen_count"]) == ("see_again", 1, 2)


def test_an_action_open_for_another_reason_keeps_that_reason(quick):
    take(quick, "buddy_pair", reason_key="badge", facts={"badge": "single_seller"})
    again = take(quick, "buddy_pair", key="k2")
    assert not again.is_new
    assert (only_action(quick).reason_code, only_action(quick).facts) == (
        "badge:single_seller",
        {"badge": "single_seller"},
    )


def test_two_reasons_are_two_open_actions(quick):
    take(quick, "buddy_pair", reason_key="badge", facts={"badge": "single_seller"})
    assert take(quick, "weekly_head_talk", key="k2", reason_key="badge", facts={"badge": "watch_down"}).is_new
    assert len(actions(quick)) == 2


def test_nothing_more_is_suggested_for_a_reason_that_is_being_answered(world):
    with writing() as session:
        session.get_one(StageWeekRow, (world["mine"], LAST_WEEK)).badges = "single_seller"
    assert codes(world)[:2] == ["GR04", "GR09"]
    take(world, "bench_building", reason_key="badge", facts={"badge": "single_seller"})
    assert codes(world) == ["GR01", "GR02", "GR03", "GR04"]
    assert dict(suggested(world)[3].facts) == {"stage": "growth", "weeks": 10}


@pytest.mark.parametrize(
    ("action_key", "reason"),
    [("need_interview_drill", "badge:watch_up"), ("objection_clinic", "step:need_interview_drill")],
    ids=["action", "reason"],
)
def test_the_store_itself_holds_one_open_action_per_branch_and_reason_and_action(world, action_key, reason):
    take(world)
    twin = SuggestionRow(
        branch_id=world["mine"],
        action_key=action_key,
        week_start=LAST_WEEK,
        reason_key="x",
        reason_code=reason,
        facts={},
        state=SuggestionState.TAKEN,
        created_at=utc_now(),
    )
    with pytest.raises(IntegrityError), writing() as session:
        session.add(twin)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"due_on": TODAY - timedelta(days=1)}, ProblemKey.DUE_IN_PAST),
        ({"due_on": date(2099, 1, 1)}, ProblemKey.TOO_FAR),
        ({"owner": "wu"}, ProblemKey.OWNER),
        ({"owner": ""}, ProblemKey.OWNER),
    ],
    ids=["due yesterday", "due in a lifetime", "owner of another branch", "no owner"],
)
def test_taking_on_needs_a_due_date_ahead_and_an_owner_of_the_branch(world, more, key):
    with pytest.raises(RefusedError) as refused:
        take(world, **more)
    assert [problem.key for problem in refused.value.problems] == [key]


@pytest.mark.parametrize("action_key", ["no_such_action", ""])
def test_only_actions_of_the_playbook_can_be_taken_on(world, action_key):
    with pytest.raises(NotAllowedError):
        take(world, action_key)


def test_nobody_decides_about_a_foreign_branch_and_a_branch_head_about_none(world):
    with pytest.raises(NotAllowedError, match=r"^not one of your branches$"):
        take(world, branch_id=world["other"])
    with pytest.raises(NotAllowedError):
        take(world, actor=head_of(world["mine"]))


@pytest.mark.parametrize("reason", ["", "   ", "客户13812345678"])
def test_dismissing_needs_a_reason_that_may_be_stored(world, reason):
    with pytest.raises(RefusedError), writing() as session:
        dismiss(
            session,
            actor=world["li"],
            branch_id=world["mine"],
            action_key="objection_clinic",
            facts={},
            reason=reason,
            today=TODAY,
            key="k2",
            shown_version=0,
        )


def test_an_action_that_missed_its_measure_is_suggested_again_at_once(world):
    take(world)
    close(world, measure_met=False)
    first = suggested(world)[0]
    assert (first.action.code, first.reason_key) == ("GR01", "measure_missed")


def test_open_actions_come_by_due_date_over_all_branches_in_scope(world):
    take(world, "objection_clinic", key="k1", due_on=TODAY + timedelta(days=9))
    take(world, "need_interview_drill", key="k2")
    with writing() as session:
        boss = replace(ADMIN, user_id=add_user(session, "boss", UserRole.ADMIN).id)
    take(world, key="k3", actor=boss, branch_id=world["other"], owner="boss", due_on=TODAY + timedelta(days=1))
    with reading() as session:
        found = {
            name: [(one.branch_code, one.action_key) for one in open_actions(session, actor=actor, today=TODAY)]
            for name, actor in {"li": world["li"], "wu": supervisor("wu"), "boss": boss}.items()
        }
    assert found == {
        "li": [("B1", "need_interview_drill"), ("B1", "objection_clinic")],
        "wu": [("B2", "need_interview_drill")],
        "boss": [("B1", "need_interview_drill"), ("B2", "need_interview_drill"), ("B1", "objection_clinic")],
    }


@pytest.mark.parametrize(
    ("due_on", "is_overdue"), [(TODAY - timedelta(days=1), True), (TODAY, False)], ids=["yesterday", "today"]
)
def test_an_action_is_overdue_from_the_day_after_its_due_date(world, due_on, is_overdue):
    take(world)
    assert replace(only_action(world), due_on=due_on).is_overdue(TODAY) is is_overdue


def test_closed_actions_come_from_a_day_on(world):
    take(world)
    close(world)
    with reading() as session:
        assert len(closed_actions(session, actor=world["li"], since=TODAY, today=TODAY)) == 1
        assert closed_actions(session, actor=world["li"], since=TODAY + timedelta(days=1), today=TODAY) == ()


LAST_DAY = TODAY + timedelta(days=28)
"""Of an action due today."""


@pytest.mark.parametrize(("days", "is_open"), [(0, True), (1, False)], ids=["last day", "day after"])
def test_an_action_past_its_last_day_shows_as_expired_with_the_day_before_the_store_closes_it(quick, days, is_open):
    take(quick)
    day = LAST_DAY + timedelta(days=days)
    with reading() as session:
        still = open_actions(session, actor=quick["li"], today=day)
        gone = closed_actions(session, actor=quick["li"], since=day, today=day)
    assert (len(still), len(gone)) == (is_open, not is_open)
    if gone:
        assert (gone[0].state, gone[0].decided_on) == (SuggestionState.EXPIRED, LAST_DAY + timedelta(days=1))
    assert only_action(quick, day).state is (SuggestionState.TAKEN if is_open else SuggestionState.EXPIRED)


@pytest.mark.parametrize(("since", "count"), [(1, 1), (2, 0)], ids=["on the day", "later"])
def test_an_expired_action_is_listed_from_the_day_it_expired(quick, since, count):
    take(quick)
    today = LAST_DAY + timedelta(days=9)
    with reading() as session:
        found = closed_actions(session, actor=quick["li"], since=LAST_DAY + timedelta(days=since), today=today)
    assert len(found) == count


def test_an_expired_action_makes_room_for_its_reason_and_is_suggested_again_at_once(world):
    missing = {"reason_key": "contact_gap", "facts": {"role": "branch_head", "actual": 0, "target_min": 1}}
    take(world, "weekly_head_talk", **missing)
    today = LAST_DAY + timedelta(days=1)
    assert "GR11" not in codes(world, as_of=LAST_DAY)
    assert "GR11" in codes(world, as_of=today)
    assert take(world, "weekly_head_talk", key="k2", today=today, **missing).is_new
    states = [(one.state, one.decided_on) for one in actions(world, today)]
    assert states == [(SuggestionState.TAKEN, today), (SuggestionState.EXPIRED, today)]
    with reading() as session:
        expired = session.scalars(select(AuditRow).where(AuditRow.action == "expire")).one()
    assert (expired.before["state"], expired.after["state"], expired.user_id) == ("taken", "expired", None)


def dismissed(world, action_key="objection_clinic", *, key="k2", branch="mine", actor=None, **more):
    """Dismiss an action as somebody does who sees what was decided about it before."""
    with writing() as session:
        latest = session.scalar(select(func.max(SuggestionRow.id)).where(SuggestionRow.action_key == action_key)) or 0
        dismiss(
            session,
            actor=actor or world["li"],
            branch_id=world[branch],
            action_key=action_key,
            facts={},
            key=key,
            **({"dismissal": "other", "reason": "刚做过", "today": TODAY, "shown_version": latest} | more),
        )


def test_dismissals_are_kept_and_counted_by_reason_here_and_over_the_scope(world):
    with writing() as session:
        boss = replace(ADMIN, user_id=add_user(session, "boss", UserRole.ADMIN).id)
    dismissed(world, key="k1", reason="人手不够")
    dismissed(world, key="k2", reason="上月做过", today=TODAY + timedelta(days=1))
    dismissed(world, key="k3", branch="other", actor=boss, dismissal="no_time", reason="")
    dismissed(world, "buddy_pair", key="k4", dismissal="does_not_fit", reason="")
    with reading() as session:
        mine = dismissal_counts(session, actor=world["li"], today=TODAY, branch_id=world["mine"])
        everywhere = dismissal_counts(session, actor=boss, today=TODAY)
        foreign = dismissal_counts(session, actor=world["li"], today=TODAY, branch_id=world["other"])
    tomorrow = TODAY + timedelta(days=1)
    assert mine == (
        DismissalCount("buddy_pair", "does_not_fit", 1, 1, TODAY, ()),
        DismissalCount("objection_clinic", "other", 2, 1, tomorrow, ("上月做过", "人手不够")),
    )
    assert [(one.action_key, one.dismissal, one.times) for one in everywhere] == [
        ("buddy_pair", "does_not_fit", 1),
        ("objection_clinic", "other", 2),
        ("objection_clinic", "no_time", 1),
    ]
    assert foreign == ()


def test_a_branch_head_reads_nothing_others_wrote_about_actions_but_what_became_of_his_own(quick):
    dismissed(quick, key="k1", reason="负责人不配合")
    with reading() as session:
        head, field = head_of(quick["mine"]), quick["li"]
        counts = [dismissal_counts(session, actor=actor, today=TODAY) for actor in (head, field)]
        closed = [closed_actions(session, actor=actor, since=TODAY, today=TODAY)[0] for actor in (head, field)]
    assert [(one[0].times, one[0].texts) for one in counts] == [(1, ()), (1, ("负责人不配合",))]
    assert [(one.dismissal, one.dismissed_reason) for one in closed] == [("other", None), ("other", "负责人不配合")]


def test_only_the_latest_words_are_listed(quick):
    for number in range(5):
        dismissed(quick, key=f"k{number}", reason=f"第{number}次")
    with reading() as session:
        (count,) = dismissal_counts(session, actor=quick["li"], today=TODAY)
    assert (count.times, count.texts) == (5, ("第4次", "第3次", "第2次"))


@pytest.mark.parametrize(
    ("more", "key"),
    [({"dismissal": "no_such"}, ProblemKey.DISMISSAL), ({"dismissal": ""}, ProblemKey.DISMISSAL)],
    ids=["unknown", "none"],
)
def test_dismissing_needs_one_of_the_reasons(quick, more, key):
    with pytest.raises(RefusedError) as refused:
        dismissed(quick, **more)
    assert [one.key for one in refused.value.problems] == [key]


def test_an_open_action_is_not_put_aside_from_the_suggestions(quick):
    take(quick)
    with pytest.raises(ChangedByOtherError) as refused:
        dismissed(quick, "need_interview_drill")
    assert refused.value.current == {"state": "taken", "owner": "li", "due_on": TODAY}


def test_owners_are_those_who_look_after_the_branch(world):
    with writing() as session:
        add_user(session, "boss", UserRole.ADMIN)
        add_user(session, "east", UserRole.MANAGER, region_path="东区分公司")
        add_user(session, "town", UserRole.MANAGER, region_path="东区分公司/云州中支")
        add_user(session, "near", UserRole.MANAGER, region_path="东区分公司/云")
        add_user(session, "west", UserRole.MANAGER, region_path="西区分公司")
        add_user(session, "wu", UserRole.SUPERVISOR)
        add_user(session, "head", UserRole.BRANCH_HEAD, branch_code="B1")
        add_user(session, "gone", UserRole.ADMIN, is_active=False)
    with reading() as session:
        found = owners_of(session, actor=manager_of("东区分公司"), branch_id=world["mine"])
        with pytest.raises(NotAllowedError):
            owners_of(session, actor=manager_of("东区分公司"), branch_id=world["other"])
    assert [one.username for one in found] == ["li", "manager", "boss", "east", "head", "town"]
    assert found[0].display_name == "Li"


def test_the_path_of_a_branch_joins_stage_policies_and_level(world):
    with writing() as session:
        branch = session.get_one(type(add_branch(session, "B9")), world["mine"])
        add_stage(session, branch, LAST_WEEK - timedelta(weeks=1), stage=Stage.STARTUP, expected=None)
        for _ in range(3):
            add_policy(session, branch, LAST_WEEK)
        rebuild_rollups(session)
    with reading() as session:
        path = weekly_path(session, actor=world["li"], branch_id=world["mine"], start=date(2026, 11, 2), end=TODAY)
        nothing = weekly_path(session, actor=world["li"], branch_id=world["other"], start=date(2026, 11, 2), end=TODAY)
        verdict = find_verdict(session, actor=world["li"], branch_id=world["mine"], as_of=TODAY)
        foreign = find_verdict(session, actor=world["li"], branch_id=world["other"], as_of=TODAY)
    known = {"confidence": 0.75, "rules_on": date(2026, 1, 1), "shown": None}
    assert path.to_pylist() == [
        {"week_start": date(2026, 11, 2), "stage": "startup", "policies": 0, "expected": None, **known},
        {"week_start": date(2026, 11, 9), "stage": "growth", "policies": 3, "expected": 1.5, **known},
    ]
    assert (nothing.num_rows, foreign) == (0, None)
    assert (verdict.stage, verdict.week_start, verdict.badges) == (Stage.GROWTH, LAST_WEEK, ())


def test_a_branch_head_is_told_where_an_action_comes_from_and_when_but_no_cause_anybody_named(quick):
    with writing() as session:
        add_user(session, "head", UserRole.BRANCH_HEAD, branch_code="B1")
    judged = {"cause": "C09", "week": "2026-11-09"}
    take(quick, "weekly_head_talk", reason_key="plan_miss", facts=judged)
    gap = {"cause": "C01", "diagnosis": 3, "kpi": "activity_rate", "on": "2026-11-17"}
    take(quick, "bench_building", key="k2", reason_key="gap_diagnosis", facts=gap, owner="head")
    with reading() as session:
        head, field = head_of(quick["mine"]), quick["li"]
        told, known = (open_actions(session, actor=actor, today=TODAY) for actor in (head, field))
        book = playbook(session, as_of=TODAY)
    assert [(one.reason_code, dict(one.facts)) for one in told] == [
        ("step:weekly_head_talk", {"week": "2026-11-09"}),
        ("step:bench_building", {"on": "2026-11-17"}),  # even where he is to do it
    ]
    assert [dict(one.facts) for one in known] == [judged, gap]
    table = actions_table(told, language="en", today=TODAY, playbook=book)
    assert table["why"].to_pylist() == [
        "From the week plan from 9 Nov 2026.",
        "From the gap diagnosis of 17 Nov 2026.",
    ]
