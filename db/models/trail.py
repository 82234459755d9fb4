"""What was changed by whom: import batches with what undoes them, the audit trail, write keys, store facts."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity, LongText


class ImportBatchRow(Base):
    """One import of a file set. `counts` holds accepted, inserted, updated, unchanged, rejected by dataset."""

    __tablename__ = "import_batch"
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    imported_at: Mapped[datetime]
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    source_names: Mapped[str] = mapped_column(LongText)
    digest: Mapped[str] = mapped_column(index=True)  # of the files' bytes: "already imported on ..."
    counts: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class ImportChangeRow(Base):
    """The content of a row before an import updated it, for the undo."""

    __tablename__ = "import_change"
    __table_args__ = (Index(None, "import_batch_id"),)
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    import_batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    table_name: Mapped[str]
    row_id: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any]]
    version_after: Mapped[int]


class AuditRow(Base):
    """One change: who, when, before, after. `digest` chains each row to the one before it.

    `branch_id` is no foreign key: the row outlives a branch whose import is taken back.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "subject", "subject_id"),  # who changed a record last
        Index(None, "at", "id"),  # the changes of a period, newest first
        Index(None, "branch_id", "id"),  # the changes of a branch, newest first
        Index(None, "user_id", "id"),  # those somebody made, newest first
    )
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    branch_id: Mapped[int | None] = mapped_column(BigInteger)
    digest: Mapped[str]


class WriteKeyRow(Base):
    """The key made when a form was drawn: a second submit with it returns the first result."""

    __tablename__ = "write_key"
    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    result: Mapped[dict[str, Any]]


class StoreFactRow(Base):
    """A fact about the store itself: `data_version`, and `sample` where it holds the sample city."""

    __tablename__ = "store_fact"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
