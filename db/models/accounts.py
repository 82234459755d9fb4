"""Who may come in: users, their sign-in sessions, failed attempts, one-time cookie tickets."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity


class UserRow(Base):
    """An account. `cred_version` rises with every change that must end open sessions."""

    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)  # stored lower-case
    display_name: Mapped[str]
    role: Mapped[str]
    region_path: Mapped[str | None]  # bound of a manager
    branch_code: Mapped[str | None]  # bound of a branch head
    password_hash: Mapped[str]
    cred_version: Mapped[int] = mapped_column(default=1)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class SignInSessionRow(Base):
    """The row behind a session cookie; only the digest of the cookie's value is stored."""

    __tablename__ = "sign_in_session"
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    sid_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    cred_version: Mapped[int]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttemptRow(Base):
    """A failed sign-in, by the name as entered (digest) and by address; rows decay with time."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "name_hash", "at"), Index(None, "address", "at"))
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name_hash: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]


class CookieTicketRow(Base):
    """A one-time ticket that the browser trades for the session cookie."""

    __tablename__ = "cookie_ticket"
    ticket_hash: Mapped[str] = mapped_column(primary_key=True)
    sid_hash: Mapped[str]
    expires_at: Mapped[datetime]
