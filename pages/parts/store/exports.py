"""Leave to take a table out: asked on the click, outside the run that drew the button."""

from db.access import NotAllowedError
from db.audit import record_export
from db.engine import writing
from pages.parts.store.accounts import find_live_session
from pages.parts.store.base import Ask


def allow_export(ask: Ask, *, name: str, file_format: str, rows: int) -> None:
    """Put an export on the record, for the session that drew the button and its scope of then.

    Raises:
        NotAllowedError: the session has ended, or its user no longer sees the same branches.
    """
    live = find_live_session(ask.session_digest)
    if live is None or live.actor.scope_key != ask.actor.scope_key:
        raise NotAllowedError("the session that showed this table has ended")
    with writing(ask.store_url, raises_version=False) as session:
        record_export(session, actor=live.actor, name=name, file_format=file_format, rows=rows)
