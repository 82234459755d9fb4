"""The sentence behind a stage, and what would move it, in either language, from a reason key and its facts."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from core.facts import Stage
from core.language import Language, text
from core.language.labels import label

KEPT_PHRASES = 20_000


def reason_text(language: Language, reason_key: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence for a row of the stage history.

    Raises:
        LookupError: no such reason key.
    """
    parts = [_main(language, reason_key, facts)]
    if facts.get("market"):
        parts.append(text(language, "the whole bank or region fell this week, which is not held against the branch"))
    if facts["most_likely"] != facts["stage"]:
        parts.append(_waiting(language, facts["most_likely"]))
    return _joined(language, *parts)


def outlook_text(language: Language, facts: Mapping[str, Any]) -> str:
    """Return what the coming weeks would have to bring to move the stage; empty where it was not worked out."""
    if "outlook" not in facts:
        return ""
    outlook = facts["outlook"]
    parts = []
    if "up_stage" in outlook:
        parts.append(
            text(
                language,
                "{policies} in the next {weeks} weeks and it is {stage}",
                policies=policies_text(language, outlook["up_policies"]),
                weeks=outlook["up_weeks"],
                stage=label(language, Stage(outlook["up_stage"])),
            )
        )
    if "down_stage" in outlook:
        parts.append(
            text(
                language,
                "without a policy for {weeks} weeks it is {stage}",
                weeks=outlook["down_weeks"],
                stage=label(language, Stage(outlook["down_stage"])),
            )
        )
    if not parts:
        return text(language, "Nothing in the next {weeks} weeks would move it", weeks=outlook["weeks"])
    return _joined(language, *parts)


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
    return "< 1 %" if chance < 0.01 else f"{100 * chance:.0f} %"


def _main(language: Language, reason_key: str, facts: Mapping[str, Any]) -> str:
    match reason_key:
        case "suspended" | "unknown_week" | "short_week":
            return _kept(language, reason_key)
        case "slump_never":
            second = _time(language, reason_key, facts["weeks"], bool(facts.get("reopened")))
            return _joined(language, second, _held(language, facts["held"]))
    sold = _sold(language, facts["sold"], facts["window"])
    match reason_key:
        case "startup_new" | "startup_waiting":
            return _joined(language, sold, _time(language, reason_key, facts["weeks"], bool(facts.get("reopened"))))
        case "growth_rising":
            second = _rising(language, facts["before"], amount_text(facts["expected"]))
        case "mature_steady":
            second = _steady(language, amount_text(facts["expected"]))
        case "adjustment_below" | "slump_stopped":
            second = _below(language, amount_text(facts["expected"]), chance_text(facts["chance"]))
        case _:
            raise LookupError(f"no sentence for the reason {reason_key!r}")
    return _joined(language, sold, second, _held(language, facts["held"]))


@lru_cache(maxsize=KEPT_PHRASES)
def _sold(language: Language, sold: int, window: int) -> str:
    policies = policies_text(language, sold)
    return text(language, "{policies} in the last {window} weeks", policies=policies, window=window)


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
def _rising(language: Language, before: int, expected: str) -> str:
    return text(
        language,
        "{before} in the weeks before, on the way to its own level of {expected} for the season",
        before=policies_text(language, before),
        expected=expected,
    )


@lru_cache(maxsize=KEPT_PHRASES)
def _steady(language: Language, expected: str) -> str:
    return text(language, "{expected} were expected at its own level after allowing for the season", expected=expected)


@lru_cache(maxsize=KEPT_PHRASES)
def _below(language: Language, expected: str, chance: str) -> str:
    return text(
        language,
        "{expected} were expected at its own earlier level after allowing for the season (chance {chance})",
        expected=expected,
        chance=chance,
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
def _between(language: Language) -> str:
    return text(language, "; ")


def _joined(language: Language, *parts: str) -> str:
    return _between(language).join(parts)
