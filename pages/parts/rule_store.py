"""Store a dated rule: of two people who set one for the same day the second sees both and chooses."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.trail.words import changed_fields
from pages.parts.action_table import action_titles
from pages.parts.conflict import store_edit
from pages.parts.layout import escaped
from pages.parts.session import language, submit_key, t
from pages.parts.store.rules import RuleRefusedError

Entry = Mapping[str, Any]


def store_rule(
    form: str,
    entry: Entry | None,
    write: Callable[[Entry, int, str], bool],
    *,
    version: int,
    told: Callable[[Entry], Entry] = lambda entry: entry,
) -> bool:
    """Store what was entered, or say why not; outside `st.form`, on every run in which the form is drawn.

    Args:
        form: name of the form and of the row it is about.
        entry: what was entered, None where nothing was sent in this run.
        write: stores an entry that is held against a version of the row, under a write key.
        version: of the row as the form was drawn with, 0 = there was none.
        told: the values of an entry under the names the audit trail has for them.
    """
    try:
        done = store_edit(
            form,
            entry,
            lambda asked, shown: write(asked, shown, submit_key(form)),
            version=version,
            told=told,
        )
    except RuleRefusedError as refused:
        st.error(_sentence(refused))
        return False
    return bool(done)


def replaced_caption() -> str:
    """Return what becomes of a row of the same day."""
    return t("Another row for the same day replaces one that is still to come.")


def _sentence(refused: RuleRefusedError) -> str:
    if refused.mistake != "in_force":
        return _mistake_words()[refused.mistake]
    fields = changed_fields(language(), refused.subject, None, refused.current, titles=action_titles())
    return t(
        "The row that begins on this day is in force and stays as it is ({now}). Choose a later day.",
        now=escaped("; ".join(f"{one.title}: {one.after}" for one in fields)),
    )


def _mistake_words() -> dict[str, str]:
    return {
        "starts_in_the_past": t("Choose today or a later day: past weeks keep the rules they had."),
        "unknown_value": t("Choose one of the values offered."),
        "out_of_range": t("This number is out of range: contacts from 0 to 100, shares from 0 to 1, nothing negative."),
        "daily_is_one": t("A daily target is one contact each working day: enter 1 (or 0), and no maximum."),
        "maximum_below_minimum": t("The maximum is below the minimum."),
        "maximum_without_minimum": t("Give a minimum, or leave both empty to end the target."),
    }
