import os
import stat

import pytest

from db.engine import StoreError
from pages.parts.sign_in import check_library
from pages.parts.store import secret


def test_a_key_is_made_once_for_its_owner_only(tmp_path):
    path = tmp_path / "new" / "secret.key"
    first = secret._key_of(path)
    secret._key_of.cache_clear()
    assert secret._key_of(path) == first
    assert len(first) == 64
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX systems")
def test_a_key_others_can_read_is_refused(tmp_path):
    path = tmp_path / "secret.key"
    path.write_text("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    path.chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        secret._key_of(path)


@pytest.mark.parametrize("key", ["", "a" * 31, "ab" * 40, "0123456789a" * 4, "some_key"])
def test_a_weak_key_is_refused_without_showing_it(monkeypatch, key):
    monkeypatch.setenv(secret.SECRET_SETTING, key)
    with pytest.raises(StoreError, match="too weak") as caught:
        secret.secret_key()
    assert len(key) < 8 or key not in str(caught.value)


def test_a_key_of_32_different_bytes_is_taken(monkeypatch):
    monkeypatch.setenv(secret.SECRET_SETTING, "abcdefghijklmnopqrstuvwxyz012345")
    assert secret.secret_key() == b"abcdefghijklmnopqrstuvwxyz012345"


def test_digests_of_different_things_and_under_different_keys_differ(monkeypatch):
    first = secret.keyed_digest("session", "x")
    assert first == secret.keyed_digest("session", "x")
    assert first != secret.keyed_digest("ticket", "x")
    monkeypatch.setenv(secret.SECRET_SETTING, "abcdefghijklmnopqrstuvwxyz012345")
    assert first != secret.keyed_digest("session", "x")


def test_the_installed_login_library_is_the_one_whose_insides_were_replaced():
    check_library()


def test_another_login_library_is_refused(monkeypatch):
    monkeypatch.setattr("pages.parts.sign_in.LIBRARY_VERSION", "9.9")
    with pytest.raises(StoreError, match=r"9\.9 is needed"):
        check_library()
