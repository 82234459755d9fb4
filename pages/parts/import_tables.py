"""Tables of the Import screen: errors and warnings, old and new values, new rows."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from pages.parts.session import language, t
from pages.parts.store.imports import Dataset, Finding, Piles, cell_words, column_title
from pages.parts.tables import Column, show_table


def dataset_word(dataset: str) -> str:
    """Return what a dataset is called."""
    words = {
        Dataset.BRANCHES: t("Branches"),
        Dataset.STAFF: t("People"),
        Dataset.CONTACTS: t("Contacts"),
        Dataset.POLICIES: t("Insurance policies"),
        Dataset.STATUSES: t("Past statuses"),
    }
    return words[Dataset(dataset)]


def show_findings(findings: Sequence[Finding], key: str, name: str) -> None:
    """Draw errors or warnings: where, what, what would be right."""
    rows = [finding.as_row(language()) for finding in findings]
    for row in rows:
        row["column"] = row["column"] and column_title(row["column"], language())
    columns = [
        Column("row", t("Row"), kind="integer"),
        Column("column", t("Column")),
        Column("value", t("Value")),
        Column("message", t("What is wrong"), width="large"),
    ]
    if len({row["file"] for row in rows}) > 1:
        columns.append(Column("file", t("File")))
    if any(row["sheet"] for row in rows):
        columns.append(Column("sheet", t("Sheet")))
    types = {"row": pa.int64()}
    table = pa.table({c.key: pa.array([row[c.key] for row in rows], types.get(c.key, pa.string())) for c in columns})
    show_table(table, columns, key=key, name=name)


def show_changes(piles: Piles) -> None:
    """Draw old and new values of changed rows."""
    columns = [
        *([Column("dataset", t("Dataset"))] if len({dataset for dataset, *_ in piles.changed}) > 1 else []),
        Column("row", t("Row"), kind="integer"),
        Column("key", t("Code")),
        Column("column", t("Column")),
        Column("old", t("Old value")),
        Column("new", t("New value")),
    ]
    shown = [
        (
            dataset_word(dataset),
            row,
            key,
            column_title(column, language(), Dataset(dataset)),
            cell_words(column, old, language(), Dataset(dataset)),
            cell_words(column, new, language(), Dataset(dataset)),
        )
        for dataset, row, key, column, old, new in piles.changed
    ]
    names = ("dataset", "row", "key", "column", "old", "new")
    table = pa.table({name: list(part) for name, part in zip(names, zip(*shown, strict=True), strict=True)})
    show_table(table, columns, key="import_data_changed", name=t("Changed"))


def show_new(dataset: str, rows: Sequence[dict[str, str]]) -> None:
    """Draw the first new rows of one dataset."""
    names = list(rows[0])
    st.caption(dataset_word(dataset))
    show_table(
        pa.table({name: [cell_words(name, row[name], language(), Dataset(dataset)) for row in rows] for name in names}),
        [Column(name, column_title(name, language(), Dataset(dataset))) for name in names],
        key=f"import_data_new_{dataset}",
        name=f"{t('New')} · {dataset_word(dataset)}",
        downloads=False,
    )
