"""The fields of the branch survey as they stand in `fields.toml`: sections, fields, choices, periods, limits."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from core.language.wording import Wording

FIELDS_FILE = Path(__file__).with_name("fields.toml")


class Kind(StrEnum):
    """How a field or a column of one is answered, and what its stored value looks like.

    Single values: one, staff, code, time (HH:MM), month (YYYY-MM) and day (ISO) are texts; several a list of
    choice keys in their order; number, percent and scale whole numbers; tick true or false.
    Mappings: shares, numbers and scales by choice key; staff_scale by staff code; group by column; table a
    group by line. Lists: rows of groups.
    """

    ONE = "one"
    SEVERAL = "several"
    NUMBER = "number"
    PERCENT = "percent"
    SCALE = "scale"
    TEXT = "text"
    STAFF = "staff"
    CODE = "code"
    TICK = "tick"
    DAY = "day"
    MONTH = "month"
    TIME = "time"
    SHARES = "shares"
    NUMBERS = "numbers"
    SCALES = "scales"
    STAFF_SCALE = "staff_scale"
    GROUP = "group"
    TABLE = "table"
    ROWS = "rows"


class Method(StrEnum):
    """How an answer was found out."""

    ASK = "ask"
    INSIDE = "inside"
    QUESTIONNAIRE = "questionnaire"
    OBSERVE = "observe"


class Confidence(StrEnum):
    """How sure an answer is."""

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "guess"


@dataclass(frozen=True)
class Choice:
    """One of the answers offered."""

    key: str
    words: Wording


@dataclass(frozen=True)
class Column:
    """One part of a composed answer; a row without a `needed` part is refused."""

    key: str
    kind: Kind
    words: Wording
    choices: tuple[Choice, ...] = ()
    most: int | None = None
    needed: bool = False


@dataclass(frozen=True)
class Field:
    """One field of the survey.

    Attributes:
        key: never changes.
        section: key of its section.
        kind: how it is answered.
        words: label.
        hint: what to bear in mind, None = nothing.
        required: counts for completeness.
        review: key of the period after which it must be confirmed.
        is_hidden: never shown to a branch head, unless the tick `shown_when` of the answer is set.
        choices: answers offered, or the keys of a mapping.
        lines: the lines of a table.
        columns: parts of a group, a table or rows.
        most: highest number.
        alone: the choice that goes with no other.
        needs_tick: column without whose tick the answer is not stored.
        none_when_zero: the number field that makes no rows a full answer where it is 0.
        unique: column no two rows share.
        counts_customers: small counts are shown as fewer than the limit.
    """

    key: str
    section: str
    kind: Kind
    words: Wording
    hint: Wording | None
    required: bool
    review: str
    is_hidden: bool
    choices: tuple[Choice, ...] = ()
    lines: tuple[Choice, ...] = ()
    columns: tuple[Column, ...] = ()
    most: int | None = None
    alone: str | None = None
    needs_tick: str | None = None
    shown_when: str | None = None
    none_when_zero: str | None = None
    unique: str | None = None
    counts_customers: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the survey; `due_on_changes`: due at once when the people of the branch changed."""

    key: str
    words: Wording
    is_hidden: bool
    due_on_changes: bool


@dataclass(frozen=True)
class SurveyLimits:
    """The numbers of the survey."""

    most_characters: int
    most_short_characters: int
    most_rows: int
    shares_sum: int
    shares_slack: int
    fewest_customers: int
    warn_share: float
    turnover_share: Fraction


@dataclass(frozen=True)
class Questionnaire:
    """The short questionnaire: its questions, sheets of a post needed to show them, days a sheet counts."""

    questions: tuple[Choice, ...]
    fewest_sheets: int
    days: int


