"""Signing in: attempts and their limit, sessions, one-time cookie tickets.

Names, addresses, session ids and tickets arrive here as keyed digests; the store never holds what
a browser sends. Moments are arguments, so that expiry can be tested without waiting.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.facts import Actor, UserRole
from core.language import LANGUAGES, Language
from db.changes import record_audit
from db.engine import DATA_VERSION, SAMPLE, is_sample, writing
from db.models import BranchRow, CookieTicketRow, SignInAttemptRow, SignInSessionRow, StoreFactRow, UserRow

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
VISIT_MARK_EVERY = timedelta(minutes=1)
TICKET_LIFE = timedelta(minutes=1)
ATTEMPT_WINDOW = timedelta(minutes=15)
FAILURES_OF_A_NAME_AT_AN_ADDRESS = 10
FAILURES_OF_AN_ADDRESS = 100
FAILURES_OF_A_NAME = 200


@dataclass(frozen=True)
class LiveSession:
    """A session that holds at this moment, the user as the store knows him now, the state of the data."""

    actor: Actor
    language: Language | None
    data_version: int
    is_sample: bool
    last_seen_at: datetime


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is checked against."""

    user_id: int
    username: str
    password_hash: str
    cred_version: int


def _fact(key: str) -> object:
    return func.coalesce(select(StoreFactRow.value).where(StoreFactRow.key == key).scalar_subquery(), 0)


_LIVE = (
    select(
        UserRow.id,
        UserRow.username,
        UserRow.display_name,
        UserRow.role,
        UserRow.region_path,
        BranchRow.id,
        UserRow.must_change_password,
        UserRow.language,
        UserRow.is_demo,
        SignInSessionRow.last_seen_at,
        _fact(DATA_VERSION),  # type: ignore[call-overload]  # a scalar subquery is a column
        _fact(SAMPLE),
    )
    .join(
        UserRow,
        and_(
            UserRow.id == SignInSessionRow.user_id,
            UserRow.is_active,
            UserRow.cred_version == SignInSessionRow.cred_version,
        ),
    )
    .outerjoin(BranchRow, BranchRow.branch_code == UserRow.branch_code)
    .where(
        SignInSessionRow.sid_hash == bindparam("digest"),
        SignInSessionRow.revoked_at.is_(None),
        SignInSessionRow.expires_at > bindparam("now"),
        SignInSessionRow.last_seen_at > bindparam("idle_since"),
    )
)
"""Built once and run without the mapper: it stands in the way of every run of every page."""


def live_session(session: Session, *, digest: str, now: datetime) -> LiveSession | None:
    """Return the session with this digest, None where it does not hold (any more).

    One question: revoked, idle, too old, disabled, changed credentials and a demo account beside
    real data all give None.
    """
    row = session.connection().execute(_LIVE, {"digest": digest, "now": now, "idle_since": now - IDLE}).one_or_none()
    if row is None:
        return None
    user_id, username, display_name, role, region_path, branch_id, must_change, language, is_demo, seen, *facts = row
    version, sample = facts
    if is_demo and not sample:
        return None
    return LiveSession(
        actor=Actor(
            user_id=user_id,
            username=username,
            display_name=display_name,
            role=UserRole(role),
            region_path=region_path if role == UserRole.MANAGER else None,
            branch_id=branch_id if role == UserRole.BRANCH_HEAD else None,
            must_change_password=must_change,
        ),
        language=cast("Language", language) if language in LANGUAGES else None,
        data_version=int(version),
        is_sample=bool(sample),
        last_seen_at=seen,
    )


def mark_visit(url: str, *, digest: str, now: datetime) -> bool:
    """Move the idle limit on; False where the store was busy, which the next run makes good."""
    try:
        with writing(url, raises_version=False) as session:
            session.execute(
                update(SignInSessionRow)
                .where(SignInSessionRow.sid_hash == digest, SignInSessionRow.revoked_at.is_(None))
                .values(last_seen_at=now)
            )
    except OperationalError:
        return False
    return True


