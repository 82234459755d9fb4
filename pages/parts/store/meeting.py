"""The weekly review: whose it may be, its figures live and as shown, holding it, what is decided in it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from core.coaching.actions import Owner
from core.language import Language
from core.review.agenda import Agenda
from core.review.decisions import Decision, DecisionEntry
from core.review.figures import ReviewFigures, Topic
from core.review.meeting import COMPARED, Correction, Meeting, MeetingLine, shown_only
from core.review.names import Names, Person, names_of
from core.review.scope import ReviewScope, narrowed
from db import decision_changes, review_changes, review_decisions, review_people, review_shown, reviews
from db.engine import reading, writing
from pages.parts.store.base import Ask, cached


@cached
def scopes(ask: Ask) -> tuple[ReviewScope, ...]:
    """Return whose reviews the reader may hold, the widest first."""
    with reading(ask.store_url) as session:
        return reviews.scopes_in_reach(session, actor=ask.actor)


@cached
def people(ask: Ask, scope: ReviewScope) -> tuple[Person, ...]:
    """Return the own staff that has to do with the branches of a scope."""
    with reading(ask.store_url) as session:
        return review_people.people_of(session, actor=narrowed(ask.actor, scope))


@cached
def names(ask: Ask, scope: ReviewScope, language: Language, *, are_hidden: bool) -> Names:
    """Return what people are called on the page: by name, or by rank and code."""
    with reading(ask.store_url) as session:
        staff = review_people.staff_codes(session, actor=narrowed(ask.actor, scope)) if are_hidden else ()
    return names_of(language, people(ask, scope), staff, are_hidden=are_hidden)


@cached
def find_meeting(ask: Ask, scope: ReviewScope, week_start: date) -> Meeting | None:
    """Return the review of a scope and week, None where none was begun."""
    with reading(ask.store_url) as session:
        return reviews.find_meeting(session, actor=ask.actor, scope=scope, week_start=week_start)


@cached
def meetings_held(ask: Ask) -> tuple[MeetingLine, ...]:
    """Return the latest reviews in sight."""
    with reading(ask.store_url) as session:
        return reviews.meetings_held(session, actor=ask.actor)


@cached
def live_figures(ask: Ask, scope: ReviewScope, week_start: date) -> ReviewFigures:
    """Return all pages of a review as the store has them now, with what it opens with."""
    with reading(ask.store_url) as session:
        return review_shown.live_figures(session, actor=ask.actor, scope=scope, week_start=week_start, today=ask.today)


@cached
def shown_figures(ask: Ask, meeting: Meeting) -> ReviewFigures:
    """Return what the pages show: figures from when it began or was brought up to date, decisions as they stand.

    Of a review that is over everything is as it was when it ended.
    """
    with reading(ask.store_url) as session:
        return review_shown.meeting_figures(session, actor=ask.actor, meeting=meeting, today=ask.today)


@cached
def decisions(ask: Ask, meeting: Meeting) -> tuple[Decision, ...]:
    """Return what can be settled or changed in a review: what it opens with, then what was decided in it."""
    with reading(ask.store_url) as session:
        shared: dict[str, Any] = {"actor": ask.actor, "today": ask.today}
        before = review_decisions.decisions_before(
            session, scope=meeting.scope, week_start=meeting.week_start, **shared
        )
        return (*before, *review_decisions.decisions_of(session, meeting_id=meeting.meeting_id, **shared))


@cached
def decided_in(ask: Ask, meeting_id: int) -> tuple[Decision, ...]:
    """Return what was decided in a review as it stands now."""
    with reading(ask.store_url) as session:
        return review_decisions.decisions_of(session, actor=ask.actor, meeting_id=meeting_id, today=ask.today)


@cached
def corrected(ask: Ask, meeting: Meeting, topic: Topic) -> tuple[Correction, ...]:
    """Return the figures of a topic of a closed review that the store would give otherwise now.

    A page asks for its own alone: all together take longer than turning a page may.
    """
    if topic not in COMPARED:
        return ()
    with reading(ask.store_url) as session:
        return review_shown.corrected_since(session, actor=ask.actor, meeting=meeting, today=ask.today, topics={topic})


@cached
def owners(ask: Ask, scope: ReviewScope, branch_ids: tuple[int, ...]) -> tuple[Owner, ...]:
    """Return who may own a decision about a topic of the scope or one of some branches."""
    found: dict[str, Owner] = {}
    with reading(ask.store_url) as session:
        for branch_id in (None, *branch_ids):
            for one in review_decisions.owners_for(session, actor=ask.actor, scope=scope, branch_id=branch_id):
                found.setdefault(one.username, one)
    return tuple(found.values())


def begin(
    ask: Ask,
    figures: ReviewFigures,
    *,
    agenda: Agenda,
    present: Sequence[str],
    guests: Sequence[str],
    now: datetime,
    key: str,
) -> bool:
    """Begin a review, or join the one there is; refusals as `db.review_changes.begin_meeting`."""
    with writing(ask.store_url) as session:
        review_changes.begin_meeting(
            session,
            actor=ask.actor,
            figures=figures,
            figures_version=ask.data_version,
            agenda=agenda,
            present=present,
            guests=guests,
            now=now,
            key=key,
        )
    return True


def bring_up_to_date(ask: Ask, meeting: Meeting, *, key: str) -> bool:
    """Show what the store has now; refusals as `db.review_changes.bring_up_to_date`."""
    figures = live_figures(ask, meeting.scope, meeting.week_start)
    with writing(ask.store_url) as session:
        review_changes.bring_up_to_date(
            session,
            actor=ask.actor,
            meeting_id=meeting.meeting_id,
            figures=figures,
            figures_version=ask.data_version,
            shown_version=meeting.version,
            key=key,
        )
    return True


def change_agenda(ask: Ask, meeting: Meeting, agenda: Agenda, *, key: str) -> bool:
    """Keep another order or choice of topics; refusals as `db.review_changes.change_agenda`."""
    with writing(ask.store_url) as session:
        review_changes.change_agenda(
            session,
            actor=ask.actor,
            meeting_id=meeting.meeting_id,
            agenda=agenda,
            shown_version=meeting.version,
            key=key,
        )
    return True


def join(ask: Ask, meeting: Meeting, *, key: str) -> bool:
    """Note that the reader came to a review; refusals as `db.review_changes.join_meeting`."""
    with writing(ask.store_url) as session:
        review_changes.join_meeting(session, actor=ask.actor, meeting_id=meeting.meeting_id, key=key)
    return True


def take_back(ask: Ask, meeting: Meeting, *, key: str) -> bool:
    """Take back a review begun by mistake; refusals as `db.review_changes.take_back_meeting`."""
    with writing(ask.store_url) as session:
        review_changes.take_back_meeting(
            session, actor=ask.actor, meeting_id=meeting.meeting_id, shown_version=meeting.version, key=key
        )
    return True


def close(
    ask: Ask, meeting: Meeting, *, present: Sequence[str], guests: Sequence[str], now: datetime, key: str
) -> bool:
    """End a review with its pages as shown; refusals as `db.review_changes.close_meeting`."""
    shown = shown_figures(ask, meeting)
    with writing(ask.store_url) as session:
        review_changes.close_meeting(
            session,
            actor=ask.actor,
            meeting_id=meeting.meeting_id,
            figures=shown_only(shown, meeting.agenda),
            present=present,
            guests=guests,
            shown_version=meeting.version,
            now=now,
            key=key,
        )
    return True


def decide(ask: Ask, meeting: Meeting, entry: DecisionEntry, *, key: str) -> bool:
    """Keep a decision; refusals as `db.decision_changes.decide`."""
    with writing(ask.store_url) as session:
        decision_changes.decide(
            session, actor=ask.actor, meeting_id=meeting.meeting_id, entry=entry, today=ask.today, key=key
        )
    return True


def change_decision(
    ask: Ask,
    decision: Decision,
    *,
    owner: str,
    due_on: date,
    shown_version: int,
    key: str,
    within: Meeting | None = None,
) -> bool:
    """Give a decision another owner or due date, in a review; refusals as `db.decision_changes.change_decision`."""
    with writing(ask.store_url) as session:
        if within:  # a review is locked before the audit trail, as by who decides in it
            review_changes.keep_up_with_decisions(session, actor=ask.actor, meeting_id=within.meeting_id)
        decision_changes.change_decision(
            session,
            actor=ask.actor,
            decision_id=decision.decision_id,
            owner=owner,
            due_on=due_on,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True


def settle(
    ask: Ask,
    decision: Decision,
    *,
    is_done: bool,
    outcome: str,
    shown_version: int,
    key: str,
    within: Meeting | None = None,
) -> bool:
    """Close a decision as done or dropped, in a review or outside; refusals as `db.decision_changes.settle`."""
    with writing(ask.store_url) as session:
        if within:  # a review is locked before the audit trail, as by who decides in it
            review_changes.keep_up_with_decisions(session, actor=ask.actor, meeting_id=within.meeting_id)
        decision_changes.settle(
            session,
            actor=ask.actor,
            decision_id=decision.decision_id,
            is_done=is_done,
            outcome=outcome,
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True
