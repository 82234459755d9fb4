"""Before the server answers: is everything fit to start, and is everything loaded."""

import gc
import importlib
import pkgutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

import core
import pages.parts
from pages.parts.errors import silence_streamlit_reports
from pages.parts.first_start import begin_first_start
from pages.parts.places import PlaceError, places
from pages.parts.store.accounts import StoreError
from pages.parts.store.opening import broken_audit_entry, check_opening
from pages.parts.store.secret import secret_key


def check_start() -> None:
    """End the program with one clear line where something is not as it must be."""
    silence_streamlit_reports()
    from pages.parts.sign_in import check_library  # the library's import speaks before it is silenced

    try:
        check_library()
        places()
        secret_key()
        check_opening()
        warn_of_tampering()
    except (StoreError, PlaceError) as error:
        sys.exit(f"Branch Coach cannot start: {error}")


def warn_of_tampering() -> None:
    """Say so where the audit trail was changed by somebody else than this program; it can still be read."""
    entry = broken_audit_entry()
    if entry is not None:
        sys.stderr.write(
            f"Warning: the audit trail does not hold from entry {entry} on. Somebody changed or removed entries "
            "in the store itself; compare it with a backup.\n"
        )


@asynccontextmanager
async def warm_up(_app: st.App) -> AsyncIterator[None]:
    """Load everything once and take it out of the collector's sight, so that no visitor waits for either."""
    for package in (core, pages.parts):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    gc.collect()
    gc.freeze()
    begin_first_start()
    yield
