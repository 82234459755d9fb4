"""Who asks, and the cache of answers.

Cached functions take the `Ask` first. Its key is the store, the scope, the version of the data and
the day: two people with the same scope share an answer, any committed write leaves it behind. What
a cached function returns is shared by all sessions: nobody changes it, and it holds no language
unless the language is an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import ParamSpec, TypeVar

import streamlit as st

from core.facts import Actor
from core.language import Language

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Ask:
    """One run's question to the store: who asks, about which state of the data, on which day.

    `session_digest` names the sign-in session without giving its secret away.
    """

    actor: Actor
    data_version: int
    today: date
    language: Language
    is_sample: bool
    store_url: str
    session_digest: str


def cache_key(ask: Ask) -> tuple[str, str, int, str]:
    """Return what an answer depends on."""
    return ask.store_url, ask.actor.scope_key, ask.data_version, ask.today.isoformat()


def cached(question: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Keep the answers of a question whose first argument is the `Ask`."""
    kept: Callable[Arguments, Answer] = st.cache_resource(
        show_spinner=False, max_entries=256, hash_funcs={Ask: cache_key}
    )(question)
    return kept
