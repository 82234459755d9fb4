"""Words of the audit trail: subject, action, field and value of a change, in both languages.

Names stand in `subjects.csv`, `actions.csv` and `fields.csv`, the words of values nobody else names in
`values.csv`. What nobody knows (a field of an earlier release) is shown as it is stored.
"""

import ast
import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from core.calendar import SHANGHAI
from core.coaching.contacts import topic_word
from core.coaching.dismissals import dismissal_word
from core.events.rules import event_rules
from core.facts import (
    Badge,
    ContactMethod,
    CustomerTier,
    EventState,
    SizeTier,
    StaffRole,
    Stage,
    StageDecisionKind,
    SuggestionState,
    UserRole,
)
from core.kpis.definitions import kpi_definitions
from core.language import Language, text
from core.language.days import day_word
from core.language.labels import Labelled, label
from core.language.wording import Wording
from core.notes.handover import HandoverKind
from core.planning.causes import find_cause
from core.planning.items import EventKind, GoalMeasure, ItemOrigin, PlanKind
from core.planning.words import event_word, kind_word, measure_word, origin_word
from core.review.figures import DecisionState, Topic
from core.review.words import state_word, topic_title
from core.self_check.rules import self_check_rules
from core.settings import setting_kinds
from core.stages.rule_check import title_of
from core.survey.fields import Confidence, Method, survey_fields
from core.survey.parts import SOURCE_OF, UNKNOWN_STORED, Answer
from core.survey.words import answer_text, confidence_word, method_words

ROOM = Path(__file__).parent
ANY = "*"
HIDDEN = "hidden"
"""Kind of fields that repeat what stands beside them or say nothing to people."""
SURVEY, STAGE_RULES = "survey_version", "stage_rules"
Say = Callable[[Language, str], str]


@dataclass(frozen=True)
class TrailField:
    """What a field is called, and the kind of its values."""

    words: Wording
    kind: str


@dataclass(frozen=True)
class ChangedField:
    """One field of a change in words; "" = nothing."""

    key: str
    title: str
    before: str
    after: str


@cache
def subject_names() -> Mapping[str, Wording]:
    """Return what can be changed, by its stored name."""
    return _named("subjects.csv", "subject")


@cache
def action_names() -> Mapping[str, Wording]:
    """Return what can be done to it, by its stored name."""
    return _named("actions.csv", "action")


@cache
def trail_fields() -> Mapping[tuple[str, str], TrailField]:
    """Return the fields by subject (`ANY` = whichever) and stored name."""
    rows = _rows("fields.csv")
    return {
        (row["subject"], row["field"]): TrailField(Wording(row["title_en"], row["title_zh"]), row["kind"])
        for row in rows
    }


@cache
def _values() -> Mapping[tuple[str, str], Wording]:
    return {(row["kind"], row["value"]): Wording(row["title_en"], row["title_zh"]) for row in _rows("values.csv")}


def subject_word(language: Language, subject: str) -> str:
    """Return what was changed."""
    return _said(subject_names(), language, subject)


def action_word(language: Language, action: str) -> str:
    """Return what was done."""
    return _said(action_names(), language, action)


def field_word(language: Language, subject: str, field: str) -> str:
    """Return what a field is called."""
    known = _field(subject, field)
    if known is not None:
        return known.words.said(language)
    asked = survey_fields().field(field.removeprefix(SOURCE_OF)) if subject == SURVEY else None
    if asked is not None:
        name = asked.words.said(language)
        return text(language, "Source of: {field}", field=name) if field.startswith(SOURCE_OF) else name
    group, _, name = field.partition(".")
    if subject == STAGE_RULES and name:
        return title_of(language, (group, name))
    return field


def value_word(
    language: Language, subject: str, field: str, value: object, *, titles: Mapping[str, str] | None = None
) -> str:
    """Return a stored value in words; "" for nothing.

    Args:
        language: of the reader.
        subject: what was changed.
        field: its field.
        value: as stored in the trail, or as Python holds it.
        titles: the names of the playbook's actions by key.
    """
    if value is None or value == "":
        return ""
    known = _field(subject, field)
    if known is None:
        return _survey_answer(language, field, value) if subject == SURVEY else str(value)
    stored = str(value)
    if known.kind == "action":
        return (titles or {}).get(stored, stored)
    if known.kind == "moment":
        return _moment(language, value)
    if known.kind == "texts":
        return _texts(value)
    words = _values().get((known.kind, stored))
    if words is not None:
        return words.said(language)
    say = _SAYS.get(known.kind)
    try:
        return say(language, stored) if say else stored
    except (KeyError, ValueError, InvalidOperation):
        return stored  # of an earlier release


def is_told(subject: str, field: str) -> bool:
    """Tell whether a field says something to people, beside what stands beside it anyway."""
    known = _field(subject, field)
    return known is None or known.kind != HIDDEN


def changed_fields(
    language: Language,
    subject: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    titles: Mapping[str, str] | None = None,
) -> tuple[ChangedField, ...]:
    """Return the fields in which two states differ for a reader, in the order they are stored.

    A field only one side has is empty on the other. A change that differs in nothing told has no field.
    """
    old, new = before or {}, after or {}
    found = []
    for key in dict.fromkeys([*new, *old]):
        if not is_told(subject, key):
            continue
        sides = [value_word(language, subject, key, side.get(key), titles=titles) for side in (old, new)]
        if sides[0] != sides[1]:
            found.append(ChangedField(key, field_word(language, subject, key), *sides))
    return tuple(found)


def moment_word(language: Language, at: datetime) -> str:
    """Return a moment as day and hour in Shanghai: 5 Jan 2026 09:30, 2026年1月5日 09:30."""
    there = at.astimezone(SHANGHAI)
    return f"{day_word(language, there.date())} {there:%H:%M}"


