"""The sentence behind a stage, and what would move it, in either language, from a reason key and its facts."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import repeat
from typing import Any

from core.facts import Stage
from core.language import Language, text
from core.language.labels import label
from core.stages.facts import WORDS, RowColumns
from core.stages.swing import swing_words

KEPT_PHRASES = 50_000
HELD_REASONS = {"growth_rising", "mature_steady", "adjustment_below", "slump_stopped", "slump_never"}
"""Reasons whose sentence says how long the stage has stood."""
EXPECTING_REASONS = {"growth_rising", "mature_steady", "adjustment_below", "slump_stopped"}
"""Reasons whose sentence holds the policies against those expected, which follow the swing of the market."""


def reason_text(language: Language, reason_key: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence for a row of the stage history.

    Raises:
        LookupError: no such reason key.
    """
    waiting = facts["most_likely"] if facts["most_likely"] != facts["stage"] else ""
    return _sentence(
        language,
        reason_key,
        facts["sold"],
        facts["before"],
        facts["window"],
        facts["expected"],
        facts["chance"],
        facts["held"],
        facts["weeks"],
        bool(facts.get("reopened")),
        bool(facts.get("market")),
        facts.get("swing", 1.0),
        waiting,
    )


def reason_texts(language: Language, columns: RowColumns) -> Iterator[str]:
    """Yield the sentence of each row, the same as `reason_text` gives."""
    waiting = [
        "" if best == shown else WORDS[best] for best, shown in zip(columns.most_likely, columns.stage, strict=True)
    ]
    return map(
        _sentence,
        repeat(language),
        columns.reason_key,
        columns.sold,
        columns.before,
        columns.window,
        columns.expected,
        columns.chance,
        columns.held,
        columns.weeks,
        columns.reopened,
        columns.market,
        columns.swing,
        waiting,
    )


def brief_reason_text(language: Language, reason_key: str, facts: Mapping[str, Any]) -> str:
    """Return the figures of the reason alone, for a list in which every branch has one line."""
    if reason_key in ("suspended", "unknown_week", "short_week"):
        return _kept(language, reason_key)
    in_time = reason_key in ("slump_never", "startup_new", "startup_waiting")
    parts = [] if reason_key == "slump_never" else [_sold_briefly(language, facts["sold"], facts["window"])]
    if in_time:
        parts.append(_time(language, reason_key, facts["weeks"], bool(facts.get("reopened"))))
    else:
        parts.append(text(language, "{expected} expected", expected=amount_text(facts["expected"])))
        parts.append(_held(language, facts["held"]))
    return _between(language).join(parts)


def outlook_text(language: Language, facts: Mapping[str, Any]) -> str:
    """Return what the coming weeks would have to bring to move the stage; empty where it was not worked out."""
    if "outlook" not in facts:
        return ""
    outlook = facts["outlook"]
    parts = []
    if "up_stage" in outlook:
        parts.append(_up(language, outlook["up_policies"], outlook["up_weeks"], Stage(outlook["up_stage"])))
    if "down_stage" in outlook:
        parts.append(_down(language, outlook["down_weeks"], label(language, Stage(outlook["down_stage"]))))
    if not parts:
        return text(language, "Nothing in the next {weeks} weeks would move it", weeks=outlook["weeks"])
    return _between(language).join(parts)


def policies_text(language: Language, number: int) -> str:
    """Return a number of policies in words that fit a sentence."""
    if number == 0:
        return text(language, "no policies")
    if number == 1:
        return text(language, "1 policy")
    return text(language, "{number} policies", number=number)


def amount_text(number: float) -> str:
    """Return an expected number of policies: one decimal below ten, whole from there on."""
    return f"{number:.1f}" if number < 9.95 else f"{number:.0f}"


def chance_text(chance: float) -> str:
    """Return a chance in whole per cent."""
    return "< 1%" if chance < 0.01 else f"{100 * chance:.0f}%"


def _up(language: Language, policies: int, weeks: int, stage: Stage) -> str:
    words = {"policies": policies_text(language, policies), "weeks": weeks, "stage": label(language, stage)}
    if policies == 1:
        return text(language, "{policies} in the next {weeks} weeks and it is {stage}", **words)
    return text(language, "{policies} spread over the next {weeks} weeks and it is {stage}", **words)


def _down(language: Language, weeks: int, stage: str) -> str:
    if weeks == 1:
        return text(language, "without a policy next week it is {stage}", stage=stage)
    return text(language, "without a policy for {weeks} weeks it is {stage}", weeks=weeks, stage=stage)


