"""The parts of the Import screen: templates, the four piles, storing, the log with undo."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import pyarrow as pa
import streamlit as st

from core.facts import COMMAND_LINE
from core.trail.words import moment_word
from pages.parts.downloads import XLSX_MIME, exported
from pages.parts.import_tables import dataset_word, show_changes, show_findings, show_new
from pages.parts.layout import empty_state, escaped, section
from pages.parts.notices import leave_notice, stored, take_notice
from pages.parts.session import current, guarded, language, submit_key, t
from pages.parts.store.imports import (
    Dataset,
    ImportRecord,
    ImportRefusedError,
    NotStoredError,
    Piles,
    Upload,
    import_log,
    preview_upload,
    store_upload,
    template,
    undo,
)
from pages.parts.tables import Column, show_table

FORM = "import_data"
PREVIEW = "import_preview"
"""The piles of the files last looked at, beside what they depend on."""

TILE_PIXELS = 168


def show_templates() -> None:
    """Offer the template workbooks."""
    st.caption(t("Fill a template or bring your own CSV or XLSX: English or Chinese headings, in any order."))
    with st.container(horizontal=True, gap="small"):
        for dataset in [None, *Dataset]:
            name = dataset.value if dataset else "all"
            st.download_button(
                dataset_word(dataset) if dataset else t("All in one workbook"),
                data=guarded(partial(template, language(), dataset)),
                file_name=f"template_{name}.xlsx",
                mime=XLSX_MIME,
                key=f"import_data_template_{name}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )


def piles_of(uploads: Sequence[Upload], file_ids: tuple[str, ...]) -> Piles:
    """Return the piles of the uploaded files, counted once for each state of the data."""
    ask = current()
    depends_on = (file_ids, ask.data_version, ask.today, ask.actor, language())
    kept = st.session_state.get(PREVIEW)
    if kept is not None and kept[0] == depends_on:
        piles: Piles = kept[1]
        return piles
    bar = st.progress(0.0, text=t("Checking…"))
    lines = sum(content.count(b"\n") for name, content in uploads if name.lower().endswith(".csv"))

    def progress(rows: int) -> None:
        bar.progress(min(rows / lines, 1.0) if lines else 0.5, text=t("{rows} rows checked", rows=rows))

    piles = preview_upload(ask, uploads, language(), progress)
    bar.empty()
    st.session_state[PREVIEW] = (depends_on, piles)
    return piles


def _minute(at: datetime) -> str:
    return moment_word(language(), at)


def _importer(name: str) -> str:
    return t("Command line") if name == COMMAND_LINE.display_name else name


def show_counts(piles: Piles) -> None:
    """Draw how many rows lie in each of the four piles, two side by side on a phone."""
    counts = piles.report.counts
    if piles.report.earlier is not None:
        at, who = piles.report.earlier
        st.info(t("already imported on {day} by {who}", day=_minute(at), who=escaped(_importer(who))))
    with st.container(horizontal=True, gap="small"):
        for word, count in (
            (t("New"), counts.inserted),
            (t("Changed"), counts.updated),
            (t("Unchanged"), counts.unchanged),
            (t("Rejected"), counts.rejected),
        ):
            st.metric(word, f"{count:,}", border=True, width=TILE_PIXELS)


def show_piles(piles: Piles) -> None:
    """Draw what lies in the piles: what needs a decision first."""
    report = piles.report
    for part in report.files.values():
        if part.ignored_columns:
            names = ", ".join(part.ignored_columns)
            st.caption(escaped(t("{file}: columns ignored: {names}", file=part.file, names=names)))
        if part.ignored_sheets:
            names = ", ".join(part.ignored_sheets)
            st.caption(escaped(t("{file}: sheets ignored: {names}", file=part.file, names=names)))
    if report.errors:
        with section(t("Rejected: {count} errors", count=report.errors_total)):
            show_findings(report.errors, "import_data_errors", t("Errors"))
            _show_reject_downloads(piles)
    if piles.changed:
        with section(t("Changed: old and new values")):
            show_changes(piles)
    if any(piles.new.values()):
        with section(t("New: the first rows")):
            for dataset, rows in piles.new.items():
                if rows:
                    show_new(dataset, rows)
    if report.warnings:
        with section(t("Warnings: {count}; these rows are stored", count=report.warnings_total)):
            show_findings(report.warnings, "import_data_warnings", t("Warnings"))


def _show_reject_downloads(piles: Piles) -> None:
    ask = current()
    files = [(f"rejected_{dataset}.csv", "text/csv", content) for dataset, content in piles.rejects_csv.items()]
    if piles.rejects_xlsx is not None:
        files.append(("rejected.xlsx", XLSX_MIME, piles.rejects_xlsx))
    rows = piles.report.counts.rejected
    st.caption(t("Rejected rows as the same sheet with a reason: correct them there and import that file."))
    with st.container(horizontal=True, gap="small"):
        for name, mime, content in files:
            make = exported(ask, partial(bytes, content), name=name, file_format=name.rsplit(".", 1)[1], rows=rows)
            st.download_button(
                name,
                data=guarded(make),
                file_name=name,
                mime=mime,
                key=f"import_data_{name}",
                icon=":material/download:",
                on_click="ignore",
            )


def show_store_buttons(piles: Piles, uploads: Sequence[Upload]) -> None:
    """Offer to store everything, or the good rows only; say why where nothing can be stored."""
    ask = current()
    report = piles.report
    if ask.is_sample:
        st.warning(
            t(
                "This store holds the sample city with its demo accounts; real data never mix with it. "
                "You can look at what an import would do. Make a store of your own: python manage.py init --empty"
            )
        )
        return
    if report.counts.accepted and not (report.counts.inserted or report.counts.updated):
        st.caption(t("All good rows of these files are stored already; there is nothing to store."))
        return
    if report.errors_total == 0:
        label, is_partial = t("Store all rows"), False
    elif report.counts.accepted:
        st.caption(t("Nothing is stored while rows are rejected, unless you choose so."))
        label, is_partial = t("Store the good rows, leave the rejected out"), True
    else:
        return
    if not st.button(label, type="secondary" if is_partial else "primary", key="import_data_store"):
        return
    bar = st.progress(0.0, text=t("Storing…"))
    try:
        result = stored(FORM, lambda: store_upload(ask, uploads, is_partial=is_partial, key=submit_key(FORM)))
    except (ImportRefusedError, NotStoredError) as error:
        st.error(escaped(error.remark.said(language())))
        return
    finally:
        bar.empty()
    if result is None:
        return
    if not result.is_stored:
        st.error(t("The data changed since you looked. Nothing was stored; look at the piles again."))
        st.session_state.pop(PREVIEW, None)
        return
    counts = result.counts
    leave_notice(
        FORM,
        t(
            "Stored: {inserted} new, {updated} changed, {unchanged} unchanged, {rejected} rejected",
            inserted=counts.inserted,
            updated=counts.updated,
            unchanged=counts.unchanged,
            rejected=counts.rejected,
        ),
    )
    st.rerun()


def show_notice() -> None:
    """Say what the last step stored or took back."""
    words = take_notice(FORM)
    if words:
        st.success(escaped(words))


def show_log() -> None:
    """Draw the imports made, and the undo of one of them."""
    ask = current()
    records = import_log(ask)
    if not records:
        empty_state(t("Nothing was imported yet. Choose files above, or fill a template."))
        return
    columns = [
        Column("at", t("When"), kind="moment"),
        Column("by", t("Imported by")),
        Column("files", t("Files"), width="large"),
        Column("inserted", t("New"), kind="integer"),
        Column("updated", t("Changed"), kind="integer"),
        Column("unchanged", t("Unchanged"), kind="integer"),
        Column("undone", t("Undone"), kind="moment"),
        Column("number", t("Import number"), kind="integer", help=t("Named where an import changed past stages")),
    ]
    moment = pa.timestamp("s", "UTC")
    table = pa.table(
        {
            "at": pa.array([record.imported_at for record in records], moment),
            "by": [_importer(record.imported_by) for record in records],
            "files": [record.source_names for record in records],
            **{name: [record.total(name) for record in records] for name in ("inserted", "updated", "unchanged")},
            "undone": pa.array([record.undone_at for record in records], moment),
            "number": [record.import_batch_id for record in records],
        }
    )
    show_table(table, columns, key="import_data_log", name=t("Imports made"))
    _show_undo([record for record in records if record.undone_at is None])


def _show_undo(records: Sequence[ImportRecord]) -> None:
    if not records:
        return
    by_id = {record.import_batch_id: record for record in records}
    with st.form("import_data_undo", border=False, enter_to_submit=False):
        chosen = st.selectbox(
            t("Take an import back"),
            list(by_id),
            index=None,
            placeholder=t("Choose an import"),
            key="import_data_undo_batch",
            format_func=lambda each: f"{_minute(by_id[each].imported_at)} · {by_id[each].source_names}",
            help=t("New rows go, changed rows get their old values again; sums and stages are made anew."),
        )
        if not st.form_submit_button(t("Undo this import"), key="import_data_undo_submit") or chosen is None:
            return
    try:
        stored(FORM, lambda: undo(current(), chosen))
    except (ImportRefusedError, NotStoredError) as error:
        st.error(escaped(error.remark.said(language())))
        return
    leave_notice(FORM, t("The import was undone."))
    st.rerun()
