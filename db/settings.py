"""Dated settings: the shipped ones and those an administrator stored. A row in force is never edited."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import Actor, UserRole
from core.settings import Setting, setting_kinds, setting_on, shipped_settings
from db.access import require_role
from db.dated_rules import RuleRefusedError, put_rule
from db.models import SettingRow


def settings(session: Session) -> list[Setting]:
    """Return shipped and stored settings, by key and day."""
    stored = [
        Setting(row.key, row.value, row.valid_from, row.source, row.source, is_stored=True, version=row.version)
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
    session: Session,
    *,
    actor: Actor,
    key: str,
    value: str,
    valid_from: date,
    source: str,
    today: date,
    write_key: str,
    shown_version: int = 0,
) -> dict[str, Any]:
    """Store a value of a setting from a day on, or replace one of that day that is still to come; return its id.

    Raises:
        NotAllowedError, ChangedByOtherError, RuleRefusedError, RefusedError: as `db.dated_rules.put_rule`.
        RuleRefusedError: `unknown_value`.
    """
    require_role(actor, UserRole.ADMIN)
    kind = next((kind for kind in setting_kinds() if kind.key == key), None)
    if kind is None or value not in kind.accepted:
        raise RuleRefusedError("unknown_value")
    return put_rule(
        session,
        actor=actor,
        row=SettingRow(key=key, value=value, valid_from=valid_from, source=source),
        subject="setting",
        same=("key",),
        told=("key", "value", "valid_from", "source"),
        held={"value": setting_value(session, key=key, day=valid_from)},
        shown_version=shown_version,
        today=today,
        key=write_key,
    )
