"""What people did in the sample city.

Actions taken on, finished, put aside; a few contacts logged by hand; stages confirmed and set by hand;
self-checks; customer events; branch surveys.
"""

from datetime import date, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.coaching.contacts import ContactEntry
from core.coaching.suggestion import Suggestion
from core.facts import COMMAND_LINE, Actor, BranchStatus, ContactMethod, StaffRole, Stage
from core.sample.plan import names
from core.today.lines import Thing
from db.action_changes import finish
from db.action_upkeep import close_expired
from db.branch_history import find_verdict
from db.coaching import proofs_of, suggestions_of
from db.coaching_changes import dismiss, take_on
from db.contacts import record_contacts
from db.models import BranchRow, TodayNewsRow
from db.sample_events import hold_events
from db.sample_notes import write_notes
from db.sample_self_checks import answer_self_checks
from db.sample_surveys import survey_branches
from db.snoozes import explain_contact, snooze_line
from db.stage_reviews import confirm_stage, override_stage
from db.today import today_lines
from db.today_news import note_news, record_visit

EVERY_SECOND = 2
"""Of the demo supervisor's branches, every second one was worked on."""
EVERY_NTH = 4
"""Of the branches of others, every fourth has an open action."""
DISMISSED = {0: "other", 2: "done_already", 4: "does_not_fit", 6: "done_already"}
"""Of those, some put the third suggestion aside, each for its reason."""
EARLIER_WEEKS = 14
"""The branches between had an action so many weeks ago or a little longer."""
NEVER_CLOSED = 3
"""The one of these that nobody closed, until it expired."""
EXPIRED_NTH = 5
"""Of the open actions of others, every fifth was left until it expired."""
NEW_SINCE = 3
"""Of what is new to the demo supervisor, so much came up since the last visit."""
CONFIRMED = 2
"""Of the demo supervisor's branches, the stage of so many is confirmed."""


def leave_traces(session: Session, *, supervisor: Actor, today: date) -> None:
    """Let the demo supervisor have worked for two weeks and a little before, and the others a little.

    Every action done points to a contact of its branch, as the rule asks: the one logged with it, or one the
    city's files hold for the days it was under way.
    """
    words = names()["traces"]
    outcomes, dismissals, next_steps = (cycle(words[key]) for key in ("outcomes", "dismissals", "next_steps"))
    branches = session.execute(
        select(BranchRow.id, BranchRow.supervisor)
        .where(BranchRow.status == BranchStatus.ACTIVE, BranchRow.supervisor.is_not(None))
        .order_by(BranchRow.branch_code)
    ).all()
    own = [branch_id for branch_id, owner in branches if owner == supervisor.username]
    for number, branch_id in enumerate(own[1::EVERY_SECOND]):
        _do_earlier(session, supervisor, branch_id, next(outcomes), number=number, today=today)
    for number, branch_id in enumerate(own[::EVERY_SECOND]):
        found = suggestions_of(session, actor=supervisor, branch_id=branch_id, as_of=today)
        entry = ContactEntry(
            contact_on=today - timedelta(days=number % 3),
            method=ContactMethod.PHONE if number % 2 else ContactMethod.VISIT,
            roles=(StaffRole.BRANCH_HEAD,),
            minutes=10 + 5 * (number % 5),
            topic="fee_income_goal",
            next_step=next(next_steps),
        )
        key = f"sample-contact-{branch_id}"
        record_contacts(
            session, actor=supervisor, branch_id=branch_id, entry=entry, today=today, key=key, is_another=True
        )
        for place, suggestion in enumerate(found[:3]):
            key = f"sample-{branch_id}-{place}"
            if place == 0 or (place == 1 and number % 2):
                decided, due = today - timedelta(days=9 - place), today + timedelta(days=number % 7 * 4 - 4)
                _take(session, supervisor, branch_id, suggestion, decided_on=decided, due_on=due, key=key)
            elif place == 1:
                decided = today - timedelta(days=12)
                taken = _take(session, supervisor, branch_id, suggestion, decided_on=decided, due_on=today, key=key)
                _finish(session, supervisor, branch_id, taken, next(outcomes), since=entry.contact_on, on=today)
            elif number in DISMISSED:
                dismiss(
                    session,
                    actor=supervisor,
                    branch_id=branch_id,
                    action_key=suggestion.action.key,
                    reason_key=suggestion.reason_key,
                    facts=suggestion.facts,
                    dismissal=DISMISSED[number],
                    reason=next(dismissals),
                    today=today - timedelta(days=3),
                    key=key,
                    shown_version=0,
                )
    others = [(branch_id, owner) for branch_id, owner in branches if owner != supervisor.username]
    for number, (branch_id, owner) in enumerate(others[::EVERY_NTH]):
        decided, due = today - timedelta(days=number % 13), today + timedelta(days=number % 17 - 2)
        if number % EXPIRED_NTH == 0:  # taken on long ago, and nobody closed it
            decided, due = today - timedelta(days=60), today - timedelta(days=40 + number % 5)
        for suggestion in suggestions_of(session, actor=COMMAND_LINE, branch_id=branch_id, as_of=today)[:1]:
            key = f"sample-{branch_id}"
            _take(session, COMMAND_LINE, branch_id, suggestion, decided_on=decided, due_on=due, key=key, owner=owner)
    close_expired(session, today=today)
    _review_stages(session, supervisor, own, words["overrides"], today=today)
    write_notes(session, supervisor=supervisor, branch_ids=own, today=today)
    answer_self_checks(session, supervisor=supervisor, branch_ids=own, today=today)
    survey_branches(session, supervisor=supervisor, branch_ids=own, today=today)
    hold_events(session, supervisor=supervisor, branch_ids=own, today=today)
    _lay_aside(session, supervisor, words, today=today)


