"""The questions and changes of the reviews held, for the walk over all of `db/` (test_scope_walk.py)."""

from datetime import datetime, timedelta

from core.calendar import SHANGHAI
from core.review.agenda import Agenda
from core.review.decisions import DecisionEntry
from core.review.figures import Topic
from core.review.meeting import Meeting
from core.review.scope import ReviewScope, ScopeKind
from db import decision_changes, review_changes, review_decisions, review_people, review_shown, reviews
from tests.db.scope_world import INSIDE, NOBODYS, OUTSIDE, REGION, TEAM, TODAY, WEEK, mark, owner_of
from tests.review_records import figures

NOW = datetime(2026, 3, 18, 9, tzinfo=SHANGHAI)
NEXT_WEEK = WEEK + timedelta(weeks=1)
MEETINGS = {INSIDE: 1, TEAM: 1, REGION: 2, OUTSIDE: 3}
"""Keys of the reviews of the teams the branches belong to, in the order the world makes them."""


def team_of(branch_id):
    """The team a branch belongs to."""
    return ReviewScope(ScopeKind.TEAM, owner_of(branch_id))


def meeting_of(branch_id):
    """The review that was held about the team a branch belongs to."""
    number = MEETINGS.get(branch_id, NOBODYS)
    return Meeting(number, team_of(branch_id), WEEK, "x", NOW, NOW, Agenda(), (), (), 1, 1)


def entry(branch_id):
    """A decision about a branch."""
    return DecisionEntry(Topic.GOALS, branch_id, "x", mark(branch_id), TODAY, "")


WHOLE_SCOPE = {
    "review_decisions.decisions_owned": lambda s, a: review_decisions.decisions_owned(s, actor=a, today=TODAY),
    "review_people.people_of": lambda s, a: review_people.people_of(s, actor=a),
    "review_people.staff_codes": lambda s, a: review_people.staff_codes(s, actor=a),
    "review_people.topic_owners": lambda s, a: review_people.topic_owners(s, actor=a),
    "reviews.meetings_held": lambda s, a: reviews.meetings_held(s, actor=a),
    "reviews.scopes_in_reach": lambda s, a: reviews.scopes_in_reach(s, actor=a),
}

ONE_BRANCH = {
    "review_decisions.decisions_before": lambda s, a, b: review_decisions.decisions_before(
        s, actor=a, scope=team_of(b), week_start=NEXT_WEEK, today=TODAY
    ),
    "review_decisions.decisions_of": lambda s, a, b: review_decisions.decisions_of(
        s, actor=a, meeting_id=MEETINGS.get(b, NOBODYS), today=TODAY
    ),
    "review_decisions.owners_for": lambda s, a, b: review_decisions.owners_for(
        s, actor=a, scope=team_of(b), branch_id=b
    ),
    "review_decisions.with_decisions": lambda s, a, b: (
        review_decisions.with_decisions(
            s,
            actor=a,
            figures=figures(team_of(b), NEXT_WEEK),
            meeting_id=MEETINGS.get(b, NOBODYS),
            today=TODAY,
        ).decided
    ),
    "review_shown.corrected_since": lambda s, a, b: review_shown.corrected_since(
        s, actor=a, meeting=meeting_of(b), today=TODAY
    ),
    "review_shown.meeting_figures": lambda s, a, b: review_shown.meeting_figures(
        s, actor=a, meeting=meeting_of(b), today=TODAY
    ),
    "reviews.figures_shown": lambda s, a, b: reviews.figures_shown(s, actor=a, meeting_id=MEETINGS.get(b, NOBODYS)),
    "reviews.find_meeting": lambda s, a, b: reviews.find_meeting(s, actor=a, scope=team_of(b), week_start=WEEK),
    "reviews.require_meeting_scope": lambda s, a, b: reviews.require_meeting_scope(s, actor=a, scope=team_of(b)),
}

BRANCH_CHANGES = {
    "decision_changes.change_decision": lambda s, a, b, w: decision_changes.change_decision(
        s,
        actor=a,
        decision_id=w.decisions.get(b, NOBODYS),
        owner="x",
        due_on=TODAY,
        shown_version=1,
        today=TODAY,
        key="k",
    ),
    "decision_changes.decide": lambda s, a, b, w: decision_changes.decide(
        s, actor=a, meeting_id=w.meetings.get(b, NOBODYS), entry=entry(b), today=TODAY, key="k"
    ),
    "decision_changes.settle": lambda s, a, b, w: decision_changes.settle(
        s,
        actor=a,
        decision_id=w.decisions.get(b, NOBODYS),
        is_done=True,
        outcome="x",
        shown_version=1,
        today=TODAY,
        key="k",
    ),
    "review_changes.begin_meeting": lambda s, a, b, w: review_changes.begin_meeting(
        s,
        actor=a,
        figures=figures(team_of(b), WEEK),
        figures_version=1,
        agenda=Agenda(),
        present=[],
        guests=[],
        now=NOW,
        key="k",
    ),
    "review_changes.bring_up_to_date": lambda s, a, b, w: review_changes.bring_up_to_date(
        s,
        actor=a,
        meeting_id=w.meetings.get(b, NOBODYS),
        figures=figures(team_of(b), WEEK),
        figures_version=1,
        shown_version=1,
        key="k",
    ),
    "review_changes.change_agenda": lambda s, a, b, w: review_changes.change_agenda(
        s, actor=a, meeting_id=w.meetings.get(b, NOBODYS), agenda=Agenda(), shown_version=1, key="k"
    ),
    "review_changes.close_meeting": lambda s, a, b, w: review_changes.close_meeting(
        s,
        actor=a,
        meeting_id=w.meetings.get(b, NOBODYS),
        figures=figures(team_of(b), WEEK),
        present=[],
        guests=[],
        shown_version=1,
        now=NOW,
        key="k",
    ),
    "review_changes.keep_up_with_decisions": lambda s, a, b, w: review_changes.keep_up_with_decisions(
        s, actor=a, meeting_id=w.meetings.get(b, NOBODYS)
    ),
    "review_changes.join_meeting": lambda s, a, b, w: review_changes.join_meeting(
        s, actor=a, meeting_id=w.meetings.get(b, NOBODYS), key="k"
    ),
    "review_changes.take_back_meeting": lambda s, a, b, w: review_changes.take_back_meeting(
        s, actor=a, meeting_id=w.meetings.get(b, NOBODYS), shown_version=1, key="k"
    ),
    "review_changes.open_meeting": lambda s, a, b, w: review_changes.open_meeting(
        s, actor=a, meeting_id=w.meetings.get(b, NOBODYS)
    ),
}

OF_THE_ACTOR_ALONE = {"coaching_changes.add_decided": "part of a change that was checked before"}

WITHOUT_ACTOR = {
    "review_changes.keep_up": "part of a write, gives nothing back",
    "reviews.present_at": "of reviews its caller has bounded",
}
