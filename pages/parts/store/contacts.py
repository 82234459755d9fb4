"""Contacts: the latest of a branch, and logging new ones."""

from datetime import date

import pyarrow as pa

from core.coaching.contacts import ContactContent, ContactEntry
from core.coaching.problems import Problem
from core.facts import ContactMethod, StaffRole
from db.contact_changes import correct_contact, withdraw_contact
from db.contact_list import recent_contacts as contacts_in_store
from db.contacts import RecordedContacts, already_logged, record_contacts
from db.engine import reading, writing
from pages.parts.store.base import Ask, cached


@cached
def recent_contacts(ask: Ask, branch_id: int, limit: int = 20, before: tuple[date, int] | None = None) -> pa.Table:
    """Return the latest contacts of a branch, or the latest before one, as `db.contact_list.recent_contacts`."""
    with reading(ask.store_url) as session:
        return contacts_in_store(session, actor=ask.actor, branch_id=branch_id, limit=limit, before=before)


def logged_before(
    ask: Ask,
    branch_id: int,
    *,
    contact_on: date,
    method: ContactMethod,
    staff_ids: tuple[int, ...],
    roles: tuple[StaffRole, ...],
) -> tuple[Problem, ...]:
    """Point out whom the same day already holds; asked anew, as a colleague may have just logged."""
    entry = ContactEntry(contact_on=contact_on, method=method, staff_ids=staff_ids, roles=roles)
    with reading(ask.store_url) as session:
        return already_logged(session, actor=ask.actor, branch_id=branch_id, entry=entry)


def correct(
    ask: Ask, contact_id: int, content: ContactContent, *, shown_version: int, is_another: bool, key: str
) -> bool:
    """Correct a contact; refusals as `db.contact_changes.correct_contact`."""
    with writing(ask.store_url) as session:
        correct_contact(
            session,
            actor=ask.actor,
            contact_id=contact_id,
            shown_version=shown_version,
            content=content,
            today=ask.today,
            key=key,
            is_another=is_another,
        )
    return True


def withdraw(ask: Ask, contact_id: int, reason: str, *, shown_version: int, key: str) -> bool:
    """Withdraw a contact; refusals as `db.contact_changes.withdraw_contact`."""
    with writing(ask.store_url) as session:
        withdraw_contact(
            session,
            actor=ask.actor,
            contact_id=contact_id,
            shown_version=shown_version,
            reason=reason,
            today=ask.today,
            key=key,
        )
    return True


def log_contacts(ask: Ask, branch_id: int, entry: ContactEntry, *, is_another: bool, key: str) -> RecordedContacts:
    """Store an entry; refusals as `db.contacts.record_contacts`."""
    with writing(ask.store_url) as session:
        return record_contacts(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            entry=entry,
            today=ask.today,
            key=key,
            is_another=is_another,
        )
