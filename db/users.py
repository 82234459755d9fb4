"""Accounts: who there is, and every change to them, each with its audit row.

Only an administrator changes accounts of others; the last active administrator stays one. A change of
password, role, bounds or activity raises `cred_version`, which ends all sessions of the account.
Hashes are made by the caller, outside the transaction: that takes a third of a second.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.accounts import Account, AccountError, AccountFault, username_of
from core.facts import Actor, UserRole
from core.language import Language
from db.access import NotAllowedError, require_role
from db.changes import check_version, first_result, keep_result, record_audit, utc_now
from db.engine import is_sample
from db.models import BranchRow, OrgUnitRow, SignInSessionRow, UserRow
from db.sign_in import forget_attempts


class Created(NamedTuple):
    """An account, and whether it was made now or by the first submit of the same form."""

    user_id: int
    is_new: bool


def accounts(session: Session, *, actor: Actor) -> list[Account]:
    """Return all accounts by user name, with the moment each was last seen.

    Raises:
        NotAllowedError: the actor is no administrator.
    """
    require_role(actor, UserRole.ADMIN)
    seen = (
        select(SignInSessionRow.user_id, func.max(SignInSessionRow.last_seen_at).label("at"))
        .group_by(SignInSessionRow.user_id)
        .subquery()
    )
    rows = session.execute(
        select(UserRow, seen.c.at).outerjoin(seen, seen.c.user_id == UserRow.id).order_by(UserRow.username)
    )
    return [
        Account(
            user_id=row.id,
            username=row.username,
            display_name=row.display_name,
            role=UserRole(row.role),
            region_path=row.region_path,
            branch_code=row.branch_code,
            is_active=row.is_active,
            is_demo=row.is_demo,
            must_change_password=row.must_change_password,
            created_at=row.created_at,
            last_seen_at=at,
            version=row.version,
        )
        for row, at in rows
    ]


def demo_accounts(session: Session) -> list[tuple[str, UserRole]]:
    """Return name and role of each demo account that may sign in; none beside real data. Needs no actor."""
    if not is_sample(session):
        return []
    found = {
        UserRole(role): name
        for name, role in session.execute(
            select(UserRow.username, UserRow.role).where(UserRow.is_demo, UserRow.is_active).order_by(UserRow.id.desc())
        )
    }
    return [(found[role], role) for role in UserRole if role in found]


def user_id_of(session: Session, *, actor: Actor, username: str) -> tuple[int, int]:
    """Return the key and the version of an account.

    Raises:
        LookupError: there is none of that name.
    """
    require_role(actor, UserRole.ADMIN)
    row = session.execute(select(UserRow.id, UserRow.version).where(UserRow.username == username.lower())).one_or_none()
    if row is None:
        raise LookupError(f"there is no account called {username!r}")
    return row.id, row.version


def bound_is_known(session: Session, *, actor: Actor, region_path: str | None, branch_code: str | None) -> bool:
    """Tell whether the region or branch that bounds an account is in the store yet."""
    require_role(actor, UserRole.ADMIN)
    if region_path is not None:
        return session.scalar(select(OrgUnitRow.id).where(OrgUnitRow.path == region_path)) is not None
    if branch_code is not None:
        return session.scalar(select(BranchRow.id).where(BranchRow.branch_code == branch_code)) is not None
    return True


def create_user(
    session: Session,
    *,
    actor: Actor,
    username: str,
    display_name: str,
    role: UserRole,
    password_hash: str,
    is_one_time: bool,
    region_path: str | None = None,
    branch_code: str | None = None,
    is_demo: bool = False,
    key: str | None = None,
) -> Created:
    """Make an account; a second submit with the same `key` returns the first's.

    Raises:
        NotAllowedError: the actor is no administrator.
        AccountError: the name is taken or no user name, the bound of the role is missing, a demo account
            beside real data.
    """
    require_role(actor, UserRole.ADMIN)
    if key and (first := first_result(session, key=key, actor=actor)) is not None:
        return Created(int(first.get("user_id", 0)), is_new=False)
    name = username_of(username)
    if session.scalar(select(UserRow.id).where(UserRow.username == name)) is not None:
        raise AccountError(AccountFault.NAME_TAKEN)
    if is_demo and not is_sample(session):
        raise AccountError(AccountFault.DEMO_BESIDE_DATA)
    row = UserRow(
        username=name,
        display_name=" ".join(display_name.split())[:64] or name,
        role=role.value,
        password_hash=password_hash,
        must_change_password=is_one_time,
        is_demo=is_demo,
        created_at=utc_now().replace(microsecond=0),
        **_bounds(role, region_path, branch_code),
    )
    session.add(row)
    session.flush()
    record_audit(session, actor=actor, action="create", subject="user_account", subject_id=row.id, after=_shown(row))
    if key:
        keep_result(session, key=key, actor=actor, result={"user_id": row.id})
    return Created(row.id, is_new=True)


def change_role(
    session: Session,
    *,
    actor: Actor,
    user_id: int,
    version: int,
    role: UserRole,
    region_path: str | None = None,
    branch_code: str | None = None,
) -> None:
    """Give an account another role or another bound; its sessions end.

    Raises:
        NotAllowedError: the actor is no administrator.
        AccountError: the actor's own account, the last administrator, a missing bound, a demo account.
        ChangedByOtherError: the account changed since it was shown.
    """
    row = _to_change(session, actor=actor, user_id=user_id, version=version)
    if role is not UserRole.ADMIN:
        _keep_an_administrator(session, without=row)
    _change(session, actor, row, "change_role", {"role": role.value, **_bounds(role, region_path, branch_code)})


def set_active(session: Session, *, actor: Actor, user_id: int, version: int, is_active: bool) -> None:
    """Disable or enable an account; disabling ends its sessions.

    Raises:
        NotAllowedError: the actor is no administrator.
        AccountError: the actor's own account, the last administrator, a demo account.
        ChangedByOtherError: the account changed since it was shown.
    """
    row = _to_change(session, actor=actor, user_id=user_id, version=version)
    if not is_active:
        _keep_an_administrator(session, without=row)
    _change(session, actor, row, "enable" if is_active else "disable", {"is_active": is_active})


def reset_password(
    session: Session, *, actor: Actor, user_id: int, version: int, password_hash: str, is_one_time: bool = True
) -> None:
    """Give an account a password that must be changed at the next sign-in; its sessions end.

    Raises:
        NotAllowedError: the actor is no administrator.
        AccountError: a demo account.
        ChangedByOtherError: the account changed since it was shown.
    """
    require_role(actor, UserRole.ADMIN)
    row = _row(session, user_id)
    _check_version(session, row, version)
    if row.is_demo:
        raise AccountError(AccountFault.DEMO_FIXED)
    _change(
        session, actor, row, "reset_password", {"password_hash": password_hash, "must_change_password": is_one_time}
    )


def change_own_password(session: Session, *, actor: Actor, cred_version: int, password_hash: str, digest: str) -> None:
    """Store the password a user chose; all his sessions end but the one he did it in.

    `cred_version` is the one his present password was checked against.

    Raises:
        AccountError: a demo account, or the credentials changed in the meantime.
    """
    row = _row(session, actor.user_id)
    if row.is_demo:
        raise AccountError(AccountFault.DEMO_FIXED)
    if row.cred_version != cred_version:
        raise AccountError(AccountFault.WRONG_PASSWORD)
    _change(session, actor, row, "change_password", {"password_hash": password_hash, "must_change_password": False})
    session.execute(
        update(SignInSessionRow)
        .where(SignInSessionRow.sid_hash == digest, SignInSessionRow.user_id == row.id)
        .values(cred_version=row.cred_version)
    )


def keep_language(session: Session, *, actor: Actor, language: Language) -> None:
    """Remember the language a user chose."""
    session.execute(update(UserRow).where(UserRow.id == actor.user_id).values(language=language))


def unlock(session: Session, *, actor: Actor, user_id: int, name_digest: str) -> int:
    """Forget the failed sign-ins of a name, so that it may try again; return how many there were."""
    require_role(actor, UserRole.ADMIN)
    count = forget_attempts(session, name_digest=name_digest)
    record_audit(session, actor=actor, action="unlock", subject="user_account", subject_id=user_id)
    return count


def _row(session: Session, user_id: int) -> UserRow:
    row = session.scalar(select(UserRow).where(UserRow.id == user_id).with_for_update(key_share=True))
    if row is None:
        raise NotAllowedError("no such account")
    return row


def _check_version(session: Session, row: UserRow, version: int) -> None:
    check_version(
        session,
        shown=version,
        stored=row.version,
        current=_shown(row),
        subject="user_account",
        subject_ids=[row.id],
    )


def _to_change(session: Session, *, actor: Actor, user_id: int, version: int) -> UserRow:
    require_role(actor, UserRole.ADMIN)
    if user_id == actor.user_id:
        raise AccountError(AccountFault.OWN_ROLE)
    _active_administrators(session)
    row = _row(session, user_id)
    _check_version(session, row, version)
    if row.is_demo:
        raise AccountError(AccountFault.DEMO_FIXED)
    return row


def _active_administrators(session: Session) -> set[int]:
    """Return who is an active administrator; the rows are locked, in one order, before any other account is.

    Whoever locked his own first and these afterwards would wait for ever for another one who does the same.
    """
    query = select(UserRow.id).where(UserRow.role == UserRole.ADMIN.value, UserRow.is_active)
    return set(session.scalars(query.order_by(UserRow.id).with_for_update(key_share=True)))


def _keep_an_administrator(session: Session, *, without: UserRow) -> None:
    """Refuse where nobody else is left; two at once cannot both pass."""
    active = _active_administrators(session)
    if active <= {without.id} and without.id in active:
        raise AccountError(AccountFault.LAST_ADMIN)


def _bounds(role: UserRole, region_path: str | None, branch_code: str | None) -> dict[str, str | None]:
    region = "/".join(part.strip() for part in (region_path or "").split("/") if part.strip()) or None
    branch = (branch_code or "").strip() or None
    if role is UserRole.MANAGER and region is None:
        raise AccountError(AccountFault.REGION_MISSING)
    if role is UserRole.BRANCH_HEAD and branch is None:
        raise AccountError(AccountFault.BRANCH_MISSING)
    return {
        "region_path": region if role is UserRole.MANAGER else None,
        "branch_code": branch if role is UserRole.BRANCH_HEAD else None,
    }


def _change(session: Session, actor: Actor, row: UserRow, action: str, values: Mapping[str, Any]) -> None:
    before = _shown(row)
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.cred_version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action=action,
        subject="user_account",
        subject_id=row.id,
        before=before,
        after=_shown(row),
    )


def _shown(row: UserRow) -> dict[str, Any]:
    return {
        name: getattr(row, name)
        for name in (
            "username",
            "display_name",
            "role",
            "region_path",
            "branch_code",
            "is_active",
            "must_change_password",
            "version",
        )
    }
