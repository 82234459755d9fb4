"""The store at start: fit to open, or still to be made from the fictional city."""

from collections.abc import Callable
from datetime import date

from core.sample.steps import SampleStep
from db import engine
from db.audit import first_broken_entry
from db.sample import make_sample_store
from db.store_check import check_store, is_empty_file


def needs_sample() -> bool:
    """Tell whether nothing is configured and the sample store is still to be made."""
    return engine.configured_url() is None and not engine.COMPANY_FILE.exists() and is_empty_file(engine.SAMPLE_FILE)


def check_opening() -> None:
    """Make sure the store can be opened, where there is one.

    Raises:
        StoreError: it cannot; the message says what to do.
    """
    if not needs_sample():
        check_store(engine.store_url())


def broken_audit_entry() -> int | None:
    """Return the first audit row that does not follow from the one before, None where the trail holds."""
    if needs_sample():
        return None
    with engine.reading() as session:
        return first_broken_entry(session)


def make_sample(*, today: date, progress: Callable[[float, SampleStep], None]) -> None:
    """Make the sample store with its demo accounts."""
    make_sample_store(engine.SAMPLE_FILE, today=today, progress=progress)
