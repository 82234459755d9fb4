from datetime import date
from pathlib import Path

import pytest

import manage
from core.reports.pack import fonts
from db.engine import reading, writing
from db.review_packs import packs_kept
from tests.builders import ADMIN, add_branch

TODAY = date(2026, 3, 11)


@pytest.fixture
def world(sqlite_store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(manage, "today", lambda: TODAY)
    with writing(sqlite_store) as session:
        add_branch(session, "B1", region="东区分公司/云州中支")
    return sqlite_store


def run(out: Path, *words: str) -> int:
    return manage.main(["pack", "--week", "2026-03-05", "--out", str(out), *words])


def kept(store: str) -> list[tuple[str, str, bool]]:
    with reading(store) as session:
        return [(str(one.scope), one.language, one.with_names) for one in packs_kept(session, actor=ADMIN)]


def test_the_pack_of_a_region_is_written_in_both_languages_and_kept(world: str, tmp_path: Path) -> None:
    out = tmp_path / "packs" / "march"
    assert run(out, "--scope", "东区分公司/云州中支") == manage.DONE
    assert sorted(path.name for path in out.iterdir()) == sorted(
        f"review_2026-03-02_云州中支_{language}.{ending}"
        for language in ("en", "zh")
        for ending in ("pdf", "pptx", "txt", "xlsx")
    )
    assert kept(world) == [("region:东区分公司/云州中支", language, False) for language in ("zh", "en")]


def test_one_language_and_names_are_as_asked_for(world: str, tmp_path: Path) -> None:
    assert run(tmp_path, "--scope", "all", "--language", "zh", "--names") == manage.DONE
    assert kept(world) == [("all", "zh", True)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scope", "东区"], "there is no region '东区'"),
        (["--scope", "all", "--week", "2026-03-16"], "the week from 2026-03-16 has not begun"),
    ],
    ids=["no such region", "a week to come"],
)
def test_what_cannot_be_is_wrong_usage(world, tmp_path, capsys, words, said) -> None:
    assert run(tmp_path / "none", *words) == manage.WRONG_USAGE
    assert said in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    assert kept(world) == []


def test_a_folder_that_cannot_be_written_is_refused(world: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert run(tmp_path / "file", "--scope", "all") == manage.REFUSED
    assert kept(world) == []


def test_without_a_chinese_font_the_rest_is_made_and_the_package_named(world, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(fonts, "FACES", ("No Such Face",))
    assert run(tmp_path / "out", "--scope", "all", "--language", "en") == manage.DONE
    assert "fonts-noto-cjk" in capsys.readouterr().err
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".pptx", ".txt", ".xlsx"]
