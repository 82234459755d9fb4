"""Branches alike over sixty weeks, of which some had an action; those sell more from the week after it on."""

from datetime import date, timedelta

from sqlalchemy import insert

from core.facts import Stage, SuggestionState
from db.changes import utc_now
from db.engine import writing
from db.models import ProductionWeekRow, StageWeekRow, SuggestionRow
from tests.builders import add_branch
from tests.pages.branch_world import GROWTH_FACTS

TODAY = date(2026, 11, 18)
LAST_WEEK = date(2026, 11, 9)
DONE_IN = date(2026, 8, 3)
WEEKS = [LAST_WEEK - timedelta(weeks=number) for number in range(60)]


def fill_effect_world(*, cases, plain, lift=2, action_key="buddy_pair"):
    """Branches alike, two policies in each week; after the action those with it sell more."""
    with writing() as session:
        rows, sold, done = [], [], []
        for number in range(cases + plain):
            branch = add_branch(session, f"B{number:02d}", supervisor="li" if number % 2 else "wu")
            has = number < cases
            for week in WEEKS:
                rows.append(
                    {
                        "branch_id": branch.id,
                        "week_start": week,
                        "stage": Stage.GROWTH,
                        "confidence": 0.8,
                        "most_likely": Stage.GROWTH,
                        "since": WEEKS[-1],
                        "expected": 2.0,
                        "reason_key": "growth_rising",
                        "facts": GROWTH_FACTS,
                        "badges": "",
                        "rules_on": date(2026, 1, 1),
                    }
                )
                net = 2 * lift if has and week > DONE_IN else 2
                zeros = {"net_regular": 0, "premium_fen": 0, "regular_fen": 0, "cancelled_fen": 0}
                sold.append({"branch_id": branch.id, "week_start": week, "accepted": net, "net": net, **zeros})
            if has:
                done.append(action_row(branch.id, action_key=action_key))
        session.execute(insert(StageWeekRow), rows)
        session.execute(insert(ProductionWeekRow), sold)
        session.add_all(done)


def action_row(branch_id, **more):
    given = {
        "action_key": "buddy_pair",
        "week_start": DONE_IN,
        "reason_key": "badge",
        "facts": {},
        "state": SuggestionState.DONE,
        "taken_on": DONE_IN - timedelta(days=7),
        "decided_on": DONE_IN + timedelta(days=2),
        "created_at": utc_now(),
    }
    return SuggestionRow(branch_id=branch_id, **(given | more))
