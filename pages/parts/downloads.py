"""Download buttons whose file is made on the click, for a live session only, and leaves an audit row."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import pyarrow as pa
import streamlit as st

from core.calendar import SHANGHAI
from core.reports.a4 import Part, a4_page
from core.reports.a4_pdf import a4_pdf
from core.reports.pack.fonts import chinese_face, no_font_words
from core.reports.tables import Column, Stamp, csv_bytes, xlsx_bytes
from pages.parts.session import current, guarded, language, t
from pages.parts.store.base import Ask
from pages.parts.store.exports import allow_export

XLSX_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download_buttons(table: pa.Table, columns: Sequence[Column], *, key: str, name: str) -> None:
    """Draw the two buttons that give the table as CSV and as XLSX."""
    ask = current()
    stamp = _stamp(ask, name)

    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        _file_button(
            ask, "csv", "text/csv", lambda: csv_bytes(table, columns, stamp()), key=key, name=name, rows=table.num_rows
        )
        _file_button(
            ask, "xlsx", XLSX_MIME, lambda: xlsx_bytes(table, columns, stamp()), key=key, name=name, rows=table.num_rows
        )


def print_button(
    label: str,
    parts: Callable[[], Iterable[Part]],
    *,
    title: str,
    note: str,
    file_name: str,
    key: str,
    is_dense: bool = False,
    with_pdf: bool = False,
) -> None:
    """Draw the button that gives a page to open in the browser and print; `parts` is asked on the click.

    Args:
        label: what the button says.
        parts: what the page shows, in order; runs outside the run that drew the button.
        title: heads the page and names the export on the record.
        note: the line under the title.
        file_name: without its ending.
        key: of the button.
        is_dense: as `a4_page` has it.
        with_pdf: a second button gives the same page as PDF; without a Chinese font it says what is missing.
    """
    ask = current()
    stamp = _stamp(ask, title)
    st.download_button(
        label,
        data=guarded(
            exported(
                ask,
                lambda: a4_page(parts(), stamp(), note=note, is_dense=is_dense),
                name=title,
                file_format="html",
                rows=1,
            )
        ),
        file_name=f"{file_name}.html",
        mime="text/html",
        key=key,
        icon=":material/print:",
        on_click="ignore",
        help=t("A page to open in the browser and print"),
    )
    if with_pdf:
        has_face = chinese_face() is not None
        st.download_button(
            t("PDF"),
            data=guarded(
                exported(
                    ask,
                    lambda: a4_pdf(parts(), stamp(), note=note),
                    name=title,
                    file_format="pdf",
                    rows=1,
                )
            ),
            file_name=f"{file_name}.pdf",
            mime="application/pdf",
            key=f"{key}_pdf",
            icon=":material/picture_as_pdf:",
            on_click="ignore",
            disabled=not has_face,
            help=t("The same page as PDF") if has_face else no_font_words(language()),
        )


def _stamp(ask: Ask, title: str) -> Callable[[], Stamp]:
    """Return what makes the stamp of a file on the click, in the language of the run that drew the button."""
    shown_language = language()
    return lambda: Stamp(
        title=title,
        made_by=ask.actor.display_name,
        made_at=datetime.now(SHANGHAI).replace(tzinfo=None),
        language=shown_language,
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
