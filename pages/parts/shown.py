"""What a form was drawn with: an edit is held against that, not against what the store holds at the submit."""

from typing import TypeVar, cast

import streamlit as st

SHOWN = "shown_records"
DRAWINGS = "form_drawings"
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


def forget_others(prefix: str, kept: str) -> None:
    """Begin anew with all forms of a list but one; their names begin alike."""
    for form in [one for one in st.session_state.get(SHOWN, {}) if one.startswith(prefix) and one != kept]:
        forget_shown(form)


def drawing(form: str) -> str:
    """Return what the keys of a form's inputs end with: another word each time the form begins anew.

    A browser keeps what was typed under a key, whatever the form is filled with.
    """
    count = cast("dict[str, int]", st.session_state.get(DRAWINGS, {})).get(form, 0)
    return f"_{count}" if count else ""


def draw_anew(form: str) -> None:
    """Fill the form with the record as it stands and empty its inputs of what was typed."""
    forget_shown(form)
    drawn = st.session_state.setdefault(DRAWINGS, {})
    drawn[form] = drawn.get(form, 0) + 1
