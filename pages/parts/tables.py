"""Draw a table: localised headings over language-free columns, typed cells, downloads, a row to click."""

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from core.charts.palette import STAGE_PILL_COLOURS
from core.charts.theme import stage_word
from core.facts import Stage
from core.language import Language
from core.language.days import day_word
from core.reports.tables import Column, in_shanghai, word_of
from pages.parts.downloads import download_buttons
from pages.parts.layout import empty_state, escaped
from pages.parts.picks import follow_pick, remember_pick
from pages.parts.session import language, t

ROW_PIXELS = 35
FRAME_PIXELS = 3
DAY_PIXELS: dict[Language, dict[str, int]] = {"en": {"day": 92, "moment": 136}, "zh": {"day": 116, "moment": 158}}
"""The least a column of days takes in a language where it has a width at all: none is cut."""
BAR_PIXELS, GAP_PIXELS, SIDE_PIXELS = 1, 2, 8
"""A small bar of a trend, the gap Streamlit leaves beside it, the room at both ends of a cell.

A bar thinner than a pixel is mixed with what is behind it, and hardly seen.
"""

BETWEEN_WORDS, MAY_BREAK = re.compile(r"(?<=[^\W\d])/(?=[^\W\d])"), "\N{ZERO WIDTH SPACE}"
"""A slash after which a line of long texts may break, so that four words joined by them fit a phone."""

__all__ = ["Column", "show_table", "show_text_table", "trend_room"]


def trend_room(bars: int) -> int:
    """Return the width of a column of trends in which every bar is as wide as a whole pixel."""
    return bars * BAR_PIXELS + (bars - 1) * GAP_PIXELS + 2 * SIDE_PIXELS


def show_table(
    table: pa.Table,
    columns: Sequence[Column],
    *,
    key: str,
    name: str,
    on_select: Literal["rerun"] | Callable[[], None] | None = None,
    empty: str | None = None,
    height: int | Literal["auto", "content"] = "auto",
    downloads: bool = True,
    always_picked: bool = False,
    keys: Sequence[Hashable] | None = None,
) -> int | None:
    """Draw the named columns of the table, with buttons that give it as CSV and XLSX.

    Args:
        table: one row a line; already bound to what the reader may see. Columns not named stay hidden.
        columns: what is shown, in order.
        key: `<screen>_<thing>`.
        name: what the table holds, in the reader's language; heads the files and names the table for screen readers.
        on_select: "rerun" or a guarded callback makes rows clickable, one at a time.
        empty: what to say and advise where there are no rows.
        height: the most pixels it takes, or as Streamlit names it.
        downloads: False for a table that repeats another one.
        always_picked: some row is always picked, at first the first one.
        keys: what the rows go by, where a form stands beside the table: the pick then stays with its record.

    Returns:
        The place (from 0) of the clicked row in `table`, None where none is.
    """
    if table.num_rows == 0:
        empty_state(empty or t("No rows for this choice. Clear a filter or widen the period."))
        return None
    shown = [_with_words(column) for column in columns if column.key in table.column_names]
    options: dict[str, Any] = {} if on_select is None else {"on_select": on_select, "selection_mode": "single-row"}
    if always_picked:
        options |= {"selection_mode": "single-row-required", "selection_default": {"selection": {"rows": [0]}}}
    if keys is not None:
        follow_pick(key, keys)
    drawn = [column for column in shown if column.on_screen]
    event = st.dataframe(
        pa.table({column.key: _screen_cells(table.column(column.key), column) for column in drawn}),
        column_config={
            column.key: _column_config(column, is_number=_is_number(table.column(column.key))) for column in drawn
        },
        hide_index=True,
        key=key,
        height=_no_taller_than_its_rows(height, table.num_rows),
        alt=name,
        placeholder="–",
        **options,
    )
    if downloads:
        download_buttons(table, shown, key=key, name=name)
    chosen = event["selection"]["rows"] if on_select is not None else []
    row = chosen[0] if chosen and chosen[0] < table.num_rows else None
    if keys is not None:
        remember_pick(key, keys, row)
    return row


