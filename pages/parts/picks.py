"""The row picked in a table stays with its record: the browser keeps its number only, and a colleague moves rows."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from pages.parts.session import PICKS, t


@dataclass(frozen=True)
class Pick:
    """The row picked in the run before, the record that stood there, and all records of that list.

    `is_own`: the reader stored something since; what is gone then is gone by his own hand.
    """

    row: int
    key: Hashable
    among: frozenset[Hashable]
    is_own: bool = False


def follow_pick(table: str, keys: Sequence[Hashable]) -> None:
    """Move the pick of a table, before it is drawn, to where the picked record stands now.

    A row the reader has just picked is left to him. A record that is gone leaves nothing picked, and says so unless
    it is another list altogether: what was typed about it must not go to the record in its place.

    Args:
        table: the key of the table.
        keys: what its records go by, in the order of its rows.
    """
    before: Pick | None = st.session_state.get(PICKS, {}).get(table)
    row = _row_in_browser(table)
    if before is None or row is None or row != before.row or (row < len(keys) and keys[row] == before.key):
        return
    places = [keys.index(before.key)] if before.key in keys else []
    st.session_state[table] = {"selection": {"rows": places, "columns": [], "cells": []}}
    if not places and not before.is_own and before.among.intersection(keys):
        st.warning(t("The line you had picked is gone: somebody else changed it meanwhile."))


def remember_pick(table: str, keys: Sequence[Hashable], row: int | None) -> None:
    """Keep which record is picked, for the next run."""
    picks = st.session_state.setdefault(PICKS, {})
    if row is None or row >= len(keys):
        picks.pop(table, None)
    else:
        picks[table] = Pick(row, keys[row], frozenset(keys))


def pick_where_none_is(table: str, keys: Sequence[Hashable], key: Hashable) -> None:
    """Pick a record of a table, before it is drawn, where the reader has picked none or what he had picked is done."""
    if table not in st.session_state.get(PICKS, {}) or _row_in_browser(table) is None:
        st.session_state[table] = {"selection": {"rows": [keys.index(key)], "columns": [], "cells": []}}


def forget_pick(table: str) -> None:
    """Forget what is picked: it is done, and the next may take its place."""
    st.session_state.get(PICKS, {}).pop(table, None)


def note_own_change() -> None:
    """Keep that the reader stored something: it may take what he picked out of its list."""
    picks: dict[str, Pick] = st.session_state.get(PICKS, {})
    for table, pick in picks.items():
        picks[table] = replace(pick, is_own=True)


def _row_in_browser(table: str) -> int | None:
    picked = st.session_state.get(table)
    rows = picked["selection"]["rows"] if picked else []
    return rows[0] if rows else None
