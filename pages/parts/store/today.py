"""Today: the list of a user, what he does with its lines, the room of the week, and the logging coverage."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa

from core.calendar import last_complete_week, week_start_of
from core.coaching.playbook import titles_of
from core.language import Language
from core.planning.items import ItemOrigin
from core.portfolio import BranchFilter
from core.today.capacity import Capacity
from core.today.coverage import Coverage, LoggedDays
from core.today.lines import LineKey, Snooze, Thing, TodayLine, TodayList
from core.today.plan import plan_line
from core.today.rules import line_kinds, today_rules
from core.today.words import line_age, line_marks, line_reason, line_subject, short_age, short_reason
from db import snoozes as rest_rows
from db import today_news as news_rows
from db.engine import reading, writing
from db.logged_days import logged_days
from db.planning import add_item
from db.today import today_lines, week_capacity
from pages.parts.store.base import Ask, cached
from pages.parts.store.branches import branches_now, branches_shown, stages
from pages.parts.store.coaching import playbook
from pages.parts.store.filters import supervisor_names

ALL_BRANCHES = BranchFilter()
COVERED_WEEKS = 53
"""The longest period a chart of contacts shows, and this week."""


@dataclass(frozen=True)
class TodayChoice:
    """What the reader looks at: branches and kinds of lines, none = all."""

    branches: BranchFilter = ALL_BRANCHES
    kinds: tuple[str, ...] = ()


def visit(ask: Ask) -> None:
    """Keep that the user looked, and put what has come up since onto his list."""
    _visited(ask, ask.actor.user_id)


@cached
def _visited(ask: Ask, _user_id: int) -> bool:
    """Do so once a day and state of the data: a second window of the same user finds nothing new."""
    with writing(ask.store_url, raises_version=False) as session:
        news_rows.record_visit(session, actor=ask.actor, today=ask.today)
    return True


@cached
def _list_of(ask: Ask, _user_id: int) -> TodayList:
    known = {"branches": branches_now(ask), "stages": stages(ask), "logged": _logged(ask)}
    with reading(ask.store_url) as session:
        return today_lines(session, actor=ask.actor, today=ask.today, **known)


@cached
def _narrowed(ask: Ask, user_id: int, chosen: BranchFilter) -> TodayList:
    whole = _list_of(ask, user_id)
    if chosen == ALL_BRANCHES:
        return whole
    kept = set(branches_shown(ask, chosen)["branch_id"].to_pylist())
    return TodayList(
        tuple(line for line in whole.lines if line.branch_id in kept),
        tuple(line for line in whole.resting if line.branch_id in kept),
    )


def today(ask: Ask, chosen: BranchFilter) -> TodayList:
    """Return the lines of the branches a filter lets through; two users with the same scope have each their own."""
    return _narrowed(ask, ask.actor.user_id, chosen)


def line_now(ask: Ask, key: LineKey) -> TodayLine | None:
    """Return a line of the user as it stands now, laid aside or not; None where it is owed no more."""
    found = _list_of(ask, ask.actor.user_id)
    return next((line for line in (*found.lines, *found.resting) if line.key == key), None)


@cached
def _shown(ask: Ask, user_id: int, choice: TodayChoice) -> tuple[TodayLine, ...]:
    lines = _narrowed(ask, user_id, choice.branches).lines
    chosen = [line for line in lines if not choice.kinds or line.kind in choice.kinds]
    return tuple(chosen[: today_rules().most_lines])


def shown(ask: Ask, choice: TodayChoice) -> tuple[TodayLine, ...]:
    """Return the worst lines of a choice, as many as are shown."""
    return _shown(ask, ask.actor.user_id, choice)


@cached
def _told(ask: Ask, user_id: int, choice: TodayChoice, language: Language) -> pa.Table:
    return _table(ask, _shown(ask, user_id, choice), language)


def told(ask: Ask, choice: TodayChoice, language: Language) -> pa.Table:
    """Return the same in words, one row a line.

    Columns, all text: kind, branch_name, subject, age and reason (both short and in full), marks, supervisor,
    branch_code.
    """
    return _told(ask, ask.actor.user_id, choice, language)


@cached
def _resting(ask: Ask, user_id: int, chosen: BranchFilter, language: Language) -> pa.Table:
    lines = _narrowed(ask, user_id, chosen).resting
    rests = [line.snooze for line in lines if line.snooze]
    return (
        _table(ask, lines, language)
        .append_column("until_on", pa.array([one.until_on for one in rests], pa.date32()))
        .append_column("why", pa.array([one.reason for one in rests], pa.string()))
        .append_column("snoozed_by", pa.array([one.snoozed_by for one in rests], pa.string()))
    )


def resting(ask: Ask, chosen: BranchFilter, language: Language) -> pa.Table:
    """Return the lines laid aside in words, the first to come back first, with day, reason and by whom."""
    return _resting(ask, ask.actor.user_id, chosen, language)


def _table(ask: Ask, lines: tuple[TodayLine, ...], language: Language) -> pa.Table:
    titles = titles_of(language, playbook(ask))
    kinds = {key: kind.title(language) for key, kind in line_kinds().items()}
    names = supervisor_names(ask)
    columns = {
        "kind": [kinds[line.kind] for line in lines],
        "branch_name": [line.branch_name for line in lines],
        "subject": [line_subject(language, line, titles) for line in lines],
        "age": [line_age(language, line, today=ask.today) for line in lines],
        "short_age": [short_age(language, line, today=ask.today) for line in lines],
        "short_reason": [short_reason(language, line, today=ask.today) for line in lines],
        "reason": [line_reason(language, line, today=ask.today) for line in lines],
        "marks": [line_marks(language, line) for line in lines],
        "supervisor": [names.get(line.supervisor or "", line.supervisor) for line in lines],
        "branch_code": [line.branch_code for line in lines],
    }
    return pa.table({name: pa.array(words, pa.string()) for name, words in columns.items()})


def plan(ask: Ask, line: TodayLine, *, day: date, words: str, now: datetime, key: str) -> bool:
    """Put a line into the plan of the week of a day; refusals as `db.planning.add_item`."""
    planned = plan_line(line, day=day, words=words or None)
    if planned is None:
        return False
    with writing(ask.store_url) as session:
        add_item(
            session,
            actor=ask.actor,
            line=planned,
            week_start=week_start_of(day),
            now=now,
            key=key,
            origin=ItemOrigin.TODAY,
        )
    return True


def snooze(ask: Ask, line: TodayLine, *, until_on: date, reason: str, key: str) -> bool:
    """Lay a line aside as it was shown; refusals as `db.snoozes.snooze_line`."""
    with writing(ask.store_url) as session:
        rest_rows.snooze_line(
            session, actor=ask.actor, line=line, until_on=until_on, reason=reason, today=ask.today, key=key
        )
    return True


def explain(ask: Ask, line: TodayLine, *, reason: str, key: str) -> bool:
    """Say why a contact was missed, as it was shown; refusals as `db.snoozes.explain_contact`."""
    with writing(ask.store_url) as session:
        rest_rows.explain_contact(session, actor=ask.actor, line=line, reason=reason, today=ask.today, key=key)
    return True


def bring_back(ask: Ask, rest: Snooze, *, key: str) -> bool:
    """End a rest before its day; refusals as `db.snoozes.end_snooze`."""
    with writing(ask.store_url) as session:
        rest_rows.end_snooze(
            session, actor=ask.actor, snooze_id=rest.snooze_id, shown_version=rest.version, today=ask.today, key=key
        )
    return True


def note(ask: Ask, line: TodayLine, *, words: str, shown_version: int, key: str) -> bool:
    """Take a stage change or a warning off the list; refusals as `db.today_news.note_news`."""
    with writing(ask.store_url) as session:
        news_rows.note_news(
            session,
            actor=ask.actor,
            branch_id=line.branch_id,
            thing=Thing(line.thing),
            subject=line.subject,
            note=words,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True


@cached
def capacities(ask: Ask) -> tuple[Capacity, ...]:
    """Return what the week asks of each supervisor, the fullest first."""
    known = {"branches": branches_now(ask), "stages": stages(ask)}
    with reading(ask.store_url) as session:
        return week_capacity(session, actor=ask.actor, today=ask.today, **known)


@cached
def _logged(ask: Ask) -> LoggedDays:
    this_week, branches = week_start_of(ask.today), branches_now(ask)
    with reading(ask.store_url) as session:
        return logged_days(
            session,
            actor=ask.actor,
            first_week=this_week - timedelta(weeks=COVERED_WEEKS),
            last_week=this_week,
            today=ask.today,
            branches=branches,
        )


@cached
def coverage(ask: Ask, weeks: int, chosen: BranchFilter = ALL_BRANCHES, *, with_this_week: bool = True) -> Coverage:
    """Return the logging coverage of the supervisors of some branches over the last weeks."""
    last = week_start_of(ask.today) if with_this_week else last_complete_week(ask.today)
    kept = None if chosen == ALL_BRANCHES else branches_shown(ask, chosen)["branch_id"].to_numpy()
    return _logged(ask).coverage(branch_ids=kept, first_week=last - timedelta(weeks=weeks - 1), last_week=last)


@cached
def coverage_of_branch(ask: Ask, branch_id: int, weeks: int) -> Coverage:
    """Return the logging coverage of the supervisor of a branch over the last weeks and this one."""
    last = week_start_of(ask.today)
    return _logged(ask).coverage(
        branch_ids=np.array([branch_id]), first_week=last - timedelta(weeks=weeks), last_week=last
    )
