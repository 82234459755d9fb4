"""Eight branches alike over 60 weeks, counted by hand: what a review shows of them.

One policy of 10,000 yuan a week on Tuesday, regular pay; the first two branches are li's, the others wang's. The first
sold nothing in the last 13 weeks. In the last 14 weeks each branch has a contact with its wealth manager on Mondays.
"""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from core.calendar import week_start_of
from db.changes import utc_now
from db.models import ContactRow, PolicyRow, SuggestionRow
from db.rollups import rebuild_rollups
from db.stage_history import recompute_stages
from tests.builders import add_branch, add_staff

WEEK = date(2026, 5, 18)
TODAY = date(2026, 5, 26)
WEEKS = 60
FIRST = WEEK - timedelta(weeks=WEEKS - 1)
BRANCHES = 8
STOPPED_AFTER = 47
CONTACTS_FROM = 46


def fill_review_world(session: Session) -> None:
    """Fill an empty store; the keys of the branches are 1 to 8, their codes B0 to B7."""
    rows: list[PolicyRow | ContactRow] = []
    for number in range(BRANCHES):
        owner = "li" if number < 2 else "wang"
        branch = add_branch(session, f"B{number}", supervisor=owner, cooperation_start=FIRST, size_tier="B")
        person = add_staff(session, branch, f"S{number}")
        for week in range(WEEKS):
            monday = FIRST + timedelta(weeks=week)
            if number or week < STOPPED_AFTER:
                rows.append(_policy(branch.id, person.id, monday + timedelta(days=1), number * WEEKS + week))
            if week >= CONTACTS_FROM:
                rows.append(_contact(branch.id, person.id, monday, number * WEEKS + week))
    session.add_all(rows)
    rebuild_rollups(session)
    recompute_stages(session, as_of=TODAY)


def action(branch_id: int, *, due_on: date, taken_on: date, decided_on: date | None = None) -> SuggestionRow:
    """An action that was taken on; done on a day where one is given."""
    key = f"k{due_on:%m%d}{taken_on:%m%d}{decided_on or ''}"
    return SuggestionRow(
        branch_id=branch_id,
        action_key=key,
        week_start=week_start_of(taken_on),
        reason_key="stage_basic",
        facts={},
        state="done" if decided_on else "taken",
        taken_on=taken_on,
        due_on=due_on,
        decided_on=decided_on or taken_on,
        created_at=utc_now(),
    )


def _policy(branch_id: int, staff_id: int, day: date, number: int) -> PolicyRow:
    return PolicyRow(
        policy_ref=f"P{number}",
        issued_on=day,
        week_start=week_start_of(day),
        branch_id=branch_id,
        staff_id=staff_id,
        payment_mode="regular",
        premium_fen=1_000_000,
        status="in_force",
    )


def _contact(branch_id: int, staff_id: int, day: date, number: int) -> ContactRow:
    return ContactRow(
        fingerprint=number,
        contact_on=day,
        week_start=week_start_of(day),
        branch_id=branch_id,
        staff_id=staff_id,
        role="wealth_manager",
        method="visit",
    )
