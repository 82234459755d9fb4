from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import Badge, StaffRole, Stage, SuggestionState, UserRole
from db.access import NotAllowedError
from db.branch_history import cadence_gaps, find_verdict, weekly_path
from db.changes import ChangedByOtherError, utc_now
from db.coaching import (
    actions_of,
    closed_actions,
    dismiss,
    drop,
    finish,
    open_actions,
    owners_of,
    suggestions_of,
    take_on,
)
from db.engine import reading, writing
from db.models import AuditRow, StageWeekRow, SuggestionRow, UserRow
from db.rollups import rebuild_rollups
from tests.builders import ADMIN, add_branch, add_contact, add_policy, add_staff, head_of, manager_of, supervisor

TODAY = date(2026, 11, 18)  # a Wednesday
LAST_WEEK = date(2026, 11, 9)


def add_stage(session, branch, week=LAST_WEEK, *, stage=Stage.GROWTH, badges="", since=date(2026, 9, 7), expected=1.5):
    session.add(
        StageWeekRow(
            branch_id=branch.id,
            week_start=week,
            stage=stage,
            confidence=0.75,
            most_likely=stage,
            since=since,
            expected=expected,
            reason_key="growth_rising",
            facts={},
            badges=badges,
            rules_on=date(2026, 1, 1),
        )
    )
    session.flush()


def add_user(session, username, role, **more):
    row = UserRow(
        username=username, display_name=username.title(), role=role, password_hash="x", created_at=utc_now(), **more
    )
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def world(store):
    """Two branches in growth, of Li and of Wu, with all contacts made last week; Li has an account."""
    with writing() as session:
        user = add_user(session, "li", UserRole.SUPERVISOR)
        mine, other = add_branch(session, "B1"), add_branch(session, "B2", supervisor="wu", region="西区分公司")
        for branch in (mine, other):
            add_stage(session, branch)
            for role in ("branch_head", "account_manager", "teller"):
                add_contact(session, branch, LAST_WEEK, role=role)
            for day in range(5):
                add_contact(session, branch, LAST_WEEK + timedelta(days=day), role="wealth_manager")
        rebuild_rollups(session)
        return {"mine": mine.id, "other": other.id, "li": replace(supervisor("li"), user_id=user.id)}


def suggested(world, actor=None, branch="mine", as_of=TODAY):
    with reading() as session:
        return suggestions_of(session, actor=actor or world["li"], branch_id=world[branch], as_of=as_of)


def codes(world, **more):
    return [one.action.code for one in suggested(world, **more)]


def take(world, action_key="need_interview_drill", *, key="k1", actor=None, **more):
    given = {"owner": "li", "due_on": TODAY, "reason_key": "stage_basic", "facts": {"stage": "growth", "weeks": 9}}
    with writing() as session:
        take_on(
            session,
            actor=actor or world["li"],
            branch_id=more.pop("branch_id", world["mine"]),
            action_key=action_key,
            today=TODAY,
            key=key,
            **(given | more),
        )


def only_action(world):
    with reading() as session:
        return actions_of(session, actor=world["li"], branch_id=world["mine"])[0]


def close(world, verb=finish, *, key="c1", actor=None, version=1, **more):
    words = {"outcome": "练了两次", "measure_met": True} if verb is finish else {"reason": "换人了"}
    with writing() as session:
        verb(
            session,
            actor=actor or world["li"],
            suggestion_id=only_action(world).suggestion_id,
            shown_version=version,
            today=TODAY,
            key=key,
            **(words | more),
        )


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
        )
    assert codes(world) == ["GR03", "GR04", "GR05"]
    assert codes(world, as_of=TODAY + timedelta(days=5))[:2] == ["GR11", "GR03"]


def test_a_second_submit_with_the_same_key_changes_nothing(world):
    take(world)
    take(world)
    with reading() as session:
        assert len(session.scalars(select(SuggestionRow)).all()) == 1


def test_an_action_open_at_a_branch_cannot_be_taken_on_again(world):
    take(world)
    with pytest.raises(ChangedByOtherError) as refused:
        take(world, key="k2")
    assert refused.value.current == {"owner": "li", "due_on": TODAY}


def test_the_store_itself_holds_one_open_action_per_branch_and_action(world):
    take(world)
    twin = SuggestionRow(
        branch_id=world["mine"],
        action_key="need_interview_drill",
        week_start=LAST_WEEK,
        reason_key="x",
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
        ({"owner": "wu"}, ProblemKey.OWNER),
        ({"owner": ""}, ProblemKey.OWNER),
    ],
    ids=["due yesterday", "owner of another branch", "no owner"],
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
        )


def test_finishing_keeps_the_outcome_and_whether_the_measure_was_reached(world):
    take(world)
    close(world)
    action = only_action(world)
    assert (action.state, action.outcome, action.measure_met, action.decided_on, action.version) == (
        SuggestionState.DONE,
        "练了两次",
        True,
        TODAY,
        2,
    )


def test_nothing_is_done_without_an_outcome(world):
    take(world)
    with pytest.raises(RefusedError) as refused:
        close(world, outcome=" ")
    assert [(one.key, one.place) for one in refused.value.problems] == [(ProblemKey.EMPTY, "outcome")]
    assert only_action(world).state is SuggestionState.TAKEN


def test_an_open_action_can_be_dropped_with_a_reason(world):
    take(world)
    close(world, drop)
    action = only_action(world)
    assert (action.state, action.dismissed_reason, action.outcome) == (SuggestionState.DISMISSED, "换人了", None)


def test_the_second_of_two_who_close_an_action_sees_what_stands_now(world):
    take(world)
    close(world)
    with pytest.raises(ChangedByOtherError) as refused:
        close(world, drop, key="c2")
    assert refused.value.current["state"] == "done"


def test_a_closed_action_cannot_be_closed_again(world):
    take(world)
    close(world)
    with pytest.raises(RefusedError) as refused:
        close(world, key="c2", version=2)
    assert [one.key for one in refused.value.problems] == [ProblemKey.NOT_OPEN]


def test_a_resent_closing_changes_nothing(world):
    take(world)
    close(world)
    close(world)
    assert only_action(world).version == 2


def test_an_action_of_a_foreign_branch_cannot_be_closed(world):
    take(world)
    with pytest.raises(NotAllowedError, match=r"^not one of your branches$"):
        close(world, actor=supervisor("wu"))


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
            name: [(one.branch_code, one.action_key) for one in open_actions(session, actor=actor)]
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
        assert len(closed_actions(session, actor=world["li"], since=TODAY)) == 1
        assert closed_actions(session, actor=world["li"], since=TODAY + timedelta(days=1)) == ()


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
    known = {"confidence": 0.75, "rules_on": date(2026, 1, 1)}
    assert path.to_pylist() == [
        {"week_start": date(2026, 11, 2), "stage": "startup", "policies": 0, "expected": None, **known},
        {"week_start": date(2026, 11, 9), "stage": "growth", "policies": 3, "expected": 1.5, **known},
    ]
    assert (nothing.num_rows, foreign) == (0, None)
    assert (verdict.stage, verdict.week_start, verdict.badges) == (Stage.GROWTH, LAST_WEEK, ())
