"""The branch file on paper: everything the reader may see of a survey, as a page to print."""

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from core.calendar import SHANGHAI
from core.coaching.words import day_word
from core.facts import Branch
from core.reports.a4 import Part, a4_page
from core.reports.tables import Stamp
from core.survey.completeness import branch_standings
from core.survey.fields import Section, survey_fields
from core.survey.parts import SurveyPart
from core.survey.words import answer_text, source_text
from pages.parts.downloads import exported
from pages.parts.session import current, guarded, language, t
from pages.parts.store.surveys import standing
from pages.parts.survey_views import completeness_words, is_head


def show_print_button(branch: Branch, parts: Mapping[str, SurveyPart]) -> None:
    """Offer the branch file as a page to open in the browser and print."""
    ask, said = current(), language()
    title = t("Branch file · {branch}", branch=branch.branch_name)
    place = " · ".join(one for one in (branch.branch_code, branch.bank, branch.region, branch.supervisor) if one)
    pages = [_printed(section.key, section.words.said(said), parts) for section in _sections()]
    known = standing(ask, branch.branch_id)
    note = place if known.empty else f"{place} · {completeness_words(branch_standings(known).iloc[0])}"

    def build() -> bytes:
        made_at = datetime.now(SHANGHAI).replace(tzinfo=None)
        return a4_page(pages, Stamp(title, ask.actor.display_name, made_at, said), note=note)

    st.download_button(
        t("Print the branch file"),
        data=guarded(exported(ask, build, name=title, file_format="html", rows=1)),
        file_name=f"survey_{branch.branch_code}_{ask.today:%Y%m%d}.html",
        mime="text/html",
        key="survey_print",
        icon=":material/print:",
        on_click="ignore",
        help=t("A page to open in the browser and print"),
    )


def _sections() -> tuple[Section, ...]:
    return survey_fields().sections_for(for_head=is_head())


def _printed(section: str, title: str, parts: Mapping[str, SurveyPart]) -> Part:
    said, part = language(), parts.get(section)
    if part is None:
        return Part(title, lines=[t("This part has not been surveyed yet.")])
    fields = [one for one in survey_fields().of_section(section, for_head=is_head()) if one.key in part.answers]
    rows = []
    for one in fields:
        own = part.answers[one.key].source
        source = source_text(said, own) if own and own != part.source else ""
        rows.append((one.words.said(said), answer_text(said, one, part.answers[one.key]), source))
    lines = [t("Source: {source}", source=source_text(said, part.source))]
    lines.append(
        t(
            "State {number}, saved on {day} by {name}",
            number=part.number,
            day=day_word(said, part.saved_on),
            name=part.saved_by or "–",
        )
    )
    if part.source.note:
        lines.append(part.source.note)
    return Part(title, lines=lines, head=(t("Field"), t("Answer"), t("Another source")), rows=rows)
