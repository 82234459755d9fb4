import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.coaching.problems import ProblemKey, RefusedError
from core.facts import BranchStatus, Stage, StageDecisionKind, UserRole
from db.access import NotAllowedError
from db.backup import back_up, restore
from db.changes import ChangedByOtherError, utc_now
from db.coaching import suggestions_of
from db.engine import reading, writing
from db.models import AuditRow, BranchRow, StageDecisionRow, StageWeekRow, UserRow
from db.rollups import rebuild_rollups
from db.stage_history import stage_counts, stages_now
from db.stage_reviews import (
    confirm_stage,
    decisions_of,
    latest_decisions,
    override_stage,
    renew_override,
    withdraw_override,
)
from tests.builders import ADMIN, add_branch, add_contact, head_of, manager_of, supervisor
from tests.staged import add_stage

TODAY = date(2026, 11, 18)  # a Wednesday
WEEK = date(2026, 11, 9)
END = TODAY + timedelta(days=28)
KIND = StageDecisionKind


@pytest.fixture
def world(store):
    """Three branches: of Li in adjustment, of Wu in slump, of Li without a stage; Li and Wu have accounts."""
    with writing(store) as session:
        users = {}
        for name in ("li", "wu"):
            row = UserRow(
                username=name,
                display_name=name.title(),
                role=UserRole.SUPERVISOR,
                password_hash="x",
                created_at=utc_now(),
            )
            session.add(row)
            session.flush()
            users[name] = replace(supervisor(name), user_id=row.id)
        mine = add_branch(session, "B1")
        other = add_branch(session, "B2", supervisor="wu", region="西区分公司")
        new = add_branch(session, "B3")
        add_stage(session, mine, WEEK, Stage.ADJUSTMENT, weeks_held=3)
        add_stage(session, other, WEEK, Stage.SLUMP)
        return {"mine": mine.id, "other": other.id, "new": new.id, **users}


def decide(world, change, *, actor=None, branch="mine", key=None, today=TODAY, **more):
    given = {"shown_version": 0}
    if change in (confirm_stage, override_stage):
        given["shown_stage"] = Stage.ADJUSTMENT
    if change is override_stage:
        given |= {"stage": Stage.MATURE, "reason": "系统停机两周", "end_on": END}
    if change is renew_override:
        given |= {"reason": "仍在恢复", "end_on": today + timedelta(days=28), "shown_version": 1}
    if change is withdraw_override:
        given |= {"reason": "已恢复正常", "shown_version": 1}
    with writing() as session:
        change(
            session,
            actor=actor or world["li"],
            branch_id=world[branch],
            today=today,
            key=key or f"{change.__name__}{more}{today}",
            **(given | more),
        )


def decisions(world, *, actor=None, branch="mine", as_of=TODAY):
    with reading() as session:
        return decisions_of(session, actor=actor or world["li"], branch_id=world[branch], as_of=as_of)


def kinds(world, **more):
    return [one.kind for one in decisions(world, **more)]


def refusal(world, change, **more):
    with pytest.raises(RefusedError) as refused:
        decide(world, change, **more)
    return [(one.key, one.place) for one in refused.value.problems]


def computed(world):
    with reading() as session:
        rows = session.scalars(select(StageWeekRow).order_by(StageWeekRow.branch_id)).all()
        return (
            [(row.branch_id, row.week_start, row.stage, row.since, row.facts, row.badges) for row in rows],
            stages_now(session, actor=ADMIN).to_dict("records"),
            stage_counts(session, actor=ADMIN, weeks=4).to_dict("records"),
        )


def test_a_confirmation_says_who_when_and_what_was_computed(world):
    decide(world, confirm_stage)
    (one,) = decisions(world)
    assert (one.number, one.kind, one.stage, one.computed_stage) == (1, KIND.CONFIRMED, "adjustment", "adjustment")
    assert (one.week_start, one.decided_on, one.decided_by, one.end_on, one.reason) == (WEEK, TODAY, "Li", None, None)


