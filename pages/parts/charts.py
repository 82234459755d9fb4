"""Draw a chart: a cached specification over an Arrow table, its title as text that wraps on a phone."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from core.language import Language
from pages.parts.layout import empty_state, escaped
from pages.parts.session import language, t

Build = Callable[..., dict[str, Any]]


@lru_cache(maxsize=512)
def _specification(build: Build, language_shown: Language, what: tuple[tuple[str, Hashable], ...]) -> dict[str, Any]:
    return build(language_shown, **dict(what))


def show_chart(
    build: Build,
    table: pa.Table,
    *,
    key: str,
    alt: str,
    on_select: Literal["rerun"] | Callable[[], None] | None = None,
    empty: str | None = None,
    width: Literal["stretch", "content"] = "stretch",
    **what_changes_the_picture: Hashable,
) -> Any:
    """Draw the chart that `build(language, **what_changes_the_picture)` describes over the table.

    The specification is kept for each language and argument, never for the data. `alt` says in words what
    the chart shows. Without rows the reader is told what to do instead, by `empty` where given. `width` is that of the
    page, or what the specification says.

    Returns:
        What was clicked, by the name of the selection, where `on_select` is given; else None.
    """
    spec = dict(_specification(build, language(), tuple(sorted(what_changes_the_picture.items()))))
    _show_title(spec.pop("title", None))
    if table.num_rows == 0:
        empty_state(empty or t("Nothing to draw for this choice. Clear a filter or widen the period."))
        return None
    if on_select is None:
        st.vega_lite_chart(table, spec, key=key, alt=alt, width=width)
        return None
    return st.vega_lite_chart(table, spec, key=key, alt=alt, width=width, on_select=on_select)["selection"]


def _show_title(title: str | dict[str, Any] | None) -> None:
    if title is None:
        return
    shows, unit = (title, None) if isinstance(title, str) else (title["text"], title.get("subtitle"))
    st.markdown(f"**{escaped(shows)}**" + (f"  \n:small[:gray[{escaped(unit)}]]" if unit else ""))
