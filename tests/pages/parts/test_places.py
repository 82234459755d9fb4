import pytest

from pages.parts.places import PlaceError, is_host_served, is_origin_served, is_this_machine, places


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_known(address):
    assert is_this_machine(address)


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "::ffff:10.0.0.5", "2001:db8::1", "testclient", "", "localhost.evil.example"]
)
def test_other_machines_are_not_this_one(address):
    assert not is_this_machine(address)


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:9", "[::1]:8501", "LOCALHOST"])
def test_without_a_setting_this_machine_is_served(host):
    assert is_host_served(host)
    assert is_origin_served(f"http://{host}", host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "a@localhost", "localhost:99999", "10.0.0.5"]
)
def test_without_a_setting_nothing_else_is(host):
    assert not is_host_served(host)
    assert not is_origin_served(f"http://{host}", host)


@pytest.mark.parametrize(
    "origin", ["http://localhost:1", "https://localhost:8502", "null", "", "localhost:8501", "ws://localhost:8501"]
)
def test_a_page_of_another_port_or_kind_is_foreign(origin):
    assert not is_origin_served(origin, "localhost:8501")


@pytest.mark.parametrize(
    ("setting", "origin", "host", "served"),
    [
        ("https://a.example", "https://a.example", "a.example", True),
        ("https://a.example", "https://a.example", "127.0.0.1:8501", True),
        ("https://a.example", "http://a.example", "a.example", False),
        ("https://a.example", "https://a.example:8443", "a.example:8443", False),
        ("https://a.example:8443", "https://a.example:8443", "127.0.0.1:8501", True),
        ("a.example", "http://a.example:8501", "a.example:8501", True),
        ("a.example", "https://a.example", "127.0.0.1:8501", False),
        ("a.example", "https://b.a.example", "b.a.example", False),
        ("http://10.0.0.5:8501, https://a.example", "http://10.0.0.5:8501", "10.0.0.5:8501", True),
    ],
)
def test_the_setting_names_who_else_is_served(monkeypatch, setting, origin, host, served):
    monkeypatch.setenv("BRANCH_COACH_HOSTS", setting)
    assert is_origin_served(origin, host) is served


@pytest.mark.parametrize(
    "setting", ["*", "*.example", "ftp://a.example", "https://", "https://a.example/path", "a.example/x", "http://[::1"]
)
def test_a_setting_that_is_no_address_is_refused(monkeypatch, setting):
    monkeypatch.setenv("BRANCH_COACH_HOSTS", setting)
    with pytest.raises(PlaceError, match="BRANCH_COACH_HOSTS"):
        places()
