"""The files of the pack: native charts that hold the figures of the app, cells that are no formulas, the same bytes."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pptx.util import Pt

from core.facts import StaffRole, Stage
from core.planning.items import PlanKind
from core.reports.pack import fonts, pack
from core.reports.pack.form import HEIGHT, WIDTH, TextFrame
from core.reports.pack.formats import PackFormat
from core.reports.pack.pack import file_name, file_word, pack_files
from core.reports.pack.page import ChartKind
from core.reports.pack.pdf_file import drawn_page
from core.reports.pack.pptx_text import CHINESE, CHINESE_FACE
from core.reports.pack.xlsx_book import PRINTED_WIDTH
from core.review.meeting import ReviewShown
from core.review.scope import ReviewScope, ScopeKind
from core.review.standing import reached
from tests.core.reports.pack import reviews
from tests.core.reports.pack.conftest import figures_of, made, pages_of

EA = "{http://schemas.openxmlformats.org/drawingml/2006/main}ea"


def files_of(figures, **more):
    return pack_files(ReviewShown(figures), **{"made_at": figures.shown_at, **more})


def deck_of(kind, language):
    return Presentation(BytesIO(made(kind, language)[PackFormat.PPTX]))


def charts_of(kind, language):
    """The native charts by the key of their page."""
    keys = [page.key for page in pages_of(kind, language)[0]]
    slides = zip(keys, deck_of(kind, language).slides, strict=True)
    return {key: shape.chart for key, slide in slides for shape in slide.shapes if shape.has_chart}


def values_of(chart):
    return {series.name: tuple(series.values) for series in chart.plots[0].series}


def book_behind(chart):
    return load_workbook(BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active


def test_the_charts_of_the_deck_hold_the_figures_of_the_app(language):
    figures, charts = figures_of("review"), charts_of("review", language)
    assert set(charts) == {"goals", "stages", "cadence", "gap", "next_week"}
    goals, stages, cadence = (list(values_of(charts[key]).values()) for key in ("goals", "stages", "cadence"))
    assert goals[0] == pytest.approx([reached(card) for card in figures.goals])
    assert goals[1] == pytest.approx([card.time_share for card in figures.goals])
    counts = figures.stages.counts
    assert [one.stage for one in counts] == list(Stage)
    assert stages[0] == tuple(one.quarter_before for one in counts)
    assert stages[1] == tuple(one.week_before for one in counts)
    assert stages[2] == tuple(one.now for one in counts)
    lines = sorted(figures.cadence.by_role, key=lambda line: list(StaffRole).index(line.key))
    assert cadence[0] == pytest.approx([line.done / line.due for line in lines])
    assert cadence[1] == pytest.approx([line.done_weeks / line.due_weeks for line in lines])
    planned = list(values_of(charts["next_week"]).values())
    work = [one for one in figures.next_week.planned if one.kind is not PlanKind.GOAL]  # as on the projector
    assert planned == [tuple(one.lines for one in work), tuple(one.carried for one in work)]


def test_the_bars_of_the_waterfall_are_target_parts_and_actual(language):
    split = figures_of("review").weakest.whole
    base, *parts, _ = values_of(charts_of("review", language)["gap"]).values()
    unit = 1_000_000 if language == "zh" else 100_000  # fen in the unit of the chart
    drawn = [sum(bar or 0 for bar in bars) for bars in zip(*parts, strict=True)]
    wanted = [split.target_fen, *(abs(part.gap_fen) for part in split.parts), split.actual_fen]
    assert drawn == pytest.approx([fen / unit for fen in wanted])
    assert base[0] is None
    assert base[-1] is None
    assert base[1] == pytest.approx((split.target_fen + split.parts[0].gap_fen) / unit)


def test_every_bar_of_the_waterfall_says_its_amount_as_the_numbers_above_it_do(language):
    (page,) = [page for page in pages_of("review", language)[0] if page.key == "gap"]
    wanted = [number.words for number in page.numbers[:-1]]  # the last is the gap itself
    wanted[3] = f"+{wanted[3]}"
    bars = charts_of("review", language)["gap"].plots[0].series[-1]
    assert [bars.points[place].data_label.text_frame.text for place in range(5)] == wanted
    book = load_workbook(BytesIO(made("review", language)[PackFormat.XLSX]))
    labels = book[page.title]._charts[0].series[-1].dLbls.dLbl
    assert [label.numFmt for label in labels] == [f'"{words}"' for words in wanted]
    drawn = drawn_page(next(one for one in pages_of("review", language)[1] if one.key == "gap"), language)
    assert [one.words for one in drawn if isinstance(one, TextFrame) and one.name == "figure"] == wanted


def test_the_workbook_behind_a_chart_holds_the_values_it_shows(language):
    for chart in charts_of("review", language).values():
        sheet = book_behind(chart)
        for column, series in enumerate(chart.plots[0].series, start=2):
            cells = [sheet.cell(row, column).value for row in range(2, 2 + len(series.values))]
            assert cells == list(series.values)
            assert sheet.cell(1, column).value == series.name


def test_every_shape_of_the_deck_is_on_its_slide(kind, language):
    deck = deck_of(kind, language)
    assert (deck.slide_width, deck.slide_height) == (Pt(WIDTH), Pt(HEIGHT))
    for slide in deck.slides:
        assert slide.shapes.title.text
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width + 1
            assert shape.top + shape.height <= deck.slide_height + 1


def test_all_text_of_the_deck_names_a_chinese_face(kind, language):
    for slide in deck_of(kind, language).slides:
        for shape in slide.shapes:
            frames = [shape.text_frame] if shape.has_text_frame else []
            if shape.has_table:
                frames += [cell.text_frame for row in shape.table.rows for cell in row.cells]
            runs = [run for frame in frames for paragraph in frame.paragraphs for run in paragraph.runs]
            assert all(run._r.rPr.find(EA).get("typeface") == CHINESE_FACE for run in runs)
            assert all(run._r.rPr.get("lang") == CHINESE for run in runs)  # else LibreOffice draws Japanese forms
            if shape.has_chart:
                found = shape.chart._chartSpace.txPr.iter(EA)
                assert [face.get("typeface") for face in found] == [CHINESE_FACE]


def test_every_chart_says_in_words_what_it_shows(language):
    for page, slide in zip(pages_of("review", language)[0], deck_of("review", language).slides, strict=True):
        for shape in slide.shapes:
            if shape.has_chart:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr") == f"{page.title}. {page.sentence}"


def test_the_packs_of_two_weeks_differ_only_in_figures(language):
    one, other = deck_of("review", language), deck_of("next", language)
    for first, second in zip(one.slides, other.slides, strict=True):
        places = [
            [(shape.name, shape.shape_type, shape.left, shape.top, shape.width, shape.height) for shape in slide.shapes]
            for slide in (first, second)
        ]
        assert places[0] == places[1]
        for a, b in zip(first.shapes, second.shapes, strict=True):
            if a.has_chart:
                plots = a.chart.plots[0], b.chart.plots[0]
                assert list(plots[0].categories) == list(plots[1].categories)
                assert [series.name for series in plots[0].series] == [series.name for series in plots[1].series]
            if a.has_table:
                assert [len(table.rows) for table in (a.table, b.table)] == [len(a.table.rows)] * 2
                assert [cell.text for cell in a.table.rows[0].cells] == [cell.text for cell in b.table.rows[0].cells]
    books = [load_workbook(BytesIO(made(kind, language)[PackFormat.XLSX])) for kind in ("review", "next")]
    assert books[0].sheetnames == books[1].sheetnames
    for name in books[0].sheetnames:
        kinds = [[[cell.data_type for cell in row] for row in book[name].iter_rows()] for book in books]
        assert kinds[0] == kinds[1]


def test_the_same_figures_give_the_same_bytes(language):
    figures = reviews.without_names(reviews.review(), language)
    again = files_of(figures, language=language, titles=reviews.TITLES[language], made_by="陈静")
    assert {one.file_format: one.content for one in again} == made("review", language)


def test_the_stamp_alone_changes_the_bytes_where_the_figures_are_the_same():
    figures = reviews.without_names(reviews.review(), "zh")
    later = figures.shown_at + timedelta(hours=1)
    files = files_of(figures, made_at=later, language="zh", titles=reviews.TITLES["zh"], made_by="陈静")
    texts = []
    for content in (files[0].content, made("review", "zh")[PackFormat.PPTX]):
        slides = Presentation(BytesIO(content)).slides
        texts.append([shape.text for slide in slides for shape in slide.shapes if shape.has_text_frame])
    changed = {(one, other) for one, other in zip(*texts, strict=True) if one != other}
    assert {tuple(words.splitlines()[-1][-5:] for words in pair) for pair in changed} == {("10:12", "09:12")}


def test_the_workbook_names_every_figure_that_was_corrected_since(language):
    book = load_workbook(BytesIO(made("full", language)[PackFormat.XLSX]))
    for page in pages_of("full", language)[0]:
        if page.key != "compared" and page.corrections:
            texts = [cell.value for cell in book[page.title]["A"]]
            first = texts.index(page.corrections[0])
            assert list(page.corrections) == texts[first : first + len(page.corrections)]
    about = [cell.value for cell in book.worksheets[-1]["A"]]
    assert {"en": "figures corrected since: 8.", "zh": "此后更正 8 项。"}[language] in about[-2]


def test_no_cell_of_the_workbook_is_a_formula(kind, language):
    book = load_workbook(BytesIO(made(kind, language)[PackFormat.XLSX]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}


def test_words_that_begin_like_a_formula_are_neutralised():
    figures = reviews.review()
    risky = replace(figures, decided=tuple(replace(one, words="=cmd()|' /C calc'!A0") for one in figures.decided))
    files = files_of(risky, language="zh", titles={}, made_by="=1+1", with_names=True)
    book = load_workbook(BytesIO(files[1].content))
    texts = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert "'=cmd()|' /C calc'!A0" in texts
    assert "'=cmd()" in texts  # a user name, told by name
    assert not any(words.startswith("=") for words in texts)


def test_the_workbook_has_a_sheet_a_topic_with_charts_over_its_own_cells(language):
    book = load_workbook(BytesIO(made("review", language)[PackFormat.XLSX]))
    pages = pages_of("review", language)[0]
    titles = [page.title for page in pages if page.topic and page.key != "compared" and page.part[0] == 1]
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert visible[:-1] == titles
    assert [sheet.sheet_state for sheet in book if sheet.title not in visible] == ["hidden"]  # of the waterfall
    with_charts = [sheet.title for sheet in book if sheet._charts]
    assert with_charts == [page.title for page in pages if page.chart]
    for page in pages:
        if page.chart and page.chart.kind is not ChartKind.WATERFALL:
            series = book[page.title]._charts[0].series[0]
            reference = series.val.numRef.f.replace("'", "").partition("!")[2].replace("$", "")
            cells = [cell.value for row in book[page.title][reference] for cell in row]
            assert cells == list(page.chart.series[0].values)


def test_the_rows_of_the_workbook_are_tables_and_print_as_wide_as_a_page(kind, language):
    content = made(kind, language)[PackFormat.XLSX]
    book, seen = load_workbook(BytesIO(content)), set()
    for sheet in book:
        for table in sheet.tables.values():
            cells = list(sheet[table.ref])
            heads = [cell.value for cell in cells[0]]
            assert heads == [column.name for column in table.tableColumns]
            assert len(set(heads)) == len(heads)  # Excel mends a book in which they are not
            assert len(cells) > 1
            assert table.displayName not in seen
            seen.add(table.displayName)
        if sheet.sheet_state == "visible":
            assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
            assert sheet.page_setup.fitToHeight == 0
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert sum(one.width for one in sheet.column_dimensions.values()) <= 1.1 * PRINTED_WIDTH
    if kind == "full":
        rows = book.worksheets[0].row_dimensions
        assert max(row.height or 0 for row in rows.values()) >= 60  # long words are seen in every program
    assert bool(seen) == (kind != "nothing")
    with ZipFile(BytesIO(content)) as archive:
        charts = [archive.read(name) for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert charts
    assert all(b'<plotVisOnly val="0"' in chart for chart in charts)  # that of the waterfall lies on hidden cells


def test_without_a_chinese_font_slides_and_workbook_are_made_all_the_same(monkeypatch):
    monkeypatch.setattr(fonts, "FACES", ("No Such Face",))
    files = files_of(reviews.nothing(), language="zh", titles={}, made_by="x")
    assert [one.file_format for one in files] == [PackFormat.PPTX, PackFormat.XLSX, PackFormat.TXT]
    assert fonts.DEBIAN_PACKAGE in fonts.no_font_words("zh")


def test_the_files_are_told_one_by_one_while_they_are_made():
    told = []
    files_of(reviews.nothing(), language="en", titles={}, made_by="x", progress=told.append)
    assert told == list(PackFormat)


@pytest.mark.parametrize(
    ("scope", "with_names", "name"),
    [
        (reviews.REGION, False, "review_2026-11-16_杭州中支_zh.pptx"),
        (ReviewScope(ScopeKind.ALL), False, "review_2026-11-16_全部_zh.pptx"),
        (ReviewScope(ScopeKind.TEAM, "li.wei"), False, "review_2026-11-16_单一督导_zh.pptx"),
        (ReviewScope(ScopeKind.TEAM, "li.wei"), True, "review_2026-11-16_li.wei_zh.pptx"),
    ],
    ids=["region", "all", "team", "team by name"],
)
def test_a_file_says_in_its_name_of_what_it_is(scope, with_names, name):
    word = file_word(pack.scope_file_word(scope, "zh", with_names=with_names))
    assert file_name(reviews.WEEK, word, "zh", PackFormat.PPTX) == name


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ('a<b>:"/\\|?*c', "a_b_c"),
        ("con", "_con"),
        ("..", "_"),
        ("一" * 200, "一" * 60),
        ("a. ", "a"),
        ("a\tb\nc", "a_b_c"),
    ],
)
def test_a_name_is_fit_for_any_system(words, kept):
    assert file_word(words) == kept
