"""The installation's secret key: made at first start, or given by the environment; weak ones are refused.

What a browser sends (session ids, tickets, entered names) is stored only as a digest keyed by it, so
that neither a copy of the store nor a guess makes a session.
"""

import hashlib
import hmac
import os
import secrets
import stat
from functools import lru_cache
from pathlib import Path

from db.engine import DATA_FOLDER, StoreError

SECRET_SETTING = "BRANCH_COACH_SECRET"  # noqa: S105  # the name of the setting
SECRET_FILE = DATA_FOLDER / "secret.key"
SHORTEST_BYTES = 32
FEWEST_DIFFERENT = 12
"""A random key of 32 bytes has more different ones than this but for one in 10^12."""


def secret_key() -> bytes:
    """Return the key.

    Raises:
        StoreError: the key given is short or not random, or its file can be read by others.
    """
    given = os.environ.get(SECRET_SETTING)
    return _checked(given.encode(), f"the setting {SECRET_SETTING}") if given is not None else _key_of(SECRET_FILE)


@lru_cache(maxsize=2)
def _key_of(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(SHORTEST_BYTES))
    except FileExistsError:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise StoreError(f"{path} can be read by others; run: chmod 600 {path}") from None
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error
    return _checked(path.read_bytes().strip(), str(path))


def _checked(key: bytes, place: str) -> bytes:
    if len(key) < SHORTEST_BYTES or len(set(key)) < FEWEST_DIFFERENT:
        raise StoreError(
            f"the secret key in {place} is too weak: give at least {SHORTEST_BYTES} random bytes, "
            'such as the output of: python -c "import secrets; print(secrets.token_hex(32))"'
        )
    return key


def keyed_digest(kind: str, words: str) -> str:
    """Return the digest under the key; `kind` keeps digests of different things apart."""
    return hmac.new(secret_key(), f"{kind}\0{words}".encode(), hashlib.sha256).hexdigest()
