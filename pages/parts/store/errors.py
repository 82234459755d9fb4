"""The refusals of the store that screens answer."""

from db.access import NotAllowedError
from db.changes import ChangedByOtherError

__all__ = ["ChangedByOtherError", "NotAllowedError"]
