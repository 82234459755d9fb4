"""Why an action is suggested or was decided, as a sentence in two languages."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.coaching.badge_words import badge_reason
from core.coaching.suggestion import (
    BY_BADGE,
    BY_DECISION,
    BY_DIAGNOSIS,
    BY_FAILURE,
    BY_GAP,
    BY_HAND,
    BY_MISS,
    BY_STAGE,
    BY_UPKEEP,
)
from core.facts import Badge, StaffRole, Stage
from core.kpis.definitions import kpi_definition
from core.language import Language, text
from core.language.days import day_word
from core.language.labels import label
from core.planning.causes import cause_word


def reason_sentence(language: Language, reason_key: str, facts: Mapping[str, Any]) -> str:
    """Return why an action is suggested, and that it fits a stage set by hand where it does.

    Raises:
        ValueError: nobody knows the reason key.
    """
    reason = _reason(language, reason_key, facts)
    if BY_HAND not in facts:
        return reason
    stage = label(language, Stage(facts[BY_HAND]))
    return text(language, "{reason} It follows the manual override to {stage}.", reason=reason, stage=stage)


def _reason(language: Language, reason_key: str, facts: Mapping[str, Any]) -> str:
    if reason_key == BY_BADGE:
        return badge_reason(language, Badge(facts["badge"]))
    if reason_key == BY_GAP:
        return text(
            language,
            "{role}: contacts last week {actual}, at least {target} asked.",
            role=label(language, StaffRole(facts["role"])),
            actual=facts["actual"],
            target=facts["target_min"],
        )
    if reason_key == BY_STAGE:
        return text(
            language,
            "A basic step of the stage {stage}, not done yet (week {week} in the stage).",
            stage=label(language, Stage(facts["stage"])),
            week=facts["weeks"] + 1,
        )
    if reason_key == BY_UPKEEP:
        return text(
            language,
            "Belongs to the stage {stage}; last done on {day}.",
            stage=label(language, Stage(facts["stage"])),
            day=day_word(language, date.fromisoformat(facts["on"])),
        )
    if reason_key == BY_FAILURE:
        return text(
            language,
            "Done on {day}, but its measure was not reached: try again or change the method.",
            day=day_word(language, date.fromisoformat(facts["on"])),
        )
    if reason_key in (BY_DECISION, BY_DIAGNOSIS, BY_MISS):
        return _decided_reason(language, reason_key, facts)
    raise ValueError(f"unknown reason {reason_key!r}")


def _decided_reason(language: Language, reason_key: str, facts: Mapping[str, Any]) -> str:
    """Return what people decided; without their words only where and when, as a branch head is told it."""
    if reason_key == BY_DECISION:
        day = day_word(language, date.fromisoformat(facts["week"]))
        if "words" not in facts:
            return text(language, "Decided in the weekly review of the week from {day}.", day=day)
        words = facts["words"]
        return text(language, "Decided in the weekly review of the week from {day}: {words}", day=day, words=words)
    if reason_key == BY_DIAGNOSIS:
        day = day_word(language, date.fromisoformat(facts["on"]))
        if "cause" not in facts:
            return text(language, "From the gap diagnosis of {day}.", day=day)
        return text(
            language,
            "Gap diagnosis of {day}, {kpi}: {cause}",
            day=day,
            kpi=kpi_definition(facts["kpi"]).words(language).title,
            cause=cause_word(language, facts["cause"]),
        )
    day = day_word(language, date.fromisoformat(facts["week"]))
    if "cause" not in facts:
        return text(language, "From the week plan from {day}.", day=day)
    return text(
        language, "Missed in the week plan from {day}: {cause}", day=day, cause=cause_word(language, facts["cause"])
    )
