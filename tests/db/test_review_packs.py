import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update

from core.facts import UserRole
from core.reports.pack.fonts import chinese_face
from core.reports.pack.formats import PackFile, PackFormat
from core.review.agenda import Agenda
from core.review.scope import ReviewScope, ScopeKind, review_scope
from db.access import NotAllowedError
from db.backup import back_up, restore
from db.engine import StoreError, data_version, reading, writing
from db.models import AuditRow, ReviewPackRow
from db.review_changes import begin_meeting
from db.review_packs import keep_pack, made_pack, pack_content, packs_kept
from db.review_shown import live_figures
from tests.builders import ADMIN, add_branch, head_of, manager_of, supervisor
from tests.running import add_user

WEEK = date(2026, 3, 9)
TODAY = date(2026, 3, 18)
EAST = manager_of("东区")
FILES = (PackFile(PackFormat.PPTX, "a.pptx", b"PK slides"), PackFile(PackFormat.TXT, "a.txt", "周报".encode()))


@pytest.fixture
def network(store):
    """Two teams in the east, one of which reaches into the west."""
    with writing(store) as session:
        add_branch(session, "E1", region="东区/云州", supervisor="li")
        add_branch(session, "E2", region="东区/澜州", supervisor="li")
        add_branch(session, "E3", region="东区/云州", supervisor="wang")
        add_branch(session, "W1", region="西区/溪陵", supervisor="wang")
    return store


def keep(url, words, *, actor=ADMIN, key="k", files=FILES, language="zh", week=WEEK):
    with writing(url) as session:
        keep_pack(
            session,
            actor=actor,
            scope=review_scope(words),
            week_start=week,
            language=language,
            with_names=False,
            files=files,
            key=key,
        )


def seen(url, actor):
    with reading(url) as session:
        return [str(one.scope) for one in packs_kept(session, actor=actor)]


def test_a_pack_is_kept_as_it_was_made_and_given_out_again(network):
    keep(network, "region:东区", week=date(2026, 3, 11))
    with reading(network) as session:
        (pack,) = packs_kept(session, actor=EAST)
        assert (pack.scope, pack.week_start, pack.language) == (ReviewScope(ScopeKind.REGION, "东区"), WEEK, "zh")
        assert [(one.file_format, one.file_name, one.size) for one in pack.files] == [
            ("pptx", "a.pptx", 9),
            ("txt", "a.txt", 6),
        ]
        found = [pack_content(session, actor=EAST, file_id=one.file_id) for one in pack.files]
        assert [one.content for one in found] == [one.content for one in FILES]
        assert session.scalars(select(AuditRow.action)).all()[-1] == "make"


def test_a_double_click_keeps_one_pack(network):
    keep(network, "region:东区")
    keep(network, "region:东区")
    assert seen(network, ADMIN) == ["region:东区"]


def test_the_latest_pack_comes_first_with_who_made_it(network):
    boss = replace(ADMIN, user_id=add_user(network, "boss", UserRole.ADMIN))
    keep(network, "region:东区", key="1")
    keep(network, "all", key="2", actor=boss)
    with reading(network) as session:
        assert [(str(one.scope), one.made_by) for one in packs_kept(session, actor=ADMIN)] == [
            ("all", "boss"),
            ("region:东区", None),
        ]


@pytest.mark.parametrize(
    ("actor", "packs"),
    [
        (ADMIN, ["all", "region:东区", "region:东区/云州", "team:li", "team:wang"]),
        (EAST, ["region:东区", "region:东区/云州", "team:li"]),
        (manager_of("东区/云州"), ["region:东区/云州"]),
        (manager_of("东"), []),
        (manager_of(""), []),
        (supervisor("li"), ["team:li"]),
        (supervisor(""), []),
        (head_of(1), []),
    ],
    ids=["administrator", "region", "part of it", "name that begins alike", "no region", "team", "no name", "head"],
)
def test_a_pack_is_seen_by_those_who_see_all_it_is_about(network, actor, packs):
    words = ["all", "region:东区", "region:东区/云州", "team:li", "team:wang"]
    for number, word in enumerate(words):
        keep(network, word, key=str(number))
    assert sorted(seen(network, actor)) == packs
    with reading(network) as session:
        for file_id in session.scalars(select(ReviewPackRow.id)):
            scope = session.scalar(select(ReviewPackRow.scope).where(ReviewPackRow.id == file_id))
            if scope in packs:
                assert pack_content(session, actor=actor, file_id=file_id).content
            else:
                with pytest.raises(NotAllowedError):
                    pack_content(session, actor=actor, file_id=file_id)


