"""Import: choose files, see what storing them would do, store them, take an import back."""

import streamlit as st

from pages.parts.import_views import (
    piles_of,
    show_counts,
    show_log,
    show_notice,
    show_piles,
    show_store_buttons,
    show_templates,
)
from pages.parts.layout import page_header, section
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach

ask = current()
page_header(t("Import"), data_reach(ask).last_policy_on)
show_notice()
with section(t("Choose files")):
    show_templates()
    chosen = st.file_uploader(
        t(
            "Drag files here or press the button: branches, people, contacts, policies, past statuses; "
            "CSV or XLSX, up to 20 MB each, several at once"
        ),
        type=["csv", "xlsx"],
        accept_multiple_files=True,
        key="import_data_files",
    )
if chosen:
    uploads = [(file.name, file.getvalue()) for file in chosen]
    with section(t("What storing would do")):
        piles = piles_of(uploads, tuple(file.file_id for file in chosen))
        show_counts(piles)
        show_store_buttons(piles, uploads)
    show_piles(piles)
with section(t("Imports made")):
    show_log()
