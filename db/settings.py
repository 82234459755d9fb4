"""Dated settings: the shipped ones and those an administrator stored. A row is never edited."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import Actor, UserRole
from core.settings import Setting, setting_kinds, setting_on, shipped_settings
from db.access import require_role
from db.changes import account_of, first_result, keep_result, record_audit, utc_now
from db.models import SettingRow


class RuleRefusedError(Exception):
    """A new rule row cannot be stored. `mistake` is the key of what is wrong."""

    def __init__(self, mistake: str) -> None:
        """Keep the key."""
        super().__init__(mistake)
        self.mistake = mistake


def settings(session: Session) -> list[Setting]:
    """Return shipped and stored settings, by key and day."""
    stored = [
        Setting(row.key, row.value, row.valid_from, row.source, row.source, is_stored=True)
        for row in session.scalars(select(SettingRow))
    ]
    return sorted([*shipped_settings(), *stored], key=lambda setting: (setting.key, setting.valid_from))


def setting_value(session: Session, *, key: str, day: date) -> str:
    """Return the value of a setting that holds on a day.

    Raises:
        LookupError: no such setting.
    """
    return setting_on(settings(session), key=key, day=day)


def add_setting(
    session: Session, *, actor: Actor, key: str, value: str, valid_from: date, source: str, today: date, write_key: str
) -> dict[str, Any]:
    """Store a new value of a setting from a day on, and return its id.

    Raises:
        NotAllowedError: the actor is no administrator.
        RuleRefusedError: `unknown_value`, `starts_in_the_past`, `source_missing`, `same_day_exists`.
    """
    require_role(actor, UserRole.ADMIN)
    before = first_result(session, key=write_key, actor=actor)
    if before is not None:
        return before
    kind = next((kind for kind in setting_kinds() if kind.key == key), None)
    if kind is None or value not in kind.accepted:
        raise RuleRefusedError("unknown_value")
    check_new_row(valid_from=valid_from, source=source, today=today)
    same_day = select(SettingRow.id).where(SettingRow.key == key, SettingRow.valid_from == valid_from)
    if session.scalar(same_day) is not None:
        raise RuleRefusedError("same_day_exists")
    row = SettingRow(
        key=key,
        value=value,
        valid_from=valid_from,
        source=source.strip(),
        changed_at=utc_now(),
        changed_by=account_of(actor),
    )
    session.add(row)
    session.flush()
    after = {"key": key, "value": value, "valid_from": valid_from, "source": source}
    record_audit(session, actor=actor, action="add", subject="setting", subject_id=row.id, after=after)
    return keep_result(session, key=write_key, actor=actor, result={"id": row.id})


def check_new_row(*, valid_from: date, source: str, today: date) -> None:
    """Refuse a rule row that would change the past or that nobody stands for.

    Raises:
        RuleRefusedError: `starts_in_the_past`, `source_missing`.
    """
    if valid_from < today:
        raise RuleRefusedError("starts_in_the_past")
    if not source.strip() or len(source) > 200:
        raise RuleRefusedError("source_missing")
