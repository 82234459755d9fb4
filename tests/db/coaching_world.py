"""Two branches in growth, of Li and of Wu, and what is done about their actions."""

from dataclasses import replace
from datetime import date, timedelta

from core.facts import Stage, UserRole
from db.action_changes import drop, finish
from db.changes import utc_now
from db.coaching import actions_of, suggestions_of
from db.coaching_changes import take_on
from db.engine import reading, writing
from db.models import StageWeekRow, UserRow
from db.rollups import rebuild_rollups
from tests.builders import add_branch, add_contact, supervisor

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


def make_world():
    """Fill an empty store: all contacts made last week, one with each branch today; Li has an account."""
    with writing() as session:
        user = add_user(session, "li", UserRole.SUPERVISOR)
        mine, other = add_branch(session, "B1"), add_branch(session, "B2", supervisor="wu", region="西区分公司")
        for branch in (mine, other):
            add_stage(session, branch)
            for role in ("branch_head", "account_manager", "teller"):
                add_contact(session, branch, LAST_WEEK, role=role)
            for day in range(5):
                add_contact(session, branch, LAST_WEEK + timedelta(days=day), role="wealth_manager")
        proofs = {branch.branch_code: add_contact(session, branch, TODAY).id for branch in (mine, other)}
        rebuild_rollups(session)
        return {
            "mine": mine.id,
            "other": other.id,
            "li": replace(supervisor("li"), user_id=user.id),
            "proof": proofs["B1"],
            "foreign_proof": proofs["B2"],
        }


def suggested(world, actor=None, branch="mine", as_of=TODAY):
    with reading() as session:
        return suggestions_of(session, actor=actor or world["li"], branch_id=world[branch], as_of=as_of)


def codes(world, **more):
    return [one.action.code for one in suggested(world, **more)]


def take(world, action_key="need_interview_drill", *, key="k1", actor=None, today=TODAY, **more):
    given = {"owner": "li", "due_on": today, "reason_key": "stage_basic", "facts": {"stage": "growth", "weeks": 9}}
    with writing() as session:
        return take_on(
            session,
            actor=actor or world["li"],
            branch_id=more.pop("branch_id", world["mine"]),
            action_key=action_key,
            today=today,
            key=key,
            **(given | more),
        )


def actions(world, today=TODAY):
    with reading() as session:
        return actions_of(session, actor=world["li"], branch_id=world["mine"], today=today)


def only_action(world, today=TODAY):
    return actions(world, today)[0]


def close(world, verb=finish, *, key="c1", actor=None, version=1, today=TODAY, **more):
    words = (
        {"outcome": "练了两次", "measure_met": True, "proof_contact_id": world["proof"]}
        if verb is finish
        else {"reason": "换人了"}
        if verb is drop
        else {}
    )
    with writing() as session:
        verb(
            session,
            actor=actor or world["li"],
            suggestion_id=only_action(world).suggestion_id,
            shown_version=version,
            today=today,
            key=key,
            **(words | more),
        )
