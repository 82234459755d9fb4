"""One branch in growth with two people, seen on the day the screens run; a second one belongs to somebody else."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.calendar import last_complete_week
from core.facts import StaffRole, Stage
from db.engine import writing
from db.models import StageWeekRow
from db.rollups import rebuild_rollups
from pages.parts.session import today
from tests.builders import add_branch, add_policy, add_staff

GROWTH_FACTS = {
    "stage": "growth",
    "most_likely": "growth",
    "sold": 8,
    "before": 8,
    "window": 8,
    "expected": 12.0,
    "chance": 0.03,
    "level": 1.5,
    "held": 10,
    "age": 60,
    "weeks": 60,
    "changed": True,
}
"""Of the reason growth_rising."""


@dataclass(frozen=True)
class BranchWorld:
    """Keys of what was made."""

    branch: int
    head: int
    seller: int
    week: date


def make_branch_world() -> BranchWorld:
    """Fill an empty store: B1 of li in growth, carried by one seller; B2 of wu."""
    week = last_complete_week(today())
    with writing() as session:
        branch, other = add_branch(session, "B1"), add_branch(session, "B2", supervisor="wu")
        head = add_staff(session, branch, "H1", role=StaffRole.BRANCH_HEAD)
        seller = add_staff(session, branch, "W1")
        for number in range(20):
            add_policy(session, branch, week - timedelta(weeks=number), staff=seller)
        for number in range(20):
            for one in (branch, other):
                session.add(
                    StageWeekRow(
                        branch_id=one.id,
                        week_start=week - timedelta(weeks=number),
                        stage=Stage.GROWTH if number < 10 else Stage.STARTUP,
                        confidence=0.83,
                        most_likely=Stage.GROWTH if number < 10 else Stage.STARTUP,
                        since=week - timedelta(weeks=9 if number < 10 else 19),
                        expected=1.5,
                        reason_key="growth_rising",
                        facts=GROWTH_FACTS,
                        badges="single_seller" if number == 0 else "",
                        rules_on=date(2026, 1, 1),
                    )
                )
        rebuild_rollups(session)
        return BranchWorld(branch.id, head.id, seller.id, week)
