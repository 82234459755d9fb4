"""The weekly reviews of the sample city: one of a region and one of a team, held and closed, with their decisions.

They are of the week before the last one that is over, so that whoever opens his first review finds what was decided
in the one before: something done, something open, something overdue. They are held through the changes everybody
makes, and keep the figures of that week as of the day they were held on.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar import SHANGHAI, last_complete_week, month_end, week_start_of
from core.facts import Actor, BranchStatus
from core.kpis.table import FEN_PER_CNY
from core.planning.lock import fitting_day
from core.review.agenda import usual_agenda
from core.review.decisions import DecisionEntry
from core.review.figures import DecisionState, Topic
from core.review.meeting import shown_only
from core.review.official import KPI_OF, OfficialMeasure
from core.review.pace import PeriodKind, Span
from core.review.scope import ReviewScope, ScopeKind
from core.sample.plan import names
from db.calendar_days import working_calendar
from db.decision_changes import decide, settle
from db.engine import data_version
from db.models import BranchRow
from db.official_totals import record_official_total
from db.review_cards import standing_of
from db.review_changes import begin_meeting, close_meeting
from db.review_shown import live_figures, meeting_figures
from db.reviews import find_meeting

WEEK = timedelta(weeks=1)
FRIDAY = timedelta(days=4)
NEVER = 0
"""Version of what nobody has seen yet, or has changed."""


def hold_reviews(session: Session, *, supervisor: Actor, manager: Actor, today: date) -> None:
    """Let the demo manager and the demo supervisor have held a review each, and the manager entered a statement."""
    query = (
        select(BranchRow.id, BranchRow.branch_code)
        .where(BranchRow.supervisor == supervisor.username, BranchRow.status == BranchStatus.ACTIVE)
        .order_by(BranchRow.branch_code)
    )
    own = {code: branch_id for branch_id, code in session.execute(query)}
    if not own or not manager.region_path:
        return
    week = last_complete_week(today) - WEEK
    held_on = fitting_day(week + WEEK, working_calendar(session), week_start=week + WEEK)
    for scope, chair in (
        (ReviewScope(ScopeKind.TEAM, supervisor.username), supervisor),
        (ReviewScope(ScopeKind.REGION, manager.region_path), manager),
    ):
        _Review(session, scope, chair, supervisor, week, held_on, today).hold(own)
    _enter_official(session, manager, ReviewScope(ScopeKind.REGION, manager.region_path), today)


@dataclass(frozen=True)
class _Review:
    """The review of a scope: `week` is the one it is about."""

    session: Session
    scope: ReviewScope
    chair: Actor
    supervisor: Actor
    week: date
    held_on: date
    today: date

    def at(self, hour: int, minute: int) -> datetime:
        """Return a moment of the day it is held on."""
        return datetime.combine(self.held_on, time(hour, minute), tzinfo=SHANGHAI)

    def key(self, word: object) -> str:
        """Return the key of one of its writes."""
        return f"sample-review-{self.scope}-{word}"

    def hold(self, own: dict[str, int]) -> None:
        """Begin it, decide, end it, and settle what was done since. `own`: branches of the supervisor by code."""
        session, chair, day = self.session, self.chair, self.held_on
        figures = live_figures(session, actor=chair, scope=self.scope, week_start=self.week, today=day)
        figures = replace(figures, shown_at=self.at(9, 0))
        present = sorted({chair.username, self.supervisor.username})
        meeting_id = begin_meeting(
            session,
            actor=chair,
            figures=figures,
            figures_version=data_version(session),
            agenda=usual_agenda(figures),
            present=present,
            guests=(),
            now=self.at(9, 0),
            key=self.key("begin"),
        )
        weak = [one.branch_code for one in (figures.weakest.branches if figures.weakest else ())]
        branch_id = next((own[code] for code in weak if code in own), next(iter(own.values())))
        rows = [row for row in names()["traces"]["reviews"]["decisions"] if row["scope"] == self.scope.kind]
        decided = {
            decide(
                session,
                actor=chair,
                meeting_id=meeting_id,
                entry=self.entry(row, branch_id),
                today=day,
                key=self.key(number),
            ): row
            for number, row in enumerate(rows)
        }
        self.close(present)
        for decision_id, row in decided.items():
            if row["state"] == DecisionState.DONE:
                settle(
                    session,
                    actor=chair,
                    decision_id=decision_id,
                    is_done=True,
                    outcome=row["outcome"],
                    shown_version=NEVER + 1,
                    today=self.due_on(row),
                    key=self.key(f"settle-{decision_id}"),
                )

    def entry(self, row: dict[str, Any], branch_id: int) -> DecisionEntry:
        """Return a decision as it was typed; one about the branch is its supervisor's, any other the chair's."""
        is_about_branch = row["is_about_branch"]
        return DecisionEntry(
            topic=Topic(row["topic"]),
            branch_id=branch_id if is_about_branch else None,
            words=row["words"],
            owner=self.supervisor.username if is_about_branch else self.chair.username,
            due_on=self.due_on(row),
            measure=row["measure"],
        )

    def due_on(self, row: dict[str, Any]) -> date:
        """Return the Friday of the week it was held in, or of the one to come for what is still open."""
        if row["state"] == DecisionState.OPEN:
            return week_start_of(self.today) + WEEK + FRIDAY
        return max(self.held_on, self.week + WEEK + FRIDAY)

    def close(self, present: list[str]) -> None:
        """End it with its pages as shown."""
        meeting = find_meeting(self.session, actor=self.chair, scope=self.scope, week_start=self.week)
        if meeting is None:
            raise LookupError(f"the review of {self.scope} was not begun")
        shown = meeting_figures(self.session, actor=self.chair, meeting=meeting, today=self.held_on)
        close_meeting(
            self.session,
            actor=self.chair,
            meeting_id=meeting.meeting_id,
            figures=shown_only(shown, meeting.agenda),
            present=present,
            guests=(),
            shown_version=meeting.version,
            now=self.at(9, 35),
            key=self.key("close"),
        )


def _enter_official(session: Session, manager: Actor, scope: ReviewScope, today: date) -> None:
    """Enter the statement of the last month: ours and a few policies that were booked late."""
    end = today.replace(day=1) - timedelta(days=1)
    start, words = end.replace(day=1), names()["traces"]["reviews"]
    span = Span(PeriodKind.MONTH, start, month_end(start), end)
    whole = standing_of(session, actor=manager, span=span, today=today).whole
    ours = {measure: whole[kpi]["numerator"] for measure, kpi in KPI_OF.items() if kpi in whole}
    policies = ours.get(OfficialMeasure.POLICIES)
    if not policies:
        return
    for measure, amount in ours.items():
        more = amount * (policies + words["official_late"]) / policies
        record_official_total(
            session,
            actor=manager,
            scope=scope,
            measure=measure,
            month_start=start,
            amount=round(more * (FEN_PER_CNY if measure is OfficialMeasure.SCALE_PREMIUM else 1)),
            source=words["official_source"],
            shown_version=NEVER,
            today=today,
            key=f"sample-official-{measure}",
        )
