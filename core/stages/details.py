"""What stands behind a stage, in words: the probabilities of all five stages, and the weeks that weighed most."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.coaching.words import day_word
from core.facts import Stage
from core.language import Language, text
from core.stages.explanation import amount_text, chance_text, policies_text


def probability_words(facts: Mapping[str, Any]) -> list[tuple[Stage, str]]:
    """Return each stage with its probability in words, in the order of the stages; empty where it was not kept."""
    return [(stage, chance_text(chance)) for stage, chance in zip(Stage, facts.get("probabilities", ()), strict=False)]


def weighed_texts(language: Language, facts: Mapping[str, Any]) -> list[str]:
    """Return a line for each week that weighed most for or against the stage shown, heaviest first."""
    return [_weighed(language, one) for one in facts.get("weighed", ())]


def _weighed(language: Language, one: Mapping[str, Any]) -> str:
    words = {
        "day": day_word(language, date.fromisoformat(one["week_start"])),
        "policies": policies_text(language, one["policies"]),
        "due": amount_text(one["due"]),
        "times": f"{one['times']:.1f}",
    }
    if one["times"] >= 1:
        return text(language, "week of {day}: {policies}, {due} at its own level; for it, odds × {times}", **words)
    return text(language, "week of {day}: {policies}, {due} at its own level; against it, odds × {times}", **words)