def test_an_override_keeps_stage_reason_and_last_day_beside_the_computed_stage(world):
    decide(world, override_stage, reason="  系统停机两周  ")
    (one,) = decisions(world)
    assert (one.kind, one.stage, one.computed_stage) == (KIND.OVERRIDDEN, "mature", "adjustment")
    assert (one.reason, one.decided_on, one.end_on) == ("系统停机两周", TODAY, END)


def test_nothing_that_is_computed_changes(world):
    before = computed(world)
    decide(world, override_stage)
    decide(world, renew_override)
    decide(world, withdraw_override, shown_version=2)
    decide(world, confirm_stage, shown_version=3)
    assert computed(world) == before


def test_a_renewal_is_a_new_row_and_the_old_one_stays_as_it_was(world):
    decide(world, override_stage)
    first = decisions(world)[0]
    later = TODAY + timedelta(days=20)
    decide(world, renew_override, today=later)
    new, old = decisions(world, as_of=later)
    assert old == first
    assert (new.number, new.kind, new.stage, new.reason) == (2, KIND.RENEWED, "mature", "仍在恢复")
    assert (new.decided_on, new.end_on) == (later, later + timedelta(days=28))


def test_an_override_is_withdrawn_with_a_reason(world):
    decide(world, override_stage)
    decide(world, withdraw_override)
    assert kinds(world) == [KIND.WITHDRAWN, KIND.OVERRIDDEN]
    assert (decisions(world)[0].stage, decisions(world)[0].reason) == ("mature", "已恢复正常")
    assert refusal(world, withdraw_override, shown_version=2) == [(ProblemKey.NOT_OVERRIDDEN, "branch")]


def test_what_is_over_can_be_set_anew_but_not_renewed(world):
    decide(world, override_stage, end_on=TODAY)
    tomorrow = TODAY + timedelta(days=1)
    for change in (renew_override, withdraw_override):
        assert refusal(world, change, today=tomorrow) == [(ProblemKey.NOT_OVERRIDDEN, "branch")]
    decide(world, override_stage, today=tomorrow, shown_version=1)
    assert kinds(world, as_of=tomorrow) == [KIND.OVERRIDDEN, KIND.OVERRIDDEN]


def test_another_override_takes_the_place_of_the_one_in_force(world):
    decide(world, override_stage)
    decide(world, override_stage, stage=Stage.GROWTH, shown_version=1)
    with reading() as session:
        latest = latest_decisions(session, actor=world["li"], as_of=TODAY)
    assert [(key, one.number, one.stage) for key, one in latest.items()] == [(world["mine"], 2, "growth")]


def test_the_computed_stage_is_not_confirmed_under_an_override(world):
    decide(world, override_stage)
    assert refusal(world, confirm_stage, shown_version=1) == [(ProblemKey.OVERRIDDEN, "branch")]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        pytest.param({"stage": None}, [(ProblemKey.EMPTY, "stage")], id="no stage"),
        pytest.param({"stage": Stage.ADJUSTMENT}, [(ProblemKey.SAME_STAGE, "stage")], id="the computed one"),
        pytest.param({"end_on": TODAY - timedelta(days=1)}, [(ProblemKey.DUE_IN_PAST, "end_on")], id="past"),
        pytest.param({"end_on": TODAY + timedelta(days=92)}, [(ProblemKey.TOO_FAR, "end_on")], id="too far"),
        pytest.param({"reason": " "}, [(ProblemKey.EMPTY, "override_reason")], id="no reason"),
        pytest.param({"reason": "请联系13812345678"}, [(ProblemKey.PERSONAL_NUMBER, "override_reason")], id="a number"),
    ],
)
def test_a_wrong_override_is_refused_and_nothing_is_stored(world, more, found):
    assert refusal(world, override_stage, **more) == found
    assert decisions(world) == ()


def test_a_renewal_and_a_withdrawal_need_a_clean_reason(world):
    decide(world, override_stage)
    assert refusal(world, renew_override, reason="") == [(ProblemKey.EMPTY, "override_reason")]
    assert refusal(world, withdraw_override, reason="送了红包") == [(ProblemKey.FORBIDDEN_WORD, "text")]
    assert refusal(world, renew_override, end_on=TODAY + timedelta(days=92)) == [(ProblemKey.TOO_FAR, "end_on")]


