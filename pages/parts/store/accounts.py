"""Signing in and accounts: the door to `db.sign_in` and `db.users`."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from db import sign_in as rows
from db.engine import reading, store_url, writing
from db.sign_in import LiveSession
from pages.parts.store.secret import keyed_digest

__all__ = ["LiveSession", "store_url"]


@dataclass(frozen=True)
class Opened:
    """A session just opened: its digest, and the ticket the browser trades for the cookie."""

    digest: str
    ticket: str


def _now() -> datetime:
    return datetime.now(UTC)


def session_digest(sid: str) -> str:
    """Return the name under which the store knows the session of a cookie."""
    return keyed_digest("session", sid)


def _sid_of(ticket: str) -> str:
    return keyed_digest("sid", ticket)


def find_live_session(digest: str) -> LiveSession | None:
    """Return the session if it holds now, and move its idle limit on."""
    now = _now()
    url = store_url()
    with reading(url) as session:
        live = rows.live_session(session, digest=digest, now=now)
    if live and now - live.last_seen_at > rows.VISIT_MARK_EVERY:
        rows.mark_visit(url, digest=digest, now=now)
    return live


def open_session(user_id: int, cred_version: int) -> Opened:
    """Open a session with a new id."""
    ticket = secrets.token_urlsafe(32)
    digest = session_digest(_sid_of(ticket))
    with writing(raises_version=False) as session:
        rows.open_session(
            session,
            user_id=user_id,
            cred_version=cred_version,
            digest=digest,
            ticket_digest=keyed_digest("ticket", ticket),
            now=_now(),
        )
    return Opened(digest, ticket)


def ticket_waits(ticket: str) -> bool:
    """Tell whether the browser has yet to trade the ticket."""
    with reading() as session:
        return rows.ticket_waits(session, ticket_digest=keyed_digest("ticket", ticket), now=_now())


def spend_ticket(ticket: str) -> str | None:
    """Trade a ticket for the session id that the cookie is to hold; None the second time."""
    with writing(raises_version=False) as session:
        digest = rows.spend_ticket(session, ticket_digest=keyed_digest("ticket", ticket), now=_now())
    sid = _sid_of(ticket)
    return sid if digest is not None and digest == session_digest(sid) else None


def end_session(digest: str) -> None:
    """Revoke a session."""
    with writing(raises_version=False) as session:
        rows.end_session(session, digest=digest, now=_now())