def test_the_team_a_manager_looks_at_is_the_part_of_it_he_sees(network):
    keep(network, "team:wang", actor=EAST)
    assert seen(network, EAST) == ["team:wang"]
    assert seen(network, manager_of("西区")) == []
    assert seen(network, supervisor("wang")) == ["team:wang"]


@pytest.mark.parametrize("words", ["all", "region:西区", "team:nobody"])
def test_nobody_keeps_or_makes_a_pack_about_others(network, words):
    with pytest.raises(NotAllowedError):
        keep(network, words, actor=EAST)
    with reading(network) as session, pytest.raises(NotAllowedError):
        made_pack(session, actor=EAST, scope=review_scope(words), week_start=WEEK, language="en", today=TODAY)
    assert seen(network, ADMIN) == []


def test_a_file_that_is_not_what_was_stored_is_not_given_out(network):
    keep(network, "all")
    with writing(network) as session:
        session.execute(update(ReviewPackRow).values(content=b"other"))
        file_id = session.scalar(select(ReviewPackRow.id).limit(1))
    with reading(network) as session, pytest.raises(StoreError, match="not what was stored"):
        pack_content(session, actor=ADMIN, file_id=file_id)


def test_packs_are_in_the_backup(network, tmp_path):
    keep(network, "all")
    back_up(network, tmp_path / "b.db")
    with writing(network) as session:
        session.execute(update(ReviewPackRow).values(file_name="x"))
    restore(network, tmp_path / "b.db")
    with reading(network) as session:
        (pack,) = packs_kept(session, actor=ADMIN)
        assert pack_content(session, actor=ADMIN, file_id=pack.files[0].file_id).content == FILES[0].content
        assert pack.files[0].file_name == "a.pptx"


def test_an_empty_store_gives_a_pack_of_nothing(sqlite_store):
    with reading(sqlite_store) as session:
        files = made_pack(
            session, actor=ADMIN, scope=ReviewScope(ScopeKind.ALL), week_start=WEEK, language="zh", today=TODAY
        )
    assert {PackFormat.PPTX, PackFormat.XLSX, PackFormat.TXT} <= {one.file_format for one in files}


def read_words(one, folder):
    """All a file says, what it says of itself too: every part of an archive, text and metadata of a PDF."""
    if one.file_format is PackFormat.PDF:
        path = folder / "pack.pdf"
        path.write_bytes(one.content)
        orders = (["pdfinfo", str(path)], ["pdftotext", str(path), "-"])
        return "".join(subprocess.run(order, capture_output=True, check=True, text=True).stdout for order in orders)
    return "".join(_parts(one.content)) if one.content[:2] == b"PK" else one.content.decode()


def _parts(content):
    with ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            yield from _parts(part) if part[:2] == b"PK" else [part.decode(errors="replace")]


@pytest.mark.skipif(not shutil.which("pdftotext") or not chinese_face(), reason="poppler-utils or a font is missing")
def test_with_names_off_no_file_says_who_anybody_is(network, tmp_path):
    places = {
        "boss.one": {"role": UserRole.ADMIN},
        "east.lead": {"role": UserRole.MANAGER, "region_path": "东区"},
        "li": {},
        "wang": {},
    }
    for username, more in places.items():
        add_user(network, username, **more)
    asked = {"scope": ReviewScope(ScopeKind.REGION, "东区"), "week_start": WEEK, "today": TODAY}
    maker = replace(EAST, username="east.lead", display_name="East.Lead", user_id=2)
    with reading(network) as session:
        figures = live_figures(session, actor=maker, **asked)
        version = data_version(session)
    with writing(network) as session:
        begin_meeting(
            session,
            actor=maker,
            figures=figures,
            figures_version=version,
            agenda=Agenda(),
            present=["li", "wang"],
            guests=["East.Lead, Wang"],
            now=datetime(2026, 3, 18, 2, tzinfo=UTC),
            key="begin",
        )
    with reading(network) as session:
        files = made_pack(session, actor=maker, language="en", **asked)
        named = made_pack(session, actor=maker, language="en", with_names=True, **asked)
    for one, other in zip(files, named, strict=True):
        words = read_words(one, tmp_path)
        known = [re.escape(name) for username in places for name in (username, username.title())]
        assert not re.findall(rf"(?i)(?<![a-z])(?:{'|'.join(known)})(?![a-z])", words), one.name
        if one.file_format is not PackFormat.TXT:
            assert "made by Manager 1" in " ".join(words.split()) or one.file_format is PackFormat.XLSX
            assert "East.Lead" in read_words(other, tmp_path)
