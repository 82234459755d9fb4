"""Which pages and which addresses may speak to the server, and what every answer says."""

import socket
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.running import running_server

pytestmark = pytest.mark.xdist_group("attacks")  # one server for all

FOREIGN = [
    "http://evil.example",
    "https://localhost.evil.example",
    "http://localhost:1",
    "http://127.0.0.1.evil.example",
    "null",
    "file://",
    "http://localhost@evil.example",
    "http://[::1",
]


def is_refused(server, **how) -> bool:
    try:
        tab = server.tab(**how)
    except (InvalidStatus, ConnectionClosed, OSError):
        return True
    return tab.is_closed()


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_gets_no_connection(server, origin):
    assert is_refused(server, origin=origin)


def test_no_origin_no_connection(server):
    assert is_refused(server, origin=None)


def test_a_rebinding_host_gets_no_connection_and_no_page(server):
    host = f"rebound.example:{server.port}"
    assert server.ask("/", Host=host).status == 421
    assert raw_handshake(server, host=host, origin=f"http://{host}") == 403


def test_the_own_page_gets_a_connection_at_any_port(server):
    assert "User name" in server.tab().run()
    assert "User name" in server.tab(origin=f"http://localhost:{server.port}").run()


def test_foreign_pages_do_not_hold_the_server_up(server):
    """A look-up of the outer address blocks everybody for two seconds each."""
    started = time.monotonic()
    for _ in range(10):
        assert is_refused(server, origin="http://evil.example")
        assert server.ask("/_stcore/health", Origin="http://evil.example").status == 403
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/host-config", "/media/x", "/session/cookie"])
def test_a_foreign_origin_is_refused_everywhere(server, path):
    assert server.ask(path, Origin="http://evil.example").status == 403


@pytest.mark.parametrize("path", ["/session/cookie", "/_stcore/upload_file/a/b"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_change_without_an_origin_is_refused(server, path, method):
    assert server.ask(path, method=method, body=b"{}", Origin="").status == 403


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "a@localhost", "localhost/x", "localhost:x"]
)
def test_an_unknown_host_is_refused(server, host):
    if host:
        assert server.ask("/", Host=host).status in {400, 421}
    else:
        assert raw_status(server, b"GET / HTTP/1.1\r\n\r\n") in {400, 421}


def test_two_hosts_are_refused(server):
    request = f"GET / HTTP/1.1\r\nHost: localhost:{server.port}\r\nHost: evil.example\r\n\r\n"
    assert raw_status(server, request.encode()) in {400, 421}


@pytest.mark.parametrize(
    "path", ["/", "/overview", "/_stcore/health", "/session/page.js", "/media/x", "/static/none.js"]
)
def test_every_answer_carries_the_security_headers(server, path):
    headers = server.ask(path).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/users", "/media/x", "/session/cookie", "/_stcore/upload_file/x"])
def test_nothing_personal_is_kept_by_a_browser(server, path):
    assert server.ask(path).headers["cache-control"] == "no-store"


def test_a_body_past_the_limit_is_refused(server):
    answer = server.ask("/session/cookie", method="POST", body=b"", Content_Length=str(30 * 1024 * 1024))
    assert answer.status in {400, 413}


def test_a_team_is_served_under_the_one_setting_and_the_cookie_is_bound_to_tls(folder, attacked_store, module_secret):
    with running_server(
        folder, database_url=attacked_store, BRANCH_COACH_HOSTS="https://coach.example.com, http://10.0.0.5:8501"
    ) as team:
        assert team.ask("/", Host="coach.example.com").status == 200
        assert team.ask("/", Host="other.example.com").status == 421
        assert is_refused(team, origin="http://coach.example.com")
        assert is_refused(team, origin="https://coach.example.com:8443")
        tab = team.tab(origin="https://coach.example.com")
        tab.run()
        tab.click("Sign in", User_name="li", Password="a long enough password")
        answer = team.ask(
            "/session/cookie",
            method="POST",
            body=b'{"ticket": "%s"}' % tab.ticket.encode(),
            Host="coach.example.com",
            Origin="https://coach.example.com",
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-branch_coach=")
        assert "Secure" in cookie
        assert "Domain" not in cookie


def raw_status(server, request: bytes) -> int:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(request)
        return int(line.recv(100).split()[1])


def raw_handshake(server, *, host: str, origin: str) -> int:
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        f"Origin: {origin}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    return raw_status(server, ("\r\n".join(lines) + "\r\n\r\n").encode())


@pytest.mark.parametrize("name", ["overview", "today"])
def test_the_name_of_a_landing_screen_is_served_and_leads_nowhere_else(server, name):
    answer = server.ask(f"/{name}?x=//evil.example")
    assert answer.status == 200
    assert "location" not in answer.headers