@dataclass(frozen=True)
class SurveyFields:
    """Everything the file says; `periods` are days by key, `key_fields` what plans and the page of a branch show."""

    sections: tuple[Section, ...]
    fields: tuple[Field, ...]
    periods: Mapping[str, int]
    limits: SurveyLimits
    questionnaire: Questionnaire
    key_fields: tuple[str, ...]
    source: Wording
    valid_from: date

    def field(self, key: str) -> Field | None:
        """Return the field of a key, None where there is none."""
        return next((one for one in self.fields if one.key == key), None)

    def section(self, key: str) -> Section | None:
        """Return the section of a key, None where there is none."""
        return next((one for one in self.sections if one.key == key), None)

    def of_section(self, section: str, *, for_head: bool = False) -> tuple[Field, ...]:
        """Return the fields of a section in their order; for a branch head without those hidden for good.

        A field whose answer may be shown stays; whether it is shown depends on the answer.
        """
        if section not in {one.key for one in self.sections_for(for_head=for_head)}:
            return ()
        return tuple(
            one
            for one in self.fields
            if one.section == section and not (for_head and one.is_hidden and one.shown_when is None)
        )

    def sections_for(self, *, for_head: bool) -> tuple[Section, ...]:
        """Return the sections a reader sees."""
        return tuple(one for one in self.sections if not (for_head and one.is_hidden))

    def counted(self, *, for_head: bool = False) -> tuple[Field, ...]:
        """Return the required fields a reader sees, for completeness."""
        seen = {one.key for one in self.sections_for(for_head=for_head)}
        return tuple(
            one for one in self.fields if one.required and one.section in seen and not (for_head and one.is_hidden)
        )


def is_shown_to_head(field: Field, value: Any) -> bool:
    """Tell whether a branch head may see this answer, the section apart."""
    if not field.is_hidden:
        return True
    return field.shown_when is not None and isinstance(value, Mapping) and value.get(field.shown_when) is True


@cache
def survey_fields() -> SurveyFields:
    """Return the fields as shipped.

    Raises:
        ValueError: a row lacks something or names what is not there; the message names the row.
    """
    content = tomllib.loads(FIELDS_FILE.read_text(encoding="utf-8"))
    lists = {key: tuple(_choice(row) for row in rows) for key, rows in content["choices"].items()}
    fields = []
    for row in content["field"]:
        try:
            fields.append(_field(row, lists, content["periods"]))
        except (KeyError, ValueError) as error:
            raise ValueError(f"{FIELDS_FILE.name}, field {row.get('key', '?')}: {error}") from error
    unknown = set(content["key_fields"]) - {one.key for one in fields}
    if unknown:
        raise ValueError(f"{FIELDS_FILE.name}, key_fields: no field {', '.join(sorted(unknown))}")
    return SurveyFields(
        sections=tuple(
            Section(row["key"], _words(row), row.get("hidden", False), row.get("due_on_changes", False))
            for row in content["section"]
        ),
        fields=tuple(fields),
        periods=content["periods"],
        limits=SurveyLimits(**content["limits"] | {"turnover_share": Fraction(content["limits"]["turnover_share"])}),
        questionnaire=Questionnaire(
            questions=tuple(_choice(row) for row in content["questionnaire"]["question"]),
            fewest_sheets=content["questionnaire"]["fewest_sheets"],
            days=content["questionnaire"]["days"],
        ),
        key_fields=tuple(content["key_fields"]),
        source=Wording(content["source_en"], content["source_zh"]),
        valid_from=content["valid_from"],
    )


def _words(row: Mapping[str, Any]) -> Wording:
    return Wording(row["en"], row["zh"])


def _choice(row: Mapping[str, Any]) -> Choice:
    return Choice(row["key"], _words(row))


def _field(row: dict[str, Any], lists: Mapping[str, tuple[Choice, ...]], periods: Mapping[str, int]) -> Field:
    if row["review"] not in periods:
        raise ValueError(f"no period {row['review']!r}")
    choices = lists[row["choices"]] if "choices" in row else ()
    if "alone" in row:
        choices = (*choices, _choice(row["alone"]))
    return Field(
        key=row["key"],
        section=row["section"],
        kind=Kind(row["kind"]),
        words=_words(row),
        hint=Wording(row["hint_en"], row["hint_zh"]) if "hint_en" in row else None,
        required=row.get("required", False),
        review=row["review"],
        is_hidden=row.get("hidden", False),
        choices=choices,
        lines=lists[row["lines"]] if "lines" in row else (),
        columns=tuple(_column(one, lists) for one in row.get("columns", ())),
        most=row.get("most"),
        alone=row["alone"]["key"] if "alone" in row else None,
        needs_tick=row.get("needs_tick"),
        shown_when=row.get("shown_when"),
        none_when_zero=row.get("none_when_zero"),
        unique=row.get("unique"),
        counts_customers=row.get("counts_customers", False),
    )


def _column(row: dict[str, Any], lists: Mapping[str, tuple[Choice, ...]]) -> Column:
    return Column(
        key=row["key"],
        kind=Kind(row["kind"]),
        words=_words(row),
        choices=lists[row["choices"]] if "choices" in row else (),
        most=row.get("most"),
        needed=row.get("needed", False),
    )
