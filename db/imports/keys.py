"""The natural key of a checked row as a number: the same for ever, so that a later import finds the row again."""

from collections.abc import Sequence

from db.imports.datasets import Dataset
from db.imports.spool import Integers, digests

SEPARATOR = "\x1f"


def key_digests(dataset: Dataset, columns: Sequence[Sequence[str]]) -> Integers:
    """Return the digest of the key of each row; `columns` in the order of the dataset."""
    if dataset is Dataset.STATUSES:
        return digests(list(map(SEPARATOR.join, zip(columns[0], columns[2], strict=True))))
    if dataset is not Dataset.CONTACTS:
        return digests(columns[0])
    references = columns[-1]
    if all(references):
        return digests(references)
    named = ["" if person else role for person, role in zip(columns[2], columns[3], strict=True)]
    written = [*columns[:3], named, *columns[4:]]  # a person's role may be corrected, the contact stays the same
    rows = zip(references, map(SEPARATOR.join, zip(*written, strict=True)), strict=True)
    return digests([reference or row for reference, row in rows])
