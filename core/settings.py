"""Dated settings: which value of each holds on a day.

Shipped defaults are rows of `settings.csv`; stored rows win over them, the later over the earlier.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.language import Language

SETTINGS_FILE = Path(__file__).with_name("settings.csv")
CADENCE_SCOPE = "cadence_scope"
ACTIVE_MIN_POLICIES = "active_min_policies"


@dataclass(frozen=True)
class Setting:
    """One value of a setting from a day on."""

    key: str
    value: str
    valid_from: date
    source_en: str
    source_zh: str
    is_stored: bool = False
    version: int = 0

    def source(self, language: Language) -> str:
        """Return where the value comes from."""
        return self.source_zh if language == "zh" else self.source_en


@dataclass(frozen=True)
class SettingKind:
    """What a setting is called and which values it takes."""

    key: str
    accepted: tuple[str, ...]
    title_en: str
    title_zh: str

    def title(self, language: Language) -> str:
        """Return the name of the setting."""
        return self.title_zh if language == "zh" else self.title_en


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with SETTINGS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def setting_kinds() -> tuple[SettingKind, ...]:
    """Return all settings in the order they are shown."""
    return tuple(
        SettingKind(row["key"], tuple(row["accepted"].split("|")), row["title_en"], row["title_zh"]) for row in _rows()
    )


def shipped_settings() -> tuple[Setting, ...]:
    """Return the default values."""
    return tuple(
        Setting(row["key"], row["value"], date.fromisoformat(row["valid_from"]), row["source_en"], row["source_zh"])
        for row in _rows()
    )


def setting_on(settings: Iterable[Setting], *, key: str, day: date) -> str:
    """Return the value that holds on a day.

    Raises:
        LookupError: no such setting, or none that early.
    """
    found = [setting for setting in settings if setting.key == key and setting.valid_from <= day]
    if not found:
        raise LookupError(f"no value of the setting {key!r} on {day}")
    return max(found, key=lambda setting: (setting.is_stored, setting.valid_from)).value