def _field(subject: str, field: str) -> TrailField | None:
    if subject == SURVEY and survey_fields().field(field) is not None:
        return None  # the answers of a survey go by its own words
    return trail_fields().get((subject, field)) or trail_fields().get((ANY, field))


def _moment(language: Language, value: object) -> str:
    try:
        return moment_word(language, value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _texts(value: object) -> str:
    """Return several texts in a row; the trail keeps a list as it is written in Python."""
    try:
        found = ast.literal_eval(value) if isinstance(value, str) else value
    except (ValueError, SyntaxError):
        found = value
    return " / ".join(str(one) for one in found) if isinstance(found, list | tuple) else str(found)


def _survey_answer(language: Language, field: str, value: object) -> str:
    """Return an answer or its source, kept in the trail as JSON."""
    if field.startswith(SOURCE_OF):
        return _survey_source(language, str(value))
    asked = survey_fields().field(field)
    if asked is None:
        return str(value)
    if value == UNKNOWN_STORED:
        return answer_text(language, asked, Answer(None, is_unknown=True))
    try:
        return answer_text(language, asked, Answer(json.loads(str(value))))
    except (ValueError, KeyError, TypeError, AttributeError):
        return str(value)  # of an earlier form of the question


def _survey_source(language: Language, stored: str) -> str:
    day, methods, confidence, note = json.loads(stored)
    words = (_methods(language, methods), _day(language, day), confidence_word(language, Confidence(confidence)), note)
    return " · ".join(word for word in words if word)


def _methods(language: Language, stored: str) -> str:
    return method_words(language, [Method(one) for one in stored.split(",")])


def _day(language: Language, stored: str) -> str:
    return day_word(language, date.fromisoformat(stored[:10]))


def _yuan(_: Language, stored: str) -> str:
    return f"{int(stored) / 100:,.2f}"


def _amount(_: Language, stored: str) -> str:
    """Return a number without the zeros its column adds behind the point."""
    return f"{Decimal(stored).normalize():f}"


def _cause(language: Language, stored: str) -> str:
    found = find_cause(stored)
    return f"{found.code} · {found.title(language)}" if found else stored


def _question(language: Language, stored: str) -> str:
    found = self_check_rules().question(stored)
    return f"{found.key} · {found.words.said(language)}" if found else stored


def _setting(language: Language, stored: str) -> str:
    return next((kind.title(language) for kind in setting_kinds() if kind.key == stored), stored)


def _measured(language: Language, stored: str) -> str:
    kpi = next((one for one in kpi_definitions() if one.key == stored), None)
    return kpi.words(language).title if kpi else label(language, StaffRole(stored))


def _kpi(language: Language, stored: str) -> str:
    return next((one.words(language).title for one in kpi_definitions() if one.key == stored), stored)


def _line(language: Language, stored: str) -> str:
    """Return whom or what a line of Today is about: a post, a warning, the Monday of a change, a handover."""
    kind, _, day = stored.partition(":")
    if day and kind in {one.value for one in HandoverKind}:
        is_head = kind == HandoverKind.BRANCH_HEAD
        who = text(language, "New branch head") if is_head else text(language, "New supervisor")
        return f"{who} · {_day(language, day)}"
    if stored in {one.value for one in StaffRole}:
        return label(language, StaffRole(stored))
    return label(language, Badge(stored))


def _section(language: Language, stored: str) -> str:
    found = survey_fields().section(stored)
    return found.words.said(language) if found else stored


def _labelled(of: Callable[[str], Labelled]) -> Say:
    return lambda language, stored: label(language, of(stored))


_SAYS: Mapping[str, Say] = {
    "day": _day,
    "fen": _yuan,
    "amount": _amount,
    "cause": _cause,
    "question": _question,
    "setting": _setting,
    "measured": _measured,
    "kpi": _kpi,
    "line": _line,
    "section": _section,
    "survey_methods": _methods,
    "confidence": lambda language, stored: confidence_word(language, Confidence(stored)),
    "topic": topic_word,
    "dismissal": dismissal_word,
    "event": lambda language, stored: event_rules().word(stored, language),
    "plan_kind": lambda language, stored: kind_word(language, PlanKind(stored)),
    "plan_event": lambda language, stored: event_word(language, EventKind(stored)),
    "measure": lambda language, stored: measure_word(language, GoalMeasure(stored)),
    "origin": lambda language, stored: origin_word(language, ItemOrigin(stored)),
    "staff_role": _labelled(StaffRole),
    "access_role": _labelled(UserRole),
    "method": _labelled(ContactMethod),
    "customer_tier": _labelled(CustomerTier),
    "size_tier": _labelled(SizeTier),
    "stage": _labelled(Stage),
    "stage_decision": _labelled(StageDecisionKind),
    "event_state": _labelled(EventState),
    "suggestion_state": _labelled(SuggestionState),
    "review_scope": lambda language, stored: stored.partition(":")[2] or text(language, "All branches"),
    "review_topic": lambda language, stored: topic_title(language, Topic(stored)),
    "review_topics": lambda language, stored: " · ".join(
        topic_title(language, Topic(one)) for one in stored.split(", ")
    ),
    "decision_state": lambda language, stored: state_word(language, DecisionState(stored)),
}
"""How the values of each kind are said; kinds that stand nowhere here are said as stored."""


def _said(names: Mapping[str, Wording], language: Language, key: str) -> str:
    return names[key].said(language) if key in names else key


def _named(file: str, key: str) -> Mapping[str, Wording]:
    return {row[key]: Wording(row["title_en"], row["title_zh"]) for row in _rows(file)}


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (ROOM / file).open(encoding="utf-8", newline="") as found:
        yield from csv.DictReader(found)
