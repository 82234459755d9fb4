"""Everything a weekly review shows, topic by topic, within the scope it is about.

A past week is answered as of its end: the stages of that week, the contacts and policies up to its Sunday. What was
corrected since is shown as it is known now, and the page of stages says how many were restated. What a closed
review keeps is the record as it was shown. What was decided is filled in elsewhere.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.coaching.effect import ActionEffect
from core.facts import Actor
from core.review.figures import ReviewFigures, Topic, Worked
from core.review.measures import measures_on
from core.review.pace import PeriodKind
from core.review.scope import ReviewScope, narrowed
from db.branches import last_policy_day
from db.changes import utc_now
from db.coaching_effect import action_effects
from db.review_cadence import cadence_page
from db.review_cards import kpi_cards, review_span
from db.review_next_week import next_week_page
from db.review_scope import require_scope
from db.review_stages import moves_page, stages_page
from db.review_weakest import cadence_of, weakest_page


def review_figures(
    session: Session,
    *,
    actor: Actor,
    scope: ReviewScope,
    week_start: date,
    today: date,
    topics: Collection[Topic],
) -> ReviewFigures:
    """Return what a review of a week shows of the topics asked for; all others are None.

    Raises:
        NotAllowedError: the scope is not inside what the actor may see.
    """
    require_scope(session, actor=actor, scope=scope)
    seen, week = narrowed(actor, scope), week_start_of(week_start)
    as_of = min(today, week + timedelta(weeks=1))
    last = last_policy_day(session, actor=seen)
    found = ReviewFigures(
        scope=scope,
        week_start=week,
        shown_at=utc_now(),
        data_to=None if last is None else min(last, week + timedelta(days=6)),
    )
    if Topic.GOALS in topics:
        span = review_span(session, actor=seen, kind=PeriodKind.MONTH, week_start=week, today=today)
        kpis = measures_on(week).goals
        cards = kpi_cards(session, actor=actor, seen=seen, span=span, kpis=kpis, today=today, scope=scope)
        found = replace(found, goals=cards)
    if Topic.STAGES in topics:
        found = replace(found, stages=stages_page(session, actor=seen, week_start=week, as_of=as_of))
    if Topic.MOVES in topics:
        found = replace(found, moves=moves_page(session, actor=seen, week_start=week))
    limits, contacts = measures_on(week).limits, None
    if Topic.CADENCE in topics and Topic.WEAKEST in topics:  # what both need is asked once
        weeks = max(limits.cadence_weeks, limits.weak_weeks)
        contacts = cadence_of(session, actor=seen, week_start=week, as_of=as_of, weeks=weeks)
    if Topic.CADENCE in topics:
        page = cadence_page(session, actor=seen, week_start=week, as_of=as_of, contacts=contacts)
        found = replace(found, cadence=page)
    if Topic.WEAKEST in topics:
        weakest = weakest_page(session, actor=seen, week_start=week, as_of=as_of, contacts=contacts)
        found = replace(found, weakest=weakest)
    if Topic.WORKED in topics:
        effects, most = action_effects(session, actor=seen, today=as_of), limits.effects_told
        found = replace(found, worked=_worked(effects, most=most))
    if Topic.NEXT_WEEK in topics:
        found = replace(found, next_week=next_week_page(session, actor=seen, week_start=week, as_of=as_of))
    return found


def _worked(effects: tuple[ActionEffect, ...], *, most: int) -> Worked:
    """Return the effects that may be claimed, the clearest first: those whose interval is furthest from nothing."""
    claims = [one for one in effects if one.is_claim]
    clearest = sorted(claims, key=lambda one: (-_clearness(one), one.action_key, one.stage))[:most]
    return Worked(tuple(clearest), waiting=len(effects) - len(claims), further=len(claims) - len(clearest))


def _clearness(effect: ActionEffect) -> float:
    """Return the difference in half widths of its interval."""
    found = effect.difference
    if found is None:
        return 0.0
    half = (found.high - found.low) / 2
    return abs(found.value) / half if half > 0 else 0.0
