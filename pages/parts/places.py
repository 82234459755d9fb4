"""Where the app may be reached: this machine, and the addresses named for a team.

`BRANCH_COACH_HOSTS` lists, parted by commas, what people type into the address bar:
`https://coach.example.com`, `http://10.0.0.5:8501`, or a bare name, which means any port and both schemes.
"""

import ipaddress
import os
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

HOSTS_SETTING = "BRANCH_COACH_HOSTS"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
STANDARD_PORTS = {"http": 80, "https": 443}


class PlaceError(ValueError):
    """The setting names something that is no address."""


@dataclass(frozen=True)
class Place:
    """An address people use; None for scheme or port means any."""

    hostname: str
    scheme: str | None = None
    port: int | None = None


def places() -> tuple[Place, ...]:
    """Return the addresses named by the setting.

    Raises:
        PlaceError: one of them cannot be read.
    """
    return _read(os.environ.get(HOSTS_SETTING, ""))


@lru_cache(maxsize=4)
def _read(setting: str) -> tuple[Place, ...]:
    return tuple(_place_of(words.strip()) for words in setting.split(",") if words.strip())


def _place_of(words: str) -> Place:
    has_scheme = "://" in words
    parts = _split(words if has_scheme else f"//{words}")
    if parts is None or not parts.hostname or parts.path.strip("/") or "*" in words:
        raise PlaceError(f"{HOSTS_SETTING}: {words!r} is not an address; write it as https://coach.example.com")
    if not has_scheme:
        return Place(parts.hostname, None, parts.port)
    if parts.scheme not in STANDARD_PORTS:
        raise PlaceError(f"{HOSTS_SETTING}: {words!r} must begin with https:// or http://")
    return Place(parts.hostname, parts.scheme, parts.port or STANDARD_PORTS[parts.scheme])


def is_this_machine(address: str) -> bool:
    """Tell whether a caller's address is a loopback one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def is_host_served(host: str) -> bool:
    """Tell whether a `Host` header names this machine or an address of the setting."""
    parts = _split(f"//{host}")
    if parts is None or parts.netloc != host or parts.username is not None:
        return False
    name = (parts.hostname or "").rstrip(".")
    return name in LOOPBACK or any(name == place.hostname for place in places())


def is_origin_served(origin: str, host: str) -> bool:
    """Tell whether a page of this origin may speak to the app under this `Host`.

    The origin is the very address asked, or one the setting names with its scheme (a proxy may change `Host`).
    """
    parts = _split(origin)
    if parts is None or parts.scheme not in STANDARD_PORTS or origin != f"{parts.scheme}://{parts.netloc}":
        return False
    port = parts.port or STANDARD_PORTS[parts.scheme]
    same = parts.netloc.lower() == host.lower() and is_host_served(host)
    if same and parts.hostname in LOOPBACK:
        return True
    return any(
        place.hostname == parts.hostname and place.scheme in {None, parts.scheme} and place.port in {None, port}
        for place in places()
        if same or place.scheme
    )


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  # reading it checks it
    except ValueError:
        return None
    return parts
