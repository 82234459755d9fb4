"""Weekly packs as they were handed out: every file that was made, byte for byte."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Identity


class ReviewPackRow(Base):
    """One file of a pack; the files made together share `made_at` and what comes before it.

    `scope` is written as addresses carry it. `region_path` is the lowest region that held all branches of the
    scope when the pack was made, empty = none does; whoever may see all of that region may see the pack.
    """

    __tablename__ = "review_pack"
    __table_args__ = (Index(None, "made_at"),)  # the latest first
    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    scope: Mapped[str]
    region_path: Mapped[str | None]
    week_start: Mapped[date]
    language: Mapped[str]
    with_names: Mapped[bool]
    file_format: Mapped[str]
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int]
    sha256: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
