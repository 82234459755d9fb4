"""The week plans of two supervisors for tests: Li with B1 and B2, Wu with B3, and what they do to them."""

from datetime import date, datetime

from core.calendar import SHANGHAI
from core.facts import StaffRole
from core.planning.items import PlanKind, PlanLine
from db.changes import utc_now
from db.engine import reading, writing
from db.models import SuggestionRow
from db.planning import add_item
from db.planning_days import explain_miss
from db.planning_facts import checked_week
from db.planning_weeks import start_plan
from db.rollups import rebuild_rollups
from tests.builders import add_branch, add_policy, manager_of, supervisor

LAST, WEEK = date(2026, 11, 9), date(2026, 11, 16)
LI, WU, EAST = supervisor(), supervisor("wu"), manager_of("东区分公司")


def moment(day, hour=9):
    return datetime(2026, 11, day, hour, tzinfo=SHANGHAI)


def make_world():
    """Li has B1 (large) and B2, Wu has B3 elsewhere; data reach to 22 November."""
    with writing() as session:
        first = add_branch(session, "B1", size_tier="A")
        second = add_branch(session, "B2", size_tier="C")
        other = add_branch(session, "B3", supervisor="wu", region="西区分公司", size_tier="B")
        add_policy(session, other, date(2026, 11, 22))
        rebuild_rollups(session)
        return {"B1": first.id, "B2": second.id, "B3": other.id}


def action_of(world, code, *, due, key="targeted_drill", state="taken", decided=None):
    with writing() as session:
        row = SuggestionRow(
            branch_id=world[code],
            action_key=key,
            week_start=LAST,
            reason_key="stage_basic",
            facts={},
            state=state,
            owner="li",
            due_on=due,
            created_at=utc_now(),
            decided_on=decided or LAST,
        )
        session.add(row)
        session.flush()
        return row.id


def start(now, *, week=WEEK, actor=LI, key=None, owner="li"):
    with writing() as session:
        return start_plan(
            session, actor=actor, supervisor=owner, week_start=week, now=now, key=key or f"s{week}{now}{owner}"
        )


def add(line, *, week=WEEK, now=None, key, actor=LI, **more):
    with writing() as session:
        return add_item(session, actor=actor, line=line, week_start=week, now=now or moment(9), key=key, **more)


def week_of(day, *, week=WEEK, actor=LI, owner="li"):
    with reading() as session:
        return checked_week(session, actor=actor, supervisor=owner, week_start=week, today=day)


def states(day, **more):
    return {one.item.item_id: one.state for one in week_of(day, **more)}


def explain(
    item_id,
    *,
    now,
    version=1,
    cause="C02",
    adjustment="换邀约话术",
    action="repair_invitations",
    key=None,
    more=(),
    actor=LI,
):
    with writing() as session:
        return explain_miss(
            session,
            actor=actor,
            item_id=item_id,
            shown_version=version,
            cause=cause,
            note="到场3人",
            adjustment=adjustment,
            action_key=action,
            now=now,
            key=key or f"e{item_id}{now}{version}",
            more=more,
        )


def contact(world, code="B1", day=date(2026, 11, 17), role=StaffRole.BRANCH_HEAD, **more):
    return PlanLine(PlanKind.CONTACT, branch_id=world[code], day=day, role=role, **more)