def _lay_aside(session: Session, supervisor: Actor, words: dict[str, Any], *, today: date) -> None:
    """Let the demo supervisor have opened Today a week ago, noted, laid aside and explained some lines."""
    before = today - timedelta(days=7)
    record_visit(session, actor=supervisor, today=before)
    session.flush()
    seen = session.scalars(select(TodayNewsRow).order_by(TodayNewsRow.id)).all()
    for row in seen[-NEW_SINCE:]:
        session.delete(row)
    session.flush()
    for row in seen[:1]:
        thing, subject = Thing(row.thing), row.subject
        note, key = words["noted"], "sample-note"
        note_news(
            session,
            actor=supervisor,
            branch_id=row.branch_id,
            thing=thing,
            subject=subject,
            note=note,
            today=before,
            key=key,
        )
    lines = [line for line in today_lines(session, actor=supervisor, today=today).lines if line.thing is Thing.CONTACT]
    for number, (line, reason) in enumerate(zip(lines[1:], words["rests"], strict=False)):
        snooze_line(
            session,
            actor=supervisor,
            line=line,
            until_on=today + timedelta(days=3 + 4 * number),
            reason=reason,
            today=today - timedelta(days=1),
            key=f"sample-rest-{number}",
        )
    for line in lines[:1]:
        explain_contact(
            session,
            actor=supervisor,
            line=line,
            reason=words["explained"],
            today=today - timedelta(days=1),
            key="sample-explained",
        )


def _do_earlier(session: Session, actor: Actor, branch_id: int, outcome: str, *, number: int, today: date) -> None:
    """Let an action have been taken on some months ago and done two weeks later."""
    decided = today - timedelta(weeks=EARLIER_WEEKS + number % 5)
    if number == NEVER_CLOSED:
        decided = today - timedelta(days=60)
    done = decided + timedelta(days=14)
    if not proofs_of(session, actor=actor, branch_id=branch_id, since=decided, until=done):
        return
    for suggestion in suggestions_of(session, actor=actor, branch_id=branch_id, as_of=decided)[:1]:
        key = f"sample-earlier-{branch_id}"
        taken = _take(session, actor, branch_id, suggestion, decided_on=decided, due_on=done, key=key)
        if number == NEVER_CLOSED:
            return
        _finish(session, actor, branch_id, taken, outcome, since=decided, on=done)


def _review_stages(
    session: Session, supervisor: Actor, own: list[int], overrides: list[dict[str, Any]], *, today: date
) -> None:
    """Let the demo supervisor have set stages by hand, one of them over by now, and have confirmed two others."""
    free = list(own)
    for row in overrides:
        on = today - timedelta(days=row["days_ago"])
        verdicts = ((each, find_verdict(session, actor=supervisor, branch_id=each, as_of=on)) for each in free)
        branch_id = next((each for each, verdict in verdicts if verdict and verdict.stage == row["computed"]), None)
        if branch_id is None:
            continue
        free.remove(branch_id)
        override_stage(
            session,
            actor=supervisor,
            branch_id=branch_id,
            stage=Stage(row["stage"]),
            reason=row["reason"],
            end_on=on + timedelta(weeks=row["weeks"]),
            shown_stage=Stage(row["computed"]),
            shown_version=0,
            today=on,
            key=f"sample-override-{branch_id}",
        )
    for branch_id in free[:CONFIRMED]:
        verdict = find_verdict(session, actor=supervisor, branch_id=branch_id, as_of=today)
        if verdict:
            confirm_stage(
                session,
                actor=supervisor,
                branch_id=branch_id,
                shown_stage=verdict.stage,
                shown_version=0,
                today=today,
                key=f"sample-confirm-{branch_id}",
            )


def _take(
    session: Session,
    actor: Actor,
    branch_id: int,
    suggestion: Suggestion,
    *,
    decided_on: date,
    due_on: date,
    key: str,
    owner: str | None = None,
) -> int:
    """Take a suggestion on and return the key of the action."""
    taken = take_on(
        session,
        actor=actor,
        branch_id=branch_id,
        action_key=suggestion.action.key,
        reason_key=suggestion.reason_key,
        facts=suggestion.facts,
        owner=owner or actor.username,
        due_on=max(due_on, decided_on),
        today=decided_on,
        key=key,
    )
    return taken.suggestion_id


def _finish(
    session: Session, actor: Actor, branch_id: int, suggestion_id: int, outcome: str, *, since: date, on: date
) -> None:
    """Close an action with the latest contact of the branch between the two days as its proof."""
    proof = proofs_of(session, actor=actor, branch_id=branch_id, since=since, until=on)[0]
    finish(
        session,
        actor=actor,
        suggestion_id=suggestion_id,
        shown_version=1,
        outcome=outcome,
        measure_met=True,
        proof_contact_id=proof.contact_id,
        today=on,
        key=f"sample-done-{suggestion_id}",
    )
