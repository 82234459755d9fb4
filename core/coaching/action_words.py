"""What an action is called where people read it."""

from collections.abc import Mapping
from typing import Any

from core.coaching.actions import DECISION_ACTION
from core.coaching.playbook import decision_action
from core.language import Language, text


def action_words(language: Language, action_key: str, facts: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Return what an action is called; a decision of a review by its words, as its title is that of all of them."""
    if action_key != DECISION_ACTION:
        return titles.get(action_key, action_key)
    title, words = decision_action().title(language), facts.get("words")
    return text(language, "{action}: {reason}", action=title, reason=words) if words else title
