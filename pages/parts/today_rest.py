"""Lay a line of Today aside until a day, or say why a contact was missed; of two who do so the second chooses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.facts import Branch
from core.language.days import day_word
from core.today.lines import TodayLine, latest_snooze_end
from pages.parts.conflict import Row, differences, find_conflict, store_edit
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import last_shown
from pages.parts.store import today as store
from pages.parts.today_lines import FORM, AskedDay, day_and_text, name_of_line, one_text, told_line

USUAL_SNOOZE = timedelta(days=7)


@dataclass(frozen=True)
class _Sent:
    """What was said about a line, and the line as it was read."""

    line: TodayLine
    reason: str
    until_on: date


def may_rest(line: TodayLine) -> bool:
    """Tell whether a line can be laid aside: what is about no branch cannot, nor an action on its last day."""
    return line.branch_id != 0 and _latest_end(line) > current().today


def _latest_end(line: TodayLine) -> date:
    return latest_snooze_end(current().today, expires_on=line.action.expires_on if line.action else None)


def show_explaining(line: TodayLine, _branch: Branch | None) -> str | None:
    """Draw the form that says why a contact was missed."""
    ask = current()
    reason = one_text(line, "explain", t("Why it was missed"))
    if _stored(
        line,
        "explain",
        reason,
        ask.today,
        lambda sent, of, key: store.explain(ask, of, reason=sent.reason, key=key),
    ):
        return t("Explained: {what}. The next contact is due after the usual time.", what=told_line(line))
    return None


def show_snooze(line: TodayLine, _branch: Branch | None) -> str | None:
    """Draw the form that lays a line aside until a day, for a reason."""
    ask = current()
    last = _latest_end(line)
    back_on = AskedDay(t("Back on"), min(ask.today + USUAL_SNOOZE, last), ask.today + timedelta(days=1), last)
    until_on, reason = day_and_text(line, "snooze", back_on, t("Reason"))
    done = _stored(
        line,
        "snooze",
        reason,
        until_on,
        lambda sent, of, key: store.snooze(ask, of, until_on=sent.until_on, reason=sent.reason, key=key),
    )
    if done:
        day = day_word(language(), done.until_on)
        return t("Laid aside until {day}: {what}.", day=day, what=told_line(line))
    return None


def _stored(
    line: TodayLine,
    way: str,
    reason: str | None,
    until_on: date,
    change: Callable[[_Sent, TodayLine, str], bool],
) -> _Sent | None:
    """Store what was said about a line as it was read; return it, None where nothing was stored.

    What a colleague did about the line may have taken it off the list: it is held against the line as it stands now,
    resting or not, once the reader insists. A line that is owed no more leaves nothing to insist on.
    """
    form = f"{FORM}_{way}_{name_of_line(line)}"
    shown = last_shown(f"{form}_line", line)
    conflict = find_conflict(form)
    present = store.line_now(current(), line.key) if conflict else None

    def store_it(sent: _Sent, _version: int) -> _Sent | None:
        of = sent.line if reason is not None else present
        return sent if of is not None and change(sent, of, submit_key(form)) else None

    return store_edit(
        form,
        None if reason is None else _Sent(conflict.entry.line if conflict else shown, reason, until_on),
        store_it,
        version=0,
        told=lambda _: {},
        rows=lambda sent: _both(form, sent),
        may_insist=lambda _sent, _theirs: store.line_now(current(), line.key) is not None,
    )


def _both(form: str, sent: _Sent) -> list[Row]:
    """Return what was done about a line since it was read, beside what was said."""
    conflict = find_conflict(form)
    if conflict is None:
        return []
    line = sent.line
    read: dict[str, Any] = {"contact_on": line.last_on}
    if line.item:
        read |= {"ticked_on": line.item.ticked_on, "cause": line.item.cause}
    if line.action:
        read |= {"state": line.action.state, "owner": line.action.owner, "due_on": line.action.due_on}
    mine = {"reason": sent.reason.strip(), "until_on": sent.until_on}
    return differences(conflict, mine, {name: read.get(name) for name in conflict.theirs})
