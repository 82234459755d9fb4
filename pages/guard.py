"""The guard in front of Streamlit: who may speak to the server at all, and what is served without signing in.

Streamlit serves uploads, downloads and its own figures to anyone, takes connections without an origin, looks up
its outer address over the network for a foreign one, and empties every cache when a client says so. Each of these
ends here. What the guard lets through is still asked by `pages.parts.session`.
"""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

import anyio.to_thread
import streamlit
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # publishes no types
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.facts import UserRole
from pages.parts.places import is_host_served, is_origin_served, is_this_machine, places
from pages.parts.session import CONNECTION, sid_of
from pages.parts.store.accounts import LiveSession, find_live_session, session_digest

SIGNED_IN_ONLY = ("/media/", "/_stcore/upload_file/")
ADMINISTRATORS_ONLY = ("/_stcore/metrics", "/_stcore/script-health-check")
NEVER_SERVED = ("/_stcore/agent", "/auth/", "/oauth2callback", "/component/")
KEPT_BY_NOBODY = (*SIGNED_IN_ONLY, *ADMINISTRATORS_ONLY, "/session/cookie")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_BODY = 21 * 1024 * 1024
"""One upload of the largest size allowed, with what the form adds around it."""
MESSAGES = frozenset({"rerun_script", "stop_script", "file_urls_request", "app_heartbeat", "backend_operation_request"})
OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})


class Guard:
    """ASGI middleware: refuses, or passes on with the security headers set."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand in front of an app."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at one request or one connection."""
        if scope["type"] == "websocket":
            await self._connection(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        refusal = _refusal_of_address(scope, headers, needs_origin=scope["method"] not in SAFE_METHODS)
        if refusal is None and path.startswith(NEVER_SERVED):
            refusal = 404
        if refusal is None and _declared_length(headers) > LARGEST_BODY:
            refusal = 413
        if refusal is None and path.startswith((*SIGNED_IN_ONLY, *ADMINISTRATORS_ONLY)):
            live = await _live_session(headers)
            if live is None or (path.startswith(ADMINISTRATORS_ONLY) and live.actor.role is not UserRole.ADMIN):
                refusal = 403
        safe_send = _with_headers(send, host=headers.get("host", ""), keep=not path.startswith(KEPT_BY_NOBODY))
        if refusal is not None:
            await PlainTextResponse("refused", status_code=refusal)(scope, receive, safe_send)
            return
        await self.app(scope, _up_to(receive, LARGEST_BODY), safe_send)

    async def _connection(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if _refusal_of_address(scope, headers, needs_origin=True) is not None:
            await send({"type": "websocket.close", "code": 1008})
            return
        protocols = headers.get("sec-websocket-protocol", "").split(",")
        if len(protocols) > 2 and await _live_session(headers) is None:  # the third names a session to take up again
            protocols = protocols[:2]
        changed = MutableHeaders(raw=list(scope["headers"]))
        changed["host"] = headers["origin"].partition("://")[2]  # the two agree, so no look-up over the network
        if "sec-websocket-protocol" in headers:
            changed["sec-websocket-protocol"] = ",".join(protocols)
        CONNECTION.set(headers.get("sec-websocket-key"))
        await self.app({**scope, "headers": changed.raw}, _wanted_messages(receive), send)


def _refusal_of_address(scope: Scope, headers: Headers, *, needs_origin: bool) -> int | None:
    """Return the status to refuse with where the caller, the address asked or the page that asks is not ours."""
    client = scope.get("client")
    if client and not places() and not is_this_machine(client[0]):
        return 403
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or not is_host_served(hosts[0]):
        return 421
    if len(origins) > 1 or (needs_origin and not origins):
        return 403
    if origins and not is_origin_served(origins[0], hosts[0]):
        return 403
    return None


async def _live_session(headers: Headers) -> LiveSession | None:
    sid = sid_of(cookie_parser(headers.get("cookie", "")))
    return await anyio.to_thread.run_sync(find_live_session, session_digest(sid)) if sid else None


def _declared_length(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else LARGEST_BODY + 1


def _up_to(receive: Receive, most: int) -> Receive:
    """Cut a body that grows past its limit: the app sees the client hang up."""
    got = 0

    async def limited() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        return message if got <= most else {"type": "http.disconnect"}

    return limited


def _wanted_messages(receive: Receive) -> Receive:
    """Pass on only what a page needs; emptying caches, reading the repository and installing things are not."""

    async def wanted() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive" or _is_wanted(message.get("bytes") or b""):
                return message

    return wanted


def _is_wanted(sent: bytes) -> bool:
    try:
        message = BackMsg.FromString(sent)
    except DecodeError:
        return False
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        return message.backend_operation_request.WhichOneof("payload") in OPERATIONS
    return kind in MESSAGES


def _with_headers(send: Send, *, host: str, keep: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in security_headers(host).items():
                headers[name] = value
            if not keep or headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"
        await send(message)

    return sending


@cache
def _own_scripts() -> str:
    """Return the hashes of the scripts that stand in Streamlit's own index page."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    digests = [hashlib.sha256(words.encode()) for words in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)]
    return " ".join(f"'sha256-{b64encode(digest.digest()).decode()}'" for digest in digests)


def security_headers(host: str) -> dict[str, str]:
    """Return the headers of every answer: scripts, pictures and connections from this server only."""
    policy = {
        "default-src": "'self'",
        "script-src": f"'self' {_own_scripts()}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' ws://{host} wss://{host}" if is_host_served(host) else "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
