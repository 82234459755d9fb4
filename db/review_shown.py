"""What a review shows, for the projector and the pack alike.

Of a week nobody held a review about: what the store has now. Of a review being held: the figures from when it began
or was brought up to date, with its decisions as they stand. Of one that is over: everything as it was when it ended.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from core.facts import Actor
from core.review.figures import ReviewFigures, Topic
from core.review.meeting import COMPARED, Correction, Meeting, ReviewShown, corrections, shown_only
from core.review.scope import ReviewScope, narrowed
from db.review_decisions import with_decisions
from db.review_figures import review_figures
from db.review_weak_again import weakest_again
from db.reviews import figures_shown, find_meeting


def live_figures(session: Session, *, actor: Actor, scope: ReviewScope, week_start: date, today: date) -> ReviewFigures:
    """Return all pages of a review as the store has them now, with what it opens with.

    Raises:
        NotAllowedError: the scope is not inside what the actor may see.
    """
    found = review_figures(session, actor=actor, scope=scope, week_start=week_start, today=today, topics=tuple(Topic))
    return with_decisions(session, actor=actor, figures=found, meeting_id=None, today=today)


def meeting_figures(session: Session, *, actor: Actor, meeting: Meeting, today: date) -> ReviewFigures:
    """Return the figures of a review that is held or over, those of topics it leaves out as well while it is held.

    Raises:
        NotAllowedError: not one of the actor's reviews.
    """
    kept = figures_shown(session, actor=actor, meeting_id=meeting.meeting_id)
    if meeting.is_closed:
        return kept
    return with_decisions(session, actor=actor, figures=kept, meeting_id=meeting.meeting_id, today=today)


def corrected_since(
    session: Session, *, actor: Actor, meeting: Meeting, today: date, topics: Collection[Topic] = COMPARED
) -> tuple[Correction, ...]:
    """Return the figures of a review, or of some of its topics, that the store would give otherwise now.

    Raises:
        NotAllowedError: not one of the actor's reviews.
    """
    kept = figures_shown(session, actor=actor, meeting_id=meeting.meeting_id)
    asked = {topic for topic in COMPARED if topic in topics and kept.has(topic)}
    now = review_figures(
        session,
        actor=actor,
        scope=meeting.scope,
        week_start=meeting.week_start,
        today=today,
        topics=asked - {Topic.WEAKEST},
    )
    if Topic.WEAKEST in asked and kept.weakest:
        again = weakest_again(
            session,
            actor=narrowed(actor, meeting.scope),
            week_start=meeting.week_start,
            as_of=min(today, meeting.week_start + timedelta(weeks=1)),
            kept=kept.weakest,
        )
        now = replace(now, weakest=again)
    return corrections(kept, now)


def review_shown(session: Session, *, actor: Actor, scope: ReviewScope, week_start: date, today: date) -> ReviewShown:
    """Return what leaves the room of a week: the topics of its review, or all where none was held.

    Raises:
        NotAllowedError: the scope is not inside what the actor may see.
    """
    meeting = find_meeting(session, actor=actor, scope=scope, week_start=week_start)
    if meeting is None:
        return ReviewShown(live_figures(session, actor=actor, scope=scope, week_start=week_start, today=today))
    figures = meeting_figures(session, actor=actor, meeting=meeting, today=today)
    since = corrected_since(session, actor=actor, meeting=meeting, today=today) if meeting.is_closed else ()
    return ReviewShown(shown_only(figures, meeting.agenda), meeting, since)
