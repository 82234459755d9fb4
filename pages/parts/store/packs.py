"""Weekly packs: whose branches and which weeks one may make a pack about, the making, and the archive."""

from collections.abc import Callable
from datetime import date, timedelta

from core.calendar import week_start_of
from core.language import Language
from core.reports.pack.formats import PackFormat
from core.review.kept_packs import KeptPack
from core.review.scope import ReviewScope
from db import review_packs as rows
from db.engine import reading, writing
from db.review_packs import PackContent
from pages.parts.store.base import Ask, cached

WEEKS_OFFERED = 13


def pack_weeks(ask: Ask) -> list[date]:
    """Return the Mondays of the weeks offered, the last complete one first, this one at the end."""
    this_week = week_start_of(ask.today)
    return [*(this_week - timedelta(weeks=number) for number in range(1, WEEKS_OFFERED + 1)), this_week]


def make(
    ask: Ask,
    *,
    scope: ReviewScope,
    week_start: date,
    language: Language,
    with_names: bool,
    progress: Callable[[PackFormat], None],
    key: str,
) -> bool:
    """Make a pack and keep it; True where it is whole, False where the PDF is missing for want of a font.

    Refusals as `db.review_packs.keep_pack`.
    """
    with reading(ask.store_url) as session:
        files = rows.made_pack(
            session,
            actor=ask.actor,
            scope=scope,
            week_start=week_start,
            language=language,
            today=ask.today,
            with_names=with_names,
            progress=progress,
        )
    with writing(ask.store_url) as session:
        rows.keep_pack(
            session,
            actor=ask.actor,
            scope=scope,
            week_start=week_start,
            language=language,
            with_names=with_names,
            files=files,
            key=key,
        )
    return len(files) == len(PackFormat)


@cached
def packs(ask: Ask) -> tuple[KeptPack, ...]:
    """Return the packs of the archive, the latest first."""
    with reading(ask.store_url) as session:
        return rows.packs_kept(session, actor=ask.actor)


def content(ask: Ask, file_id: int) -> PackContent:
    """Return a file of the archive; refusals as `db.review_packs.pack_content`."""
    with reading(ask.store_url) as session:
        return rows.pack_content(session, actor=ask.actor, file_id=file_id)


@cached
def digest(ask: Ask, file_id: int) -> str:
    """Return the words of a kept digest."""
    return content(ask, file_id).content.decode()
