"""What an answer may be, by kind of field: the value as it is stored, and what is wrong with it.

Raw values come from forms and may hold blanks, blank rows and numbers as texts or floats. None = no answer.
Problems name the field as their place; within a composed answer `row` counts from 1 and `part` is a column,
line or choice.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.coaching.problems import Problem, ProblemKey, text_problems
from core.facts import FIRST_DAY, LAST_DAY
from core.privacy import is_personal_user_name
from core.survey.fields import Choice, Column, Field, Kind, SurveyLimits, survey_fields

SCALE_LEAST, SCALE_MOST = 1, 5
PERCENT_MOST = 100
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_MONTH = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])")


@dataclass
class _Check:
    """One answer under check: where it stands, which staff codes the branch has, what was found."""

    place: str
    codes: Collection[str]
    limits: SurveyLimits
    problems: list[Problem] = field(default_factory=list)
    where: dict[str, Any] = field(default_factory=dict)
    most_text: int = 0

    def refuse(self, key: ProblemKey, **facts: Any) -> None:
        self.problems.append(Problem(key, self.place, {**self.where, **facts}))


def checked_value(
    asked: Field, raw: Any, *, codes: Collection[str] = (), limits: SurveyLimits | None = None
) -> tuple[Any, tuple[Problem, ...]]:
    """Return the answer as it is stored and all that is wrong with it; None where nothing was answered.

    Args:
        asked: the field.
        raw: what the form gave.
        codes: staff codes of the branch, in or out of post; empty = none is on record, any code will do.
        limits: those of the file where None.
    """
    limits = limits or survey_fields().limits
    check = _Check(asked.key, codes, limits, most_text=limits.most_characters)
    value = _composed(asked, raw, check) if asked.kind in _COMPOSED else _single(asked, raw, check)
    return (None if check.problems or _is_blank(value) else value), tuple(check.problems)


def _is_blank(raw: Any) -> bool:
    if raw is None or raw is False:
        return True
    if isinstance(raw, float) and math.isnan(raw):
        return True
    if isinstance(raw, str):
        return not raw.strip()
    return isinstance(raw, Mapping | list | tuple | set) and not raw


def _single(asked: Field | Column, raw: Any, check: _Check) -> Any:
    return None if _is_blank(raw) else _SINGLE[asked.kind](asked, raw, check)


def _one(asked: Field | Column, raw: Any, check: _Check) -> Any:
    if raw not in {one.key for one in asked.choices}:
        check.refuse(ProblemKey.NOT_A_CHOICE, value=str(raw))
    return raw


def _several(asked: Field | Column, raw: Any, check: _Check) -> list[str]:
    given = [raw] if isinstance(raw, str) else list(raw)
    known = [one.key for one in asked.choices]
    for each in given:
        if each not in known:
            check.refuse(ProblemKey.NOT_A_CHOICE, value=str(each))
    alone = getattr(asked, "alone", None)
    if alone in given and len(set(given)) > 1:
        check.refuse(ProblemKey.GOES_ALONE, choice=alone)
    return [key for key in known if key in given]


def _whole(raw: Any, check: _Check, *, least: int, most: int) -> int | None:
    number = _number_of(raw)
    if number is None or not least <= number <= most:
        check.refuse(ProblemKey.OUT_OF_RANGE, value=str(raw), least=least, most=most)
        return None
    return number


def _number_of(raw: Any) -> int | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        plain = raw.strip().replace(",", "")
        return int(plain) if plain.isascii() and plain.isdigit() else None
    try:
        return int(raw) if raw == int(raw) else None
    except (TypeError, ValueError, OverflowError):
        return None


def _number(asked: Field | Column, raw: Any, check: _Check) -> int | None:
    return _whole(raw, check, least=0, most=asked.most if asked.most is not None else 10**12)


def _percent(_asked: Field | Column, raw: Any, check: _Check) -> int | None:
    return _whole(raw, check, least=0, most=PERCENT_MOST)


def _scale(_asked: Field | Column, raw: Any, check: _Check) -> int | None:
    return _whole(raw, check, least=SCALE_LEAST, most=SCALE_MOST)


def _text(_asked: Field | Column, raw: Any, check: _Check) -> str:
    words = str(raw).strip()
    for problem in text_problems(check.place, words, most=check.most_text):
        check.refuse(problem.key, **problem.facts)
    return words


def _staff(_asked: Field | Column, raw: Any, check: _Check) -> str:
    code = str(raw).strip()
    is_known = code in check.codes if check.codes else _is_code(code)
    if not is_known:
        check.refuse(ProblemKey.STAFF_CODE, value=code)
    return code


def _code(_asked: Field | Column, raw: Any, check: _Check) -> str:
    code = str(raw).strip()
    if not _is_code(code):
        check.refuse(ProblemKey.STAFF_CODE, value=code)
    return code


def _is_code(code: str) -> bool:
    return _CODE.fullmatch(code) is not None and not is_personal_user_name(code)


def _tick(_asked: Field | Column, raw: Any, _check: _Check) -> bool:
    return bool(raw)


def _day(_asked: Field | Column, raw: Any, check: _Check) -> str | None:
    try:
        day = date.fromisoformat(str(raw)[:10])
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        check.refuse(ProblemKey.NO_DAY, value=str(raw))
        return None
    return day.isoformat()


def _month(_asked: Field | Column, raw: Any, check: _Check) -> str:
    month = str(raw).strip()[:7]
    if not _MONTH.fullmatch(month):
        check.refuse(ProblemKey.NO_MONTH, value=str(raw))
    return month


def _time(_asked: Field | Column, raw: Any, check: _Check) -> str:
    time = str(raw).strip().replace("：", ":")[:5]
    time = f"0{time}" if re.fullmatch(r"\d:\d\d", time) else time
    if not _TIME.fullmatch(time):
        check.refuse(ProblemKey.NO_TIME, value=str(raw))
    return time


_SINGLE: Mapping[Kind, Callable[[Any, Any, _Check], Any]] = {
    Kind.ONE: _one,
    Kind.SEVERAL: _several,
    Kind.NUMBER: _number,
    Kind.PERCENT: _percent,
    Kind.SCALE: _scale,
    Kind.TEXT: _text,
    Kind.STAFF: _staff,
    Kind.CODE: _code,
    Kind.TICK: _tick,
    Kind.DAY: _day,
    Kind.MONTH: _month,
    Kind.TIME: _time,
}


def _composed(asked: Field, raw: Any, check: _Check) -> Any:
    if _is_blank(raw):
        return None
    is_list = asked.kind is Kind.ROWS
    if not isinstance(raw, list | tuple if is_list else Mapping):
        check.refuse(ProblemKey.NOT_A_CHOICE, value=str(raw))
        return None
    return _COMPOSED[asked.kind](asked, raw, check)


def _by_choice(
    choices: Iterable[Choice], raw: Mapping[str, Any], check: _Check, one: Callable[[Any], Any]
) -> dict[str, Any]:
    known = [each.key for each in choices]
    for key in raw:
        if key not in known:
            check.refuse(ProblemKey.NOT_A_CHOICE, value=str(key))
    found = {}
    for key in known:
        check.where = {"part": key}
        if not _is_blank(raw.get(key)):
            found[key] = one(raw[key])
    check.where = {}
    return {key: value for key, value in found.items() if not _is_blank(value)}


def _shares(asked: Field, raw: Mapping[str, Any], check: _Check) -> dict[str, int]:
    found = _by_choice(asked.choices, raw, check, lambda one: _percent(asked, one, check))
    total, wanted = sum(found.values()), check.limits.shares_sum
    if found and not check.problems and abs(total - wanted) > check.limits.shares_slack:
        check.refuse(ProblemKey.WRONG_SUM, sum=total, wanted=wanted)
    return found


def _numbers(asked: Field, raw: Mapping[str, Any], check: _Check) -> dict[str, int]:
    return _by_choice(asked.choices, raw, check, lambda one: _number(asked, one, check))


def _scales(asked: Field, raw: Mapping[str, Any], check: _Check) -> dict[str, int]:
    return _by_choice(asked.choices, raw, check, lambda one: _scale(asked, one, check))


def _staff_scale(asked: Field, raw: Mapping[str, Any], check: _Check) -> dict[str, int]:
    found = {}
    for code, points in raw.items():
        check.where = {"part": code}
        if not _is_blank(points):
            found[_staff(asked, code, check)] = _scale(asked, points, check)
    check.where = {}
    return {code: points for code, points in found.items() if points is not None}


def _parts(columns: Iterable[Column], raw: Mapping[str, Any], check: _Check) -> dict[str, Any]:
    """Return the answered parts of one group or row; blank ones are left out."""
    found, where = {}, dict(check.where)
    for column in columns:
        check.where = {**where, "part": column.key}
        value = _single(column, raw.get(column.key), check)
        if not _is_blank(value):
            found[column.key] = value
    check.where = where
    return found


def _check_needed(columns: Iterable[Column], found: Mapping[str, Any], raw: Mapping[str, Any], check: _Check) -> None:
    for column in columns:
        if column.needed and column.key not in found and _is_blank(raw.get(column.key)):
            check.refuse(ProblemKey.EMPTY, part=column.key)


def _group(asked: Field, raw: Mapping[str, Any], check: _Check) -> dict[str, Any]:
    found = _parts(asked.columns, raw, check)
    tick = asked.needs_tick
    if found and set(found) != {tick}:
        _check_needed(asked.columns, found, raw, check)
        if tick and tick not in found:
            check.refuse(ProblemKey.NEEDS_TICK, part=tick)
    return {} if set(found) == {tick} else found


def _table(asked: Field, raw: Mapping[str, Any], check: _Check) -> dict[str, dict[str, Any]]:
    check.most_text = check.limits.most_short_characters
    known, found = [one.key for one in asked.lines], {}
    for key in raw:
        if key not in known:
            check.refuse(ProblemKey.NOT_A_CHOICE, value=str(key))
    for line in known:
        check.where = {"line": line}
        parts = _parts(asked.columns, raw.get(line) or {}, check)
        if parts:
            found[line] = parts
    check.where = {}
    return found


def _rows(asked: Field, raw: Iterable[Mapping[str, Any]], check: _Check) -> list[dict[str, Any]]:
    check.most_text = check.limits.most_short_characters
    found: list[dict[str, Any]] = []
    given = [row for row in raw if not all(_is_blank(cell) for cell in row.values())]
    if len(given) > check.limits.most_rows:
        check.refuse(ProblemKey.TOO_MANY_ROWS, count=len(given), most=check.limits.most_rows)
        return []
    for number, row in enumerate(given, start=1):
        check.where = {"row": number}
        parts = _parts(asked.columns, row, check)
        _check_needed(asked.columns, parts, row, check)
        found.append(parts)
        if asked.unique and parts.get(asked.unique) in [one.get(asked.unique) for one in found[:-1]]:
            check.refuse(ProblemKey.TWICE, value=str(parts.get(asked.unique)))
    check.where = {}
    return found


_COMPOSED: Mapping[Kind, Callable[[Field, Any, _Check], Any]] = {
    Kind.SHARES: _shares,
    Kind.NUMBERS: _numbers,
    Kind.SCALES: _scales,
    Kind.STAFF_SCALE: _staff_scale,
    Kind.GROUP: _group,
    Kind.TABLE: _table,
    Kind.ROWS: _rows,
}