def _sentence(  # noqa: PLR0917  # mapped over columns, millions of rows
    language: Language,
    reason_key: str,
    sold: int,
    before: int,
    window: int,
    expected: float,
    chance: float,
    held: int,
    weeks: int,
    reopened: bool,
    market: bool,
    swing: float,
    waiting: str,
) -> str:
    between = _between(language)
    match reason_key:
        case "mature_steady":
            words = _sold(language, sold, window) + between + _steady(language, expected)
        case "adjustment_below" | "slump_stopped":
            words = _sold(language, sold, window) + between + _below(language, expected, chance)
        case "growth_rising":
            words = _sold(language, sold, window) + between + _rising(language, sold, before, expected)
        case "startup_new" | "startup_waiting":
            words = _sold(language, sold, window) + between + _time(language, reason_key, weeks, reopened)
        case "slump_never":
            words = _time(language, reason_key, weeks, reopened)
        case "suspended" | "unknown_week" | "short_week":
            words = _kept(language, reason_key)
        case _:
            raise LookupError(f"no sentence for the reason {reason_key!r}")
    if swing != 1 and reason_key in EXPECTING_REASONS:
        words += between + _swing(language, swing)
    if reason_key in HELD_REASONS:
        words += between + _held(language, held)
    if market:
        words += between + _market(language)
    if waiting:
        words += between + _waiting(language, waiting)
    return words


@lru_cache(maxsize=KEPT_PHRASES)
def _sold(language: Language, sold: int, window: int) -> str:
    policies = policies_text(language, sold)
    if window == 1:
        return text(language, "{policies} in the last week", policies=policies)
    return text(language, "{policies} in the last {window} weeks", policies=policies, window=window)


@lru_cache(maxsize=KEPT_PHRASES)
def _sold_briefly(language: Language, sold: int, window: int) -> str:
    policies = policies_text(language, sold)
    if window == 1:
        return text(language, "{policies} in one week", policies=policies)
    return text(language, "{policies} in {window} weeks", policies=policies, window=window)


@lru_cache(maxsize=KEPT_PHRASES)
def _time(language: Language, reason_key: str, weeks: int, reopened: bool) -> str:
    match reason_key, reopened:
        case "startup_new", False:
            return text(language, "in week {week} of the cooperation, too early to judge", week=weeks)
        case "startup_new", True:
            return text(language, "in week {week} since it reopened, too early to judge", week=weeks)
        case _, True:
            return text(language, "sales have not taken off in {weeks} weeks since it reopened", weeks=weeks)
        case "startup_waiting", False:
            return text(language, "sales have not taken off in {weeks} weeks of cooperation", weeks=weeks)
        case _:
            return text(language, "not one policy in {weeks} weeks of cooperation", weeks=weeks)


@lru_cache(maxsize=KEPT_PHRASES)
def _rising(language: Language, sold: int, before: int, expected: float) -> str:
    if sold >= expected:
        return text(
            language,
            "{before} in the weeks before, its own level of {expected} for the season is reached",
            before=policies_text(language, before),
            expected=amount_text(expected),
        )
    if sold < before:
        return text(
            language,
            "{before} in the weeks before, {expected} for the season would be its own level",
            before=policies_text(language, before),
            expected=amount_text(expected),
        )
    return text(
        language,
        "{before} in the weeks before, on the way to its own level of {expected} for the season",
        before=policies_text(language, before),
        expected=amount_text(expected),
    )


@lru_cache(maxsize=KEPT_PHRASES)
def _steady(language: Language, expected: float) -> str:
    return text(
        language,
        "{expected} were expected at its own level after allowing for the season",
        expected=amount_text(expected),
    )


@lru_cache(maxsize=KEPT_PHRASES)
def _below(language: Language, expected: float, chance: float) -> str:
    return text(
        language,
        "{expected} were expected at its own earlier level after allowing for the season (chance {chance})",
        expected=amount_text(expected),
        chance=chance_text(chance),
    )


@lru_cache(maxsize=KEPT_PHRASES)
def _kept(language: Language, reason_key: str) -> str:
    if reason_key == "suspended":
        return text(language, "The branch is suspended and keeps the stage before")
    if reason_key == "unknown_week":
        return text(language, "The whole region has no policy record this week; the stage before stays, less certain")
    return text(language, "Too few working days this week to judge; the stage before stays")


@lru_cache(maxsize=KEPT_PHRASES)
def _held(language: Language, weeks: int) -> str:
    if weeks == 1:
        return text(language, "new this week")
    return text(language, "held for {weeks} weeks", weeks=weeks)


@lru_cache(maxsize=KEPT_PHRASES)
def _waiting(language: Language, stage: str) -> str:
    return text(
        language,
        "{stage} is now the most probable stage and must hold before it is shown",
        stage=label(language, Stage(stage)),
    )


@cache
def _swing(language: Language, swing: float) -> str:
    return swing_words(language, swing)


@cache
def _market(language: Language) -> str:
    return text(language, "the whole bank or region fell this week, which is not held against the branch")


@cache
def _between(language: Language) -> str:
    return text(language, "; ")
