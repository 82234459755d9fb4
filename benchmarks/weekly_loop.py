"""A quarter of a year of the weekly loop for every branch of the benchmark store, drawn with a fixed seed.

Week plans of every supervisor with goals, contacts, events, actions and causes; actions open and closed, coaching
notes, self-checks, branch surveys and events: what the pages of the loop read beside contacts and policies. The rows
go in at once, not through the changes people make: here only how many there are matters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.coaching.playbook import shipped_playbook
from core.facts import BranchStatus, ContactMethod, StaffRole
from core.planning.causes import causes
from core.planning.items import EventKind, GoalMeasure, ItemOrigin, PlanKind
from core.self_check.rules import self_check_rules
from core.survey.fields import Kind, survey_fields
from db import models
from db.engine import writing

WEEKS, MONTHS = 13, 4
SEED = 7
DONE_SHARE, EVENT_SHARE = 0.7, 0.25
"""Of measures met and misses explained; of branches with an event in a week."""
Row = dict[str, Any]


@dataclass
class Rows:
    """What is put in, by table; keys count from 1 in each, in a store that holds none of these yet."""

    found: dict[type[models.Base], list[Row]] = field(default_factory=dict)

    def add(self, table: type[models.Base], **values: Any) -> int:
        """Add a row and return its number."""
        rows = self.found.setdefault(table, [])
        rows.append(values)
        return len(rows)


def live_the_loop(url: str, *, today: date) -> None:
    """Fill a store whose tables of the loop are empty."""
    draw, rows = Random(SEED), Rows()  # noqa: S311  # the same rows each time
    with writing(url) as session:
        for supervisor, branches in _portfolios(session):
            for branch_id in branches:
                _live(rows, draw, branch_id, supervisor, today)
            _plan(rows, draw, supervisor, branches, today)
        for table, values in rows.found.items():
            session.execute(insert(table), values)


def _portfolios(session: Session) -> Iterator[tuple[str, list[int]]]:
    row = models.BranchRow
    query = select(row.supervisor, row.id).where(row.status == BranchStatus.ACTIVE, row.supervisor.is_not(None))
    found: dict[str, list[int]] = {}
    for supervisor, branch_id in session.execute(query.order_by(row.id)):
        found.setdefault(supervisor or "", []).append(branch_id)
    yield from found.items()


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def _live(rows: Rows, draw: Random, branch_id: int, supervisor: str, today: date) -> None:
    """Let a branch have had actions, notes, self-checks, a survey and events."""
    for number, action in enumerate(draw.sample(shipped_playbook(), 5)):
        due_on = today + timedelta(days=draw.randint(-10, 20) - 40 * number)
        taken_on = due_on - timedelta(days=14)
        closed = {} if number == 0 else {"outcome": "完成", "measure_met": draw.random() < DONE_SHARE}
        rows.add(
            models.SuggestionRow,
            branch_id=branch_id,
            action_key=action.key,
            week_start=week_start_of(taken_on),
            reason_key="stage_basic",
            reason_code=f"bench_{number}",
            facts={},
            state="done" if closed else "taken",
            owner=supervisor,
            taken_on=taken_on,
            due_on=due_on,
            expires_on=due_on + timedelta(days=28),
            created_at=_moment(taken_on),
            decided_on=due_on if closed else taken_on,
            outcome=closed.get("outcome"),
            measure_met=closed.get("measure_met"),
        )
    for number in range(MONTHS):
        day = today - timedelta(days=30 * number + draw.randint(1, 20))
        _note(rows, draw, branch_id, day, is_open=number == 0)
        _event(rows, draw, branch_id, day)
        _check(rows, draw, branch_id, day)
    _survey(rows, draw, branch_id, today - timedelta(days=draw.randint(5, 200)))


def _note(rows: Rows, draw: Random, branch_id: int, day: date, *, is_open: bool) -> None:
    rows.add(
        models.CoachingNoteRow,
        branch_id=branch_id,
        session_on=day,
        role=draw.choice((StaffRole.BRANCH_HEAD, StaffRole.WEALTH_MANAGER)).value,
        goal="下月出单四件",
        reality="上月出单两件",
        options="晨会演练；邀约老客户",
        will="每周演练一次",
        due_on=day + timedelta(days=14),
        is_shared=True,
        written_at=_moment(day),
        kept=None if is_open else "kept",
        kept_on=None if is_open else day + timedelta(days=14),
    )


def _event(rows: Rows, draw: Random, branch_id: int, day: date) -> None:
    rows.add(
        models.BranchEventRow,
        branch_id=branch_id,
        day=day,
        kind=EventKind.MICRO_SALON.value,
        relation="existing_customer",
        tier="mass",
        theme="theme_health_retirement",
        insurer_level="channel_manager",
        bank_level="branch",
        state="held",
        invited=12,
        confirmed=9,
        came=draw.randint(3, 9),
        walk_ins=0,
        policies=draw.randint(0, 2),
        recorded_at=_moment(day),
    )


def _check(rows: Rows, draw: Random, branch_id: int, day: date) -> None:
    number = rows.add(
        models.SelfCheckRow,
        branch_id=branch_id,
        month_start=day.replace(day=1),
        started_on=day,
        finished_on=day,
        finished_at=_moment(day),
        need="请安排柜员培训",
        finished_need="请安排柜员培训",
    )
    for question in self_check_rules().questions:
        value = draw.randint(1, 5)
        rows.add(
            models.SelfCheckAnswerRow,
            check_id=number,
            question_key=question.key,
            value=value,
            finished_value=value,
            answered_at=_moment(day),
        )


def _survey(rows: Rows, draw: Random, branch_id: int, day: date) -> None:
    """Save one state of each part with its single choices and numbers."""
    fields = [one for one in survey_fields().fields if one.kind in (Kind.ONE, Kind.NUMBER)]
    for place, section in enumerate(dict.fromkeys(one.section for one in fields), start=1):
        number = rows.add(
            models.SurveyVersionRow,
            branch_id=branch_id,
            number=place,
            section=section,
            surveyed_on=day,
            methods="ask",
            confidence="sure",
            saved_on=day,
            saved_at=_moment(day),
        )
        for one in (each for each in fields if each.section == section):
            value = draw.choice(one.choices).key if one.choices else draw.randint(1, one.most or 9)
            rows.add(
                models.SurveyAnswerRow,
                version_id=number,
                field_key=one.key,
                value=value,
                is_unknown=False,
                is_filled=True,
                surveyed_on=day,
            )


def _plan(rows: Rows, draw: Random, supervisor: str, branches: Sequence[int], today: date) -> None:
    """Let a supervisor have planned every week: a goal and two contacts a branch, an event here and there."""
    this_week = week_start_of(today)
    for weeks in range(WEEKS + 1):
        monday = this_week - timedelta(weeks=weeks)
        plan = rows.add(
            models.WeekPlanRow, supervisor=supervisor, week_start=monday, started_at=_moment(monday), version=1
        )
        for branch_id in branches:
            for values in _lines(draw, monday):
                is_explained = monday < this_week and draw.random() < DONE_SHARE
                rows.add(
                    models.PlanItemRow,
                    plan_id=plan,
                    branch_id=branch_id,
                    origin=ItemOrigin.BY_HAND.value,
                    cause=draw.choice(causes()).code if is_explained else None,
                    added_at=_moment(monday),
                    **dict.fromkeys(("day", "role", "topic", "method", "event_kind", "measure", "goal")) | values,
                )


def _lines(draw: Random, monday: date) -> Iterator[Row]:
    yield {"kind": PlanKind.GOAL.value, "measure": GoalMeasure.POLICIES.value, "goal": draw.randint(1, 3)}
    talk = {"kind": PlanKind.CONTACT.value, "topic": "selling_skill", "method": ContactMethod.VISIT.value}
    for role in draw.sample((StaffRole.BRANCH_HEAD, StaffRole.TELLER, StaffRole.WEALTH_MANAGER), 2):
        yield talk | {"role": role.value, "day": monday + timedelta(days=draw.randint(0, 4))}
    if draw.random() < EVENT_SHARE:
        day = monday + timedelta(days=draw.randint(0, 4))
        yield {"kind": PlanKind.EVENT.value, "event_kind": EventKind.MICRO_SALON.value, "day": day}
