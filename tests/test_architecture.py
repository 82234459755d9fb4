"""The rules of the house that import-linter cannot see: single files, folders, forbidden words in code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("core", "db", "pages")
SOURCES = sorted(
    path
    for path in [
        ROOT / "app.py",
        ROOT / "manage.py",
        *(found for room in ROOMS for found in (ROOT / room).rglob("*.py")),
    ]
    if "migrations" not in path.parts
)


def imports_of(path: Path) -> set[str]:
    """Every module a file imports, written out in full."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


def roots_of(path: Path) -> set[str]:
    """The first part of every imported module."""
    return {name.split(".")[0] for name in imports_of(path)}


def test_the_command_line_speaks_to_db_and_core_only():
    assert roots_of(ROOT / "manage.py") & {"streamlit", "sqlalchemy", "pages", "altair"} == set()


def test_the_asgi_entry_knows_neither_sql_nor_the_store():
    assert roots_of(ROOT / "app.py") & {"sqlalchemy", "db", "altair"} == set()


def test_no_folder_called_pages_stands_beside_the_entry_script():
    """Streamlit's old page discovery would run its files without signing in."""
    assert not (ROOT / "pages" / "pages").exists()
    assert 'st.App("pages/entry.py"' in (ROOT / "app.py").read_text(encoding="utf-8") or (
        "pages/entry.py" in (ROOT / "app.py").read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_file_keeps_to_its_room(path):
    roots = roots_of(path)
    room = path.relative_to(ROOT).parts[0]
    if room != "pages" and path.name != "app.py":
        assert "streamlit" not in roots
    if room != "db":
        assert "sqlalchemy" not in roots
    if path.relative_to(ROOT).parts[:2] != ("core", "charts"):
        assert "altair" not in roots


@pytest.mark.parametrize("path", [p for p in SOURCES if p.is_relative_to(ROOT / "core")], ids=lambda p: p.name)
def test_the_domain_reads_no_clock(path):
    calls = [
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert not {"today", "now", "utcnow"} & set(calls)


def test_no_file_grew_past_four_hundred_lines():
    long = {
        str(path.relative_to(ROOT)): lines for path in SOURCES if (lines := path.read_text("utf-8").count("\n")) > 400
    }
    assert long == {}


def test_html_comes_only_from_constants():
    """User text is never markup: no unsafe switch, and `st.html` takes no built text."""
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword):
                assert node.arg != "unsafe_allow_html", path


@pytest.mark.parametrize("path", [p for p in SOURCES if p.is_relative_to(ROOT / "pages")], ids=lambda p: p.name)
def test_names_of_bank_people_stay_out_of_files(path):
    """Names are for the screen; a file goes on to meetings and mail."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Column":
            first = node.args[0]
            if isinstance(first, ast.Constant) and first.value == "staff_name":
                kept_out = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}.get("in_files")
                assert kept_out == "False", f"{path}:{node.lineno}"
