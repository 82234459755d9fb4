import ast
import re
import string

import pytest
from babel.messages.pofile import read_po

from core.facts import (
    Badge,
    BranchStatus,
    CadenceStatus,
    ContactMethod,
    CustomerTier,
    EventState,
    PaymentMode,
    PolicyStatus,
    RestatementCause,
    SizeTier,
    StaffRole,
    Stage,
    StageDecisionKind,
    SuggestionState,
    UserRole,
)
from core.language import CATALOGUES, LANGUAGES, language_of, text, translations
from core.language.labels import ENUM_LABELS, label
from tests.source_strings import ROOT, code_files, extracted, looked_up, tree_of

ENUMS = (
    Badge,
    BranchStatus,
    CadenceStatus,
    ContactMethod,
    CustomerTier,
    EventState,
    PaymentMode,
    PolicyStatus,
    RestatementCause,
    SizeTier,
    Stage,
    StageDecisionKind,
    StaffRole,
    SuggestionState,
    UserRole,
)
CATALOGUE_FILES = sorted(CATALOGUES.glob("*.po"))
CHINESE = re.compile(r"[\u3400-\u9fff]")
CHINESE_BY_CONTRACT = (
    "core/language/__init__.py",  # the name a language has in itself
    "core/sample/",  # names of the invented city
    "db/imports/",  # headers and words import files may hold
    "db/sample",  # what people of the invented city typed
)
SHOWS_WORDS = {
    *("title", "header", "subheader", "caption", "markdown", "write", "text", "info", "warning", "error", "success"),
    *("button", "download_button", "form_submit_button", "checkbox", "toggle", "radio", "selectbox", "multiselect"),
    *("slider", "text_input", "text_area", "number_input", "date_input", "time_input", "file_uploader", "metric"),
    *("expander", "popover", "tabs", "badge", "pills", "segmented_control", "toast", "dialog", "status", "spinner"),
    *("link_button", "progress", "feedback", "menu_button"),
}
SHOWN_ARGUMENTS = {"label", "help", "placeholder", "body", "caption", "alt", "text", "delta_description"}
NOT_WORDS = re.compile(r":[a-z_/-]+(?=[\[:])|:material/\w+:|https?:\S+")


def entries(path):
    with path.open("rb") as file:
        return [entry for entry in read_po(file, locale="zh_CN") if entry.id]


def fields(words):
    return sorted(field for _, field, _, _ in string.Formatter().parse(words) if field is not None)


def test_every_source_string_has_chinese():
    sources, lost = looked_up()
    assert lost == []
    known = translations("zh")._catalog
    missing = {s.words: f"{s.path}:{s.line}" for s in [*extracted(), *sources] if s.words not in known}
    assert missing == {}


def test_every_entry_of_a_catalogue_is_used():
    used = {source.words for source in [*extracted(), *looked_up()[0]]}
    unused = [f"{path.name}: {entry.id}" for path in CATALOGUE_FILES for entry in entries(path) if entry.id not in used]
    assert unused == []


@pytest.mark.parametrize("path", CATALOGUE_FILES, ids=lambda path: path.stem)
def test_every_entry_is_translated_with_the_fields_of_its_source(path):
    for entry in entries(path):
        assert entry.string, entry.id
        assert not entry.fuzzy, entry.id
        assert fields(entry.string) == fields(entry.id), entry.id


@pytest.mark.parametrize("path", CATALOGUE_FILES, ids=lambda path: path.stem)
def test_no_entry_stands_twice_in_a_catalogue(path):
    written = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(written) == sorted(set(written))


def test_the_catalogues_agree_with_each_other():
    assert translations("zh").gettext("Stage") == "阶段"


def test_every_stored_value_has_a_word_in_both_languages():
    assert set(ENUM_LABELS) == {value for enum in ENUMS for value in enum}
    for value in ENUM_LABELS:
        assert label("en", value) == ENUM_LABELS[value]
        assert CHINESE.search(label("zh", value)), value


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_two_values_of_one_kind_never_share_a_word(enum):
    for language in LANGUAGES:
        words = [label(language, value) for value in enum]
        assert len(words) == len(set(words))


def test_chinese_stands_in_data_and_catalogues_only():
    found = []
    for path in code_files():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(CHINESE_BY_CONTRACT):
            continue
        tree = tree_of(path)
        documentation = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        found += [
            f"{name}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
            and CHINESE.search(node.value)
        ]
    assert found == []


def test_no_page_shows_words_of_one_language_only():
    found = []
    for path in (path for path in code_files() if "pages" in path.parts):
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in SHOWS_WORDS or re.search("log|stderr", ast.unparse(node.func.value).lower()):
                continue
            shown = [*node.args[:1], *(word.value for word in node.keywords if word.arg in SHOWN_ARGUMENTS)]
            found += [
                f"{path.relative_to(ROOT)}:{node.lineno}: {words}"
                for value in shown
                for words in _literal_parts(value)
                if re.search(r"[A-Za-z]", NOT_WORDS.sub("", words))
            ]
    assert found == []


MEETING_FORMS = ("meeting_forms.py", "meeting_settling.py")


def test_no_form_but_those_of_the_meeting_shows_the_english_hint_that_enter_submits_it():
    """Streamlit has that hint in one language; the meeting is held by keyboard, and its style sheet hides it."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (path for path in code_files() if "pages" in path.parts and path.name not in MEETING_FORMS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "st.form"
        and not any(word.arg == "enter_to_submit" and ast.unparse(word.value) == "False" for word in node.keywords)
    ]
    assert found == []


def _literal_parts(value):
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return [value.value]
    if isinstance(value, ast.JoinedStr):
        return ["".join(part.value if isinstance(part, ast.Constant) else "…" for part in value.values)]
    return []


def test_a_note_that_is_open_is_called_alike_in_the_list_and_opened():
    for words in ("Open until {day}", "Open, overdue since {day}"):
        assert text("zh", words, day="11月27日").startswith(f"{text('zh', 'Open')}，")


def test_text_fills_its_fields_in():
    assert text("en", "Data up to {day}", day="2026-11-22") == "Data up to 2026-11-22"
    assert text("zh", "Data up to {day}", day="2026-11-22") == "数据截至 2026-11-22"


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh"), ("zh", "zh"), ("ZH-Hans", "zh"), ("en-GB", "en"), ("fr", "en"), (None, "en")],
)
def test_the_language_follows_the_browser(locale, language):
    assert language_of(locale) == language