def test_an_override_the_engine_has_come_to_agree_with_is_not_renewed(world):
    decide(world, override_stage)
    with writing() as session:
        session.get_one(StageWeekRow, (world["mine"], WEEK)).stage = "mature"
    assert refusal(world, renew_override) == [(ProblemKey.SAME_STAGE, "stage")]


def test_a_branch_without_a_stage_or_a_closed_one_takes_no_decision(world):
    assert refusal(world, confirm_stage, branch="new") == [(ProblemKey.NO_STAGE, "branch")]
    with writing() as session:
        session.get_one(BranchRow, world["mine"]).status = BranchStatus.CLOSED
    assert refusal(world, override_stage) == [(ProblemKey.CLOSED, "branch")]


@pytest.mark.parametrize("change", [confirm_stage, override_stage])
def test_who_saw_another_computed_stage_is_shown_the_present_one(world, change):
    with pytest.raises(ChangedByOtherError) as refused:
        decide(world, change, shown_stage=Stage.GROWTH)
    assert refused.value.current["stage"] == refused.value.current["computed_stage"] == Stage.ADJUSTMENT
    assert (refused.value.current["kind"], refused.value.version, refused.value.at) == (None, 0, None)
    assert decisions(world) == ()


@pytest.mark.parametrize("change", [confirm_stage, override_stage])
def test_the_second_of_two_who_decide_sees_what_the_first_decided(world, change):
    decide(world, override_stage, key="first")
    with pytest.raises(ChangedByOtherError) as refused:
        decide(world, change, actor=ADMIN, key="second")
    assert refused.value.current == {
        "kind": KIND.OVERRIDDEN,
        "stage": Stage.MATURE,
        "end_on": END,
        "reason": "系统停机两周",
        "computed_stage": Stage.ADJUSTMENT,
    }
    assert (refused.value.by, refused.value.version) == ("Li", 1)
    assert len(decisions(world)) == 1


@pytest.mark.parametrize("change", [renew_override, withdraw_override])
def test_an_override_renewed_meanwhile_is_not_changed_over_it(world, change):
    decide(world, override_stage)
    decide(world, renew_override, key="first", end_on=END + timedelta(days=7))
    with pytest.raises(ChangedByOtherError) as refused:
        decide(world, change, key="second")
    assert (refused.value.current["kind"], refused.value.current["end_on"]) == (KIND.RENEWED, END + timedelta(days=7))


def test_two_who_decide_at_the_same_moment_do_not_both_count(world):
    start, outcomes = threading.Barrier(2), []

    def one(name):
        start.wait()
        try:
            decide(world, override_stage, actor=ADMIN, key=name)
            outcomes.append("stored")
        except ChangedByOtherError:
            outcomes.append("shown the other")

    both = [threading.Thread(target=one, args=(name,)) for name in ("a", "b")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(outcomes) == ["shown the other", "stored"]
    assert len(decisions(world)) == 1


def test_the_store_itself_takes_a_number_once_for_a_branch(world):
    decide(world, override_stage)
    with reading() as session:
        row = session.scalars(select(StageDecisionRow)).one()
        columns = {one.key: getattr(row, one.key) for one in StageDecisionRow.__table__.columns if one.key != "id"}
        session.add(StageDecisionRow(**columns))
        with pytest.raises(IntegrityError):
            session.flush()


def test_a_double_submit_stores_once(world):
    decide(world, override_stage, key="same")
    decide(world, override_stage, key="same")
    assert len(decisions(world)) == 1


def test_every_decision_leaves_its_audit_row(world):
    decide(world, override_stage)
    decide(world, renew_override)
    decide(world, withdraw_override, shown_version=2)
    decide(world, confirm_stage, shown_version=3)
    with reading() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.action, row.subject) for row in rows] == [
        (kind, "stage_decision") for kind in ("overridden", "renewed", "withdrawn", "confirmed")
    ]
    assert [row.user_id for row in rows] == [world["li"].user_id] * 4
    assert rows[1].before == {"stage": "mature", "reason": "系统停机两周", "end_on": "2026-12-16"}
    assert rows[1].after == {
        "branch": "B1",
        "stage": "mature",
        "computed_stage": "adjustment",
        "reason": "仍在恢复",
        "end_on": "2026-12-16",
    }


