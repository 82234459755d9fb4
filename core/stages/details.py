"""What stands behind a stage, in words: probabilities of all stages, weeks that weighed most, the market's swing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.facts import Stage
from core.language import Language, text
from core.language.days import day_word
from core.stages.explanation import amount_text, chance_text, policies_text
from core.stages.swing import SwingWeek, swing_share


def probability_words(facts: Mapping[str, Any]) -> list[tuple[Stage, str]]:
    """Return each stage with its probability in words, in the order of the stages; empty where it was not kept."""
    return [(stage, chance_text(chance)) for stage, chance in zip(Stage, facts.get("probabilities", ()), strict=False)]


def weighed_texts(language: Language, facts: Mapping[str, Any]) -> list[str]:
    """Return a line for each week that weighed most for or against the stage shown, heaviest first."""
    return [_weighed(language, one) for one in facts.get("weighed", ())]


def swing_line(language: Language, week: SwingWeek) -> str:
    """Return what the whole market did in one week, as a sentence of its own."""
    words: Mapping[str, Any] = {"day": day_word(language, week.week_start), "share": swing_share(week.swing or 1.0)}
    if (week.swing or 1.0) < 1:
        return text(
            language,
            "In the week of {day} the whole market sold less than usual for the season; "
            "{share}% less is expected of every branch.",
            **words,
        )
    return text(
        language,
        "In the week of {day} the whole market sold more than usual for the season; "
        "{share}% more is expected of every branch.",
        **words,
    )


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
