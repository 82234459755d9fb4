"""Words of a survey in two languages: answers, sources, states, and where a problem stands."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from core.coaching.problems import Problem
from core.language import Language, text
from core.language.days import day_word
from core.survey.completeness import PartState
from core.survey.fields import Choice, Column, Confidence, Field, Kind, Method, survey_fields
from core.survey.parts import Answer, Source

METHOD_LABELS: dict[Method, str] = {
    Method.ASK: "Asked directly",
    Method.INSIDE: "Found out from others",
    Method.QUESTIONNAIRE: "Questionnaire",
    Method.OBSERVE: "On-site observation",
}
CONFIDENCE_LABELS: dict[Confidence, str] = {
    Confidence.SURE: "Sure",
    Confidence.LIKELY: "Likely",
    Confidence.GUESS: "Guess",
}
STATE_LABELS: dict[PartState, str] = {
    PartState.INSIDE: "Up to date",
    PartState.WARN: "Due soon",
    PartState.OVER: "Overdue",
    PartState.PEOPLE_CHANGED: "Due: people changed",
    PartState.MISSING: "Not surveyed yet",
}
UNKNOWN = "Not known"


def method_words(language: Language, methods: Iterable[Method]) -> str:
    """Return the methods as a list in the language."""
    return joined(language, [text(language, METHOD_LABELS[one]) for one in methods])


def confidence_word(language: Language, confidence: Confidence) -> str:
    """Return how sure something is."""
    return text(language, CONFIDENCE_LABELS[confidence])


def state_word(language: Language, state: PartState) -> str:
    """Return how a part or an answer stands."""
    return text(language, STATE_LABELS[state])


def joined(language: Language, words: Iterable[str]) -> str:
    """Return words as a list in the language."""
    return ("、" if language == "zh" else ", ").join(words)


def _apart(language: Language, words: Iterable[str]) -> str:
    return ("；" if language == "zh" else "; ").join(words)


def source_text(language: Language, source: Source) -> str:
    """Return method, day and confidence of a source in one line."""
    methods = method_words(language, source.methods)
    return " · ".join([methods, day_word(language, source.surveyed_on), confidence_word(language, source.confidence)])


def answer_text(language: Language, asked: Field, answer: Answer | None) -> str:
    """Return an answer in words; empty where nothing was answered. Small counts of customers are not named."""
    if answer is None:
        return ""
    if answer.is_unknown:
        return text(language, UNKNOWN)
    if asked.kind in _COMPOSED:
        return _COMPOSED[asked.kind](language, asked, answer.value)
    return _single(language, asked, answer.value)


def _single(language: Language, asked: Field | Column, value: Any) -> str:
    match asked.kind:
        case Kind.ONE:
            return _choice(language, asked.choices, value)
        case Kind.SEVERAL:
            return joined(language, [_choice(language, asked.choices, each) for each in value])
        case Kind.NUMBER:
            return f"{value:,}"
        case Kind.PERCENT:
            return f"{value}%"
        case Kind.SCALE:
            return f"{value}/5"
        case Kind.DAY:
            return day_word(language, date.fromisoformat(str(value)[:10]))
        case Kind.TICK:
            return asked.words.said(language)
        case _:
            return str(value)


def _choice(language: Language, choices: Iterable[Choice], key: str) -> str:
    return next((one.words.said(language) for one in choices if one.key == key), key)


def _by_choice(language: Language, asked: Field, value: Mapping[str, int], sign: str = "{:,}") -> str:
    least = survey_fields().limits.fewest_customers if asked.counts_customers else 0
    return joined(
        language,
        [
            f"{_choice(language, asked.choices, key)} {f'< {least}' if each < least else sign.format(each)}"
            for key, each in value.items()
        ],
    )


_BARE_FIGURES = (Kind.NUMBER,)
"""What says nothing without the name of its column."""


def _parts(language: Language, columns: Iterable[Column], value: Mapping[str, Any], *, named: bool | None) -> list[str]:
    """Return the parts in words, with the names of all (True), of figures (False) or of none (None)."""
    found = []
    for column in columns:
        if column.key in value:
            words = _single(language, column, value[column.key])
            is_plain = column.kind is Kind.TICK or not (named or (named is False and column.kind in _BARE_FIGURES))
            found.append(words if is_plain else f"{column.words.said(language)} {words}")
    return found


def _group(language: Language, asked: Field, value: Mapping[str, Any]) -> str:
    return _apart(language, _parts(language, asked.columns, value, named=True))


def _table(language: Language, asked: Field, value: Mapping[str, Any]) -> str:
    lines = [
        f"{line.words.said(language)} {'/'.join(_parts(language, asked.columns, value[line.key], named=None))}"
        for line in asked.lines
        if line.key in value
    ]
    return _apart(language, lines)


def _rows(language: Language, asked: Field, value: Iterable[Mapping[str, Any]]) -> str:
    rows = [" ".join(_parts(language, asked.columns, row, named=False)) for row in value]
    return _apart(language, rows) or text(language, "None at all")


_COMPOSED: Mapping[Kind, Callable[[Language, Field, Any], str]] = {
    Kind.SHARES: lambda language, asked, value: _by_choice(language, asked, value, "{}%"),
    Kind.NUMBERS: _by_choice,
    Kind.SCALES: lambda language, asked, value: _by_choice(language, asked, value, "{}/5"),
    Kind.STAFF_SCALE: lambda language, asked, value: _by_choice(language, asked, value, "{}/5"),
    Kind.GROUP: _group,
    Kind.TABLE: _table,
    Kind.ROWS: _rows,
}


def place_text(language: Language, problem: Problem) -> str | None:
    """Return where in the survey a problem stands, None where it is about something else."""
    fields = survey_fields()
    asked = fields.field(problem.place)
    if problem.place == "survey_sheet":
        question = next((one for one in fields.questionnaire.questions if one.key == problem.facts.get("part")), None)
        return f"{question.key} {question.words.said(language)}" if question else None
    if asked is None:
        return None
    where = [asked.words.said(language)]
    if "row" in problem.facts:
        where.append(text(language, "row {row}", row=problem.facts["row"]))
    if "line" in problem.facts:
        where.append(_choice(language, asked.lines, problem.facts["line"]))
    if "part" in problem.facts:
        part = problem.facts["part"]
        column = next((one for one in asked.columns if one.key == part), None)
        where.append(column.words.said(language) if column else _choice(language, asked.choices, part))
    return " · ".join(where)


def source_of_text(language: Language, problem: Problem) -> str | None:
    """Return the field whose own source a problem is about, None where it is that of the part."""
    asked = survey_fields().field(str(problem.facts.get("of", "")))
    return asked.words.said(language) if asked else None


def alone_word(language: Language, problem: Problem) -> str:
    """Return the choice that goes with no other."""
    asked = survey_fields().field(problem.place)
    return _choice(language, asked.choices if asked else (), problem.facts["choice"])
