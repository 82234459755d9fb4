"""A part of a survey: its answers with their source, as it is filled in and as it was saved."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.coaching.problems import Problem, ProblemKey, text_problems
from core.facts import FIRST_DAY
from core.survey.fields import Confidence, Field, Method, SurveyFields, survey_fields
from core.survey.values import checked_value

UNKNOWN_STORED = "unknown"
"""Stands for an answer nobody knows where answers are kept as JSON."""
SOURCE_OF = "source."
"""Begins the name under which the audit trail keeps the source of a single answer."""


@dataclass(frozen=True)
class Source:
    """How something was found out, when, how sure it is, and a note."""

    methods: tuple[Method, ...]
    surveyed_on: date
    confidence: Confidence
    note: str | None = None


@dataclass(frozen=True)
class Answer:
    """The answer to a field: None with `is_unknown` = asked, but not known. `source` None = that of the part."""

    value: Any
    is_unknown: bool = False
    source: Source | None = None

    @property
    def is_filled(self) -> bool:
        """Whether it counts for completeness: "unknown" is an answer, but does not."""
        return self.value is not None and not self.is_unknown


@dataclass(frozen=True)
class SurveyPart:
    """One saved state of a part; `number` counts the saved states of the branch, whichever part they are of."""

    number: int
    section: str
    source: Source
    saved_on: date
    saved_by: str | None
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def source_of(self, key: str) -> Source:
        """Return where an answer comes from: its own source, else that of the part."""
        answer = self.answers.get(key)
        return (answer and answer.source) or self.source


@dataclass(frozen=True)
class PartEntry:
    """What a form gave for one part.

    Attributes:
        section: key of the section.
        source: that of the part.
        values: raw answers by field key.
        unknown: fields that were asked, but nobody knows.
        sources: sources of single fields that differ from that of the part.
        confirms_unchanged: answers that did not change count as confirmed on the day of the part; otherwise
            they are carried forward with the source they had.
    """

    section: str
    source: Source
    values: Mapping[str, Any] = field(default_factory=dict)
    unknown: Collection[str] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    confirms_unchanged: bool = False


def checked_answers(
    entry: PartEntry,
    *,
    before: SurveyPart | None,
    today: date,
    codes: Collection[str] = (),
    fields: SurveyFields | None = None,
) -> tuple[dict[str, Answer], tuple[Problem, ...]]:
    """Return the answers to store, by field key in the order of the fields, and all that is wrong.

    An answer that is neither changed nor given a source of its own keeps the source it had in `before`,
    unless the entry confirms what is unchanged.
    """
    fields = fields or survey_fields()
    problems = list(_source_problems(entry.source, today=today))
    found: dict[str, Answer] = {}
    asked = fields.of_section(entry.section)
    for one in asked:
        own = entry.sources.get(one.key)
        if own is not None:
            problems += _source_problems(own, today=today, field=one.key)
        if one.key in entry.unknown:
            value = None
        else:
            value, wrong = checked_value(one, entry.values.get(one.key), codes=codes, limits=fields.limits)
            problems += wrong
        if value is None and one.key not in entry.unknown:
            continue
        found[one.key] = Answer(value, one.key in entry.unknown, own)
    for one in asked:
        count = found.get(one.none_when_zero or "")
        if count is not None and count.value == 0 and one.key not in found:
            found[one.key] = Answer([])
    kept = {key: _carried(key, answer, entry, before) for key, answer in found.items()}
    return {one.key: kept[one.key] for one in asked if one.key in kept}, tuple(problems)


def _carried(key: str, answer: Answer, entry: PartEntry, before: SurveyPart | None) -> Answer:
    old = before.answers.get(key) if before else None
    if before is None or old is None or answer.source is not None or entry.confirms_unchanged:
        return answer
    if (old.value, old.is_unknown) != (answer.value, answer.is_unknown):
        return answer
    return Answer(answer.value, answer.is_unknown, before.source_of(key))


def _source_problems(source: Source, *, today: date, field: str | None = None) -> list[Problem]:
    more = {"of": field} if field else {}
    found = []
    if not source.methods:
        found.append(Problem(ProblemKey.EMPTY, "survey_methods", more))
    if not FIRST_DAY <= source.surveyed_on <= today:
        found.append(Problem(ProblemKey.IN_FUTURE, "survey_day", {"day": source.surveyed_on, "today": today, **more}))
    limits = survey_fields().limits
    for problem in text_problems("survey_note", source.note, most=limits.most_characters):
        found.append(Problem(problem.key, problem.place, {**problem.facts, **more}))
    return found


def audited_answers(answers: Mapping[str, Answer], keys: Collection[str] | None = None) -> dict[str, str]:
    """Return answers as the audit trail keeps them, as JSON by field key; of some fields, or of all."""
    return {
        key: UNKNOWN_STORED if answer.is_unknown else json.dumps(answer.value, ensure_ascii=False)
        for key, answer in answers.items()
        if keys is None or key in keys
    }


def audited_source(source: Source) -> dict[str, str | None]:
    """Return how a part was found out as the audit trail keeps it."""
    return {
        "surveyed_on": source.surveyed_on.isoformat(),
        "methods": ",".join(source.methods),
        "confidence": source.confidence.value,
        "note": (source.note or "").strip() or None,
    }


def audited_state(part: SurveyPart) -> dict[str, str | None]:
    """Return a whole part as the audit trail keeps it: its source, its answers, and where each of them comes from."""
    sources = {f"{SOURCE_OF}{key}": _audited_own(part.source_of(key)) for key in part.answers}
    return {**audited_source(part.source), **audited_answers(part.answers), **sources}


def audited_entry(entry: PartEntry) -> dict[str, str | None]:
    """Return what a form gave under the names of `audited_state`; None where nothing is answered.

    Where an answer comes from is there if the entry says so for it alone.
    """
    answers: dict[str, Answer] = {}
    asked = survey_fields().of_section(entry.section)
    for one in asked:
        value, _ = checked_value(one, entry.values.get(one.key))
        if one.key in entry.unknown:
            answers[one.key] = Answer(None, is_unknown=True)
        elif value is not None:
            answers[one.key] = Answer(value)
    own = {key: source for key, source in entry.sources.items() if key in answers and source != entry.source}
    return {
        **audited_source(entry.source),
        **dict.fromkeys(one.key for one in asked),
        **audited_answers(answers),
        **{f"{SOURCE_OF}{key}": _audited_own(source) for key, source in own.items()},
    }


def _audited_own(source: Source) -> str:
    return json.dumps(list(audited_source(source).values()), ensure_ascii=False)


def audited_own_sources(part: SurveyPart, entry: PartEntry) -> dict[str, str]:
    """Return where the answers come from for which an entry gives a source of their own, as JSON."""
    return {
        f"{SOURCE_OF}{key}": _audited_own(part.source_of(key))
        for key, own in entry.sources.items()
        if own != entry.source and key in part.answers
    }


def changes(then: SurveyPart | None, now: SurveyPart | None, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return the fields whose answer differs between two states of a part, in their order."""
    nothing = Answer(None)

    def answer(part: SurveyPart | None, key: str) -> tuple[Any, bool]:
        found = part.answers.get(key, nothing) if part else nothing
        return found.value, found.is_unknown

    return tuple(one for one in fields if answer(then, one.key) != answer(now, one.key))