def has_users(session: Session) -> bool:
    """Tell whether there is any account."""
    return session.scalar(select(UserRow.id).limit(1)) is not None


def reserve_attempt(session: Session, *, name_digest: str, address: str, now: datetime) -> bool:
    """Count one attempt before the password is looked at; False where the limit is reached.

    Counting first leaves no gap for many attempts at once. A refused attempt is not counted, so
    the lock ends 15 minutes after the failures that made it.
    """
    session.execute(delete(SignInAttemptRow).where(SignInAttemptRow.at <= now - ATTEMPT_WINDOW))
    of_name = SignInAttemptRow.name_hash == name_digest
    at_address = SignInAttemptRow.address == address
    for condition, limit in (
        (and_(of_name, at_address), FAILURES_OF_A_NAME_AT_AN_ADDRESS),
        (at_address, FAILURES_OF_AN_ADDRESS),
        (of_name, FAILURES_OF_A_NAME),
    ):
        if session.scalar(select(func.count()).select_from(SignInAttemptRow).where(condition)) >= limit:  # type: ignore[operator]  # count() is never empty
            return False
    session.add(SignInAttemptRow(name_hash=name_digest, address=address, at=now))
    return True


def forget_attempts(session: Session, *, name_digest: str, address: str | None = None) -> int:
    """Forget the failures of a name, at one address or at all; return how many."""
    query = delete(SignInAttemptRow).where(SignInAttemptRow.name_hash == name_digest)
    if address is not None:
        query = query.where(SignInAttemptRow.address == address)
    return int(session.execute(query).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a CursorResult


def find_credentials(session: Session, *, username: str) -> Credentials | None:
    """Return what to check a sign-in against; None for unknown, disabled and misplaced demo accounts."""
    row = session.scalar(select(UserRow).where(UserRow.username == username, UserRow.is_active))
    if row is None or (row.is_demo and not is_sample(session)):
        return None
    return Credentials(row.id, row.username, row.password_hash, row.cred_version)


def open_session(
    session: Session, *, user_id: int, cred_version: int, digest: str, ticket_digest: str, now: datetime
) -> None:
    """Open a session, and the ticket that the browser trades for its cookie; sweep out dead ones."""
    session.execute(delete(SignInSessionRow).where(SignInSessionRow.expires_at < now - LONGEST))
    session.execute(delete(CookieTicketRow).where(CookieTicketRow.expires_at < now))
    session.add(
        SignInSessionRow(
            sid_hash=digest,
            user_id=user_id,
            cred_version=cred_version,
            created_at=now,
            last_seen_at=now,
            expires_at=now + LONGEST,
        )
    )
    session.add(CookieTicketRow(ticket_hash=ticket_digest, sid_hash=digest, expires_at=now + TICKET_LIFE))
    user = session.get_one(UserRow, user_id)
    actor = Actor(user.id, user.username, user.display_name, UserRole(user.role))
    record_audit(session, actor=actor, action="sign_in", subject="user_account", subject_id=user_id)


def ticket_waits(session: Session, *, ticket_digest: str, now: datetime) -> bool:
    """Tell whether a ticket is still to be traded."""
    row = session.get(CookieTicketRow, ticket_digest)
    return row is not None and row.expires_at > now


def spend_ticket(session: Session, *, ticket_digest: str, now: datetime) -> str | None:
    """Take a ticket and return the digest of its session; None where it was spent or ran out."""
    row = session.get(CookieTicketRow, ticket_digest, with_for_update=True)
    if row is None:
        return None
    session.delete(row)
    return row.sid_hash if row.expires_at > now else None


def end_session(session: Session, *, digest: str, now: datetime) -> None:
    """Revoke a session; every tab and every copy of its cookie dies with it."""
    row = session.scalar(select(SignInSessionRow).where(SignInSessionRow.sid_hash == digest))
    if row is None or row.revoked_at is not None:
        return
    row.revoked_at = now
    user = session.get_one(UserRow, row.user_id)
    actor = Actor(user.id, user.username, user.display_name, UserRole(user.role))
    record_audit(session, actor=actor, action="sign_out", subject="user_account", subject_id=user.id)
