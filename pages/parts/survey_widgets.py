"""Widgets of the survey fields that are not typed in a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.survey.fields import Column, Field, Kind
from core.survey.values import PERCENT_MOST, SCALE_LEAST, SCALE_MOST
from pages.parts.drafts import Draft
from pages.parts.layout import HINTLESS_PIXELS, LIVE, escaped
from pages.parts.session import language


def held_of(asked: Field, value: Any, codes: Sequence[str]) -> dict[str, Any]:
    """Return what the widgets of a field return while they are untouched, by the names of the widgets."""
    if asked.kind is not Kind.GROUP:
        return {asked.key: _start(asked, value, codes)}
    known: Mapping[str, Any] = value or {}
    return {_name(asked, column): _start(column, known.get(column.key), codes) for column in asked.columns}


def draw_field(asked: Field, codes: Sequence[str], draft: Draft) -> Any:
    """Draw a field and return its raw answer; `codes` are the staff codes to choose from."""
    said = language()
    hint = asked.hint.said(said) if asked.hint else None
    label = asked.words.said(said) + (" *" if asked.required else "")
    if asked.kind is not Kind.GROUP:
        return _widget(asked, codes, draft, asked.key, label=label, hint=hint)
    with st.container(border=True, gap="small"):
        st.markdown(f"**{escaped(label)}**", help=hint)
        return {
            column.key: _widget(column, codes, draft, _name(asked, column), label=column.words.said(said))
            for column in asked.columns
        }


def _name(asked: Field, column: Column) -> str:
    return f"{asked.key}_{column.key}"


def _start(asked: Field | Column, value: Any, codes: Sequence[str]) -> Any:
    keys = [one.key for one in asked.choices]
    match asked.kind:
        case Kind.ONE | Kind.STAFF if keys or codes:
            return value if value in (keys or codes) else None
        case Kind.SEVERAL:
            return [one for one in value or [] if one in keys]
        case Kind.SCALE | Kind.NUMBER | Kind.PERCENT:
            return value
        case Kind.TICK:
            return value is True
        case _:
            return value or ""


def _widget(
    asked: Field | Column, codes: Sequence[str], draft: Draft, name: str, *, label: str, hint: str | None = None
) -> Any:
    words = {one.key: one.words.said(language()) for one in asked.choices}
    held, of = draft.held[name], draft.of(name)
    match asked.kind:
        case Kind.ONE | Kind.STAFF if words or codes:
            options = list(words or codes)
            index = options.index(held) if held in options else None
            return st.selectbox(
                label, options, index, format_func=lambda one: words.get(one, one), help=hint, placeholder="–", **of
            )
        case Kind.SEVERAL:
            return st.multiselect(
                label, list(words), held, format_func=words.__getitem__, help=hint, placeholder="–", **of
            )
        case Kind.SCALE:
            return st.segmented_control(label, range(SCALE_LEAST, SCALE_MOST + 1), default=held, help=hint, **of)
        case Kind.NUMBER | Kind.PERCENT:
            most = PERCENT_MOST if asked.kind is Kind.PERCENT else asked.most
            return st.number_input(label, 0, most, held, step=1, help=hint, width=HINTLESS_PIXELS, **of)
        case Kind.TICK:
            return st.checkbox(label, held, help=hint, **of)
        case _:
            example = "08:30" if asked.kind is Kind.TIME else None
            return st.text_input(label, held, help=hint, placeholder=example, live=LIVE, **of)