@pytest.mark.parametrize("change", [confirm_stage, override_stage, renew_override, withdraw_override])
def test_a_branch_head_sees_and_changes_nothing(world, change):
    decide(world, override_stage)
    head = head_of(world["mine"])
    assert kinds(world, actor=head) == [KIND.OVERRIDDEN]
    with pytest.raises(NotAllowedError, match="not allowed for this role"):
        decide(world, change, actor=head, key="head")


def test_a_manager_decides_in_his_region_and_nowhere_else(world):
    decide(world, override_stage, actor=manager_of("东区分公司"))
    assert decisions(world)[0].decided_by is None
    with pytest.raises(NotAllowedError, match="not one of your branches"):
        decide(world, confirm_stage, actor=manager_of("东区分公司"), branch="other", shown_stage=Stage.SLUMP)


def test_the_latest_decisions_are_those_of_the_day_and_of_the_scope(world):
    decide(world, override_stage)
    decide(world, withdraw_override, today=TODAY + timedelta(days=5))
    decide(world, confirm_stage, actor=world["wu"], branch="other", shown_stage=Stage.SLUMP)
    with reading() as session:
        seen = {
            day: {key: one.kind for key, one in latest_decisions(session, actor=ADMIN, as_of=day).items()}
            for day in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=5))
        }
        own = latest_decisions(session, actor=world["wu"], as_of=TODAY)
    mine, other = world["mine"], world["other"]
    assert list(seen.values()) == [
        {},
        {mine: KIND.OVERRIDDEN, other: KIND.CONFIRMED},
        {mine: KIND.WITHDRAWN, other: KIND.CONFIRMED},
    ]
    assert list(own) == [other]


def suggested(world, as_of=TODAY):
    with reading() as session:
        found = suggestions_of(session, actor=world["li"], branch_id=world["mine"], as_of=as_of)
    return [(one.action.code, one.facts.get("stage_by_hand")) for one in found]


@pytest.fixture
def met(world):
    """All contacts of last week made, so that the stage alone brings suggestions."""
    with writing() as session:
        branch = session.get_one(BranchRow, world["mine"])
        for role in ("branch_head", "account_manager", "teller"):
            add_contact(session, branch, WEEK, role=role)
        for day in range(5):
            add_contact(session, branch, WEEK + timedelta(days=day), role="wealth_manager")
        rebuild_rollups(session)


def test_suggestions_follow_an_override_as_long_as_it_is_in_force(world, met):
    before = suggested(world)
    assert {code[:2] for code, _ in before} == {"AD"}
    decide(world, override_stage, stage=Stage.STARTUP, end_on=TODAY + timedelta(days=2))
    for day in (TODAY, TODAY + timedelta(days=2)):
        assert {(code[:2], by_hand) for code, by_hand in suggested(world, day)} == {("SU", "startup")}
    assert suggested(world, TODAY + timedelta(days=3)) == before
    decide(world, withdraw_override)
    assert suggested(world) == before


def test_a_stage_set_by_hand_begins_in_the_week_it_was_set_and_goes_on_through_a_renewal(world, met):
    decide(world, override_stage, stage=Stage.STARTUP)
    decide(world, renew_override, today=TODAY + timedelta(days=14))
    with reading() as session:
        found = suggestions_of(session, actor=world["li"], branch_id=world["mine"], as_of=TODAY + timedelta(days=14))
    assert [one.facts["weeks"] for one in found if one.reason_key == "stage_basic"][:1] == [2]


def test_decisions_come_back_from_a_backup(world, store, tmp_path):
    decide(world, override_stage)
    before = decisions(world)
    made = back_up(store, tmp_path / "b.db")
    decide(world, withdraw_override)
    restore(store, tmp_path / "b.db")
    assert made.rows["stage_decision"] == 1
    assert decisions(world) == before
    decide(world, renew_override)
    assert kinds(world) == [KIND.RENEWED, KIND.OVERRIDDEN]
