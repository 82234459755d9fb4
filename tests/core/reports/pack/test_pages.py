"""The pages of the pack before they become a file: everything in its frame, large enough, dark enough."""

import re
from dataclasses import astuple, replace
from datetime import date

import pytest

from core.reports.pack.actions import worst_first
from core.reports.pack.deck import PAGES, deck_pages
from core.reports.pack.drawing import SWATCH, Rect, waterfall_spans
from core.reports.pack.fit import LINE, wrapped
from core.reports.pack.form import BODY_SIZE, HEAD_FILL, HEIGHT, PAPER, WIDTH, TableFrame, TextFrame, foot_of
from core.reports.pack.page import MOST_NUMBERS
from core.reports.pack.pdf_file import drawn_page
from core.reports.pack.placing import placed
from core.reports.pack.telling import Telling
from core.review.figures import Topic
from core.review.meeting import ReviewShown
from core.review.words import topic_title
from tests.core.reports.pack import reviews
from tests.core.reports.pack.conftest import figures_of, pages_of

LEAST_SIZE = 12
LEAST_CONTRAST = 4.5
ROUNDING = 0.01


def luminance(colour: str) -> float:
    parts = [int(colour.lstrip("#")[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_form_is_the_same_whatever_there_is_to_say(kind, language):
    pages, _ = pages_of(kind, language)
    firsts = [page.key for page in pages if page.part[0] == 1]
    assert firsts == [page.key for page in pages_of("review", language)[0] if page.part[0] == 1]
    assert len(firsts) == 1 + len(PAGES)
    assert {page.topic for page in pages} - {None} == set(Topic)


def test_a_page_has_a_title_a_sentence_at_most_seven_numbers_and_one_chart_or_table(kind, language):
    for page in pages_of(kind, language)[0]:
        assert page.title
        assert page.sentence
        assert len(page.numbers) <= MOST_NUMBERS
        assert page.chart is None or page.table is None


def test_nothing_stands_outside_the_page(kind, language):
    for page in pages_of(kind, language)[1]:
        for drawn in drawn_page(page, language):
            box = drawn.box
            assert box.x >= 0, drawn
            assert box.y >= 0, drawn
            assert box.x + box.width <= WIDTH + ROUNDING, drawn
            assert box.y + box.height <= HEIGHT + ROUNDING, drawn


def test_every_text_fits_its_frame(kind, language):
    for page in pages_of(kind, language)[1]:
        for drawn in drawn_page(page, language):
            if isinstance(drawn, TextFrame):
                lines = wrapped(drawn.words, drawn.size, drawn.box.width + ROUNDING, bold=drawn.bold)
                assert len(lines) * drawn.size * LINE <= drawn.box.height + ROUNDING, drawn


def test_frames_of_a_page_do_not_overlap(kind, language):
    for page in pages_of(kind, language)[1]:
        frames = [frame for frame in page.frames if not isinstance(frame, TextFrame) or frame.words]
        for place, one in enumerate(frames):
            for other in frames[place + 1 :]:
                a, b = one.box, other.box
                apart = (
                    a.x + a.width <= b.x + ROUNDING
                    or b.x + b.width <= a.x + ROUNDING
                    or a.y + a.height <= b.y + ROUNDING
                    or b.y + b.height <= a.y + ROUNDING
                )
                assert apart, (page.key, one.name, other.name)


def test_no_type_is_under_twelve_points_and_what_is_read_in_the_room_not_under_eighteen(kind, language):
    for page in pages_of(kind, language)[1]:
        for frame in page.frames:
            if isinstance(frame, TextFrame):
                is_read_aloud = frame.name in ("title", "sentence") or frame.name.startswith("line")
                assert frame.size >= (BODY_SIZE if is_read_aloud else LEAST_SIZE)
        assert all(part.size >= LEAST_SIZE for part in drawn_page(page, language) if isinstance(part, TextFrame))


def test_all_words_stand_out_from_their_ground(kind, language):
    for page in pages_of(kind, language)[1]:
        for drawn in drawn_page(page, language):
            if isinstance(drawn, TextFrame):
                assert contrast(drawn.colour, PAPER) >= LEAST_CONTRAST
                assert contrast(drawn.colour, HEAD_FILL) >= LEAST_CONTRAST


def test_figures_are_never_cut(language):
    for page in pages_of("review", language)[1]:
        for frame in page.frames:
            if isinstance(frame, TextFrame) and frame.name.startswith("number"):
                assert "…" not in frame.words
            if isinstance(frame, TableFrame):
                cells = [row[place] for row in frame.rows for place in frame.table.right]
                assert not any(cell.endswith("…") for cell in cells)


def test_a_cell_of_a_list_loses_whole_pieces_rather_than_half_a_word(language):
    (page,) = [page for page in pages_of("review", language)[1] if page.key == "weakest"]
    (frame,) = [frame for frame in page.frames if isinstance(frame, TableFrame)]
    for told, shown in zip(frame.table.rows, frame.rows, strict=False):
        assert told[2].startswith(shown[2])
        assert told[2][len(shown[2]) :][:1] in ("", frame.table.cut_at[0])


def test_a_table_has_the_same_rows_every_week(language):
    for kind in ("full", "nothing"):
        usual = {page.key: tables_of(page) for page in pages_of("review", language)[1]}
        for page in pages_of(kind, language)[1]:
            for frame, other in zip(tables_of(page), usual[page.key], strict=True):
                if frame.table.is_whole:
                    assert astuple(frame.box) == pytest.approx(astuple(other.box))
                else:
                    assert len(frame.rows) == len(other.rows)


def tables_of(page):
    return [frame for frame in page.frames if isinstance(frame, TableFrame)]


def test_decisions_are_never_cut_and_go_on_on_further_pages(language):
    figures = figures_of("full")
    told = [one for one in figures.decided if one.decision_id]
    long = replace(figures, decided=tuple(replace(one, outcome="做" * 300, measure="w" * 80) for one in told[:3]))
    pages = deck_pages(ReviewShown(long), Telling(language, {}))
    parts = [page for page in pages if page.key == "decided"]
    assert [page.part for page in parts] == [(number, len(parts)) for number in range(1, len(parts) + 1)]
    cells = ["".join("".join(row[place] for page in parts for row in page.table.rows).split()) for place in range(6)]
    assert cells[0] == "".join(one.words for one in worst_first(long.decided)).replace(" ", "")
    assert cells[2] == "".join(one.owner for one in worst_first(long.decided))
    assert (cells[4], cells[5]) == ("w" * 240, "做" * 900)
    foot = foot_of(long, Telling(language, {}), made_by="x", made_at=long.shown_at, pages=len(pages))
    drawn = [drawn for page in parts for drawn in drawn_page(placed(page, 1, foot), language)]
    assert not any("…" in one.words for one in drawn if isinstance(one, TextFrame))


def test_a_page_of_figures_says_which_days_they_count():
    gap = replace(figures_of("review").weakest.whole, start=date(2026, 11, 1), end=date(2026, 11, 22))
    weakest = figures_of("review").weakest
    branches = tuple(replace(one, gap=gap) for one in weakest.branches)
    figures = replace(figures_of("review"), weakest=replace(weakest, whole=gap, branches=branches))
    periods = {page.key: page.period for page in deck_pages(ReviewShown(figures), Telling("en", {}))}
    assert {key: words for key, words in periods.items() if words} == {
        "goals": "Counted: 11-01 – 11-22",
        "compared": "Counted: 11-01 – 11-22",
        "stages": "As of 11-22",
        "moves": "Counted: 11-16 – 11-22",
        "cadence": "Counted: 11-16 – 11-22",
        "gap": "Counted: 11-01 – 11-22",
        "weakest": "Figures: 13 weeks to 11-22\nPremium gap: 11-01 – 11-22",
    }


def test_a_decision_about_a_topic_names_it(language):
    (page,) = [page for page in pages_of("review", language)[0] if page.key == "decisions"]
    told = topic_title(language, Topic.WEAKEST)
    assert "".join(page.table.rows[0][1].split()) == "".join(told.split())


def test_who_was_present_stands_beside_the_decisions():
    shown = reviews.over(figures_of("review"))
    met = replace(shown.meeting, chair="Manager 1", present=("Supervisor 1", "Supervisor 2"), guests=("Trainer",))
    sentences = {}
    for count in (1, 30):
        many = replace(met, present=met.present * count)
        pages = deck_pages(replace(shown, meeting=many), Telling("en", {}))
        sentences[count] = next(page.sentence for page in pages if page.key == "decisions")
    assert sentences[1].endswith("Chair: Manager 1. Present: Supervisor 1, Supervisor 2, Trainer.")
    assert re.search(r"Supervisor \d, \d\d others\.$", sentences[30])


def test_a_page_says_which_of_its_figures_were_corrected_since():
    pages, placed = pages_of("full", "en")
    assert {page.key: len(page.corrections) for page in pages if page.corrections} == {
        **{"goals": 4, "compared": 4},
        **{"stages": 2, "moves": 1, "cadence": 1},
    }
    told = {page.key: frame.words for page in placed for frame in page.frames if frame.name == "corrections"}
    assert set(told) == {"goals", "compared", "stages", "moves", "cadence"}
    assert told["stages"] == ("Figures were corrected since: Growth: shown 60, now 58 · Mature: shown 60, now 58")
    assert told["goals"].endswith(" more")


def test_topics_a_review_left_out_have_no_page():
    shown = reviews.over(figures_of("review"), skipped=frozenset({Topic.GOALS, Topic.WEAKEST, Topic.MOVES}))
    keys = [page.key for page in deck_pages(shown, Telling("en", {})) if page.part[0] == 1]
    assert keys == ["cover", "decided", "stages", "cadence", "worked", "decisions", "next_week"]


def test_bars_are_drawn_to_scale_in_the_colour_of_the_legend(language):
    pages, placed_pages = pages_of("review", language)
    chart = next(page.chart for page in pages if page.key == "stages")
    drawn = list(drawn_page(next(page for page in placed_pages if page.key == "stages"), language))
    now = chart.series[2]
    bars = [part.box for part in drawn if isinstance(part, Rect) and part.colour == now.colour]
    assert len(bars) == len(now.values) + 1  # and the one of the legend
    heights = [box.height for box in sorted(bars, key=lambda box: box.x) if box.height != SWATCH]
    assert heights[2] / heights[4] == pytest.approx(now.values[2] / now.values[4])


@pytest.mark.parametrize(
    ("values", "spans"),
    [
        ((10, -3, 2, 9), [(0, 10), (10, 7), (7, 9), (0, 9)]),
        ((2, -5, 1, -2), [(0, 2), (2, -3), (-3, -2), (0, -2)]),
        ((10, None, 2, 9), [None] * 4),
        ((), []),
    ],
    ids=["above zero", "crossing zero", "one unknown", "empty"],
)
def test_each_step_of_a_waterfall_starts_where_the_one_before_ended(values, spans):
    assert waterfall_spans(values) == spans


def test_persons_go_by_rank_and_number_unless_asked_for():
    words = [cell for page in pages_of("review", "zh")[0] if page.table for row in page.table.rows for cell in row]
    words = [cell.replace("\n", "") for cell in words]
    people = {one.owner for one in figures_of("review").decided}
    assert not people & set(words)
    assert "督导2" in words
