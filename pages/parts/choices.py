"""A choice between views that lives in the address by its key, so that a link works in either language."""

from collections.abc import Mapping

import streamlit as st


def choice_in_address(key: str, words: Mapping[str, str], label: str, *, usual: str | None = None) -> str:
    """Draw the choice and return the chosen key; the usual one where the address names none.

    Args:
        key: of the widget and of the value in the address.
        words: what each choice is called, in order.
        label: what is chosen, for screen readers.
        usual: what is shown before anything is chosen; None = the first.
    """
    asked = st.query_params.get(key)
    first = usual or next(iter(words))
    shown = asked if asked is not None and asked in words else first
    chosen = st.segmented_control(
        label,
        list(words),
        format_func=words.__getitem__,
        default=shown,
        required=True,
        key=key,
        label_visibility="collapsed",
    )
    if chosen not in words:
        return shown
    if chosen != asked and (asked is not None or chosen != first):
        st.query_params[key] = chosen
    return chosen
