"""Official totals of the company, entered from its statements."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class OfficialTotalRow(Base):
    """What a statement says of a month. `measure` is an OfficialMeasure, `amount` fen or policies.

    `region_path` is that of the unit the statement is about, with all below it; empty = the whole company.
    """

    __tablename__ = "official_total"
    measure: Mapped[str] = mapped_column(primary_key=True)
    region_path: Mapped[str] = mapped_column(primary_key=True)
    month_start: Mapped[date] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)
