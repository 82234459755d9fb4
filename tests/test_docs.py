"""Documentation is held to the code: commands, folders and files it names exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from manage import command_line

ROOT = Path(__file__).resolve().parent.parent
READMES = ["README.md", "README.zh.md"]


def commands():
    """The names of all commands of manage.py."""
    for action in command_line()._actions:
        if action.dest == "command":
            return set(action.choices)
    raise AssertionError("manage.py has no commands")


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_documented_and_every_documented_command_exists(name):
    documented = set(re.findall(r"manage\.py (\w+)", (ROOT / name).read_text("utf-8")))
    documented |= set(re.findall(r"/ `(\w+) FILE`", (ROOT / name).read_text("utf-8")))
    assert documented == commands()


@pytest.mark.parametrize("name", READMES)
def test_every_path_a_readme_names_exists(name):
    text = (ROOT / name).read_text("utf-8")
    named = set(re.findall(r"`((?:core|db|pages|tests|benchmarks|sample_data)/[\w./]*)`", text))
    named |= set(re.findall(r"\]\(([\w./]+)\)", text))
    made_at_run_time = {path for path in named if path.startswith("data/")}
    assert [path for path in sorted(named - made_at_run_time) if not (ROOT / path).exists()] == []


def test_the_two_commands_are_the_same_in_both_languages():
    blocks = [re.findall(r"```\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL) for name in READMES]
    assert blocks[0] == blocks[1]
    assert "pip install -r requirements.txt && streamlit run app.py\n" in blocks[0]
    assert "pip install -r requirements-dev.txt && pytest\n" in blocks[0]


def test_every_version_in_the_requirements_is_exact():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            words = line.split("#")[0].strip()
            if words and not words.startswith("-"):
                assert re.fullmatch(r"[\w\[\]-]+==[\w.]+(; .*)?", words), line


def test_wrong_usage_ends_with_status_two():
    done = subprocess.run([sys.executable, "manage.py", "nonsense"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 2
