"""The playbook as it runs: shipped actions with the dated changes administrators stored over them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.coaching.compliance import forbidden_problems
from core.coaching.playbook import (
    CHANGEABLE,
    CHANGEABLE_STEPS,
    CHANGEABLE_TEXTS,
    Action,
    PlaybookChange,
    find_action,
    playbook_on,
    shipped_playbook,
)
from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor, UserRole
from db.access import NotAllowedError, require_role
from db.changes import check_version, first_result, keep_result, lock_name, record_audit, utc_now
from db.models import PlaybookChangeRow

MOST_TEXT = 300
MOST_STEPS = 8


def playbook_changes(session: Session) -> tuple[PlaybookChange, ...]:
    """Return all stored changes by action and day; the playbook is the same for everybody."""
    order = (PlaybookChangeRow.action_key, PlaybookChangeRow.valid_from)
    rows = session.scalars(select(PlaybookChangeRow).order_by(*order))
    return tuple(PlaybookChange(row.action_key, row.valid_from, row.changes, row.source, row.version) for row in rows)


def playbook(session: Session, *, as_of: date) -> tuple[Action, ...]:
    """Return the playbook as it runs on a day, switched-off actions included and marked."""
    return playbook_on(playbook_changes(session), as_of=as_of)


def record_playbook_change(
    session: Session,
    *,
    actor: Actor,
    action_key: str,
    valid_from: date,
    changes: Mapping[str, Any],
    source: str,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Store a dated change to an action: other words, another pause, or switched off and on.

    `changes` holds what differs, fields of `CHANGEABLE`. A second change of one action for one
    day is laid over the first. `shown_version` is that of the action as it was shown.

    Raises:
        ChangedByOtherError: somebody stored a change of the action since it was shown.
        NotAllowedError: not an administrator, no such action, or a field that stays as shipped.
        RefusedError: the day is over, a text is empty, too long or forbidden, no source is named.
    """
    require_role(actor, UserRole.ADMIN)
    if first_result(session, key=key, actor=actor) is not None:
        return
    if action_key not in {one.key for one in shipped_playbook()} or not changes or set(changes) - set(CHANGEABLE):
        raise NotAllowedError(f"no change of {sorted(changes)} at {action_key!r}; may change: {', '.join(CHANGEABLE)}")
    problems = [*_problems(changes), *text_problems("source", source, most=200, needed=True)]
    if valid_from < today:
        problems.append(Problem(ProblemKey.DUE_IN_PAST, "valid_from", {"day": valid_from, "today": today}))
    if problems:
        raise RefusedError(problems)
    of = PlaybookChangeRow
    lock_name(session, f"playbook {action_key}")
    known = session.scalars(select(of).where(of.action_key == action_key).order_by(of.valid_from).with_for_update())
    rows = {row.valid_from: row for row in known}
    check_version(
        session,
        shown=shown_version,
        stored=sum(row.version for row in rows.values()),
        current=_present(session, action_key, valid_from),
        subject="playbook",
        subject_ids=[f"{action_key} {day}" for day in rows],
    )
    row = rows.get(valid_from)
    before = dict(row.changes) if row else None
    if row is None:
        row = PlaybookChangeRow(action_key=action_key, valid_from=valid_from, changes={}, version=0)
        session.add(row)
    row.version += 1
    row.changes = {**row.changes, **{name: _plain(value) for name, value in changes.items()}}
    row.source = source.strip()
    row.changed_at = utc_now()
    row.changed_by = actor.user_id or None
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="change",
        subject="playbook",
        subject_id=f"{action_key} {valid_from}",
        before=before,
        after={**row.changes, "source": row.source},
    )
    keep_result(session, key=key, actor=actor, result={"id": row.id})


def _present(session: Session, action_key: str, as_of: date) -> dict[str, Any]:
    """Return what a change may touch of an action as it runs on a day."""
    action = find_action(playbook(session, as_of=as_of), action_key)
    return {name: getattr(action, name) for name in CHANGEABLE}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _problems(changes: Mapping[str, Any]) -> list[Problem]:
    found: list[Problem] = []
    texts: list[str] = []
    for name in CHANGEABLE_TEXTS:
        if name in changes:
            found.extend(text_problems(name, changes[name], most=MOST_TEXT, needed=True))
            texts.append(changes[name])
    for name in CHANGEABLE_STEPS:
        if name in changes:
            steps = changes[name]
            found.extend([] if steps else [Problem(ProblemKey.EMPTY, name)])
            if len(steps) > MOST_STEPS:
                found.append(Problem(ProblemKey.TOO_LONG, name, {"most": MOST_STEPS, "length": len(steps)}))
            for step in steps:
                found.extend(text_problems(name, step, most=MOST_TEXT, needed=True))
            texts.extend(steps)
    if changes.get("pause_days") is not None and not 1 <= changes["pause_days"] <= 366:
        found.append(Problem(ProblemKey.PAUSE, "pause_days", {"days": changes["pause_days"]}))
    return [*found, *forbidden_problems(texts)]
