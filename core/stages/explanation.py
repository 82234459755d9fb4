"""The sentence behind a stage, and what would move it, in either language, from a reason key and its facts."""

from collections.abc import Mapping
from typing import Any

from core.facts import Stage
from core.language import Language, text
from core.language.labels import label


def reason_text(language: Language, reason_key: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence for a row of the stage history.

    Raises:
        LookupError: no such reason key.
    """
    parts = [_main(language, reason_key, facts)]
    if facts.get("market"):
        parts.append(text(language, "the whole bank or region fell this week, which is not held against the branch"))
    if facts["most_likely"] != facts["stage"]:
        stage = label(language, Stage(facts["most_likely"]))
        parts.append(
            text(language, "{stage} is now the most probable stage and must hold before it is shown", stage=stage)
        )
    return text(language, "; ").join(parts)


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
    return text(language, "; ").join(parts)


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
    sold = text(
        language,
        "{policies} in the last {window} weeks",
        policies=policies_text(language, facts["sold"]),
        window=facts["window"],
    )
    expected, held = amount_text(facts["expected"]), _held(language, facts["held"])
    match reason_key:
        case "startup_new":
            source = text(language, "in week {week} of the cooperation, too early to judge", week=facts["age"] + 1)
            return _joined(language, sold, source)
        case "startup_waiting":
            source = text(
                language, "sales have not taken off after {weeks} weeks of cooperation", weeks=facts["age"] + 1
            )
            return _joined(language, sold, source)
        case "growth_rising":
            before = text(
                language,
                "{before} in the weeks before, on the way to its own level of {expected} for the season",
                before=policies_text(language, facts["before"]),
                expected=expected,
            )
            return _joined(language, sold, before, held)
        case "mature_steady":
            level = text(
                language, "{expected} were expected at its own level after allowing for the season", expected=expected
            )
            return _joined(language, sold, level, held)
        case "adjustment_below" | "slump_stopped":
            level = text(
                language,
                "{expected} were expected at its own earlier level after allowing for the season (chance {chance})",
                expected=expected,
                chance=chance_text(facts["chance"]),
            )
            return _joined(language, sold, level, held)
        case "slump_never":
            never = text(language, "not one policy in {weeks} weeks of cooperation", weeks=facts["age"] + 1)
            return _joined(language, never, held)
        case "suspended":
            return text(language, "The branch is suspended and keeps the stage before")
        case "unknown_week":
            return text(
                language, "The whole region has no policy record this week; the stage before stays, less certain"
            )
        case "short_week":
            return text(language, "Too few working days this week to judge; the stage before stays")
        case _:
            raise LookupError(f"no sentence for the reason {reason_key!r}")


def _held(language: Language, weeks: int) -> str:
    if weeks == 1:
        return text(language, "new this week")
    return text(language, "held for {weeks} weeks", weeks=weeks)


def _joined(language: Language, *parts: str) -> str:
    return text(language, "; ").join(parts)
