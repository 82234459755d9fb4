"""Download buttons whose file is made on the click, for a live session only, and leaves an audit row."""

from collections.abc import Callable, Sequence
from datetime import datetime

import pyarrow as pa
import streamlit as st

from core.calendar import SHANGHAI
from core.reports.tables import Column, Stamp, csv_bytes, xlsx_bytes
from pages.parts.session import current, guarded, language, t
from pages.parts.store.base import Ask
from pages.parts.store.exports import allow_export

XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download_buttons(table: pa.Table, columns: Sequence[Column], *, key: str, name: str) -> None:
    """Draw the two buttons that give the table as CSV and as XLSX."""
    ask = current()
    title, shown_language = name, language()

    def stamp() -> Stamp:
        return Stamp(
            title=title,
            made_by=ask.actor.display_name,
            made_at=datetime.now(SHANGHAI).replace(tzinfo=None),
            language=shown_language,
        )

    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        _file_button(
            ask, "csv", "text/csv", lambda: csv_bytes(table, columns, stamp()), key=key, name=name, rows=table.num_rows
        )
        _file_button(
            ask, "xlsx", XLSX_MIME, lambda: xlsx_bytes(table, columns, stamp()), key=key, name=name, rows=table.num_rows
        )


def _file_button(
    ask: Ask, file_format: str, mime: str, build: Callable[[], bytes], *, key: str, name: str, rows: int
) -> None:
    st.download_button(
        file_format.upper(),
        data=guarded(exported(ask, build, name=name, file_format=file_format, rows=rows)),
        file_name=f"{key}_{ask.today:%Y%m%d}.{file_format}",
        mime=mime,
        key=f"{key}_{file_format}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        help=t("Download this table as {format}", format=file_format.upper()),
    )


def exported(ask: Ask, build: Callable[[], bytes], *, name: str, file_format: str, rows: int) -> Callable[[], bytes]:
    """Return the body of a deferred download: the session must still be alive, the export is on the record."""

    def make() -> bytes:
        allow_export(ask, name=name, file_format=file_format, rows=rows)
        return build()

    return make
