"""Coaching: what fits a branch, open actions, the playbook and its changes."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from core.coaching.actions import BranchAction, Owner
from core.coaching.playbook import Action
from core.coaching.suggestion import Suggestion
from db import coaching as rows
from db import playbook as playbook_rows
from db.engine import reading, writing
from pages.parts.store.base import Ask, cached

CLOSED_SINCE_DAYS = 28


@cached
def playbook(ask: Ask) -> tuple[Action, ...]:
    """Return the playbook as it runs today."""
    with reading(ask.store_url) as session:
        return playbook_rows.playbook(session, as_of=ask.today)


@cached
def suggestions(ask: Ask, branch_id: int) -> tuple[Suggestion, ...]:
    """Return what fits a branch now, strongest reason first."""
    with reading(ask.store_url) as session:
        return rows.suggestions_of(session, actor=ask.actor, branch_id=branch_id, as_of=ask.today)


@cached
def branch_actions(ask: Ask, branch_id: int) -> tuple[BranchAction, ...]:
    """Return the decided actions of a branch, open ones first."""
    with reading(ask.store_url) as session:
        return rows.actions_of(session, actor=ask.actor, branch_id=branch_id)


@cached
def open_actions(ask: Ask) -> tuple[BranchAction, ...]:
    """Return the open actions of all branches in scope, by due date."""
    with reading(ask.store_url) as session:
        return rows.open_actions(session, actor=ask.actor)


@cached
def lately_closed(ask: Ask) -> tuple[BranchAction, ...]:
    """Return the actions closed in the last four weeks, latest first."""
    with reading(ask.store_url) as session:
        return rows.closed_actions(session, actor=ask.actor, since=ask.today - timedelta(days=CLOSED_SINCE_DAYS))


def owners(ask: Ask, branch_id: int) -> tuple[Owner, ...]:
    """Return who may own an action of a branch; asked anew, as it depends on who asks."""
    with reading(ask.store_url) as session:
        return rows.owners_of(session, actor=ask.actor, branch_id=branch_id)


def take_on(ask: Ask, branch_id: int, suggestion: Suggestion, *, owner: str, due_on: date, key: str) -> bool:
    """Make a suggestion an open action; refusals as `db.coaching.take_on`."""
    with writing(ask.store_url) as session:
        rows.take_on(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            action_key=suggestion.action.key,
            reason_key=suggestion.reason_key,
            facts=suggestion.facts,
            owner=owner,
            due_on=due_on,
            today=ask.today,
            key=key,
        )
    return True


def dismiss(ask: Ask, branch_id: int, suggestion: Suggestion, *, reason: str, key: str) -> bool:
    """Put a suggestion aside; refusals as `db.coaching.dismiss`."""
    with writing(ask.store_url) as session:
        rows.dismiss(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            action_key=suggestion.action.key,
            reason_key=suggestion.reason_key,
            facts=suggestion.facts,
            reason=reason,
            today=ask.today,
            key=key,
        )
    return True


def finish(ask: Ask, action: BranchAction, *, outcome: str, measure_met: bool | None, key: str) -> bool:
    """Close an action as done; refusals as `db.coaching.finish`."""
    with writing(ask.store_url) as session:
        rows.finish(
            session,
            actor=ask.actor,
            suggestion_id=action.suggestion_id,
            shown_version=action.version,
            outcome=outcome,
            measure_met=measure_met,
            today=ask.today,
            key=key,
        )
    return True


def drop(ask: Ask, action: BranchAction, *, reason: str, key: str) -> bool:
    """Dismiss an open action; refusals as `db.coaching.drop`."""
    with writing(ask.store_url) as session:
        rows.drop(
            session,
            actor=ask.actor,
            suggestion_id=action.suggestion_id,
            shown_version=action.version,
            reason=reason,
            today=ask.today,
            key=key,
        )
    return True


def change_playbook(
    ask: Ask, action_key: str, *, valid_from: date, changes: Mapping[str, Any], source: str, key: str
) -> bool:
    """Store a dated change to an action; refusals as `db.playbook.record_playbook_change`."""
    with writing(ask.store_url) as session:
        playbook_rows.record_playbook_change(
            session,
            actor=ask.actor,
            action_key=action_key,
            valid_from=valid_from,
            changes=changes,
            source=source,
            today=ask.today,
            key=key,
        )
    return True
