"""Coaching: what fits a branch, open actions, the playbook and its changes."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from core.coaching.action_table import actions_table
from core.coaching.actions import BranchAction, Owner, Proof
from core.coaching.dismissals import DismissalCount
from core.coaching.effect import ActionEffect
from core.coaching.playbook import Action
from core.coaching.suggestion import Suggestion
from core.language import Language
from db import action_changes as changes
from db import coaching as rows
from db import coaching_changes as decisions
from db import playbook as playbook_rows
from db.coaching_changes import TakenOn
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
        return rows.actions_of(session, actor=ask.actor, branch_id=branch_id, today=ask.today)


@cached
def branch_actions_told(ask: Ask, branch_id: int, language: Language) -> pa.Table:
    """Return the same in words, as `core.coaching.action_table.actions_table`."""
    return actions_table(branch_actions(ask, branch_id), language=language, today=ask.today, playbook=playbook(ask))


@cached
def open_actions(ask: Ask) -> tuple[BranchAction, ...]:
    """Return the open actions of all branches in scope, by due date."""
    with reading(ask.store_url) as session:
        return rows.open_actions(session, actor=ask.actor, today=ask.today)


@cached
def open_actions_told(ask: Ask, language: Language) -> pa.Table:
    """Return the same in words, as `core.coaching.action_table.actions_table`."""
    return actions_table(open_actions(ask), language=language, today=ask.today, playbook=playbook(ask))


@cached
def lately_closed(ask: Ask) -> tuple[BranchAction, ...]:
    """Return the actions done, dismissed or expired in the last four weeks, latest first."""
    with reading(ask.store_url) as session:
        since = ask.today - timedelta(days=CLOSED_SINCE_DAYS)
        return rows.closed_actions(session, actor=ask.actor, since=since, today=ask.today)


def owners(ask: Ask, branch_id: int) -> tuple[Owner, ...]:
    """Return who may own an action of a branch; asked anew, as it depends on who asks."""
    with reading(ask.store_url) as session:
        return rows.owners_of(session, actor=ask.actor, branch_id=branch_id)


@cached
def _contacts_since(ask: Ask, branch_id: int, since: date) -> tuple[Proof, ...]:
    with reading(ask.store_url) as session:
        return rows.proofs_of(session, actor=ask.actor, branch_id=branch_id, since=since, until=ask.today)


def proofs(ask: Ask, action: BranchAction) -> tuple[Proof, ...]:
    """Return the contacts that can show an open action was done, latest first."""
    return _contacts_since(ask, action.branch_id, action.taken_on or ask.today)


@cached
def dismissal_counts(ask: Ask, branch_id: int | None = None) -> tuple[DismissalCount, ...]:
    """Return how often each action was dismissed and why, over the scope or at one branch."""
    with reading(ask.store_url) as session:
        return rows.dismissal_counts(session, actor=ask.actor, today=ask.today, branch_id=branch_id)


@cached
def effects(ask: Ask) -> tuple[ActionEffect, ...]:
    """Return what became of branches after each action, by action and stage."""
    from db.coaching_effect import action_effects  # asked on demand

    with reading(ask.store_url) as session:
        return action_effects(session, actor=ask.actor, today=ask.today)


@cached
def has_enough_cases(ask: Ask) -> frozenset[str]:
    """Return the actions done so often that something may be said about them; cheap."""
    from db.coaching_effect import actions_done_often

    with reading(ask.store_url) as session:
        return actions_done_often(session, actor=ask.actor, today=ask.today)


def last_decided(ask: Ask, branch_id: int, action_key: str) -> int:
    """Return the number of the last time an action was decided about at a branch, 0 = never."""
    found = (one.suggestion_id for one in branch_actions(ask, branch_id) if one.action_key == action_key)
    return max(found, default=0)


def take_on(
    ask: Ask, branch_id: int, suggestion: Suggestion, *, owner: str, due_on: date, shown_version: int, key: str
) -> TakenOn:
    """Make a suggestion an open action; refusals as `db.coaching_changes.take_on`."""
    with writing(ask.store_url) as session:
        return decisions.take_on(
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
            shown_version=shown_version,
        )


def dismiss(
    ask: Ask, branch_id: int, suggestion: Suggestion, *, dismissal: str, reason: str, shown_version: int, key: str
) -> bool:
    """Put a suggestion aside; refusals as `db.coaching_changes.dismiss`."""
    with writing(ask.store_url) as session:
        decisions.dismiss(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            action_key=suggestion.action.key,
            reason_key=suggestion.reason_key,
            facts=suggestion.facts,
            dismissal=dismissal,
            reason=reason,
            today=ask.today,
            key=key,
            shown_version=shown_version,
        )
    return True


def change_action(ask: Ask, action: BranchAction, *, owner: str, due_on: date, key: str) -> bool:
    """Give an open action another owner or due date; refusals as `db.action_changes.change_action`."""
    with writing(ask.store_url) as session:
        changes.change_action(
            session,
            actor=ask.actor,
            suggestion_id=action.suggestion_id,
            shown_version=action.version,
            owner=owner,
            due_on=due_on,
            today=ask.today,
            key=key,
        )
    return True


def finish(
    ask: Ask, action: BranchAction, *, outcome: str, measure_met: bool | None, proof_contact_id: int | None, key: str
) -> bool:
    """Close an open action as done; refusals as `db.action_changes.finish`."""
    with writing(ask.store_url) as session:
        changes.finish(
            session,
            actor=ask.actor,
            suggestion_id=action.suggestion_id,
            shown_version=action.version,
            outcome=outcome,
            measure_met=measure_met,
            proof_contact_id=proof_contact_id,
            today=ask.today,
            key=key,
        )
    return True


def drop(ask: Ask, action: BranchAction, *, dismissal: str, reason: str, key: str) -> bool:
    """Dismiss an open action; refusals as `db.action_changes.drop`."""
    with writing(ask.store_url) as session:
        changes.drop(
            session,
            actor=ask.actor,
            suggestion_id=action.suggestion_id,
            shown_version=action.version,
            dismissal=dismissal,
            reason=reason,
            today=ask.today,
            key=key,
        )
    return True


def change_playbook(
    ask: Ask,
    action_key: str,
    *,
    valid_from: date,
    changes: Mapping[str, Any],
    source: str,
    shown_version: int,
    key: str,
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
            shown_version=shown_version,
            today=ask.today,
            key=key,
        )
    return True
