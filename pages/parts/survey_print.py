"""The branch file on paper: everything the reader may see of a survey, as a page to print."""

from collections.abc import Mapping

from core.facts import Branch
from core.language import Language, text
from core.language.days import day_word
from core.reports.a4 import Part
from core.survey.fields import Section, survey_fields
from core.survey.parts import SurveyPart
from core.survey.words import answer_text, source_text
from pages.parts.downloads import print_button
from pages.parts.session import current, language, t
from pages.parts.store.surveys import standing
from pages.parts.survey_views import completeness_words, is_head
from pages.parts.wording import supervisor_word


def show_print_button(branch: Branch, parts: Mapping[str, SurveyPart]) -> None:
    """Offer the branch file as a page to open in the browser and print; it is made on the click."""
    ask, said = current(), language()
    place = " · ".join(
        one for one in (branch.branch_code, branch.bank, branch.region, supervisor_word(branch.supervisor)) if one
    )
    known = standing(ask, branch.branch_id)
    note = f"{place} · {completeness_words(known)}" if known.parts else place
    for_head = is_head()

    def pages() -> list[Part]:
        sections = survey_fields().sections_for(for_head=for_head)
        return [_printed(said, section, parts.get(section.key), for_head=for_head) for section in sections]

    print_button(
        t("Print the branch file"),
        pages,
        title=t("Branch file · {branch}", branch=branch.branch_name),
        note=note,
        file_name=f"survey_{branch.branch_code}_{ask.today:%Y%m%d}",
        key="survey_print",
    )


def _printed(said: Language, section: Section, part: SurveyPart | None, *, for_head: bool) -> Part:
    """Return a part as printed, in a language of its own: a file is made outside the run that drew the button."""
    title = section.words.said(said)
    if part is None:
        return Part(title, lines=[text(said, "This part has not been surveyed yet.")])
    rows = []
    for one in survey_fields().of_section(section.key, for_head=for_head):
        if one.key in part.answers:
            answer = part.answers[one.key]
            source = source_text(said, answer.source) if answer.source and answer.source != part.source else ""
            rows.append((one.words.said(said), answer_text(said, one, answer), source))
    state = text(
        said,
        "State {number}, saved on {day} by {name}",
        number=part.number,
        day=day_word(said, part.saved_on),
        name=part.saved_by or "–",
    )
    lines = [text(said, "Source: {source}", source=source_text(said, part.source)), state]
    if part.source.note:
        lines.append(part.source.note)
    head = [text(said, "Field"), text(said, "Answer"), text(said, "Another source")]
    width = len(head) if any(source for _, _, source in rows) else len(head) - 1
    return Part(title, lines=lines, head=head[:width], rows=[row[:width] for row in rows], is_told=True)
