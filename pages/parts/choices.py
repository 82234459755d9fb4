"""A choice between views that lives in the address by its key, so that a link works in either language."""

from collections.abc import Mapping

import streamlit as st

LAST_ADDRESS = "_in_address"
"""What the name ends with under which the address of a choice is kept as the last run left it."""


def choice_in_address(key: str, words: Mapping[str, str], label: str, *, usual: str | None = None) -> str:
    """Draw the choice and return the chosen key; the usual one where the address names none.

    Where the address changed since it was last drawn (the browser went back, a link leads elsewhere), it is followed.

    Args:
        key: of the widget and of the value in the address.
        words: what each choice is called, in order.
        label: what is chosen, for screen readers.
        usual: what is shown before anything is chosen; None = the first.
    """
    asked = st.query_params.get(key)
    first = usual or next(iter(words))
    shown = asked if asked is not None and asked in words else first
    last = f"{key}{LAST_ADDRESS}"
    if key in st.session_state and last in st.session_state and asked != st.session_state[last]:
        st.session_state[key] = shown
    picked = st.segmented_control(
        label,
        list(words),
        format_func=words.__getitem__,
        default=None if key in st.session_state else shown,
        required=True,
        key=key,
        label_visibility="collapsed",
    )
    chosen = picked if picked is not None and picked in words else shown
    if chosen != asked and (asked is not None or chosen != first):
        st.query_params[key] = chosen
    st.session_state[last] = st.query_params.get(key)
    return chosen
