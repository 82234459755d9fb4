"""Checked rows on disk between checking and storing, so that memory does not grow with the file.

A spooled chunk holds canonical text column by column. Keys and contents are compared by 64-bit
digests, sorted in parts, to find rows that come twice.
"""

import marshal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
PARTS = 64
_NO_SKIPS: Integers = np.empty(0, dtype=np.int64)


def digests(texts: Sequence[str]) -> Integers:
    """Return the 64-bit digest of each text, as signed integers, the same on every machine."""
    joined = b"".join([blake2b(words.encode(), digest_size=8).digest() for words in texts])
    return np.frombuffer(joined, dtype=">i8").astype(np.int64)


@dataclass(frozen=True)
class SpooledChunk:
    """Good rows of one sheet. `columns` in the order of the dataset; `first` is the place in the spool."""

    sheet: int
    first: int
    rows: Sequence[int]
    keys: Sequence[int]
    columns: list[Sequence[str]]


class Spool:
    """The good rows of one dataset; rows that repeat another are skipped when read back."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make the files below the folder."""
        self._path = folder / f"{name}.rows"
        self._parts = [folder / f"{name}.{part:02d}.keys" for part in range(PARTS)]
        self._places: list[_Place] = []
        self._skipped: Integers = _NO_SKIPS
        self._path.touch()
        self.length = 0

    def append(
        self, sheet: int, rows: Sequence[int], keys: Integers, contents: Integers, columns: list[Sequence[str]]
    ) -> None:
        """Add a chunk of good rows."""
        numbered = (rows.start, len(rows)) if isinstance(rows, range) and rows.step == 1 else list(rows)
        packed = marshal.dumps((numbered, keys.tobytes(), [list(column) for column in columns]))
        with self._path.open("ab") as file:
            self._places.append(_Place(sheet, self.length, len(keys), file.tell(), len(packed)))
            file.write(packed)
        ordinals = np.arange(self.length, self.length + len(keys), dtype=np.int64)
        triples = np.column_stack((keys, contents, ordinals))
        parts = (keys >> 58) & (PARTS - 1)
        order = np.argsort(parts, kind="stable")
        bounds = np.searchsorted(parts[order], np.arange(PARTS + 1))
        for part in range(PARTS):
            if bounds[part] < bounds[part + 1]:
                with self._parts[part].open("ab") as file:
                    file.write(triples[order[bounds[part] : bounds[part + 1]]].tobytes())
        self.length += len(keys)

    def settle_repeats(self) -> list[tuple[int, int]]:
        """Skip equal repeats; return the place of each row in conflict with the place of its rival.

        All rows of one key with different contents are in conflict and are skipped as well.
        """
        skipped: list[Integers] = [self._skipped]
        conflicts: list[tuple[int, int]] = []
        for path in self._parts:
            if not path.exists():
                continue
            triples = np.fromfile(path, dtype=np.int64).reshape(-1, 3)
            path.unlink()
            triples = triples[np.lexsort((triples[:, 2], triples[:, 0]))]
            repeats = triples[1:, 0] == triples[:-1, 0]
            if not repeats.any():
                continue
            starts = np.flatnonzero(np.concatenate(([True], ~repeats)))
            ends = np.append(starts[1:], len(triples))
            for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
                group = triples[start:end]
                if (group[:, 1] == group[0, 1]).all():
                    skipped.append(group[1:, 2])
                else:
                    skipped.append(group[:, 2])
                    first, other = int(group[0, 2]), int(group[group[:, 1] != group[0, 1]][0, 2])
                    conflicts.extend((place, other if place == first else first) for place in group[:, 2].tolist())
        self.skip(np.concatenate(skipped))
        return sorted(conflicts)

    def skip(self, places: Integers) -> None:
        """Leave rows out from now on."""
        self._skipped = np.unique(np.concatenate((self._skipped, places)))

    @property
    def skipped(self) -> Integers:
        """Return the places of the rows that are left out."""
        return self._skipped

    @property
    def kept(self) -> int:
        """Return how many rows are left."""
        return self.length - len(self._skipped)

    def chunks(self, *, with_skipped: bool = False) -> Iterator[SpooledChunk]:
        """Yield the rows that are left, in the order they came."""
        with self._path.open("rb") as file:
            for place in self._places:
                file.seek(place.offset)
                chunk = _chunk(place, file.read(place.size))
                yield chunk if with_skipped else self._without_skipped(chunk)

    def kept_by_sheet(self) -> dict[int, int]:
        """Return how many rows of each sheet are left."""
        left: dict[int, int] = {}
        for place in self._places:
            low, high = np.searchsorted(self._skipped, (place.first, place.first + place.rows))
            left[place.sheet] = left.get(place.sheet, 0) + place.rows - int(high - low)
        return left

    def rows_at(self, places: Sequence[int]) -> dict[int, tuple[int, int, list[str]]]:
        """Return sheet, row number and canonical cells of the rows at some places, skipped or not."""
        wanted = np.asarray(sorted(set(places)), dtype=np.int64)
        found: dict[int, tuple[int, int, list[str]]] = {}
        if not len(wanted):
            return found
        for chunk in self.chunks(with_skipped=True):
            low, high = np.searchsorted(wanted, (chunk.first, chunk.first + len(chunk.keys)))
            for place in wanted[low:high].tolist():
                at = place - chunk.first
                found[place] = (chunk.sheet, chunk.rows[at], [column[at] for column in chunk.columns])
        return found

    def _without_skipped(self, chunk: SpooledChunk) -> SpooledChunk:
        low, high = np.searchsorted(self._skipped, (chunk.first, chunk.first + len(chunk.keys)))
        if low == high:
            return chunk
        out = set((self._skipped[low:high] - chunk.first).tolist())
        kept = [at for at in range(len(chunk.keys)) if at not in out]
        return SpooledChunk(
            sheet=chunk.sheet,
            first=chunk.first,
            rows=[chunk.rows[at] for at in kept],
            keys=[chunk.keys[at] for at in kept],
            columns=[[column[at] for at in kept] for column in chunk.columns],
        )


class _Place(NamedTuple):
    """Where a chunk lies: its sheet, its first row in the spool, its bytes in the file."""

    sheet: int
    first: int
    rows: int
    offset: int
    size: int


def _chunk(place: _Place, packed: bytes) -> SpooledChunk:
    numbered, keys, columns = marshal.loads(packed)  # noqa: S302  # written by this process alone
    rows = range(numbered[0], numbered[0] + numbered[1]) if isinstance(numbered, tuple) else numbered
    return SpooledChunk(
        sheet=place.sheet,
        first=place.first,
        rows=rows,
        keys=np.frombuffer(keys, dtype=np.int64).tolist(),
        columns=columns,
    )
