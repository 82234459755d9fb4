"""Decided actions in words, one row each: for the lists of screens and for their files."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from core.coaching.action_words import action_words
from core.coaching.actions import BranchAction, Proof
from core.coaching.dismissals import dismissal_word
from core.coaching.playbook import Action, titles_of
from core.coaching.reason_words import reason_sentence
from core.facts import ContactMethod, StaffRole, SuggestionState
from core.language import Language, bracketed, text
from core.language.days import day_word
from core.language.labels import label


def actions_table(
    actions: Sequence[BranchAction], *, language: Language, today: date, playbook: Sequence[Action]
) -> pa.Table:
    """Return actions in words, in their order.

    Columns, texts where nothing is said: branch_name, action, state ("overdue" or a SuggestionState), owner, taken_on,
    due_on, expires_on, decided_on (days), result, measure ("met", "missed", null), proof, why, seen_count (whole
    number), driver, step, branch_code.
    """
    titles, of = titles_of(language, playbook), in_playbook(actions, playbook)
    named = [action_words(language, one.action_key, one.facts, titles) for one in actions]
    return pa.table(
        {
            "branch_name": pa.array([one.branch_name for one in actions], pa.string()),
            "action": pa.array(named, pa.string()),
            "state": pa.array(
                ["overdue" if one.is_overdue(today) else one.state.value for one in actions], pa.string()
            ),
            "owner": pa.array([one.owner_name or one.owner for one in actions], pa.string()),
            "taken_on": pa.array([one.taken_on for one in actions], pa.date32()),
            "due_on": pa.array([one.due_on for one in actions], pa.date32()),
            "expires_on": pa.array([one.expires_on for one in actions], pa.date32()),
            "decided_on": pa.array([one.decided_on for one in actions], pa.date32()),
            "result": pa.array([_result(language, one) for one in actions], pa.string()),
            "measure": pa.array([_measure(one) for one in actions], pa.string()),
            "proof": pa.array(
                [proof_words(language, one.proof) if one.proof else None for one in actions], pa.string()
            ),
            "why": pa.array([_why(language, one) for one in actions], pa.string()),
            "seen_count": pa.array([one.seen_count for one in actions], pa.int64()),
            "driver": pa.array([_driver(one) for one in of], pa.string()),
            "step": pa.array([one.step.value if one else None for one in of], pa.string()),
            "branch_code": pa.array([one.branch_code for one in actions], pa.string()),
        }
    )


def in_playbook(actions: Sequence[BranchAction], playbook: Sequence[Action]) -> list[Action | None]:
    """Return what the playbook has about each action, None for one it does not hold any more."""
    of = {one.key: one for one in playbook}
    return [of.get(one.action_key) for one in actions]


def _why(language: Language, action: BranchAction) -> str | None:
    try:
        return reason_sentence(language, action.reason_key, action.facts)
    except (KeyError, ValueError):  # stored without the numbers of its sentence, or by a newer version
        return None


def _driver(action: Action | None) -> str | None:
    return action.driver.value if action else None


def _result(language: Language, action: BranchAction) -> str | None:
    if action.ended_with_branch:
        return text(language, "The branch was closed")
    if action.state is not SuggestionState.DISMISSED or action.dismissal is None:
        return action.outcome or action.dismissed_reason
    chosen = dismissal_word(language, action.dismissal)
    return f"{chosen} · {action.dismissed_reason}" if action.dismissed_reason else chosen


def _measure(action: BranchAction) -> str | None:
    return None if action.measure_met is None else ("met" if action.measure_met else "missed")


def proof_words(language: Language, proof: Proof) -> str:
    """Return a contact on one line: day, how, with whom."""
    role = label(language, StaffRole(proof.role))
    whom = proof.staff_name + bracketed(language, role) if proof.staff_name else role
    return " · ".join([day_word(language, proof.contact_on), label(language, ContactMethod(proof.method)), whom])
