"""Widgets of the survey fields that are not typed in a table."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.survey.fields import Column, Field, Kind
from core.survey.values import PERCENT_MOST, SCALE_LEAST, SCALE_MOST
from pages.parts.layout import escaped
from pages.parts.session import language


def draw_field(asked: Field, value: Any, codes: Sequence[str], *, key: str) -> Any:
    """Draw a field and return its raw answer; `codes` are the staff codes to choose from."""
    said = language()
    hint = asked.hint.said(said) if asked.hint else None
    label = asked.words.said(said) + (" *" if asked.required else "")
    if asked.kind is not Kind.GROUP:
        return _widget(asked, value, codes, key=key, label=label, hint=hint)
    known = value or {}
    with st.container(border=True, gap="small"):
        st.markdown(f"**{escaped(label)}**", help=hint)
        return {
            column.key: _widget(
                column, known.get(column.key), codes, key=f"{key}_{column.key}", label=column.words.said(said)
            )
            for column in asked.columns
        }


def _widget(
    asked: Field | Column, value: Any, codes: Sequence[str], *, key: str, label: str, hint: str | None = None
) -> Any:
    words = {one.key: one.words.said(language()) for one in asked.choices}
    match asked.kind:
        case Kind.ONE | Kind.STAFF if words or codes:
            options = list(words or codes)
            index = options.index(value) if value in options else None
            return st.selectbox(
                label,
                options,
                index,
                format_func=lambda one: words.get(one, one),
                key=key,
                help=hint,
                placeholder="–",
            )
        case Kind.SEVERAL:
            chosen = [one for one in value or [] if one in words]
            return st.multiselect(
                label, list(words), chosen, format_func=words.__getitem__, key=key, help=hint, placeholder="–"
            )
        case Kind.SCALE:
            return st.segmented_control(label, range(SCALE_LEAST, SCALE_MOST + 1), default=value, key=key, help=hint)
        case Kind.NUMBER | Kind.PERCENT:
            most = PERCENT_MOST if asked.kind is Kind.PERCENT else asked.most
            return st.number_input(label, 0, most, value, step=1, key=key, help=hint)
        case Kind.TICK:
            return st.checkbox(label, value is True, key=key, help=hint)
        case _:
            example = "08:30" if asked.kind is Kind.TIME else None
            return st.text_input(label, value or "", key=key, help=hint, placeholder=example)
