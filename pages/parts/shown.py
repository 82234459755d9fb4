"""What a form was drawn with: an edit is held against that, not against what the store holds at the submit."""

from typing import TypeVar, cast

import streamlit as st

SHOWN = "shown_records"
Record = TypeVar("Record")


def first_shown(form: str, record: Record) -> Record:
    """Return the record as it stood when the form was first drawn, until `forget_shown`.

    For forms whose inputs are filled from the record: a browser keeps what was filled in first.
    """
    return cast("Record", st.session_state.setdefault(SHOWN, {}).setdefault(form, record))


def find_shown(form: str, record: Record) -> Record:
    """Return the record the form is drawn with, the given one where it is not drawn yet; remembers nothing."""
    return cast("Record", st.session_state.get(SHOWN, {}).get(form, record))


def last_shown(form: str, record: Record) -> Record:
    """Return the record as the run before drew it, and remember what this run draws.

    For forms beside a table that is drawn anew with every run.
    """
    kept = st.session_state.setdefault(SHOWN, {})
    before = kept.get(form, record)
    kept[form] = record
    return cast("Record", before)


def forget_shown(form: str) -> None:
    """Begin anew: the next drawing of the form shows the record as it stands."""
    st.session_state.get(SHOWN, {}).pop(form, None)
