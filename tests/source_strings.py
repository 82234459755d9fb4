"""Find the English source strings of the code, with Babel and with the syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.extract import extract

ROOT = Path(__file__).parent.parent
ROOMS = ("core", "db", "pages")
ARGUMENT = {"t": 0, "text": 1, "Remark": 0}
"""Place of the source string among the arguments of each function."""
KEYWORDS = {name: (place + 1,) for name, place in ARGUMENT.items()}
PASSED_ON = {
    ("pages/parts/session.py", "source"),
    ("db/imports/messages.py", "self.source"),
    ("db/imports/rejects.py", "source"),
}
"""Where a function hands on the source string it was given."""


@dataclass(frozen=True)
class Source:
    """A source string and where it stands."""

    words: str
    path: str
    line: int


def code_files() -> list[Path]:
    """Return all source files of the app."""
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py")) + sorted(ROOT.glob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def extracted() -> list[Source]:
    """Return what Babel extracts: the literal source strings."""
    found = []
    for path in code_files():
        with path.open("rb") as file:
            for line, words, _comments, _context in extract("python", file, keywords=KEYWORDS):
                found += [Source(each, _name(path), line) for each in ([words] if isinstance(words, str) else words)]
    return found


def looked_up() -> tuple[list[Source], list[str]]:
    """Return the source strings that stand in tables and constants, and the places that cannot be followed."""
    found: list[Source] = []
    lost: list[str] = []
    for path in code_files():
        for call in _calls(tree_of(path)):
            place = ARGUMENT[_function_name(call)]
            if len(call.args) <= place:
                continue
            source = call.args[place]
            if isinstance(source, ast.Constant):
                continue
            words = list(_words_of(source, path))
            found += [Source(each, _name(path), call.lineno) for each in words if each is not None]
            if None in words and (_name(path), ast.unparse(source)) not in PASSED_ON:
                lost.append(f"{_name(path)}:{call.lineno}: {ast.unparse(source)}")
    return found, lost


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _function_name(node) in ARGUMENT:
            yield node


def _function_name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _words_of(source: ast.expr, path: Path) -> Iterator[str | None]:
    match source:
        case ast.Constant(value=str(words)):
            yield words
        case ast.IfExp():
            yield from _words_of(source.body, path)
            yield from _words_of(source.orelse, path)
        case ast.Name():
            value = _module_value(source.id, path) or _local_value(source.id, path)
            if value is None or isinstance(value, ast.Name):
                yield None
                return
            yield from _words_of(value, path)
        case (
            ast.Subscript(value=ast.Name(id=name))
            | ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[_])
        ):
            value = _module_value(name, path)
            if not isinstance(value, ast.Dict):
                yield None
                return
            for each in value.values:
                yield each.value if isinstance(each, ast.Constant) else None
        case _:
            yield None


def _module_value(name: str, path: Path) -> ast.expr | None:
    """Return what a name stands for at the top of a file, followed through one import."""
    for node in tree_of(path).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return node.value
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return node.value
        if isinstance(node, ast.ImportFrom) and node.module and any(alias.name == name for alias in node.names):
            file = ROOT.joinpath(*node.module.split("."))
            file = file.with_suffix(".py") if file.with_suffix(".py").exists() else file / "__init__.py"
            return _module_value(name, file) if file.exists() else None
    return None


def _local_value(name: str, path: Path) -> ast.expr | None:
    """Return what a name inside a function stands for where the file gives it one value only."""
    found = [
        node.value
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    ]
    return found[0] if len(found) == 1 else None


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
