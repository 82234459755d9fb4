"""Every change somebody can make leaves an audit row: a walk through the source of `db/`."""

import ast
from pathlib import Path

ROOM = Path(__file__).parent.parent.parent / "db"
WRITES = {"add", "add_all", "delete", "update", "insert"}
WITHOUT_A_ROW = {
    "changes.record_audit": "makes the row itself",
    "changes.record_audits": "makes the rows themselves",
    "changes.keep_result": "remembers a submit of a change that has its row",
    "planning.keep_change": "the trail of a change that has its row",
    "today_news.record_visit": "the day the user himself last looked, and what he was shown",
    "users.keep_language": "a preference of the user himself",
}


def called(function, functions, seen=()):
    """Names of what a function calls, itself or through others of its file; of methods, those of the session."""
    found = set()
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                found.add(name)
                if name in functions and name not in seen:
                    found |= called(functions[name], functions, (*seen, name))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="session"), attr=name)):
                found.add(name)
    return found


def test_every_change_leaves_an_audit_row():
    writers = {}
    for path in sorted(ROOM.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for name, function in functions.items():
            arguments = {each.arg for each in [*function.args.args, *function.args.kwonlyargs]}
            if "actor" in arguments and not name.startswith("_"):
                calls = called(function, functions, (name,))
                if calls & WRITES:
                    writers[f"{path.stem}.{name}"] = "record_audit" in calls
    assert {"users.create_user", "contacts.record_contacts", "dated_rules.put_rule"} <= writers.keys()
    assert {name for name, has_row in writers.items() if not has_row} == set(WITHOUT_A_ROW)
