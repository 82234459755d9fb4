"""Many rows at once: the indexes of the store are the same before and after, and after a failure."""

import pytest
from sqlalchemy import text

from db.engine import reading, writing
from db.imports.bulk import MANY_ROWS, indexes_built_once
from db.models import ContactRow
from tests.db.imports.files import CONTACTS, imported, network, write

INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name"


def indexes(store):
    with reading(store) as session:
        return session.execute(text(INDEXES)).all()


def many_contacts(folder):
    header = CONTACTS.splitlines()[0]
    lines = [f"2026-11-16,00123,0001,,visit,li,30,产品,第{at}次,C{at:06d}" for at in range(MANY_ROWS - 1)]
    return write(folder, contacts="\n".join([header, *lines, "2026-11-16,00123,0001,,visit,li,30,,,LAST"]))


def test_many_rows_leave_the_indexes_as_they_were(sqlite_store, tmp_path):
    imported(sqlite_store, network(tmp_path / "network"))
    before = indexes(sqlite_store)
    report = imported(sqlite_store, many_contacts(tmp_path / "in"))
    assert report.counts.inserted == MANY_ROWS
    assert indexes(sqlite_store) == before
    with reading(sqlite_store) as session:
        assert session.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]


def _fail_between(store, before):
    with writing(store) as session, indexes_built_once(session, ContactRow.__table__, rows=MANY_ROWS):
        assert len(session.execute(text(INDEXES)).all()) < len(before)
        raise RuntimeError("on the way")


def test_a_failure_between_brings_the_indexes_back(sqlite_store):
    before = indexes(sqlite_store)
    with pytest.raises(RuntimeError, match="on the way"):
        _fail_between(sqlite_store, before)
    assert indexes(sqlite_store) == before


def test_few_rows_keep_the_indexes_throughout(sqlite_store):
    before = indexes(sqlite_store)
    with writing(sqlite_store) as session, indexes_built_once(session, ContactRow.__table__, rows=MANY_ROWS - 1):
        assert session.execute(text(INDEXES)).all() == before


def test_many_rows_imported_again_change_nothing(sqlite_store, tmp_path):
    imported(sqlite_store, network(tmp_path / "network"))
    first = imported(sqlite_store, many_contacts(tmp_path / "in"))
    again = imported(sqlite_store, many_contacts(tmp_path / "in"))
    assert (first.counts.inserted, again.counts.inserted, again.counts.unchanged) == (MANY_ROWS, 0, MANY_ROWS)
