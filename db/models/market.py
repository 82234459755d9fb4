"""What the stage engine found out about the whole market: its season and its swing, as they were used."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class MarketWeekRow(Base):
    """A week of the whole market: what an ordinary week of the season is worth, and the factor sold of it."""

    __tablename__ = "market_week"
    week_start: Mapped[date] = mapped_column(primary_key=True)
    season: Mapped[float]
    swing: Mapped[float | None]  # empty = holidays let the week say nothing of the market


class LearnedMonthRow(Base):
    """A month factor of a learned season, and where the season of its year comes from."""

    __tablename__ = "learned_month"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    default_factor: Mapped[float]
    factor: Mapped[float]
    learned_on: Mapped[date]
    weeks: Mapped[int]
    branches: Mapped[int]
