"""Signing in and accounts: the door to `db.sign_in` and `db.users`."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from core.accounts import Account, AccountError, AccountFault, username_of
from core.facts import UserRole
from core.language import Language
from core.passwords import hash_of, matches, one_time_password
from db import sign_in as rows
from db import users
from db.changes import ChangedByOtherError
from db.engine import StoreError, is_sample, reading, store_url, writing
from db.sample import DEMO_PASSWORD
from db.sign_in import Credentials, LiveSession
from pages.parts.store.base import Ask
from pages.parts.store.secret import keyed_digest

__all__ = ["DEMO_PASSWORD", "ChangedByOtherError", "Credentials", "LiveSession", "StoreError", "store_url"]


@dataclass(frozen=True)
class Opened:
    """A session just opened: its digest, and the ticket the browser trades for the cookie."""

    digest: str
    ticket: str


@dataclass(frozen=True)
class FrontDoor:
    """What the sign-in page says of the store: is there an account at all, is it the sample."""

    has_users: bool
    is_sample: bool


LONGEST_SECONDS = int(rows.LONGEST.total_seconds())


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


def front_door() -> FrontDoor:
    """Return what the sign-in page has to know."""
    with reading() as session:
        return FrontDoor(rows.has_users(session), is_sample(session))


def checked_credentials(username: str, password: str, address: str) -> Credentials | None:
    """Check a name and a password; None for whatever reason, after the same time.

    The attempt is counted before the password is looked at; a right password takes it back.
    """
    try:
        name = username_of(username)
    except AccountError:
        name = username.strip().lower()[:200]
    digest = keyed_digest("name", name)
    now = _now()
    with writing(raises_version=False) as session:
        allowed = rows.reserve_attempt(session, name_digest=digest, address=address, now=now)
    with reading() as session:
        found = rows.find_credentials(session, username=name)
    right = matches(password, found.password_hash if found else None)
    if not (allowed and right and found):
        return None
    with writing(raises_version=False) as session:
        rows.forget_attempts(session, name_digest=digest, address=address)
    return found


def accounts_of(ask: Ask) -> list[Account]:
    """Return all accounts, for an administrator."""
    with reading(ask.store_url) as session:
        return users.accounts(session, actor=ask.actor)


def bound_is_known(ask: Ask, *, region_path: str | None, branch_code: str | None) -> bool:
    """Tell whether the region or branch that bounds an account is in the store yet."""
    with reading(ask.store_url) as session:
        return users.bound_is_known(session, actor=ask.actor, region_path=region_path, branch_code=branch_code)


def create_account(
    ask: Ask,
    *,
    username: str,
    display_name: str,
    role: UserRole,
    region_path: str | None,
    branch_code: str | None,
    key: str,
) -> str | None:
    """Make an account and return its one-time password; None where this form made it before."""
    password = one_time_password()
    password_hash = hash_of(password)
    with writing(ask.store_url) as session:
        created = users.create_user(
            session,
            actor=ask.actor,
            username=username,
            display_name=display_name,
            role=role,
            password_hash=password_hash,
            is_one_time=True,
            region_path=region_path,
            branch_code=branch_code,
            key=key,
        )
    return password if created.is_new else None


def change_role(
    ask: Ask, account: Account, *, role: UserRole, region_path: str | None, branch_code: str | None
) -> None:
    """Give the account, as it was shown, another role or bound."""
    with writing(ask.store_url) as session:
        users.change_role(
            session,
            actor=ask.actor,
            user_id=account.user_id,
            version=account.version,
            role=role,
            region_path=region_path,
            branch_code=branch_code,
        )


def set_active(ask: Ask, account: Account, *, is_active: bool) -> None:
    """Disable or enable the account as it was shown."""
    with writing(ask.store_url) as session:
        users.set_active(
            session, actor=ask.actor, user_id=account.user_id, version=account.version, is_active=is_active
        )


def reset_password(ask: Ask, account: Account) -> str:
    """Give the account as it was shown a one-time password, forget its failures, return the password."""
    password = one_time_password()
    password_hash = hash_of(password)
    with writing(ask.store_url) as session:
        users.reset_password(
            session, actor=ask.actor, user_id=account.user_id, version=account.version, password_hash=password_hash
        )
        rows.forget_attempts(session, name_digest=keyed_digest("name", account.username))
    return password


def unlock(ask: Ask, account: Account) -> int:
    """Forget the failed sign-ins of an account; return how many there were."""
    with writing(ask.store_url) as session:
        return users.unlock(
            session, actor=ask.actor, user_id=account.user_id, name_digest=keyed_digest("name", account.username)
        )


def change_own_password(ask: Ask, *, present: str, new: str, address: str) -> None:
    """Store the new password of the user himself.

    Raises:
        AccountError: the present password is wrong (counted like a failed sign-in), or the new one is the same.
    """
    found = checked_credentials(ask.actor.username, present, address)
    if found is None:
        raise AccountError(AccountFault.WRONG_PASSWORD)
    if present == new:
        raise AccountError(AccountFault.SAME_PASSWORD)
    password_hash = hash_of(new)
    with writing(ask.store_url) as session:
        users.change_own_password(
            session,
            actor=ask.actor,
            cred_version=found.cred_version,
            password_hash=password_hash,
            digest=ask.session_digest,
        )


def keep_language(ask: Ask, language: Language) -> None:
    """Remember the language the user chose."""
    with writing(ask.store_url, raises_version=False) as session:
        users.keep_language(session, actor=ask.actor, language=language)


def demo_accounts() -> list[tuple[str, UserRole]]:
    """Return the demo accounts of the sample store by name and role; none in any other store."""
    with reading() as session:
        return users.demo_accounts(session)
