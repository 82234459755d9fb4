"""Weekly packs: made of the figures of a review, kept as they were made, and given out again.

Whoever may see all branches a pack was about may see the pack: the administrator every one, a manager those
about regions and teams inside his own, a supervisor those about his team.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from core.calendar import SHANGHAI, week_start_of
from core.facts import COMMAND_LINE, Actor, UserRole
from core.language import Language, text
from core.language.labels import label
from core.reports.pack.formats import PackFile, PackFormat
from core.review.kept_packs import KeptFile, KeptPack
from core.review.meeting import Meeting
from core.review.names import Names, names_of, told
from core.review.scope import ReviewScope, ScopeKind, narrowed, review_scope
from db.access import NotAllowedError, require_role, scoped
from db.changes import account_of, first_result, keep_result, record_audit, utc_now
from db.engine import StoreError
from db.models import BranchRow, OrgUnitRow, ReviewPackRow, UserRow
from db.playbook import playbook
from db.review_people import people_of, staff_codes
from db.review_scope import require_scope
from db.review_shown import review_shown

FIELD = (UserRole.ADMIN, UserRole.MANAGER, UserRole.SUPERVISOR)
MOST_PACKS = 60
"""Packs the archive lists."""


@dataclass(frozen=True)
class PackContent:
    """A file of the archive as it was made."""

    file_format: str
    file_name: str
    content: bytes


def made_pack(
    session: Session,
    *,
    actor: Actor,
    scope: ReviewScope,
    week_start: date,
    language: Language,
    today: date,
    with_names: bool = False,
    progress: Callable[[PackFormat], None] = lambda _: None,
) -> tuple[PackFile, ...]:
    """Return the files of the pack of a week; the PDF is missing without a Chinese font.

    They show what the review of the week shows: the figures kept where one was held, else those of today.

    Raises:
        NotAllowedError: the scope is not the actor's.
    """
    from core.reports.pack.pack import pack_files  # python-pptx and typst take most of a second to load

    require_scope(session, actor=actor, scope=scope)
    week = week_start_of(week_start)
    shown = review_shown(session, actor=actor, scope=scope, week_start=week, today=today)
    seen = narrowed(actor, scope)
    staff = () if with_names else staff_codes(session, actor=seen)
    names = names_of(language, people_of(session, actor=seen), staff, are_hidden=not with_names)
    titles = {action.key: action.title(language) for action in playbook(session, as_of=today)}
    return pack_files(
        replace(shown, figures=told(shown.figures, names), meeting=_met(shown.meeting, names)),
        made_at=utc_now(),
        language=language,
        titles=titles,
        made_by=_maker(actor, names, language, with_names=with_names),
        with_names=with_names,
        progress=progress,
    )


def _maker(actor: Actor, names: Names, language: Language, *, with_names: bool) -> str:
    """Return who makes the pack, by rank and number where no person is named in it."""
    if actor.user_id == COMMAND_LINE.user_id:
        return text(language, "Command line")
    if with_names:
        return actor.display_name
    return names.shown.get(actor.username) or label(language, actor.role)


def _met(meeting: Meeting | None, names: Names) -> Meeting | None:
    """Return the review with those present called by what they are called in the pack."""
    if meeting is None:
        return None
    return replace(
        meeting,
        chair=names.of(meeting.chair),
        present=tuple(map(names.of, meeting.present)),
        guests=tuple(map(names.within, meeting.guests)),
    )


def keep_pack(
    session: Session,
    *,
    actor: Actor,
    scope: ReviewScope,
    week_start: date,
    language: Language,
    with_names: bool,
    files: Sequence[PackFile],
    key: str,
) -> None:
    """Store the files of a pack as they are; a second submit with the key stores nothing more.

    Raises:
        NotAllowedError: the scope is not the actor's.
    """
    require_scope(session, actor=actor, scope=scope)
    if first_result(session, key=key, actor=actor) is not None:
        return
    made_at, region_path = utc_now(), _region_of(session, actor, scope)
    rows = [
        ReviewPackRow(
            scope=str(scope),
            region_path=region_path,
            week_start=week_start_of(week_start),
            language=language,
            with_names=with_names,
            file_format=one.file_format,
            file_name=one.name,
            content=one.content,
            size=len(one.content),
            sha256=hashlib.sha256(one.content).hexdigest(),
            made_at=made_at,
            made_by=account_of(actor),
        )
        for one in files
    ]
    session.add_all(rows)
    session.flush()
    after = {"scope": scope, "week": week_start, "language": language, "with_names": with_names}
    after |= {row.file_format: row.sha256 for row in rows}
    record_audit(session, actor=actor, action="make", subject="review_pack", subject_id=rows[0].id, after=after)
    keep_result(session, key=key, actor=actor, result={"pack_id": rows[0].id})


def _region_of(session: Session, actor: Actor, scope: ReviewScope) -> str | None:
    """Return the lowest region that holds all branches of a scope now, None where none does."""
    match scope.kind:
        case ScopeKind.ALL:
            return None
        case ScopeKind.REGION:
            return scope.key
        case ScopeKind.TEAM:
            paths = select(OrgUnitRow.path).join(BranchRow, BranchRow.org_unit_id == OrgUnitRow.id).distinct()
            paths = paths.where(BranchRow.supervisor == scope.key)
            parts = [path.split("/") for path in session.scalars(scoped(paths, narrowed(actor, scope), BranchRow.id))]
            return "/".join(_common(parts)) or None


def _common(paths: Iterable[Sequence[str]]) -> list[str]:
    common: list[str] = []
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        common.append(names[0])
    return common


def _is_visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on the packs an actor may see; a role without its bound sees none."""
    match actor.role:
        case UserRole.ADMIN:
            return true()
        case UserRole.MANAGER if actor.region_path:
            below = ReviewPackRow.region_path.startswith(actor.region_path + "/", autoescape=True)
            return or_(ReviewPackRow.region_path == actor.region_path, below)
        case UserRole.SUPERVISOR if actor.username:
            return ReviewPackRow.scope == str(ReviewScope(ScopeKind.TEAM, actor.username))
        case _:
            return false()


