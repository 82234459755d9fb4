import pytest
from sqlalchemy import update

from core.facts import COMMAND_LINE
from db.audit import record_export
from db.engine import writing
from db.models import AuditRow
from pages.start import warn_of_tampering


@pytest.fixture
def store(sqlite_store):
    for name in ("first", "second"):
        with writing(sqlite_store, raises_version=False) as session:
            record_export(session, actor=COMMAND_LINE, name=name, file_format="csv", rows=1)
    return sqlite_store


def test_an_untouched_audit_trail_starts_in_silence(store, capsys):
    warn_of_tampering()
    assert capsys.readouterr().err == ""


def test_a_changed_audit_trail_is_told_at_the_start(store, capsys):
    with writing(store, raises_version=False) as session:
        session.execute(update(AuditRow).where(AuditRow.id == 2).values(action="nothing"))
    warn_of_tampering()
    assert "does not hold from entry 2 on" in capsys.readouterr().err
