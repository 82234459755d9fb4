"""The weekly pack in all its formats, made of one set of figures."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from core.calendar import SHANGHAI
from core.language import Language, text
from core.reports.digest import digest_text
from core.reports.pack.deck import deck_pages
from core.reports.pack.fonts import NoChineseFontError
from core.reports.pack.form import foot_of
from core.reports.pack.formats import PackFile, PackFormat
from core.reports.pack.pdf_file import pdf_bytes
from core.reports.pack.placing import placed
from core.reports.pack.pptx_file import pptx_bytes
from core.reports.pack.telling import Telling
from core.reports.pack.xlsx_file import xlsx_bytes
from core.reports.tables import Stamp
from core.review.meeting import ReviewShown
from core.review.scope import ReviewScope, ScopeKind

MOST_NAME = 60
"""Characters of a scope in a file name."""
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_REFUSED = re.compile(r'[\x00-\x1f<>:"/\\|?*\s]+')


def pack_files(
    shown: ReviewShown,
    *,
    made_at: datetime,
    language: Language,
    titles: Mapping[str, str],
    made_by: str,
    with_names: bool = False,
    progress: Callable[[PackFormat], None] = lambda _: None,
) -> tuple[PackFile, ...]:
    """Return the files of the pack; the PDF is missing where this machine has no Chinese font.

    Args:
        shown: what the review shows, persons called as they are to be called.
        made_at: when the pack is made; the same content at the same moment gives the same bytes.
        language: of the words.
        titles: names of the playbook's actions in that language, by key.
        made_by: who makes it, as the foot of every page says.
        with_names: whether a supervisor whose team the pack is about is named.
        progress: called before each file with its format.
    """
    told, figures = Telling(language, titles, with_names), shown.figures
    pages = deck_pages(shown, told)
    made_at = made_at.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)
    foot = foot_of(figures, told, made_by=made_by, made_at=made_at, pages=len(pages))
    deck = [placed(page, number, foot) for number, page in enumerate(pages, start=1)]
    stamp = Stamp(title=pages[0].title, made_by=made_by, made_at=made_at, language=language)
    makers: dict[PackFormat, Callable[[], bytes]] = {
        PackFormat.PPTX: lambda: pptx_bytes(
            deck, language=language, title=stamp.title, made_by=made_by, made_at=made_at
        ),
        PackFormat.XLSX: lambda: xlsx_bytes(shown, pages, told, stamp),
        PackFormat.PDF: lambda: pdf_bytes(deck, language=language, title=stamp.title, made_by=made_by, made_at=made_at),
        PackFormat.TXT: lambda: digest_text(shown, told).encode(),
    }
    scope = file_word(scope_file_word(figures.scope, language, with_names=with_names))
    files = []
    for file_format, make in makers.items():
        progress(file_format)
        try:
            content = make()
        except NoChineseFontError:
            continue
        files.append(PackFile(file_format, file_name(figures.week_start, scope, language, file_format), content))
    return tuple(files)


def file_name(week_start: date, scope_word: str, language: Language, file_format: PackFormat) -> str:
    """Return the name of a file, such as review_2026-11-16_杭州中支_zh.pptx."""
    return f"review_{week_start}_{scope_word}_{language}.{file_format}"


def scope_file_word(scope: ReviewScope, language: Language, *, with_names: bool) -> str:
    """Return what a scope is called in file names: the last part of a region's path."""
    match scope.kind:
        case ScopeKind.ALL:
            return text(language, "all")
        case ScopeKind.REGION:
            return scope.key.rpartition("/")[2]
        case ScopeKind.TEAM:
            return scope.key if with_names else text(language, "team")


def file_word(words: str) -> str:
    """Return words that may stand in the name of a file on any system, Windows too."""
    kept = _REFUSED.sub("_", words).strip("._ ")[:MOST_NAME].rstrip("._ ")
    return f"_{kept}" if not kept or RESERVED.fullmatch(kept) else kept