def packs_kept(session: Session, *, actor: Actor) -> tuple[KeptPack, ...]:
    """Return the packs of the archive an actor may see, the latest first, the files of each by format."""
    together = (
        ReviewPackRow.made_at,
        ReviewPackRow.scope,
        ReviewPackRow.week_start,
        ReviewPackRow.language,
        ReviewPackRow.with_names,
    )
    files = (
        ReviewPackRow.id,
        ReviewPackRow.file_format,
        ReviewPackRow.file_name,
        ReviewPackRow.size,
        ReviewPackRow.sha256,
    )
    last = select(ReviewPackRow.made_at).where(_is_visible(actor)).distinct()
    last = last.order_by(ReviewPackRow.made_at.desc()).limit(MOST_PACKS)
    query = (
        select(*together, UserRow.username, *files)
        .outerjoin(UserRow, UserRow.id == ReviewPackRow.made_by)
        .where(_is_visible(actor), ReviewPackRow.made_at.in_(last))
        .order_by(ReviewPackRow.made_at.desc(), ReviewPackRow.scope, ReviewPackRow.language, ReviewPackRow.id)
    )
    found: dict[tuple[object, ...], list[KeptFile]] = {}
    for row in session.execute(query):
        one = KeptFile(row.id, row.file_format, row.file_name, row.size, row.sha256)
        found.setdefault(tuple(row[: len(together) + 1]), []).append(one)
    return tuple(_pack(facts, kept) for facts, kept in found.items())


def _pack(facts: tuple[object, ...], files: list[KeptFile]) -> KeptPack:
    made_at, scope, week_start, language, with_names, made_by = facts
    return KeptPack(
        scope=review_scope(cast("str", scope)) or ReviewScope(ScopeKind.TEAM),
        week_start=cast("date", week_start),
        language=cast("Language", language),
        with_names=bool(with_names),
        made_at=cast("datetime", made_at).astimezone(SHANGHAI),
        made_by=cast("str | None", made_by),
        files=tuple(files),
    )


def pack_content(session: Session, *, actor: Actor, file_id: int) -> PackContent:
    """Return a file of the archive.

    Raises:
        NotAllowedError: no such file for this actor.
        StoreError: it is not what was stored.
    """
    require_role(actor, *FIELD)
    query = select(
        ReviewPackRow.file_format, ReviewPackRow.file_name, ReviewPackRow.content, ReviewPackRow.sha256
    ).where(ReviewPackRow.id == file_id, _is_visible(actor))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotAllowedError("not one of your packs")
    if hashlib.sha256(row.content).hexdigest() != row.sha256:
        raise StoreError(f"{row.file_name} is not what was stored; restore a backup")
    return PackContent(row.file_format, row.file_name, row.content)
