import pytest
from sqlalchemy import update

from core.facts import COMMAND_LINE, Actor, UserRole
from db.access import NotAllowedError
from db.audit import audit_entries, first_broken_entry, record_export
from db.engine import reading, writing
from db.models import AuditRow


def take_out(url, name, rows=3):
    with writing(url, raises_version=False) as session:
        record_export(session, actor=COMMAND_LINE, name=name, file_format="csv", rows=rows)


def test_an_export_is_on_the_record(store):
    take_out(store, "网点")
    with reading(store) as session:
        (entry,) = audit_entries(session, actor=COMMAND_LINE)
    assert (entry.action, entry.subject, entry.who) == ("export", "table", None)
    assert entry.after == {"name": "网点", "format": "csv", "rows": 3}


def test_the_newest_entry_comes_first_and_the_limit_holds(store):
    for name in ("first", "second", "third"):
        take_out(store, name)
    with reading(store) as session:
        entries = audit_entries(session, actor=COMMAND_LINE, limit=2)
    assert [entry.after["name"] for entry in entries] == ["third", "second"]


@pytest.mark.parametrize("role", [UserRole.MANAGER, UserRole.SUPERVISOR, UserRole.BRANCH_HEAD])
def test_only_administrators_read_the_trail(store, role):
    with reading(store) as session, pytest.raises(NotAllowedError):
        audit_entries(session, actor=Actor(2, "li", "Li", role))


def test_an_untouched_trail_holds(store):
    with reading(store) as session:
        assert first_broken_entry(session) is None
    for name in ("first", "second"):
        take_out(store, name)
    with reading(store) as session:
        assert first_broken_entry(session) is None


def test_a_changed_entry_shows(store):
    for name in ("first", "second", "third"):
        take_out(store, name)
    with writing(store, raises_version=False) as session:
        second = sorted(entry.entry_id for entry in audit_entries(session, actor=COMMAND_LINE))[1]
        session.execute(update(AuditRow).where(AuditRow.id == second).values(after={"name": "nothing"}))
    with reading(store) as session:
        assert first_broken_entry(session) == second


def test_a_removed_entry_shows(store):
    for name in ("first", "second", "third"):
        take_out(store, name)
    with writing(store, raises_version=False) as session:
        _, second, third = sorted(entry.entry_id for entry in audit_entries(session, actor=COMMAND_LINE))
        session.delete(session.get_one(AuditRow, second))
    with reading(store) as session:
        assert first_broken_entry(session) == third