def show_text_table(
    table: pa.Table, columns: Sequence[Column], *, key: str, name: str, empty: str | None = None
) -> None:
    """Draw a short table of long texts, which break into lines instead of being cut; columns of text and of days.

    Args:
        table: one row a line; already bound to what the reader may see.
        columns: what is shown, in order; their widths are those of the browser.
        key: of the downloads, `<screen>_<thing>`.
        name: what the table holds, in the reader's language.
        empty: what to say and advise where there are no rows.
    """
    if table.num_rows == 0:
        empty_state(empty or t("No rows for this choice. Clear a filter or widen the period."))
        return
    drawn = [column for column in columns if column.on_screen]
    cells = {
        escaped(column.label): [_read(value, column) for value in table.column(column.key).to_pylist()]
        for column in drawn
    }
    st.table(pa.table(cells), border="horizontal", hide_index=True, alt=name)
    download_buttons(table, columns, key=key, name=name)


def _read(value: Any, column: Column) -> str:
    if value is None or value == "":
        return "–"
    if column.kind == "day":
        return escaped(day_word(language(), value))
    return BETWEEN_WORDS.sub(f"/{MAY_BREAK}", escaped(word_of(value, column.words)))


def _no_taller_than_its_rows(height: int | Literal["auto", "content"], rows: int) -> int | Literal["auto", "content"]:
    return height if isinstance(height, str) else min(height, ROW_PIXELS * (rows + 1) + FRAME_PIXELS)


def _with_words(column: Column) -> Column:
    if column.kind != "stage" or column.words:
        return column
    return replace(column, words={stage.value: stage_word(language(), stage) for stage in Stage})


def _screen_cells(cells: pa.ChunkedArray, column: Column) -> pa.ChunkedArray | pa.Array:
    match column.kind:
        case "moment":
            return in_shanghai(cells)
        case "share":
            return pc.multiply(cells.cast(pa.float64()), 100.0)
        case "money":
            return pc.round(cells.cast(pa.float64()), round_mode="half_towards_infinity").cast(pa.int64())
        case "stage":
            return _one_each(cells)
        case "text" if column.words or pa.types.is_boolean(cells.type):
            return _in_words(cells, column.words or {})
        case _:
            return cells


def _one_each(cells: pa.ChunkedArray) -> pa.Array:
    """Return each value as a list of one, a missing one as an empty list: Streamlit colours the items of lists."""
    stored = cells.combine_chunks()
    present = stored.is_valid()
    ends = np.concatenate([[0], np.cumsum(present.to_numpy(zero_copy_only=False))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), stored.drop_null())


def _in_words(cells: pa.ChunkedArray, words: Any) -> pa.Array:
    coded = cells.combine_chunks()
    coded = coded if pa.types.is_dictionary(coded.type) else coded.dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    stored = coded.dictionary.to_pylist()
    return pa.array([word_of(value, words) for value in stored], pa.string()).take(coded.indices)


def _is_number(cells: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_floating(cells.type))


def _room(column: Column) -> int | Literal["small", "medium", "large"] | None:
    least = DAY_PIXELS[language()].get(column.kind, 0)
    return max(column.width, least) if isinstance(column.width, int) else column.width


def _column_config(column: Column, *, is_number: bool = False) -> Any:
    """Return how Streamlit shows a column; a number of no kind keeps the places it needs, 26 as well as 0.004."""
    config = st.column_config
    common: dict[str, Any] = {
        "label": column.label,
        "help": column.help,
        "width": _room(column),
        "pinned": column.pinned or None,
    }
    match column.kind:
        case "integer" | "money":
            return config.NumberColumn(**common, format="localized")
        case "decimal":
            return config.NumberColumn(**common, format="%.2f")
        case "tenths":
            return config.NumberColumn(**common, format="%.1f")
        case "share":
            return config.NumberColumn(**common, format="%.0f%%")
        case "day":
            return config.DateColumn(**common, format=t("D MMM YYYY"))
        case "month":
            return config.DateColumn(**common, format=t("MMM YYYY"))
        case "moment":
            return config.DatetimeColumn(**common, format=t("D MMM YYYY HH:mm"))
        case "trend":
            return config.BarChartColumn(**common, y_min=0, color="gray")  # the theme says which, light and dark
        case "stage":
            words = column.words or {}
            colours = [STAGE_PILL_COLOURS[Stage(value)] for value in words]
            return config.MultiselectColumn(
                **common, options=list(words), color=colours, format_func=lambda v: words[v]
            )
        case "words":
            words = column.words or {}
            return config.MultiselectColumn(**common, options=list(words), format_func=lambda value: words[value])
        case "text" if is_number and not column.words:
            return config.NumberColumn(**common, format="%.4g")
        case _:
            return config.TextColumn(**common)
