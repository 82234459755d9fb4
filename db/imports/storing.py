"""Storing the checked rows of one dataset in the caller's transaction, and noting what undoes it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from core.facts import BranchStatus
from db.contact_sums import ContactSums
from db.imports.bulk import insert_rows
from db.imports.comparison import TABLES, Change, Compared, all_new, compared, has_rows
from db.imports.datasets import Dataset, column_names
from db.imports.spool import SpooledChunk
from db.imports.values import week_of
from db.models import (
    BankRow,
    BranchRow,
    BranchStatusRow,
    ContactRow,
    ImportChangeRow,
    OrgUnitRow,
    PolicyRow,
    StaffRow,
)

UPDATES_AT_ONCE = 5_000


@dataclass
class Touched:
    """What an import changed, for the sums: branches, people and weeks; of contacts the changed ones only."""

    branches: dict[Dataset, set[int]] = field(default_factory=lambda: {each: set() for each in Dataset})
    weeks: dict[Dataset, set[date]] = field(default_factory=lambda: {each: set() for each in Dataset})
    people: set[int] = field(default_factory=set)
    rows: dict[Dataset, int] = field(default_factory=lambda: dict.fromkeys(Dataset, 0))


class Storing:
    """One import on its way into the store."""

    def __init__(self, session: Session, *, batch_id: int, today: date) -> None:
        """Read the ids of what rows refer to."""
        self.session = session
        self.batch_id = batch_id
        self.today = today
        self.own = {"import_batch_id": batch_id, "version": 1}
        self.touched = Touched()
        self._sums = ContactSums()
        self._had_rows: dict[Dataset, bool] = {}
        self._branch_ids: dict[str, int] = {}
        self._staff_ids: dict[str, int | None] = {}
        self._weeks: dict[str, str] = {}

    def store(self, dataset: Dataset, chunk: SpooledChunk, present: frozenset[str]) -> Compared:
        """Add and update the rows of one chunk; return what became of them."""
        self._learn_ids(dataset)
        if dataset not in self._had_rows:
            self._had_rows[dataset] = has_rows(self.session, dataset)
        result = compared(self.session, dataset, chunk, present) if self._had_rows[dataset] else all_new(chunk)
        if result.new:
            picked = _pick(chunk, result.new)
            _INSERTS[dataset](self, picked)
            self._note_new(dataset, picked)
        for first in range(0, len(result.changed), UPDATES_AT_ONCE):
            self._update(dataset, chunk, result.changed[first : first + UPDATES_AT_ONCE])
        self.touched.rows[dataset] += len(result.new) + len(result.changed)
        return result

    def finish(self) -> None:
        """Store the sums of new contacts; set the status day of branches that came closed or suspended without one."""
        if self.touched.rows[Dataset.CONTACTS]:
            self._sums.store(self.session)
        derive_status_days(self.session)

    def branch_ids(self, codes: Iterable[str]) -> list[int]:
        """Return the ids of branches."""
        return list(map(self._branch_ids.__getitem__, codes))

    def staff_ids(self, codes: Iterable[str]) -> list[int | None]:
        """Return the ids of people, None for no code."""
        return list(map(self._staff_ids.__getitem__, codes))

    def weeks_of(self, days: Sequence[str]) -> list[str]:
        """Return the Monday of each day."""
        weeks = self._weeks
        for day in set(days) - weeks.keys():
            weeks[day] = week_of(day)
        return list(map(weeks.__getitem__, days))

    def _learn_ids(self, dataset: Dataset) -> None:
        if dataset is Dataset.BRANCHES:
            return
        if not self._branch_ids:
            self._branch_ids = dict(self.session.execute(select(BranchRow.branch_code, BranchRow.id)).all())
        if dataset in {Dataset.CONTACTS, Dataset.POLICIES} and not self._staff_ids:
            self._staff_ids = {"": None, **dict(self.session.execute(select(StaffRow.staff_code, StaffRow.id)).all())}

    def _note_new(self, dataset: Dataset, chunk: SpooledChunk) -> None:
        if dataset is Dataset.CONTACTS:
            day, branch, staff, role, _, _, minutes, topic, _, _ = chunk.columns
            self._sums.add(
                branch_ids=self.branch_ids(branch),
                staff_ids=self.staff_ids(staff),
                roles=role,
                days=day,
                minutes=minutes,
                topics=topic,
            )
        elif dataset is Dataset.POLICIES:
            self.touched.weeks[dataset].update(map(date.fromisoformat, set(self.weeks_of(chunk.columns[1]))))
            self.touched.branches[dataset].update(self.branch_ids(set(chunk.columns[2])))

    def ids_named(self, row: type[BankRow], names: Iterable[str]) -> dict[str, int]:
        """Return the ids of banks, added where missing."""
        wanted = set(names)
        ids = dict(self.session.execute(select(row.name, row.id).where(row.name.in_(wanted))).all())
        for name in sorted(wanted - ids.keys()):
            added = row(name=name)
            self.session.add(added)
            self.session.flush()
            ids[name] = added.id
        return ids

    def unit_ids(self, paths: Iterable[str]) -> dict[str, int]:
        """Return the ids of units, added with all units above them where missing."""
        wanted = set(paths)
        every = {unit for path in wanted for unit in _units_above(path)}
        known = select(OrgUnitRow.path, OrgUnitRow.id).where(OrgUnitRow.path.in_(every))
        ids = dict(self.session.execute(known).all())
        for path in sorted(every - ids.keys(), key=lambda each: (each.count("/"), each)):
            above, _, name = path.rpartition("/")
            added = OrgUnitRow(path=path, name=name, parent_id=ids[above] if above else None)
            self.session.add(added)
            self.session.flush()
            ids[path] = added.id
        return ids

    def _update(self, dataset: Dataset, chunk: SpooledChunk, changes: list[Change]) -> None:
        table: Any = TABLES[dataset].__table__
        ids = [change.stored.row_id for change in changes]
        rows = self.session.execute(select(table).where(table.c.id.in_(ids))).mappings()
        before = {row["id"]: row for row in rows}
        notes: list[dict[str, Any]] = []
        for change in changes:
            row = before[change.stored.row_id]
            values = _new_values(self, dataset, chunk, change)
            self._update_row(table, row["id"], values)
            notes.append(self._note(table, row, values))
            self._note_change(dataset, row, values)
        if dataset is Dataset.STAFF:
            notes += self._move_contacts(changes)
        self.session.execute(insert(ImportChangeRow), notes)
        if dataset is Dataset.BRANCHES:
            self._keep_past_statuses(chunk, changes, before)

    def _update_row(self, table: Table, row_id: int, values: dict[str, Any]) -> None:
        self.session.execute(
            update(table).where(table.c.id == bindparam("own_id")).values({**values, "version": table.c.version + 1}),
            {"own_id": row_id},
        )

    def _note_change(self, dataset: Dataset, before: Any, values: dict[str, Any]) -> None:
        if dataset not in {Dataset.CONTACTS, Dataset.POLICIES}:
            return
        for state in (before, {**before, **values}):
            self.touched.branches[dataset].add(state["branch_id"])
            self.touched.weeks[dataset].add(state["week_start"])
            if state["staff_id"] is not None:
                self.touched.people.add(state["staff_id"])

    def _move_contacts(self, changes: list[Change]) -> list[dict[str, Any]]:
        """Let the contacts with people of a new role count for it; return what undoes it."""
        roles = {change.stored.row_id: change.columns["role"][1] for change in changes if "role" in change.columns}
        table: Any = ContactRow.__table__
        rows = self.session.execute(select(table).where(table.c.staff_id.in_(roles))).mappings().all() if roles else []
        notes: list[dict[str, Any]] = []
        for row in rows:
            role = roles[row["staff_id"]]
            if row["role"] == role:
                continue
            self._update_row(table, row["id"], {"role": role})
            self._note_change(Dataset.CONTACTS, row, {})
            notes.append(self._note(table, row, ["role"]))
        return notes

    def _note(self, table: Table, row: Any, names: Iterable[str]) -> dict[str, Any]:
        return {
            "import_batch_id": self.batch_id,
            "table_name": table.name,
            "row_id": row["id"],
            "before": {name: kept(row[name]) for name in names},
            "version_after": row["version"] + 1,
        }

    def _keep_past_statuses(self, chunk: SpooledChunk, changes: list[Change], before: dict[int, Any]) -> None:
        """Keep the interval that ends when a suspended or closed branch changes its status."""
        for change in changes:
            row = before[change.stored.row_id]
            if "status" not in change.columns or row["status"] == BranchStatus.ACTIVE or row["status_since"] is None:
                continue
            given = chunk.columns[column_names(Dataset.BRANCHES).index("status_since")][change.place]
            since = date.fromisoformat(given) if given else self.today
            start = BranchStatusRow.start_on == row["status_since"]
            known = self.session.scalar(select(BranchStatusRow.id).where(BranchStatusRow.branch_id == row["id"], start))
            if known is None and row["status_since"] < since:
                self.session.add(
                    BranchStatusRow(
                        branch_id=row["id"],
                        status=row["status"],
                        start_on=row["status_since"],
                        end_on=since - timedelta(days=1),
                        import_batch_id=self.batch_id,
                    )
                )
        self.session.flush()


def _units_above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def kept(value: Any) -> Any:
    """Return a value as JSON can keep it; days as ISO text."""
    return value.isoformat() if isinstance(value, date) else value


def derive_status_days(session: Session) -> int:
    """Set the day after the last policy or contact as status day where no day was ever given."""
    last_policy = select(func.max(PolicyRow.issued_on)).where(PolicyRow.branch_id == BranchRow.id).scalar_subquery()
    last_contact = select(func.max(ContactRow.contact_on)).where(ContactRow.branch_id == BranchRow.id).scalar_subquery()
    rows = session.execute(
        select(BranchRow.id, BranchRow.status_since, last_policy, last_contact).where(BranchRow.is_since_derived)
    ).all()
    moved = 0
    for branch_id, since, policy_on, contact_on in rows:
        days = [day for day in (policy_on, contact_on) if day is not None]
        after = max(days) + timedelta(days=1) if days else since
        if after != since:
            session.execute(update(BranchRow).where(BranchRow.id == branch_id).values(status_since=after))
            moved += 1
    return moved


def _pick(chunk: SpooledChunk, places: list[int]) -> SpooledChunk:
    if len(places) == len(chunk.keys):
        return chunk
    return SpooledChunk(
        sheet=chunk.sheet,
        first=chunk.first,
        rows=[chunk.rows[at] for at in places],
        keys=[chunk.keys[at] for at in places],
        columns=[[column[at] for at in places] for column in chunk.columns],
    )


def _nullable(column: Sequence[str]) -> list[str | None]:
    return [words or None for words in column]


def _insert_branches(storing: Storing, chunk: SpooledChunk) -> None:
    code, name, bank, region, city, start, supervisor, status, since, tier = chunk.columns
    banks = storing.ids_named(BankRow, bank)
    units = storing.unit_ids(region)
    today = storing.today.isoformat()
    derived = [not day and word != BranchStatus.ACTIVE for day, word in zip(since, status, strict=True)]
    days = [day or (today if is_open else None) for day, is_open in zip(since, derived, strict=True)]
    columns = [
        code, name, [banks[each] for each in bank], [units[each] for each in region], _nullable(city), start,
        _nullable(supervisor), status, days, derived, _nullable(tier),
    ]  # fmt: skip
    names = (
        "branch_code", "branch_name", "bank_id", "org_unit_id", "city", "cooperation_start", "supervisor", "status",
        "status_since", "is_since_derived", "size_tier",
    )  # fmt: skip
    insert_rows(storing.session, BranchRow.__tablename__, names, zip(*columns, strict=True), constants=storing.own)


def _insert_staff(storing: Storing, chunk: SpooledChunk) -> None:
    code, branch, name, role, joined, left = chunk.columns
    columns = [
        code, storing.branch_ids(branch), name, role, _nullable(joined), _nullable(left),

    ]  # fmt: skip
    names = ("staff_code", "branch_id", "staff_name", "role", "joined_on", "left_on")
    insert_rows(storing.session, StaffRow.__tablename__, names, zip(*columns, strict=True), constants=storing.own)


def _insert_contacts(storing: Storing, chunk: SpooledChunk) -> None:
    day, branch, staff, role, method, supervisor, minutes, topic, note, reference = chunk.columns
    columns = [
        chunk.keys, _nullable(reference), day, storing.weeks_of(day), storing.branch_ids(branch),
        storing.staff_ids(staff), role, method, _nullable(supervisor), _nullable(minutes), _nullable(topic),
        _nullable(note),
    ]  # fmt: skip
    names = (
        "fingerprint", "contact_ref", "contact_on", "week_start", "branch_id", "staff_id", "role", "method",
        "supervisor", "minutes", "topic", "note",
    )  # fmt: skip
    insert_rows(
        storing.session,
        ContactRow.__tablename__,
        names,
        zip(*columns, strict=True),
        constants={"is_late": False, **storing.own},
    )


def _insert_policies(storing: Storing, chunk: SpooledChunk) -> None:
    reference, day, branch, staff, product, mode, premium, tier, status, cancelled, event = chunk.columns
    columns = [
        reference, day, storing.weeks_of(day), storing.branch_ids(branch), storing.staff_ids(staff),
        _nullable(product), mode, premium, _nullable(tier), status, _nullable(cancelled), _nullable(event),

    ]  # fmt: skip
    names = (
        "policy_ref", "issued_on", "week_start", "branch_id", "staff_id", "product", "payment_mode", "premium_fen",
        "customer_tier", "status", "cancelled_on", "event_ref",
    )  # fmt: skip
    insert_rows(storing.session, PolicyRow.__tablename__, names, zip(*columns, strict=True), constants=storing.own)


def _insert_statuses(storing: Storing, chunk: SpooledChunk) -> None:
    branch, status, start, end, reason = chunk.columns
    columns = [
        storing.branch_ids(branch), status, start, _nullable(end), _nullable(reason),

    ]  # fmt: skip
    names = ("branch_id", "status", "start_on", "end_on", "reason")
    insert_rows(
        storing.session, BranchStatusRow.__tablename__, names, zip(*columns, strict=True), constants=storing.own
    )


_INSERTS: dict[Dataset, Callable[[Storing, SpooledChunk], None]] = {
    Dataset.BRANCHES: _insert_branches,
    Dataset.STAFF: _insert_staff,
    Dataset.CONTACTS: _insert_contacts,
    Dataset.POLICIES: _insert_policies,
    Dataset.STATUSES: _insert_statuses,
}

_DAYS = {
    "cooperation_start": "cooperation_start", "status_since": "status_since", "joined_on": "joined_on",
    "left_on": "left_on", "contact_date": "contact_on", "issued_on": "issued_on", "cancelled_on": "cancelled_on",
    "from": "start_on", "to": "end_on",
}  # fmt: skip
_NUMBERS = {"minutes": "minutes", "premium": "premium_fen"}


def _new_values(storing: Storing, dataset: Dataset, chunk: SpooledChunk, change: Change) -> dict[str, Any]:
    """Return the columns of the table that a change sets, with their new values."""
    values: dict[str, Any] = {}
    for name, (_, words) in change.columns.items():
        if name in _DAYS:
            values[_DAYS[name]] = date.fromisoformat(words) if words else None
        elif name in _NUMBERS:
            values[_NUMBERS[name]] = int(words) if words else None
        elif name == "bank":
            values["bank_id"] = storing.ids_named(BankRow, [words])[words]
        elif name == "region":
            values["org_unit_id"] = storing.unit_ids([words])[words]
        elif name == "branch_code":
            values["branch_id"] = storing.branch_ids([words])[0]
        elif name == "staff_code":
            values["staff_id"] = storing.staff_ids([words])[0]
        else:
            values[name] = words or None
    for name in ("contact_on", "issued_on"):
        if name in values:
            values["week_start"] = date.fromisoformat(week_of(values[name].isoformat()))
    if dataset is Dataset.BRANCHES and ("status" in values or "status_since" in values):
        values["is_since_derived"] = False
        if "status" in values and "status_since" not in change.columns:
            given = chunk.columns[column_names(dataset).index("status_since")][change.place]
            values["status_since"] = date.fromisoformat(given) if given else storing.today
    return values
