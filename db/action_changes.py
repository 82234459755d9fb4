"""What becomes of an open action: another owner or due date, done with its proof, dismissed with a reason."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.coaching.actions import assignment_problems, expiry_of, is_expired
from core.coaching.dismissals import MOST_TEXT, OTHER, dismissal_problems
from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor, SuggestionState
from db.access import NotAllowedError, require_role, scoped
from db.changes import account_of, check_version, first_result, keep_result, record_audit, utc_now
from db.coaching import OPEN, action_of, owners_of
from db.contacts import FIELD_ROLES
from db.models import ContactRow, SuggestionRow
from db.owed import is_real

NOT_SAID = ("decided_on", "decided_at", "decided_by")
"""Who and when stand in every row of the audit trail anyway."""


def change_action(
    session: Session,
    *,
    actor: Actor,
    suggestion_id: int,
    shown_version: int,
    owner: str,
    due_on: date,
    today: date,
    key: str,
) -> None:
    """Give an open action another owner or due date; its last day moves with the due date.

    Raises:
        NotAllowedError: no such action in the actor's branches, or a branch head.
        RefusedError: the due date is over, the owner does not look after the branch, or it is not open any more.
        ChangedByOtherError: somebody changed or closed it since it was shown.
    """
    row = _row_to_change(session, actor=actor, suggestion_id=suggestion_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    problems = assignment_problems(
        owners_of(session, actor=actor, branch_id=row.branch_id), owner=owner, due_on=due_on, today=today
    )
    if due_on == row.due_on:  # whatever its date, an action may change hands without a new one
        problems = [one for one in problems if one.place != "due_on"]
    _change(
        session,
        row,
        actor=actor,
        action="change",
        shown_version=shown_version,
        today=today,
        key=key,
        problems=problems,
        values={"owner": owner, "due_on": due_on, "expires_on": expiry_of(due_on) if row.expires_on else None},
    )


def finish(
    session: Session,
    *,
    actor: Actor,
    suggestion_id: int,
    shown_version: int,
    outcome: str,
    measure_met: bool | None,
    proof_contact_id: int | None,
    today: date,
    key: str,
) -> None:
    """Close an open action as done, with what came of it and the contact that shows it.

    `measure_met` None = too early to say. The contact is one with the branch, from the day the action was taken
    on; none is needed for the insurer's own paperwork.

    Raises:
        NotAllowedError: no such action in the actor's branches, or a branch head.
        RefusedError: no outcome, or one that may not be stored; no contact, or not one of those; not open any more.
        ChangedByOtherError: somebody changed or closed it since it was shown.
    """
    row = _row_to_change(session, actor=actor, suggestion_id=suggestion_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    _change(
        session,
        row,
        actor=actor,
        action="finish",
        shown_version=shown_version,
        today=today,
        key=key,
        problems=[
            *text_problems("outcome", outcome, most=MOST_TEXT, needed=True),
            *_proof_problems(session, row, actor=actor, contact_id=proof_contact_id, today=today),
        ],
        values={
            "state": SuggestionState.DONE,
            "outcome": outcome.strip(),
            "measure_met": measure_met,
            "proof_contact_id": proof_contact_id,
            **_decided_now(actor, today),
        },
    )


def _proof_problems(
    session: Session, row: SuggestionRow, *, actor: Actor, contact_id: int | None, today: date
) -> list[Problem]:
    if contact_id is None:
        needs = action_of(session, action_key=row.action_key, as_of=today).needs_proof
        return [Problem(ProblemKey.NO_PROOF, "proof")] if needs else []
    since = row.taken_on or date.min
    query = select(ContactRow.id).where(
        ContactRow.id == contact_id,
        ContactRow.branch_id == row.branch_id,
        ContactRow.contact_on >= since,
        ContactRow.contact_on <= today,
        is_real(),
    )
    held = scoped(query, actor, ContactRow.branch_id).with_for_update(read=True, key_share=True, of=ContactRow)
    if session.scalar(held) is None:  # held, as a colleague may be about to correct or withdraw it
        return [Problem(ProblemKey.PROOF, "proof", {"since": since, "today": today})]
    return []


def drop(
    session: Session,
    *,
    actor: Actor,
    suggestion_id: int,
    shown_version: int,
    dismissal: str = OTHER,
    reason: str,
    today: date,
    key: str,
) -> None:
    """Dismiss an open action with a reason, chosen and in words as for `dismiss`.

    Raises:
        NotAllowedError: no such action in the actor's branches, or a branch head.
        RefusedError: no reason, or one that may not be stored; not open any more.
        ChangedByOtherError: somebody changed or closed it since it was shown.
    """
    row = _row_to_change(session, actor=actor, suggestion_id=suggestion_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    _change(
        session,
        row,
        actor=actor,
        action="drop",
        shown_version=shown_version,
        today=today,
        key=key,
        problems=dismissal_problems(dismissal, reason),
        values={
            "state": SuggestionState.DISMISSED,
            "dismissal": dismissal,
            "dismissed_reason": reason.strip() or None,
            **_decided_now(actor, today),
        },
    )


def _row_to_change(session: Session, *, actor: Actor, suggestion_id: int) -> SuggestionRow:
    require_role(actor, *FIELD_ROLES)
    query = select(SuggestionRow).where(SuggestionRow.id == suggestion_id)
    row = session.scalar(scoped(query, actor, SuggestionRow.branch_id).with_for_update(key_share=True))
    if row is None:
        raise NotAllowedError("not one of your branches")
    return row


def _decided_now(actor: Actor, today: date) -> dict[str, Any]:
    return {"decided_on": today, "decided_at": utc_now(), "decided_by": account_of(actor)}


def _change(
    session: Session,
    row: SuggestionRow,
    *,
    actor: Actor,
    action: str,
    shown_version: int,
    today: date,
    key: str,
    problems: list[Problem],
    values: dict[str, Any],
) -> None:
    before = {"state": row.state, "owner": row.owner, "due_on": row.due_on, "outcome": row.outcome}
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="suggestion",
        subject_ids=[row.id],
    )
    state = SuggestionState(row.state)
    if is_expired(state, row.expires_on, today=today):
        problems = [Problem(ProblemKey.EXPIRED, "action", {"day": row.expires_on})]
    elif state is not OPEN:
        problems = [Problem(ProblemKey.NOT_OPEN, "action"), *problems]
    if problems:
        raise RefusedError(problems)
    said = {name: value for name, value in values.items() if name not in NOT_SAID}
    before |= {name: getattr(row, name) for name in said}
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action=action,
        subject="suggestion",
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after=said,
    )
    keep_result(session, key=key, actor=actor, result={"suggestion_id": row.id})
