"""The weekly pack from the command line: into a folder, and into the archive."""

import secrets
from argparse import Namespace
from collections.abc import Callable
from datetime import date

from core.calendar import week_start_of
from core.facts import COMMAND_LINE
from core.language import LANGUAGES
from core.reports.pack.fonts import chinese_face, no_font_words
from core.review.scope import ReviewScope, ScopeKind
from db.access import NotAllowedError
from db.engine import reading, store_url, writing
from db.review_packs import keep_pack, made_pack
from db.review_scope import require_scope
from db.store_check import check_content

WHOLE = "all"


class FutureReviewError(Exception):
    """The week has not begun."""


def write_packs(wanted: Namespace, *, today: date, say: Callable[[str], None]) -> None:
    """Make a pack in one language or in both, write its files and keep them.

    Args:
        wanted: week, scope (a region path or all), out (a folder, made where it is missing), language (None =
            both) and names.
        today: the day it is made on.
        say: tells a person what was done.

    Raises:
        FutureReviewError: the week has not begun.
        NotAllowedError: no such region.
        OSError: the folder cannot be written.
        StoreError: the store is not fit.
    """
    check_content(store_url())
    week = week_start_of(wanted.week)
    if week > today:
        raise FutureReviewError(f"the week from {week} has not begun")
    is_whole = wanted.scope == WHOLE
    scope = ReviewScope(ScopeKind.ALL) if is_whole else ReviewScope(ScopeKind.REGION, wanted.scope)
    _refuse_unknown(scope)
    wanted.out.mkdir(parents=True, exist_ok=True)
    for language in [wanted.language] if wanted.language else LANGUAGES:
        with reading() as session:
            files = made_pack(
                session,
                actor=COMMAND_LINE,
                scope=scope,
                week_start=week,
                language=language,
                today=today,
                with_names=wanted.names,
            )
        for one in files:
            (wanted.out / one.name).write_bytes(one.content)
            say(f"{wanted.out / one.name}: {len(one.content):,} bytes")
        with writing() as session:
            keep_pack(
                session,
                actor=COMMAND_LINE,
                scope=scope,
                week_start=week,
                language=language,
                with_names=wanted.names,
                files=files,
                key=secrets.token_urlsafe(16),
            )
    if chinese_face() is None:
        say(no_font_words("en"))


def _refuse_unknown(scope: ReviewScope) -> None:
    with reading() as session:
        try:
            require_scope(session, actor=COMMAND_LINE, scope=scope)
        except NotAllowedError:
            raise NotAllowedError(f"there is no region {scope.key!r}; give its whole path, or {WHOLE}") from None
