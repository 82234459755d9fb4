"""One branch: everything its screen shows, and the totals the bank gives."""

from datetime import date, timedelta

import pyarrow as pa

from core.calendar import week_start_of
from core.charts.branch import contact_cells, with_bands
from core.facts import Branch
from db.branch_history import StageVerdict, cadence_of_branch, weekly_path
from db.branch_history import find_verdict as verdict_in_store
from db.branch_totals import BranchTotal, record_total, totals_of
from db.branches import find_branch as branch_in_store
from db.engine import reading, writing
from db.staff import Person, people_in_post
from db.stage_restatements import restated_weeks_of
from pages.parts.store.base import Ask, cached
from pages.parts.store.branches import branches_now

PATH_WEEKS = 52
CONTACT_WEEKS = 12


@cached
def branch_names(ask: Ask) -> dict[str, str]:
    """Return name and code of the branches in scope by code, in the order of the codes."""
    table = branches_now(ask)
    named = zip(table["branch_code"].to_pylist(), table["branch_name"].to_pylist(), strict=True)
    return {code: f"{name} · {code}" for code, name in named}


@cached
def find_branch(ask: Ask, branch_code: str) -> Branch | None:
    """Return the branch of a code, None where there is none in the scope."""
    with reading(ask.store_url) as session:
        return branch_in_store(session, actor=ask.actor, branch_code=branch_code)


@cached
def find_verdict(ask: Ask, branch_id: int) -> StageVerdict | None:
    """Return the stage of a branch at the last complete week, None where it was not judged yet."""
    with reading(ask.store_url) as session:
        return verdict_in_store(session, actor=ask.actor, branch_id=branch_id, as_of=ask.today)


@cached
def policies_path(ask: Ask, branch_id: int, weeks: int) -> pa.Table:
    """Return the last weeks of a branch as the chart of weekly policies takes them."""
    start = week_start_of(ask.today) - timedelta(weeks=weeks)
    with reading(ask.store_url) as session:
        return with_bands(weekly_path(session, actor=ask.actor, branch_id=branch_id, start=start, end=ask.today))


@cached
def restated_weeks(ask: Ask, branch_id: int) -> pa.Table:
    """Return the weeks of a branch that show another stage than at the time, the latest week first."""
    with reading(ask.store_url) as session:
        return restated_weeks_of(session, actor=ask.actor, branch_id=branch_id)


@cached
def contact_weeks(ask: Ask, branch_id: int) -> pa.Table:
    """Return contacts against target by role over the last weeks, the unfinished one included."""
    last = week_start_of(ask.today)
    with reading(ask.store_url) as session:
        rows = cadence_of_branch(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            first_week=last - timedelta(weeks=CONTACT_WEEKS),
            last_week=last,
            today=ask.today,
        )
    shown = ["role", "week_start", "target_min", "target_max", "actual", "status"]
    words = rows[shown].assign(role=rows["role"].map(str), status=rows["status"].map(str))
    return contact_cells(pa.Table.from_pandas(words, preserve_index=False))


@cached
def people(ask: Ask, branch_id: int, on: date) -> tuple[Person, ...]:
    """Return the people of a branch in post on a day, by role and name."""
    with reading(ask.store_url) as session:
        return people_in_post(session, actor=ask.actor, branch_id=branch_id, on=on)


@cached
def people_today(ask: Ask, branch_id: int) -> pa.Table:
    """Return the people in post today, by role and name.

    Columns: staff_name, role, days (since the last contact, null = never reached by name), last_contact_on, joined_on.
    """
    found = people(ask, branch_id, ask.today)
    reached = [one.last_contact_on for one in found]
    return pa.table(
        {
            "staff_name": pa.array([one.staff_name for one in found], pa.string()),
            "role": pa.array([one.role.value for one in found], pa.string()),
            "days": pa.array([(ask.today - day).days if day else None for day in reached], pa.int64()),
            "last_contact_on": pa.array(reached, pa.date32()),
            "joined_on": pa.array([one.joined_on for one in found], pa.date32()),
        }
    )


@cached
def totals(ask: Ask, branch_id: int) -> tuple[BranchTotal, ...]:
    """Return the premium of all insurers by month, newest first."""
    with reading(ask.store_url) as session:
        return totals_of(session, actor=ask.actor, branch_id=branch_id)


def store_total(
    ask: Ask, branch_id: int, *, month_start: date, premium_fen: int, source: str, shown_version: int, key: str
) -> date:
    """Store the total of a month; refusals as `db.branch_totals.record_total`."""
    with writing(ask.store_url) as session:
        record_total(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            month_start=month_start,
            premium_fen=premium_fen,
            source=source,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return month_start
