"""The parts of the Weekly pack screen: what it is about, the making, the files of one pack, the archive."""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import streamlit as st

from core.language import LANGUAGE_NAMES, LANGUAGES, Language
from core.language.days import day_word
from core.reports.pack.fonts import chinese_face, no_font_words
from core.reports.pack.formats import MIME, PackFormat
from core.review.kept_packs import KeptFile, KeptPack
from core.review.scope import ReviewScope, review_scope
from pages.parts.downloads import exported
from pages.parts.figures_choice import scope_words
from pages.parts.layout import escaped
from pages.parts.notices import leave_notice, stored, take_notice
from pages.parts.session import current, guarded, language, submit_key, t
from pages.parts.store.packs import content, digest, make, pack_weeks
from pages.parts.tables import Column, show_table

FORM = "pack"
ARCHIVE = "pack_archive"
STEPS = len(PackFormat)


def format_word(file_format: str) -> str:
    """Return what a file of a pack is."""
    words = {
        PackFormat.PPTX: t("Slides (PPTX)"),
        PackFormat.XLSX: t("Workbook (XLSX)"),
        PackFormat.PDF: t("PDF"),
        PackFormat.TXT: t("Digest"),
    }
    return words[PackFormat(file_format)]


def show_making(scopes: Sequence[ReviewScope]) -> None:
    """Draw the choice of branches, week, language and names, and the button that makes the pack."""
    branches = {str(scope): scope_words(scope) for scope in scopes}
    weeks = {week: _week_word(week) for week in pack_weeks(current())}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            t("Branches"),
            list(branches),
            key="pack_scope",
            format_func=branches.__getitem__,
            filter_mode="contains",
            width=230,
        )
        week = st.selectbox(t("Week from"), list(weeks), key="pack_week", format_func=weeks.__getitem__, width=160)
        said = st.selectbox(
            t("Language of the pack"),
            LANGUAGES,
            index=LANGUAGES.index(language()),
            key="pack_language",
            format_func=LANGUAGE_NAMES.__getitem__,
            width=130,
        )
        named = st.toggle(
            t("Names of persons"), key="pack_names", help=t("Off: persons go by rank and number in all files")
        )
        pressed = st.button(t("Make the pack"), type="primary", icon=":material/slideshow:", key="pack_make")
    scope = review_scope(chosen or "")
    if pressed and scope and week:
        _make(scope, week, said, with_names=named)
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    if chinese_face() is None:
        st.warning(no_font_words(language()))


def _week_word(week: date) -> str:
    return day_word(language(), week)


def _make(scope: ReviewScope, week: date, said: Language, *, with_names: bool) -> None:
    bar = st.progress(0.0, text=t("Working out the figures…"))

    def tell(file_format: PackFormat) -> None:
        done = (list(PackFormat).index(file_format) + 1) / (STEPS + 1)
        bar.progress(done, text=t("Making: {file}…", file=format_word(file_format)))

    ask, form = current(), FORM
    whole = stored(
        form,
        lambda: make(
            ask,
            scope=scope,
            week_start=week,
            language=said,
            with_names=with_names,
            progress=tell,
            key=submit_key(form),
        ),
    )
    bar.empty()
    if whole is None:
        return
    st.session_state.pop(ARCHIVE, None)  # the pack just made is the one picked
    leave_notice(form, t("The pack is made and kept in the archive."))
    st.rerun()


def show_pack(pack: KeptPack) -> None:
    """Draw the files of a pack to take, and its digest to copy."""
    about = [scope_words(pack.scope), _week_word(pack.week_start), LANGUAGE_NAMES[pack.language]]
    st.markdown(f"**{escaped(' · '.join(about))}**  \n:small[:gray[{escaped(_made_words(pack))}]]")
    with st.container(horizontal=True, gap="small"):
        for one in pack.files:
            _download(one)
    for one in pack.files:
        if one.file_format == PackFormat.TXT:
            st.caption(t("Digest to paste into WeCom or DingTalk"))
            st.code(digest(current(), one.file_id), language=None, wrap_lines=True)


def _made_words(pack: KeptPack) -> str:
    made_by = pack.made_by or t("Command line")
    return t(
        "made by {name} on {moment}",
        name=made_by,
        moment=f"{day_word(language(), pack.made_at.date())} {pack.made_at:%H:%M}",
    )


def _download(one: KeptFile) -> None:
    ask = current()
    st.download_button(
        format_word(one.file_format),
        data=guarded(
            exported(
                ask,
                lambda: content(ask, one.file_id).content,
                name=one.file_name,
                file_format=one.file_format,
                rows=1,
            )
        ),
        file_name=one.file_name,
        mime=MIME[PackFormat(one.file_format)],
        key=f"pack_file_{one.file_id}",
        icon=":material/download:",
        on_click="ignore",
        help=t("{kilobytes} KB, as it was made", kilobytes=max(1, round(one.size / 1024))),
    )


def show_archive(found: Sequence[KeptPack]) -> KeptPack:
    """List the packs that were made; return the one that is picked, at first the latest."""
    table = pa.table(
        {
            "made_at": pa.array([one.made_at.replace(tzinfo=None) for one in found], pa.timestamp("us")),
            "scope": [scope_words(one.scope) for one in found],
            "week_start": pa.array([one.week_start for one in found], pa.date32()),
            "language": [one.language for one in found],
            "with_names": [one.with_names for one in found],
            "made_by": pa.array([one.made_by or t("Command line") for one in found], pa.string()),
            "files": [[each.file_format.upper() for each in one.files] for one in found],
        }
    )
    columns = [
        Column("made_at", t("Made at"), "moment", pinned=True),
        Column("scope", t("Branches")),
        Column("week_start", t("Week from"), "day"),
        Column("language", t("Language of the pack"), words={one: LANGUAGE_NAMES[one] for one in LANGUAGES}),
        Column("with_names", t("Names of persons"), words={"true": t("yes"), "false": t("no")}),
        Column("made_by", t("Made by")),
        Column("files", t("Files"), "words"),
    ]
    place = show_table(
        table,
        columns,
        key=ARCHIVE,
        name=t("Archive of packs"),
        on_select="rerun",
        always_picked=True,
        height=320,
        downloads=False,
    )
    return found[place or 0]
